"""A paper's figures of single items, rebuilt with a network of ours: first items, first mistakes, activation maps."""

from collections.abc import Callable

import streamlit as st
from numpy.typing import NDArray

from fmnist_core import evaluation, runs
from fmnist_core.papers.documents import Document
from pages.shared import cache, item_pictures
from pages.shared.mistakes.cards import name_places
from pages.shared.mistakes.closer import look_closer, show_closer
from pages.shared.papers.measured import link_mistakes, list_recipes

_PLATE = 25
# As in the MCNN paper's figure 16.
_SAMPLE, _SAMPLED = 60, 1_000
_Find = Callable[[NDArray, NDArray], NDArray]


def _show_plate(find: _Find, what: str, form: str, document: Document) -> None:
    tested = _find_runs(document)
    if not tested:
        st.info(
            "This figure needs a network itself, and none of this paper's is here yet. Train one with “Run it” or "
            "“Quick” under Claims, and it appears."
        )
        return
    run = tested[0]
    answers = cache.answers(run.run_id, run.tested_at)
    found = find(answers.labels, answers.probabilities)
    right = int((answers.probabilities[found].argmax(axis=1) == answers.labels[found]).sum())
    told = f"{right} of {len(found)} are right" if right else f"{len(found)} among the first {found[-1] + 1:,}"
    st.markdown(f"The paper shows {what}. These are ours, by {run.title}: **{told}**.")
    item_pictures.plates(
        cache.dataset().images[answers.items[found]],
        answers.labels[found],
        answers.probabilities[found],
        name_places(answers, found),
        key=f"paper-plate-{form}",
        form=form,
        label=what,
        on_pick=lambda place: look_closer(int(answers.items[found[place]])),
    )
    show_closer(run, answers)
    link_mistakes(run.recipe)


def show_first_items(document: Document) -> None:
    """Show items of the test part as the paper does, with what they were taken for."""
    if document.key == "mcnn":
        what = f"{_SAMPLE} of the first {_SAMPLED:,} items of its test part, drawn at random"
        _show_plate(lambda labels, _: evaluation.draw_positions(_SAMPLED, _SAMPLE, seed=0), what, "mcnn", document)
        return
    what = f"the first {_PLATE} items of the test part with all ten probabilities"
    _show_plate(lambda *answers: evaluation.find_first(*answers)[:_PLATE], what, "fitch", document)


def show_first_mistakes(document: Document) -> None:
    """Show the first items of the test part that were taken for something else."""
    what = f"the first {_PLATE} items of the test part that its network gets wrong"
    _show_plate(lambda *answers: evaluation.find_first_mistakes(*answers)[:_PLATE], what, "fitch", document)


def show_activation(document: Document) -> None:
    """Say where the maps of activation are, which take a network to draw."""
    tested = _find_runs(document)
    run = tested[0] if tested else next(run for run in runs.list_runs().with_model() if run.has_evaluation)
    st.markdown(
        "The paper speaks of class activation maps: which part of the picture a network goes by. They are drawn on the "
        f"page Inside, for any item, together with others and with a test of whether to believe them; here by "
        f"{run.title}."
    )
    query = {"run": run.run_id, "view": "Why"}
    st.page_link("analysis/inside.py", label="See what a network looks at", icon="🔬", query_params=query)


def _find_runs(document: Document) -> list[runs.Run]:
    """Return the tested runs of the paper's networks, those of its best known one first."""
    names = [recipe.name for recipe in list_recipes(document)]
    tested = [run for run in runs.list_runs().with_evaluation() if run.recipe in names and not run.active]
    return sorted(tested, key=lambda run: names.index(run.recipe))
