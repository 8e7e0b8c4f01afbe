"""Which runs are compared: what a link names, what the user chooses, what is there at first."""

import time
from collections.abc import Sequence

import streamlit as st

from fmnist_core import run_comparison, runs
from fmnist_core.repeats import title_runs
from fmnist_core.run_comparison import FEWEST, MOST

_PARAMETER, _CHOSEN, _IN_URL, _MISSING = "compare", "compared runs", "compared runs in the URL", "runs not there"
_REPLACED = "compared runs that were in the URL"
# How long an address may lag behind what the page has written into it.
_LATE_SECONDS = 2.0


def choose_compared(listing: runs.Listing) -> list[runs.Run]:
    """Return the runs that a link or the user has chosen, else those of the default."""
    known = {run.run_id: run for run in listing.runs if run.status != runs.QUEUED}
    _settle(list(known.values()))
    chosen = st.multiselect(
        f"Runs, {FEWEST} to {MOST}",
        list(known),
        format_func=title_runs(list(known.values())).__getitem__,
        key=_CHOSEN,
        max_selections=MOST,
        placeholder="Choose at least two",
        persist_state="session",
    )
    state, written = st.session_state, ",".join(chosen) or "none"
    if written != state.get(_IN_URL):
        state[_REPLACED] = (st.query_params.get(_PARAMETER), time.monotonic())
    st.query_params[_PARAMETER] = state[_IN_URL] = written
    missing, at_first = state.get(_MISSING, ("", ""))
    if missing and at_first == written:
        st.warning(missing)
    return [known[name] for name in chosen]


def _settle(known: Sequence[runs.Run]) -> None:
    """Have the box show what a new link names; what is not there any more is left out."""
    state, asked = st.session_state, st.query_params.get(_PARAMETER)
    replaced, moment = state.get(_REPLACED, (None, 0.0))
    is_late = asked == replaced and time.monotonic() - moment < _LATE_SECONDS
    if asked is not None and (_CHOSEN not in state or (asked != state.get(_IN_URL) and not is_late)):
        choice = run_comparison.choose_runs([] if asked == "none" else asked.split(","), known)
        state[_CHOSEN] = [run.run_id for run in choice.runs]
        # To be said until the user chooses others.
        state[_MISSING] = (_say_missing(choice), ",".join(state[_CHOSEN]) or "none")
    elif _CHOSEN not in state:
        state[_CHOSEN] = [run.run_id for run in run_comparison.choose_default(known)]
    there = {run.run_id for run in known}
    if not there.issuperset(state[_CHOSEN]):
        state[_CHOSEN] = [name for name in state[_CHOSEN] if name in there]


def _say_missing(choice: run_comparison.Choice) -> str:
    said = []
    if choice.missing:
        names = ", ".join(choice.missing)
        said.append(f"The link names what is not among the runs here, or not any more: {names}.")
    if choice.left_out:
        said.append(f"No more than {MOST} runs can be compared; the last {choice.left_out} are left out.")
    return " ".join([*said, "The others are shown."]) if said else ""
