"""Watch a search: how far it is, the best so far, and what can be done with it."""

import streamlit as st

from fmnist_core import search
from fmnist_core.errors import FmnistError, SearchNotFoundError
from fmnist_core.progress import say_duration
from fmnist_core.search import Search
from fmnist_core.search.presence import FINISHED, INTERRUPTED, RUNNING, STOPPED, STOPPING
from pages.shared import components
from pages.shared.search import charts, outside
from pages.shared.search.best import show_best
from pages.shared.search.controls import show_controls, show_refusal
from pages.shared.search.wording import title_search
from pages.shared.widgets import select

_MINUTES_FROM = 120
_COLORS = {RUNNING: "blue", STOPPING: "orange", STOPPED: "orange", INTERRUPTED: "orange", FINISHED: "green"}


def show_searches() -> None:
    """Let the user choose a search, and show it; it follows while somebody drives it, whoever started it."""
    try:
        listing = search.list_searches()
    except FmnistError as error:
        st.error(str(error))
        return
    if listing.unreadable:
        with st.popover(f"{len(listing.unreadable)} cannot be read", type="tertiary"):
            for sentence in listing.unreadable.values():
                st.markdown(f"- {sentence}")
    if not listing.searches:
        _invite()
        return
    titles = {found.name: title_search(found) for found in listing.searches}
    chosen = select("Search", titles, key="search", always_in_url=True)
    active = next(found.active for found in listing.searches if found.name == chosen)
    with st.container(key="search-results"):
        st.fragment(_follow, run_every=2.0 if active else None)(chosen, active)
    outside.show_outside(chosen)


def _invite() -> None:
    st.markdown(
        "#### Let the machine try settings for you\n"
        "A search trains the same network again and again, each time with other settings: a *trial*. "
        "You say what may vary; what you get is the best settings, and a picture of what matters.\n\n"
        "Nobody has searched here yet. **Press Start the search**: the first look compares four learning rates with "
        "three batch sizes, and its table of colours fills while you watch."
    )
    st.caption(
        "All trials are judged by their validation accuracy; the test items stay out of it. "
        "Each trial is an ordinary run, and can be looked at as any other."
    )


def _follow(name: str, was_active: bool) -> None:
    try:
        found = search.state(name)
    except SearchNotFoundError:  # somebody has deleted it
        st.rerun()
    if was_active != found.active:
        st.rerun()  # the whole page, so that polling ends or begins
    show_refusal()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(found.status, color=_COLORS[found.status])
        st.markdown(f"**{found.config.recipe}**", width="content")
        with st.container(horizontal=True, width="content", gap="small"):
            show_controls(found)
    planned = max(found.config.planned, 1)
    # Always there, so that nothing moves when the search ends.
    st.progress(1.0 if found.status == FINISHED else min(found.done / planned, 1.0), text=_say_state(found))
    if found.status == INTERRUPTED:
        reason = found.error or "Its driver or the server ended."
        st.warning(f"This search was interrupted: {reason} Press Go on; what has been trained is kept.")
    show_best(found)
    charts.show_charts(found)
    if found.active:
        left = "" if found.seconds_left is None else f" · {_say_roughly(found.seconds_left)} left"
        components.tab_title(f"{found.done}/{planned}{left}", "Search")


def _say_state(found: Search) -> str:
    counts = f"{found.done} of {found.config.planned} trials"
    if not found.active:
        return f"{counts}, {found.epochs:,} epochs in {say_duration(found.seconds)}"
    if found.status == STOPPING:
        return f"{counts}; stopping"
    if found.seconds_left is None:
        return f"{counts}; preparing the first" if not found.done else counts
    return f"{counts}, about {_say_roughly(found.seconds_left)} left"


def _say_roughly(seconds: float) -> str:
    """Say a duration as exactly as it is known: a number of seconds that changes at every look tells nothing."""
    return say_duration(seconds) if seconds < _MINUTES_FROM else f"{seconds / 60:.0f} min"
