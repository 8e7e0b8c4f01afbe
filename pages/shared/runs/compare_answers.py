"""What compared runs got right: by class, and whether that one is better than another may be chance."""

import re
from collections.abc import Mapping, Sequence

import streamlit as st

from fmnist_core import run_comparison, runs
from fmnist_core.errors import FmnistError
from fmnist_core.evaluation.several import MeansTest, PairTest, find_leader, say_difference, say_standing
from fmnist_core.figures.run_comparison import plot_classes, plot_pairs
from fmnist_core.run_comparison import Group
from pages.shared import cache, widgets


def show_classes(chosen: Sequence[runs.Run], groups: Sequence[Group], colors: Mapping[str, str]) -> None:
    """Show recall, precision or F1 of the classes as bars, on the items that all runs have answered.

    Args:
        chosen: the runs.
        groups: the same, those together that differ in nothing but the seed.
        colors: by run_id; a group has that of its first run.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        score = widgets.select("Score", run_comparison.SCORES, key="score", widget=st.segmented_control, required=True)
        order = widgets.select("Order", run_comparison.ORDERS, key="order", width=260)
    try:
        table = cache.classes_of(chosen, groups, score)
    except FmnistError as error:
        st.info(str(error))
        return
    st.plotly_chart(
        plot_classes(
            table,
            run_comparison.order_classes(table, order),
            {group.name: group.title for group in groups},
            colors,
            run_comparison.SCORES[score].lower(),
        ),
        key="compared-classes",
        config={"displayModeBar": False},
        alt=f"{run_comparison.SCORES[score]} of each class for the chosen runs",
    )
    st.caption(
        f"On the {table.items:,} items that all of them have answered and none was trained on. Thin lines: the 95% "
        "interval of a run, or from the least to the greatest of several seeds."
    )


def show_significance(chosen: Sequence[runs.Run], groups: Sequence[Group]) -> None:
    """Show every pair of runs with its test, and the recipes' where there are several seeds of them.

    Args:
        chosen: the runs.
        groups: the same, those together that differ in nothing but the seed.
    """
    try:
        names = cache.answers_of(chosen).names
        tests, recipes = cache.pairs_of(chosen), cache.recipes_of(chosen, groups)
    except FmnistError as error:
        st.info(str(error))
        return
    if not tests:
        st.info("No two of these have been tested on the same items, so that they cannot be told apart.")
        return
    by_name = {group.name: group.label for group in run_comparison.group_runs(chosen, pooled=False)}
    labels = [by_name[name] for name in names]
    said, matrix = st.columns([1, 1.1], gap="large")
    with said:
        st.subheader("Run against run")
        _say_pairs(tests, labels)
        st.subheader("Recipe against recipe")
        _say_recipes(recipes, groups)
    with matrix:
        st.plotly_chart(
            plot_pairs(tests, labels, widgets.ink()),
            key="compared-pairs",
            config={"displayModeBar": False},
            alt="Difference in accuracy of every two runs",
        )
        st.caption(
            "Points of accuracy by which the run in the row is better than the one in the column, on the items that "
            "both have answered and neither was trained on. Strong colour: more than chance. McNemar’s exact test"
            f"{f', corrected for {len(tests)} comparisons at once (Holm)' if len(tests) > 1 else ''}."
        )


def _say_pairs(tests: Sequence[PairTest], labels: Sequence[str]) -> None:
    """Say how the best run compares with each of the others; the other pairs stand in the matrix."""
    sentences = say_standing(tests, find_leader(tests), labels)
    st.markdown("\n".join(f"- {_escape(sentence)}" for sentence in sentences))
    st.caption("This is about these runs, each trained once: with another seed each would come out a little different.")


def _say_recipes(recipes: Sequence[MeansTest], groups: Sequence[Group]) -> None:
    if not recipes:
        st.markdown(
            "To speak of a recipe rather than of one run takes several seeds of it: at least two, better five, of each "
            "of two recipes. Set **Repeats** when you train, and choose all of those runs here."
        )
        return
    for test in recipes:
        first, second = groups[test.first].label, groups[test.second].label
        said = say_difference(test.difference, test.corrected, first, second)
        st.markdown(f"- {_escape(said)} {_say_numbers(test)}")
    st.caption(
        "Welch’s t-test between the seeds’ accuracies on the items that all of them share, corrected as above (Holm); "
        "the permutation test asks in how many ways of sharing out the seeds the means would be as far apart."
    )


def _escape(text: str) -> str:
    """Return text, in which names stand that people have given, so that Markdown shows it as it is."""
    return re.sub(r"([\\`*_{}\[\]()#+~|$:<>-])", r"\\\1", text)


def _say_numbers(test: MeansTest) -> str:
    means = " against ".join(
        f"{100 * mean:.2f} ± {100 * deviation:.2f}% ({seeds} seeds)"
        for mean, deviation, seeds in zip(test.means, test.deviations, test.seeds, strict=True)
    )
    welch = "no spread to test" if test.welch is None else f"Welch p = {test.welch:.2g}"
    few = f", which with so few seeds cannot be below {test.least:.2g}" if test.least >= 0.05 else ""
    return f"{means}; {welch}, permutation p = {test.permutation:.2g}{few}."
