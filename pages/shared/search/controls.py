"""The buttons of a search: stop while it runs; go on, have more trials, delete when it does not."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from fmnist_core import search
from fmnist_core.errors import FmnistError
from fmnist_core.search import Search
from fmnist_core.search.config import MOST_TRIALS
from fmnist_core.search.presence import FINISHED, STOPPING
from pages.shared.widgets import once

_REFUSED = "what could not be done to a search"


def show_controls(found: Search) -> None:
    """Show what can be done with a search now; belongs into a horizontal container."""
    if found.active:
        with st.popover("Stop", disabled=found.status == STOPPING, key="stop search"):
            st.button(
                "After the trials in training",
                on_click=_try,
                args=(search.stop, found.name, True),
                key="stop softly",
                width="stretch",
                help="Those that train go on to their end; no other one begins.",
            )
            st.button(
                "Now",
                on_click=_try,
                args=(search.stop, found.name),
                key="stop now",
                width="stretch",
                help="Those that train are stopped too, and go on where they were when the search goes on.",
            )
        return
    if found.can_go_on:
        st.button("Go on", type="primary", on_click=once(_try), args=(search.go_on, found.name), key="go on")
    elif found.status == FINISHED and found.config.sampler != "grid":
        _show_more(found)
    with st.popover("Delete", key="delete search"):
        n_runs = sum(trial.run_id is not None for trial in found.trials)
        with_runs = st.checkbox(f"Its {n_runs} runs too", key="delete runs", disabled=not n_runs)
        st.caption("They go to the trash of Runs." if with_runs else "Its runs stay among the others.")
        st.button("Delete the search", on_click=_try, args=(_delete, found.name, with_runs), key="really delete")


def _show_more(found: Search) -> None:
    with st.popover("More trials", key="more trials"):
        more = st.number_input("How many more", 1, MOST_TRIALS, 10, key="how many more")
        trials = found.config.trials + more
        st.button(
            "Go on", type="primary", on_click=once(_try), args=(search.go_on, found.name, trials), key="go on with more"
        )


def show_refusal() -> None:
    """Say why what was asked for last could not be done."""
    refusal = st.session_state.pop(_REFUSED, None)
    if refusal:
        st.error(refusal)


def _delete(name: str, with_runs: bool) -> None:
    search.delete_search(name, with_runs)


def _try(act: Callable[..., None], *arguments: Any) -> None:
    try:
        act(*arguments)
    except FmnistError as error:
        st.session_state[_REFUSED] = str(error)
