"""From a study that is asked for to its result: at once, or after a computation that can be watched."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from fmnist_core import jobs, pending, runs, studies
from fmnist_core.progress import say_duration
from pages.shared import cache

# What takes less is begun without a click.
_QUICK_SECONDS = 6.0


def provide(
    run: runs.Run, study: str, settings: Mapping[str, Any] | None = None, invitation: str = ""
) -> studies.Arrays | None:
    """Return the result of a study of a run; else show how to get it, or how far it is, and return None.

    Args:
        run: it must have a network.
        study: key of `studies.STUDIES`.
        settings: of the study, such as JSON can hold.
        invitation: a sentence on what the study will show, above its button.
    """
    request = studies.Request(run, study, settings or {})
    if request.path.is_file():
        found = cache.study(request)
        if found is not None:
            return found
        request.path.unlink(missing_ok=True)  # damaged: it can only be made anew
    progress = request.pending.load_progress()
    is_wanted = not st.session_state.get(_cancelled(request), False)
    if progress is None and is_wanted and studies.STUDIES[study].seconds <= _QUICK_SECONDS:
        jobs.submit_study(request)
        progress = request.pending.load_progress()
    if progress is not None and progress.active:
        st.fragment(_follow, run_every=0.5)(request)
    elif not request.path.is_file():
        _offer(request, progress, invitation)
    else:  # it was finished in this very moment
        return cache.study(request)
    return None


def _offer(request: studies.Request, progress: pending.Progress | None, invitation: str) -> None:
    study = studies.STUDIES[request.study]
    if progress is not None and progress.status == pending.FAILED:
        st.error(progress.sentence)
    elif progress is not None:
        st.warning("The computation was interrupted: its worker or the server ended.")
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        text = invitation or f"**{study.title}** has not been computed for this run yet."
        st.markdown(f"{text} It takes about {say_duration(study.seconds)}, and is then there for everybody.")
        st.button("Compute it", type="primary", on_click=_begin, args=(request,), key=f"compute {request.key}")


def _follow(request: studies.Request) -> None:
    progress = request.pending.load_progress()
    if progress is None or not progress.active:
        st.rerun()  # the whole page: the result is there, or the reason why not
    left = "" if progress.seconds_left is None else f", about {say_duration(progress.seconds_left)} left"
    with st.container(border=True):
        text = "Cancelling" if progress.cancelling else f"{progress.sentence}{left}"
        st.progress(progress.share, text=f"**{studies.STUDIES[request.study].title}**: {text}")
        st.button(
            "Cancel", on_click=_cancel, args=(request,), disabled=progress.cancelling, key=f"cancel {request.key}"
        )


def _begin(request: studies.Request) -> None:
    st.session_state.pop(_cancelled(request), None)
    jobs.submit_study(request)


def _cancel(request: studies.Request) -> None:
    # What is begun without a click must not begin anew at once.
    st.session_state[_cancelled(request)] = True
    request.pending.cancel()


def _cancelled(request: studies.Request) -> str:
    return f"cancelled {request.key}"
