"""The confusion matrix, whose cells open, and the items behind them."""

import streamlit as st

from fmnist_core import evaluation, run_data
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.figures.evaluation import plot_confusion_matrix
from pages.shared import verdict, widgets
from pages.shared.epochs import read_cell
from pages.shared.mistakes.cards import show_cards

_CARDS = 4


def show_confusion(scores: evaluation.Scores, answers: run_data.Predictions) -> None:
    """Show the matrix, and beside it what is said of the classes or the items of the cell that is picked."""
    picked = read_cell(st.query_params.get("cell", ""))
    matrix_column, side_column = st.columns([1.25, 1], gap="large")
    with matrix_column:
        _show_matrix(scores, picked)
    with side_column:
        if picked is None:
            verdict.show_classes(scores)
        else:
            _show_items(answers, picked)


def _show_matrix(scores: evaluation.Scores, picked: tuple[int, int] | None) -> None:
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
        on_select=_pick,
        selection_mode="points",
        config={"displayModeBar": False},
        alt="Confusion matrix: rows are true classes, columns predicted ones",
    )
    st.caption("Rows are true classes, columns what the network said. Click a cell to see its items below.")


def _pick() -> None:
    points = st.session_state.confusion.selection.points
    _show("-".join(str(index) for index in points[0]["customdata"]) if points else None)


def _show(cell: str | None) -> None:
    st.session_state.cell_page = 1
    if cell is None:
        st.query_params.pop("cell", None)
    else:
        st.query_params["cell"] = cell


def _show_items(answers: run_data.Predictions, picked: tuple[int, int]) -> None:
    found = evaluation.find_cell(answers.labels, answers.probabilities, *picked)
    said = "rightly called" if picked[0] == picked[1] else "called"
    st.subheader(f"{len(found):,} × {CLASS_NAMES[picked[0]]} {said} {CLASS_NAMES[picked[1]]}")
    st.button("Back to all classes", on_click=_show, args=(None,))
    show_cards(answers, found, _CARDS, "cell")
