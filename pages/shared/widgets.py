"""Inputs and outputs that more than one page shows, or that one page would drown in."""

import time
from collections.abc import Callable, Container, Mapping, Sequence
from functools import wraps
from typing import Any

import streamlit as st

from fmnist_core import runs
from fmnist_core.repeats import title_runs

_STATUS_COLORS = {
    runs.QUEUED: "gray",
    runs.RUNNING: "blue",
    runs.STOPPED: "orange",
    runs.FAILED: "red",
    runs.INTERRUPTED: "orange",
    runs.FINISHED: "green",
}

# Where the session keeps which page it shows.
PAGE = "page shown"
# … and which one before that run; another one than PAGE if the user has just come here.
PAGE_BEFORE = "page shown before"

# Calls of one callback that lie closer together than this come from one click, or from a double click.
_ONE_CLICK_SECONDS = 1.0

# How long an address may lag behind what the page has written into it.
_LATE_SECONDS = 2.0


def select(
    label: str,
    titles: Mapping[str, str],
    *,
    key: str,
    default: str | None = None,
    always_in_url: bool = False,
    widget: Callable[..., str] | None = None,
    **options: Any,
) -> str:
    """Show a select box whose choice stands in the URL by its key; Streamlit's own binding would write the title.

    Args:
        label: of the box.
        titles: the choices' keys with what the user reads.
        key: of the widget, and name of the query parameter.
        default: the key chosen at first, the first one if None.
        always_in_url: whether the default stands in the URL too, because it may be another one tomorrow.
        widget: what shows the choices, st.selectbox by default; st.segmented_control takes the same arguments.
        options: what else the widget takes.
    """
    default = next(iter(titles)) if default is None else default
    settle(key, titles, default)
    chosen = (widget or st.selectbox)(label, list(titles), format_func=titles.__getitem__, key=key, **options)
    if chosen != st.session_state.get(_written(key)):
        st.session_state[_replaced(key)] = (st.query_params.get(key), time.monotonic())
    st.session_state[_written(key)] = chosen
    if chosen != default or always_in_url:
        st.query_params[key] = chosen
    elif key in st.query_params:
        del st.query_params[key]
    return chosen


def settle(key: str, choices: Container[str], default: str) -> str:
    """Return what a select box of this key is going to show, and have it show that.

    Args:
        key: of the box, and name of the query parameter.
        choices: what can be chosen.
        default: what to show if neither a link nor the user has named one of these.
    """
    asked = st.query_params.get(key)
    replaced, moment = st.session_state.get(_replaced(key), (None, 0.0))
    # A click at the moment when the choice changed still comes with the address from before.
    is_late = asked == replaced and time.monotonic() - moment < _LATE_SECONDS
    is_new = asked != st.session_state.get(_written(key)) and not is_late
    # What a box of the same key on another page shows is in the session for a moment, and is not what this one will.
    arrives = st.session_state.get(_shown_on(key)) != st.session_state.get(PAGE)
    st.session_state[_shown_on(key)] = st.session_state.get(PAGE)
    if asked in choices and (is_new or arrives):
        # A link brought it; what the user chose here earlier gives way.
        st.session_state[key] = asked
    if st.session_state.get(key) not in choices:
        st.session_state[key] = default
    return st.session_state[key]


def _written(key: str) -> str:
    return f"{key} in the URL"


def _shown_on(key: str) -> str:
    return f"{key} shown on"


def _replaced(key: str) -> str:
    return f"{key} that was in the URL"


def once(callback: Callable[..., None]) -> Callable[..., None]:
    """Have a callback that starts something do so once where two calls come from one click.

    Streamlit 1.67 on a busy machine now and then makes two of one, and a user who clicks twice means one as well.
    """
    # Taken out now: where a callback touches the session's state, another request may end it.
    moments = st.session_state.setdefault("moments of calls", {})
    name = f"{callback.__module__}.{callback.__qualname__}"

    @wraps(callback)
    def call(*arguments: Any) -> None:
        if time.monotonic() - moments.get(name, -_ONE_CLICK_SECONDS) < _ONE_CLICK_SECONDS:
            return
        try:
            callback(*arguments)
        finally:
            # From its end on, since the second call waits for it.
            moments[name] = time.monotonic()

    return call


def pick_run(choices: Sequence[runs.Run], label: str = "Run", default: str | None = None) -> runs.Run:
    """Let the user choose one of at least one run; at first the one with the ID `default`, else the first one."""
    chosen = select(label, title_runs(choices), key="run", default=default, always_in_url=True)
    return next(run for run in choices if run.run_id == chosen)


def show_status(run: runs.Run) -> None:
    """Show a run's status as a badge."""
    st.badge("stopping" if run.stopping else "paused" if run.paused else run.status, color=_STATUS_COLORS[run.status])


def ink() -> str:
    """Return the colour of text in the theme that this visitor sees, for charts that must set it themselves."""
    return "#eeebe6" if st.context.theme.type == "dark" else "#221d1a"


def turn_pages(pages: int, *, key: str) -> int:
    """Show buttons that turn pages and return the page to show, 1 to `pages`."""
    st.session_state[key] = min(max(st.session_state.get(key, 1), 1), pages)
    page = st.session_state[key]
    if pages == 1:
        return page
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button("‹", key=f"{key}-back", help="Previous", disabled=page <= 1, on_click=_turn, args=(key, -1))
        st.markdown(f"{page:,} of {pages:,}", width="content")
        st.button("›", key=f"{key}-on", help="Next", disabled=page >= pages, on_click=_turn, args=(key, 1))
    return page


def _turn(key: str, step: int) -> None:
    st.session_state[key] += step
