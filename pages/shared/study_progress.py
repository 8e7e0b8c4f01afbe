"""From a study that is asked for to its result: at once, or after a computation that can be watched."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from fmnist_core import jobs, runs, studies
from pages.shared import cache, waiting

# What takes less is begun without a click.
_QUICK_SECONDS = 6.0


def provide(
    run: runs.Run, study: str, settings: Mapping[str, Any] | None = None, invitation: str = "", prefix: str = ""
) -> studies.Arrays | None:
    """Return the result of a study of a run; else show how to get it, or how far it is, and return None.

    Args:
        run: it must have a network.
        study: key of `studies.STUDIES`.
        settings: of the study, such as JSON can hold.
        invitation: a sentence on what the study will show, above its button.
        prefix: tells its buttons from those of the same study elsewhere on the page.
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
        waiting.follow(request.pending, studies.STUDIES[study].title, partial(_cancel, request), prefix=prefix)
    elif not request.path.is_file():
        title, seconds = studies.STUDIES[study].title, studies.STUDIES[study].seconds
        text = invitation or f"**{title}** has not been computed for this run yet."
        waiting.offer(f"{text} It takes", seconds, progress, partial(_begin, request), key=prefix + request.key)
    else:  # it was finished in this very moment
        return cache.study(request)
    return None


def _begin(request: studies.Request) -> None:
    st.session_state.pop(_cancelled(request), None)
    jobs.submit_study(request)


def _cancel(request: studies.Request) -> None:
    # What is begun without a click must not begin anew at once.
    st.session_state[_cancelled(request)] = True
    request.pending.cancel()


def _cancelled(request: studies.Request) -> str:
    return f"cancelled {request.key}"
