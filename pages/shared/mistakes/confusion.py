"""The confusion matrix as the door to all items: its cells, rows and columns open, now or at an earlier epoch."""

from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import evaluation, run_data, runs
from fmnist_core.dynamics import Timeline, stamp_epochs
from fmnist_core.errors import RunNotFoundError
from pages.shared import cache, widgets
from pages.shared.mistakes.cards import show_cards
from pages.shared.mistakes.classes import show_classes, show_pairs
from pages.shared.mistakes.closer import show_closer
from pages.shared.mistakes.matrix import Spot, read_spot, show_matrix, write_spot

_CARDS = 4
_EPOCH, _PAST = "epoch", "past"
_BY = {key: normalization.title for key, normalization in evaluation.NORMALIZATIONS.items()}
_ORDERS = {"listed": "As listed", "similar": "By similarity"}


@st.fragment
def show_confusion(run: runs.Run, scores: evaluation.Scores, answers: run_data.Predictions) -> None:
    """Show the matrix, and beside it what is said of the classes, or the items of what is chosen in it."""
    picked = read_spot()
    matrix_column, side_column = st.columns([1.25, 1], gap="large")
    with matrix_column:
        by, order, travels = _choose_view(scores.confusion_matrix)
        timeline = _find_past(run) if travels else None
        if timeline is None:
            matrix = scores.confusion_matrix
            show_matrix(run.run_id, matrix[np.newaxis], key="confusion", by=by, order=order, picked=picked, on_pick=_go)
        else:
            matrix, answers = _show_past(run, timeline, by, order, picked)
    with side_column:
        if picked is None:
            show_classes(evaluation.tabulate_classes(matrix))
            show_pairs(matrix, lambda true, predicted: _go(Spot(true, predicted)))
        else:
            _show_items(answers, matrix, picked)
    show_closer(run, answers)


def _choose_view(matrix: NDArray[np.int64]) -> tuple[str, list[int], bool]:
    options = {"widget": st.segmented_control, "required": True, "label_visibility": "collapsed", "width": "content"}
    if _EPOCH in st.query_params:
        st.session_state.setdefault(_PAST, True)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        by = widgets.select("Cells show", _BY, key="cells", **options)
        order = widgets.select("Order of the classes", _ORDERS, key="order", **options)
        travels = st.toggle(
            "Travel through the epochs",
            key=_PAST,
            bind="query-params",
            on_change=lambda: st.query_params.pop(_EPOCH, None),
            help="After each epoch a network is asked about its validation items only, so that is what you see then.",
        )
    # The order is that of the test part at every epoch: with one of its own each step in time would shuffle the rows.
    return by, evaluation.order_classes(matrix) if order == "similar" else list(range(len(matrix))), travels


def _find_past(run: runs.Run) -> Timeline | None:
    """Return what the run answered after each epoch; None, and the reason on the page, if that is not known."""
    if run.config.is_baseline:
        st.info("A classical classifier is fitted at once, without epochs: below are its answers for the test items.")
        return None
    try:
        timeline = cache.timeline(run.run_id, stamp_epochs(run))
    except RunNotFoundError as error:
        st.info(f"{error} Below are the answers for the test items.")
        return None
    st.caption(f"{len(timeline.items):,} validation items, asked after every epoch; not the test items.")
    return timeline


def _show_past(
    run: runs.Run, timeline: Timeline, by: str, order: list[int], picked: Spot | None
) -> tuple[NDArray[np.int64], run_data.Predictions]:
    """Show the matrices of all epochs; return that of the epoch which is looked at, and its answers."""
    matrices = cache.learning(run.run_id, stamp_epochs(run)).confusion
    newest = len(timeline.epochs) - 1
    places = {str(epoch): place for place, epoch in enumerate(timeline.epochs)}
    place = places.get(st.query_params.get(_EPOCH, ""), newest)
    show_matrix(
        f"{run.run_id} validation",
        matrices,
        key="past-confusion",
        by=by,
        order=order,
        picked=picked,
        on_pick=_go,
        epochs=timeline.epochs,
        epoch=int(timeline.epochs[place]),
        on_epoch=partial(_go_to, int(timeline.epochs[newest])),
    )
    probabilities = timeline.probabilities[place].astype(np.float32)
    return matrices[place], run_data.Predictions(timeline.items, timeline.labels, probabilities)


def _go_to(newest: int, epoch: int) -> None:
    _turn_to_first_page()
    if epoch == newest:
        st.query_params.pop(_EPOCH, None)
    else:
        st.query_params[_EPOCH] = str(epoch)


def _go(spot: Spot | None) -> None:
    _turn_to_first_page()
    write_spot(spot)


def _turn_to_first_page() -> None:
    st.session_state.cell_page = 1


def _show_items(answers: run_data.Predictions, matrix: NDArray[np.int64], picked: Spot) -> None:
    found = evaluation.find_cell(answers.labels, answers.probabilities, picked.true, picked.predicted)
    if picked.true is None:
        st.subheader(evaluation.say_column(picked.predicted, matrix))
    elif picked.predicted is None:
        st.subheader(evaluation.say_row(picked.true, matrix))
    else:
        st.subheader(evaluation.say_confusion(picked.true, picked.predicted, len(found)))
    st.button("Back to all classes", on_click=_go, args=(None,), key="all classes")
    show_cards(answers, found, _CARDS, "cell")
