"""Computations that take longer than a click may: how they are offered, and followed while somebody waits."""

from collections.abc import Callable

import streamlit as st

from fmnist_core.pending import FAILED, Pending, Progress
from fmnist_core.progress import say_duration


def offer(text: str, seconds: float, progress: Progress | None, begin: Callable[[], None], *, key: str) -> None:
    """Show a button that begins a computation, and why the last attempt came to nothing, if there was one.

    Args:
        text: what is to be computed, up to "it takes".
        seconds: how long it takes, roughly.
        progress: how far it is; it is not active.
        begin: called before the page runs again.
        key: what the button is kept by.
    """
    if progress is not None and progress.status == FAILED:
        st.error(progress.sentence)
    elif progress is not None:
        st.warning("The computation was interrupted: its worker or the server ended.")
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"{text} about {say_duration(seconds)}, and is then there for everybody.")
        st.button("Compute it", type="primary", on_click=begin, key=f"compute {key}")


def follow(pending: Pending, title: str, cancel: Callable[[], None], *, prefix: str = "") -> None:
    """Show how far a computation is, until it ends; then the whole page runs again.

    Args:
        pending: what is computed.
        title: what it is called.
        cancel: called when the user has had enough of it.
        prefix: tells its button from that of the same computation elsewhere on the page.
    """
    st.fragment(_follow, run_every=0.5)(pending, title, cancel, prefix)


def _follow(pending: Pending, title: str, cancel: Callable[[], None], prefix: str) -> None:
    progress = pending.load_progress()
    if progress is None or not progress.active:
        st.rerun()  # the whole page: the result is there, or the reason why not
    left = "" if progress.seconds_left is None else f", about {say_duration(progress.seconds_left)} left"
    with st.container(border=True):
        text = "Cancelling" if progress.cancelling else f"{progress.sentence}{left}"
        st.progress(progress.share, text=f"**{title}**: {text}")
        st.button("Cancel", on_click=cancel, disabled=progress.cancelling, key=f"cancel {prefix}{pending.key}")
