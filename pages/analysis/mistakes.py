"""Mistakes: how often a network is right, which classes it confuses, and the items themselves."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import evaluation, run_data, runs
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.figures.evaluation import plot_confusion_matrix
from fmnist_core.splits import describe_item
from pages.shared import cache, components, verdict, widgets

CARDS_BELOW, CARDS_BESIDE = 12, 4


def pick_cell() -> None:
    points = st.session_state.confusion.selection.points
    cell = "-".join(str(index) for index in points[0]["customdata"]) if points else None
    show_cell(cell)


def show_cell(cell: str | None) -> None:
    st.session_state.cell_page = 1
    if cell is None:
        st.query_params.pop("cell", None)
    else:
        st.query_params["cell"] = cell


def read_cell() -> tuple[int, int] | None:
    parts = st.query_params.get("cell", "").split("-")
    if len(parts) == 2 and all(part.isdecimal() and int(part) < len(CLASS_NAMES) for part in parts):
        return int(parts[0]), int(parts[1])
    return None


def show_matrix(scores: evaluation.Scores, picked: tuple[int, int] | None) -> None:
    st.subheader("Confusion matrix")
    counted = st.segmented_control(
        "Cells show",
        ["Counts", "Shares of the true class"],
        default="Counts",
        required=True,
        key="cells",
        bind="query-params",
        label_visibility="collapsed",
    )
    if counted == "Counts":
        values = scores.confusion_matrix
        texts = [[str(value) if value else "" for value in row] for row in values]
    else:
        values = evaluation.normalize_rows(scores.confusion_matrix)
        texts = [[f"{value:.0%}" if value >= 0.005 else "" for value in row] for row in values]
    st.plotly_chart(
        plot_confusion_matrix(values, texts, widgets.ink(), picked),
        key="confusion",
        on_select=pick_cell,
        selection_mode="points",
        config={"displayModeBar": False},
        alt="Confusion matrix: rows are true classes, columns predicted ones",
    )
    st.caption("Rows are true classes, columns what the network said. Click a cell to see its items below.")


def show_cell_items(answers: run_data.Predictions, picked: tuple[int, int]) -> None:
    found = evaluation.find_cell(answers.labels, answers.probabilities, *picked)
    said = "rightly called" if picked[0] == picked[1] else "called"
    st.subheader(f"{len(found):,} × {CLASS_NAMES[picked[0]]} {said} {CLASS_NAMES[picked[1]]}")
    st.button("Back to all classes", on_click=show_cell, args=(None,))
    show_cards(answers, found, CARDS_BESIDE, "cell")


def show_cards(answers: run_data.Predictions, positions: NDArray[np.int64], size: int, key: str) -> None:
    if len(positions) == 0:
        st.info("There is no such item.")
        return
    page = widgets.turn_pages(-(-len(positions) // size), key=f"{key}_page")
    shown = positions[(page - 1) * size : page * size]
    places = [describe_item(item) for item in answers.items[shown]]
    components.cards(
        cache.dataset().images[answers.items[shown]],
        answers.labels[shown],
        answers.probabilities[shown],
        [f"{place['split']} {place['index']}" for place in places],
        key=f"{key}-cards",
    )


st.title("Mistakes")
st.caption(
    "Where a network errs, on items that it never trained on. Click a cell of the matrix to see what was confused."
)
tested = runs.list_runs().with_evaluation()
if not tested:
    st.info("No network has been tested yet. Train one, and its mistakes appear here.")
    st.page_link("models/train.py", label="Train a network", icon="📈")
    st.stop()
run = widgets.pick_run(tested)
scores, answers = cache.scores(run.run_id, run.tested_at), cache.answers(run.run_id, run.tested_at)
verdict.show_scores(scores)
cell = read_cell()
matrix_column, side_column = st.columns([1.25, 1], gap="large")
with matrix_column:
    show_matrix(scores, cell)
with side_column:
    if cell is None:
        verdict.show_classes(scores)
    else:
        show_cell_items(answers, cell)
st.subheader("All mistakes, the most confident first")
show_cards(answers, evaluation.find_mistakes(answers.labels, answers.probabilities), CARDS_BELOW, "mistakes")
