"""A paper's figures of its networks, rebuilt from our runs: curves, confusion, reports, first items, optimizers."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import evaluation, runs
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.config import OPTIMIZERS
from fmnist_core.evaluation.metrics import compute_class_scores
from fmnist_core.figures import papers as figures
from fmnist_core.papers.documents import Document
from fmnist_core.papers.results import Result, find_results, summarize
from fmnist_core.recipes import Recipe, find_recipe
from pages.shared import cache, components, widgets
from pages.shared.mistakes.cards import name_places
from pages.shared.mistakes.closer import look_closer, show_closer
from pages.shared.papers.data_figures import show_chart

if TYPE_CHECKING:
    import pandas as pd

_PLATE = 25
# As in the MCNN paper's figure 16.
_SAMPLE, _SAMPLED = 60, 1_000
_Find = Callable[[NDArray, NDArray], NDArray]


def show_curves(document: Document) -> None:
    """Show training and validation accuracy of the networks of one of the paper's tables."""
    table = document.tables[0]
    if len(document.tables) > 1:
        titles = {str(number): entry.title for number, entry in enumerate(document.tables, start=1)}
        table = document.tables[int(widgets.select("Networks of", titles, key="of", width=320)) - 1]
    histories = {recipe.name: found for recipe in table.recipes if (found := _load_history(recipe)) is not None}
    if not histories:
        _say_missing("curves")
        return
    gaps = {name: _find_gap(found) for name, found in histories.items()}
    widest = max(gaps, key=lambda name: gaps[name])
    st.markdown(
        "The paper shows the accuracy on training and on validation items, epoch by epoch. Here the widest gap at the "
        f"end is that of **{find_recipe(widest).title}: {100 * gaps[widest]:.1f} points**."
    )
    st.caption("Blue: training, averaged while the weights change; orange: validation. All with the same axis.")
    span = _find_span(list(histories.values()))
    with st.grid(min_column_width=250):
        for recipe in table.recipes:
            with st.container(gap=None):
                st.markdown(f"**{recipe.title}**")
                if recipe.name in histories:
                    figure = figures.plot_history(histories[recipe.name], span)
                    show_chart(figure, f"curve-{recipe.name}", f"Accuracy by epoch, {recipe.title}")
                else:
                    st.caption(document.unmeasured.get(recipe.name, "Not trained yet."))


def show_confusion(document: Document) -> None:
    """Show the confusion matrix of one of the paper's networks."""
    from fmnist_core.figures.evaluation import plot_confusion_matrix  # it brings plotly

    result = _pick_result(document, _list_recipes(document))
    if result is None:
        return
    matrix = cache.paper_confusion(result.recipe, result.run_hash)
    true, called, count = evaluation.find_confused_pairs(matrix, n=1)[0]
    st.markdown(
        "The paper prints how often each class is taken for each other one. Of our "
        f"{matrix.sum():,} test items **{result.test_accuracy:.2%} are on the diagonal; the most frequent mistake is "
        f"{CLASS_NAMES[true]} called {CLASS_NAMES[called]}, {count} times**."
    )
    texts = [[f"{value:,}" if value else "" for value in row] for row in matrix]
    chart, _ = st.columns([3, 1])
    with chart:
        show_chart(plot_confusion_matrix(matrix, texts, widgets.ink()), "paper-confusion", "Confusion matrix")
    _link_mistakes(result.recipe)


def show_report(document: Document) -> None:
    """Show a printed classification report beside ours."""
    results = cache.paper_results()
    reports = {report.recipe: report for report in document.reports}
    result = _pick_result(document, [find_recipe(name) for name in reports])
    if result is None:
        return
    report = reports[result.recipe]
    printed = np.column_stack([report.precision, report.recall, report.f1])
    measured = compute_class_scores(cache.paper_confusion(result.recipe, result.run_hash)).values
    difference = measured - printed
    row, column = np.unravel_index(int(np.abs(difference).argmax()), difference.shape)
    name = ("precision", "recall", "F1")[int(column)]
    seeds = len(find_results(results, result.recipe))
    st.markdown(
        f"{report.where} of the paper prints precision, recall and F1 of each class; beside it stands ours (seed "
        f"{result.seed}, one of {seeds}). They differ most in the **{name} of {CLASS_NAMES[int(row)]}: "
        f"{printed[row, column]:.2f} printed, {measured[row, column]:.2f} measured**."
    )
    st.caption("Left of the arrow: printed. Right: measured. Blue: more than printed, orange: less.")
    figure = figures.plot_report_difference(printed, measured, widgets.ink())
    chart, _ = st.columns([3, 1])
    with chart:
        show_chart(figure, "paper-report", "Printed and measured report")


