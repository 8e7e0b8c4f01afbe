"""The time machine: a run's answers after every epoch, for all validation items together and for each by itself."""

import numpy as np
import streamlit as st

from fmnist_core import evaluation, runs
from fmnist_core.dynamics import RANKINGS, Dynamics, Timeline, compute_summary, rank_items, say_epochs, stamp_epochs
from fmnist_core.errors import RunNotFoundError
from fmnist_core.exploration import name_item
from fmnist_core.figures.dynamics import plot_accuracy_by_epoch, plot_class_accuracy
from fmnist_core.figures.evaluation import plot_confusion_matrix
from fmnist_core.splits import Indices
from pages.shared import cache, cartography, components, item_strips, widgets

_CANDIDATES = 24
_HEIGHT = 480
_NO_BAR = {"displayModeBar": False}
_NOW = "now"
_REASONS = {key: ranking.title for key, ranking in RANKINGS.items()} | {_NOW: "Wrong at this epoch, the surest first"}


def show_time_machine(run: runs.Run) -> None:
    """Show how a run came to its answers; while it is active each new epoch is added when it is whole."""
    stamp = stamp_epochs(run)
    if run.active:
        st.fragment(_await_news, run_every=2.0)(run.run_id, stamp)
    try:
        timeline, learning = cache.timeline(run.run_id, stamp), cache.learning(run.run_id, stamp)
    except RunNotFoundError as error:
        st.info(str(error))
        return
    if timeline.unreadable:
        st.warning(f"The file of {say_epochs(timeline.unreadable)} is damaged; what is here does without.")
    more = " It still trains: each epoch joins the others here when it ends." if run.active else ""
    st.markdown(_say_summary(timeline, learning) + more)
    _show_epochs(run.run_id, timeline, learning)
    cartography.show_cartography(run.run_id, timeline, learning)


def _await_news(run_id: str, stamp: tuple[int, int]) -> None:
    run = runs.load_run(run_id)
    if stamp_epochs(run) != stamp or not run.active:
        st.rerun()  # the whole page: an epoch more, or none to come


def _say_summary(timeline: Timeline, learning: Dynamics) -> str:
    summary = compute_summary(learning)
    return (
        f"Of **{summary.items:,} validation items**, which the network never trains on, "
        f"**{summary.at_once / summary.items:.0%}** were learned in the first epoch and never forgotten; "
        f"**{summary.forgotten:,}** were forgotten at least once; **{summary.wrong_at_end:,}** are wrong at the end, "
        f"{summary.never_right:,} of them in every epoch."
    )


@st.fragment
def _show_epochs(run_id: str, timeline: Timeline, learning: Dynamics) -> None:
    place = _choose_epoch(run_id, timeline)
    matrix, classes = st.columns([1.2, 1], gap="medium")
    with matrix:
        counts = learning.confusion[place]
        texts = [[str(count) if count else "" for count in row] for row in counts]
        st.plotly_chart(
            plot_confusion_matrix(counts, texts, widgets.ink(), height=_HEIGHT),
            key="confusion then",
            config=_NO_BAR,
            alt=f"Confusion matrix after epoch {timeline.epochs[place]}",
        )
    with classes:
        before = learning.class_accuracy[place - 1] if place else None
        st.plotly_chart(
            plot_accuracy_by_epoch(timeline.epochs, learning.accuracy, learning.class_accuracy, place),
            key="accuracy then",
            config=_NO_BAR,
        )
        st.plotly_chart(plot_class_accuracy(learning.class_accuracy[place], before), key="classes then", config=_NO_BAR)
        st.caption("Right answers in each class, and the change in percentage points from the slider's step before.")
    _show_items(timeline, learning, place)


def _choose_epoch(run_id: str, timeline: Timeline) -> int:
    """Let the user choose an epoch and return its position; whoever stood at the last one stays at the last one."""
    epochs = [str(epoch) for epoch in timeline.epochs]
    newest = (run_id, epochs[-1])
    before = st.session_state.get("newest epoch", newest)
    if newest != before and st.session_state.get("epoch") == before[1]:
        st.session_state["epoch"] = epochs[-1]
        st.query_params.pop("epoch", None)
    st.session_state["newest epoch"] = newest
    if len(epochs) == 1:
        st.markdown(f"**Epoch {epochs[0]}**. With a second one there will be a slider here.")
        return 0
    titles = {epoch: f"Epoch {epoch}" for epoch in epochs}
    chosen = widgets.select("Travel in time", titles, key="epoch", default=epochs[-1], widget=st.select_slider)
    return epochs.index(chosen)


def _show_items(timeline: Timeline, learning: Dynamics, place: int) -> None:
    st.markdown("#### Items through time")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        reason = widgets.select("Look at those", _REASONS, key="why", width=340)
        pinned = item_strips.read_pinned(timeline)
        if len(pinned):
            st.button("Unpin all", on_click=item_strips.pin, args=(None,), key="unpin items")
    found = _find_items(timeline, learning, reason, place)
    if len(found) == 0:
        st.info("There is no such item.")
    else:
        _show_candidates(timeline, learning, found[:_CANDIDATES], reason)
    shown = pinned if len(pinned) else found[: item_strips.MOST]
    item_strips.show_strips(timeline, learning, shown, place)


def _find_items(timeline: Timeline, learning: Dynamics, reason: str, place: int) -> Indices:
    if reason == _NOW:
        return evaluation.find_mistakes(timeline.labels, timeline.probabilities[place].astype(np.float32))
    return rank_items(learning, timeline.labels, reason)


def _show_candidates(timeline: Timeline, learning: Dynamics, shown: Indices, reason: str) -> None:
    items, labels = timeline.items[shown], timeline.labels[shown]
    components.grid(
        items,
        cache.dataset().images[items],
        labels,
        key="then",
        label=_REASONS[reason],
        columns=12,
        titles=[
            f"{name_item(int(item), int(label))}: {item_strips.say_learning(learning, position)}"
            for item, label, position in zip(items, labels, shown, strict=True)
        ],
        on_pick=item_strips.pin,
    )
    st.caption(
        "Click items to pin up to six of them, and a pinned one to let it go. Below is the story of each: a column is "
        "an epoch, filled with the ten probabilities in the colours of their classes, the right one at the bottom. "
        "Learned is an item in the epoch from which it stays right; forgotten, each time a right answer turns wrong."
    )
