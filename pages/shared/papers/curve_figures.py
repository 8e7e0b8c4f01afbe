"""A paper's figures of its networks' trainings, rebuilt from our runs: curves and optimizers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from fmnist_core.config import OPTIMIZERS
from fmnist_core.figures import papers as figures
from fmnist_core.papers.documents import Document
from fmnist_core.papers.results import find_results, summarize
from fmnist_core.recipes import Recipe, find_recipe
from pages.shared import cache, widgets
from pages.shared.papers.measured import say_missing
from pages.shared.sections import show_chart

if TYPE_CHECKING:
    import pandas as pd


def show_curves(document: Document) -> None:
    """Show training and validation accuracy of the networks of one of the paper's tables."""
    table = document.tables[0]
    if len(document.tables) > 1:
        titles = {str(number): entry.title for number, entry in enumerate(document.tables, start=1)}
        table = document.tables[int(widgets.select("Networks of", titles, key="of", width=320)) - 1]
    histories = {recipe.name: found for recipe in table.recipes if (found := _load_history(recipe)) is not None}
    if not histories:
        say_missing("curves")
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
        say_missing("results")
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