def show_optimizers(document: Document) -> None:
    """Show how the paper's network learns with each optimizer."""
    table = next(table for table in document.tables if "optimizer" in table.varied)
    results, optimizers = (
        cache.paper_results(),
        {OPTIMIZERS[recipe.config.optimizer][0]: recipe for recipe in table.recipes},
    )
    scores = {
        name: (summary.mean, summary.spread)
        for name, recipe in optimizers.items()
        if (summary := summarize([result.test_accuracy for result in find_results(results, recipe.name)]))
    }
    if not scores:
        _say_missing("results")
        return
    ahead, behind = (choose(scores, key=lambda name: scores[name][0]) for choose in (max, min))
    lowest = f", {behind} lowest with {scores[behind][0]:.2%}" if len(scores) > 1 else ""
    st.markdown(
        "The paper compares optimizers in a figure without numbers. "
        f"Here **{ahead} ends highest with {scores[ahead][0]:.2%}{lowest}**."
    )
    histories = {name: found for name, recipe in optimizers.items() if (found := _load_history(recipe)) is not None}
    lines, ends = st.columns([3, 2], gap="medium")
    with lines:
        show_chart(figures.plot_optimizers(histories), "paper-optimizers", "Validation accuracy by optimizer")
    with ends:
        st.caption("Test accuracy at the end")
        show_chart(figures.plot_optimizer_scores(scores), "paper-optimizer-scores", "Test accuracy by optimizer")
    if len(scores) < len(optimizers):
        st.caption(f"{len(scores)} of {len(optimizers)} optimizers have been run so far.")


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
    components.plates(
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
    _link_mistakes(run.recipe)


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
    names = [recipe.name for recipe in _list_recipes(document)]
    tested = [run for run in runs.list_runs().with_evaluation() if run.recipe in names and not run.active]
    return sorted(tested, key=lambda run: names.index(run.recipe))


def _list_recipes(document: Document) -> list[Recipe]:
    """Return the paper's recipes, the headline first."""
    return sorted(document.recipes.values(), key=lambda recipe: recipe.name != document.headline)


def _pick_result(document: Document, recipes: Sequence[Recipe]) -> Result | None:
    """Let the user choose a network that has been measured; None, said on the page, if none has."""
    measured = {recipe.name: recipe.title for recipe in recipes if find_results(cache.paper_results(), recipe.name)}
    if not measured:
        _say_missing("answers")
        return None
    name = next(iter(measured))
    if len(measured) > 1:
        name = widgets.select("Network", measured, key="network", width=320)
    return find_results(cache.paper_results(), name)[0]


def _load_history(recipe: Recipe) -> "pd.DataFrame | None":
    """Return the epochs of a recipe's first recorded seed, None if there are none."""
    for result in find_results(cache.paper_results(), recipe.name):
        histories = cache.paper_histories()
        found = histories[histories["run_hash"] == result.run_hash]
        if len(found):
            return found.sort_values("epoch")
    return None


def _find_gap(history: "pd.DataFrame") -> float:
    last = history.iloc[-1]
    return float(last["accuracy"] - last["val_accuracy"])


def _find_span(histories: Sequence["pd.DataFrame"]) -> tuple[float, float]:
    values = np.concatenate([history[["accuracy", "val_accuracy"]].to_numpy().ravel() for history in histories])
    values = values[~np.isnan(values)]
    # A first epoch that has hardly begun to learn must not press all others together.
    return max(float(np.quantile(values, 0.02)) - 0.01, 0.0), min(float(values.max()) + 0.01, 1.0)


def _say_missing(what: str) -> None:
    st.info(f"No {what} of this paper's networks have been recorded yet. Train one under Claims meanwhile.")


def _link_mistakes(recipe: str) -> None:
    found = [run for run in runs.list_runs().with_evaluation() if run.recipe == recipe]
    if found:
        query = {"run": found[0].run_id}
        st.page_link("analysis/mistakes.py", label="Look into its mistakes", icon="🔍", query_params=query)
