"""The time machine: a run's answers after every epoch, for all validation items together and for each by itself."""

from functools import partial

import streamlit as st

from fmnist_core import runs
from fmnist_core.dynamics import Dynamics, Timeline, compute_summary, say_epochs, stamp_epochs
from fmnist_core.errors import RunNotFoundError
from pages.shared import cache, cartography, epoch_items
from pages.shared.epochs import play_epochs, read_cell, say_kept

_EPOCH, _CELL = "epoch", "cell"


def show_time_machine(run: runs.Run) -> None:
    """Show how a run came to its answers; while it is active each new epoch is added when it is whole."""
    stamp = stamp_epochs(run)
    if run.config.is_baseline:
        st.caption("A classical classifier is fitted at once: what it says stands here as a single epoch.")
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
    st.markdown(_say_summary(timeline, learning) + say_kept(timeline.epochs) + more)
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
    epoch_items.show_items(timeline, learning, place, cell, on_leave=_leave_cell)


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


def _leave_cell() -> None:
    _pick(None)
