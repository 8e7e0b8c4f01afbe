"""Repeats over seeds and cross-validation: train a recipe several times, and see how far the figures spread."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from fmnist_core import runs
from fmnist_core.cross_validation import Group, Outcome, find_groups, summarize_outcomes
from fmnist_core.figures.repeats import plot_strips
from fmnist_core.recipes import Recipe, load_own_recipes, load_recipes
from fmnist_core.repeats import Spread
from fmnist_core.run_table import find_differences, say_setting
from pages.shared import cache
from pages.shared.search import repeats_group, repeats_setup
from pages.shared.search.repeats_setup import GROUP
from pages.shared.widgets import select

if TYPE_CHECKING:
    import pandas as pd

_SECONDS = 2.0
_MOST_DRAWN = 12
_LONGEST = 22  # of what is added to a name, so that the chart has room
_MEASURES = {"validation": "Validation accuracy", "test": "Test accuracy"}
# Said by the group itself.
_TOLD = ("seed", "folds", "fold", "split")


def show_repeats() -> None:
    """Show the form, all groups of runs that differ in seed or fold alone, and one of them closely."""
    setup, found = st.columns([1, 2.2], gap="large")
    with setup:
        repeats_setup.show_setup()
    with found:
        groups = find_groups(runs.list_runs().runs)
        active = any(group.active for group in groups)
        st.fragment(_follow, run_every=_SECONDS if active else None)(active)


def _follow(was_active: bool) -> None:
    groups = find_groups(runs.list_runs().runs)
    if was_active != any(group.active for group in groups):
        st.rerun()  # the whole page, so that polling ends or begins
    if not groups:
        st.info(
            "Nothing has been repeated yet. One figure of one run tells little: another seed, or other items to train "
            "on, would have given another one. Train a recipe a few times, and this page shows how far they spread."
        )
        return
    outcomes = {group.key: [cache.outcome(run) for run in group.finished] for group in groups}
    recipes = {**load_recipes(), **load_own_recipes()}
    labels = _label(groups, recipes)
    measure = select(
        "Shown", _MEASURES, key="spread_of", widget=st.segmented_control, required=True, label_visibility="collapsed"
    )
    _draw(groups[:_MOST_DRAWN], outcomes, labels, measure)
    st.caption(
        "Each point is a run, the mark their mean, the line one standard deviation (SD) to either side."
        + (f" The {_MOST_DRAWN} newest of {len(groups)}." if len(groups) > _MOST_DRAWN else "")
    )
    st.dataframe(
        tabulate_groups(groups, outcomes, labels, recipes),
        hide_index=True,
        key="groups",
        column_config={"Compare": st.column_config.LinkColumn(display_text="side by side")},
    )
    key = select("Look closer", labels, key=GROUP, always_in_url=True)
    group = next(group for group in groups if group.key == key)
    repeats_group.show_group(group, outcomes[group.key])


def _label(groups: Sequence[Group], recipes: Mapping[str, Recipe]) -> dict[str, str]:
    """Return what each group is called: its recipe, its folds, and what else differs where several are alike."""
    labels = {
        group.key: group.recipe.rpartition("/")[2] + (f" · {group.folds} folds" if group.folds else "")
        for group in groups
    }
    for group in groups:
        alike = [other for other in groups if labels[other.key] == labels[group.key]]
        if len(alike) > 1:
            for other in alike:
                labels[other.key] += f" · {_cut(say_differences(other, recipes) or 'as the recipe')}"
    seen: list[str] = []
    for key, label in labels.items():
        labels[key] = f"{label} · {key[:4]}" if label in seen else label
        seen.append(label)
    return labels


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def say_differences(group: Group, recipes: Mapping[str, Recipe]) -> str:
    """Return in words what a group's settings change in its recipe, apart from seed and folds."""
    recipe = recipes.get(group.recipe)
    if recipe is None:
        return "its recipe is gone"
    changed = find_differences(group.config, recipe.config)
    return ", ".join(say_setting(name, own) for name, (_, own) in changed.items() if name not in _TOLD)


def _draw(
    groups: Sequence[Group], outcomes: Mapping[str, list[Outcome]], labels: Mapping[str, str], measure: str
) -> None:
    points, spreads = {}, {}
    for group in groups:
        found = outcomes[group.key]
        points[labels[group.key]] = {
            repeats_group.name_outcome(one): figure for one in found if (figure := getattr(one, measure)) is not None
        }
        spreads[labels[group.key]] = getattr(summarize_outcomes(found), measure)
    figure = plot_strips(points, spreads, _MEASURES[measure])
    st.plotly_chart(figure, key="strips", config={"displayModeBar": False}, alt=f"{_MEASURES[measure]} of each run")


def tabulate_groups(
    groups: Sequence[Group],
    outcomes: Mapping[str, list[Outcome]],
    labels: Mapping[str, str],
    recipes: Mapping[str, Recipe],
) -> "pd.DataFrame":
    """Return a row for each group: recipe, mean ± SD, how many seeds, folds and finished runs, what differs."""
    import pandas as pd

    rows = []
    for group in groups:
        summary = summarize_outcomes(outcomes[group.key])
        rows.append(
            {
                "Recipe": group.recipe,
                "Validation ± SD": say_spread(summary.validation),
                "Test ± SD": say_spread(summary.test),
                "Seeds": len(group.seeds),
                "Folds": str(group.folds or "none"),
                "Finished": f"{len(group.finished)} of {len(group.runs)}",
                "Compare": repeats_group.find_comparison(group),
                "Differs in": say_differences(group, recipes),
            }
        )
    return pd.DataFrame(rows)


def say_spread(spread: Spread | None) -> str:
    """Return mean and deviation in words: "91.34 ± 0.13%"; a single run has no deviation."""
    if spread is None:
        return "none yet"
    deviation = f" ± {100 * spread.deviation:.2f}" if spread.seeds > 1 else ""
    return f"{100 * spread.mean:.2f}{deviation}%"
