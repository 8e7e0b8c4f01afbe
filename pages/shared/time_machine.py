"""The time machine: a run's answers after every epoch, for all validation items together and for each by itself."""

from functools import partial

import numpy as np
import streamlit as st

from fmnist_core import evaluation, runs
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.dynamics import RANKINGS, Dynamics, Timeline, compute_summary, rank_items, say_epochs, stamp_epochs
from fmnist_core.errors import RunNotFoundError
from fmnist_core.exploration import name_item
from fmnist_core.splits import Indices
from pages.shared import cache, cartography, components, item_strips, widgets
from pages.shared.epochs import play_epochs, read_cell

_CANDIDATES = 24
_EPOCH, _CELL = "epoch", "cell"
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
    place = _find_place(timeline)
    cell = read_cell(st.query_params.get(_CELL, ""))
    play_epochs(
        run_id,
        timeline.epochs,
        learning.confusion,
        key="past",
        epoch=int(timeline.epochs[place]),
        picked=cell,
        on_epoch=partial(_go_to, int(timeline.epochs[-1])),
        on_cell=_pick,
    )
    _show_items(timeline, learning, place, cell)


def _find_place(timeline: Timeline) -> int:
    """Return the position of the epoch that the URL names; whoever is at the newest one has none there, and stays."""
    asked = st.query_params.get(_EPOCH, "")
    places = {str(epoch): place for place, epoch in enumerate(timeline.epochs)}
    return places.get(asked, len(timeline.epochs) - 1)


def _go_to(newest: int, epoch: int) -> None:
    if epoch == newest:
        st.query_params.pop(_EPOCH, None)
    else:
        st.query_params[_EPOCH] = str(epoch)


def _pick(cell: tuple[int, int] | None) -> None:
    if cell is None:
        st.query_params.pop(_CELL, None)
    else:
        st.query_params[_CELL] = f"{cell[0]}-{cell[1]}"


def _show_items(timeline: Timeline, learning: Dynamics, place: int, cell: tuple[int, int] | None) -> None:
    st.markdown("#### Items through time")
    pinned = item_strips.read_pinned(timeline)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if cell is None:
            reason = widgets.select("Look at those", _REASONS, key="why", width=340)
            title, found = _REASONS[reason], _find_items(timeline, learning, reason, place)
        else:
            found = evaluation.find_cell(timeline.labels, timeline.probabilities[place].astype(np.float32), *cell)
            title = _say_cell(cell)
            st.markdown(f"**{len(found):,} {title}** after epoch {timeline.epochs[place]}", width="content")
            st.button("Other items", on_click=_pick, args=(None,), key="all items")
        if len(pinned):
            st.button("Unpin all", on_click=item_strips.pin, args=(None,), key="unpin items")
    if len(found) == 0:
        st.info("There is no such item.")
    else:
        _show_candidates(timeline, learning, found[:_CANDIDATES], title)
    shown = pinned if len(pinned) else found[: item_strips.MOST]
    item_strips.show_strips(timeline, learning, shown, place)


def _say_cell(cell: tuple[int, int]) -> str:
    true, said = (CLASS_NAMES[index] for index in cell)
    return f"{true} rightly recognised" if true == said else f"{true} taken for {said}"


def _find_items(timeline: Timeline, learning: Dynamics, reason: str, place: int) -> Indices:
    if reason == _NOW:
        return evaluation.find_mistakes(timeline.labels, timeline.probabilities[place].astype(np.float32))
    return rank_items(learning, timeline.labels, reason)


def _show_candidates(timeline: Timeline, learning: Dynamics, shown: Indices, title: str) -> None:
    items, labels = timeline.items[shown], timeline.labels[shown]
    components.grid(
        items,
        cache.dataset().images[items],
        labels,
        key="then",
        label=title,
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
