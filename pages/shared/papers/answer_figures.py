"""A paper's figures of what its networks answer, rebuilt from our runs: confusion matrices and reports."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from fmnist_core import evaluation
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.evaluation.metrics import compute_class_scores
from fmnist_core.figures import papers as figures
from fmnist_core.papers.documents import Document
from fmnist_core.papers.results import Result, find_results
from fmnist_core.recipes import Recipe, find_recipe
from pages.shared import cache, widgets
from pages.shared.papers.measured import link_mistakes, list_recipes, say_missing
from pages.shared.sections import show_chart


def show_confusion(document: Document) -> None:
    """Show the confusion matrix of one of the paper's networks."""
    from fmnist_core.figures.evaluation import plot_confusion_matrix  # it brings plotly

    result = _pick_result(document, list_recipes(document))
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
    link_mistakes(result.recipe)


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


def _pick_result(document: Document, recipes: Sequence[Recipe]) -> Result | None:
    """Let the user choose a network that has been measured; None, said on the page, if none has."""
    measured = {recipe.name: recipe.title for recipe in recipes if find_results(cache.paper_results(), recipe.name)}
    if not measured:
        say_missing("answers")
        return None
    name = next(iter(measured))
    if len(measured) > 1:
        name = widgets.select("Network", measured, key="network", width=320)
    return find_results(cache.paper_results(), name)[0]
