"""What happens to runs on a click: labels, the trash and back, side by side; and the news of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from fmnist_core import runs
from fmnist_core.errors import FmnistError
from fmnist_core.run_comparison import FEWEST, MOST
from fmnist_core.runs import Labels, Run

# Names of query parameters: the tab, the run whose details are shown.
VIEW, CHOSEN = "view", "run"
# Counts how often the ticks of the table had to be forgotten.
FORGET = "ticks forgotten"
_DELETED, _NEWS, _REFUSAL = "runs just deleted", "news of runs", "why runs stay as they are"


def show_news() -> None:
    """Say what the last click did, and offer to undo a deletion."""
    if refusal := st.session_state.pop(_REFUSAL, None):
        st.error(refusal)
    if news := st.session_state.pop(_NEWS, None):
        st.toast(news)
    deleted: dict[str, str] = st.session_state.get(_DELETED, {})
    if deleted:
        what = f"“{next(iter(deleted.values()))}” was" if len(deleted) == 1 else f"{len(deleted)} runs were"
        with st.container(border=True, horizontal=True, vertical_alignment="center", key="deleted"):
            st.text(f"{what} moved to the trash.", width="stretch")
            st.button("Undo", type="primary", key="undo", on_click=_undo, args=(list(deleted),))
            st.button(
                "✕", key="undo-not", help="Leave it in the trash", on_click=st.session_state.pop, args=(_DELETED,)
            )


def attempt(do: Callable[..., Any], *arguments: Any, news: str | None = None) -> None:
    """Do something to runs, for a callback: what cannot be done is said on the page."""
    try:
        do(*arguments)
    except FmnistError as error:
        st.session_state[_REFUSAL] = str(error)
    else:
        st.session_state[_NEWS] = news


def forget_choice() -> None:
    """Have no run chosen, for a callback."""
    st.session_state[FORGET] = st.session_state.get(FORGET, 0) + 1
    st.query_params.pop(CHOSEN, None)


def delete(chosen: Sequence[Run]) -> None:
    """Move runs to the trash, for a callback."""
    st.session_state[_DELETED] = {}
    forget_choice()
    attempt(_delete_all, chosen)


def show_actions(chosen: Sequence[Run]) -> None:
    """Offer what can be done with several runs."""
    ids = [run.run_id for run in chosen]
    own = [run for run in chosen if not run.shipped]
    ended = [run for run in own if not run.active]
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="several"):
        st.markdown(f"**{len(chosen)} runs**", width="content")
        st.button(
            "Compare these",
            type="primary",
            key="compare-these",
            disabled=not FEWEST <= len(ids) <= MOST,
            on_click=_compare,
            args=(ids,),
            help=f"Side by side: curves, settings, results. {FEWEST} to {MOST} runs.",
        )
        st.button(
            "Put aside",
            key="archive-these",
            disabled=not own,
            on_click=_archive,
            args=(own,),
            help="Leave them out of the table until the filter asks for them. Those that came with the lab stay.",
        )
        st.button(
            f"Delete {len(ended)}" if len(ended) < len(chosen) else "Delete",
            key="delete-these",
            disabled=not ended,
            on_click=delete,
            args=(ended,),
            help="Move them to the trash. Runs that wait or train must be stopped first; those of the lab stay.",
        )


def _compare(ids: Sequence[str]) -> None:
    st.session_state[VIEW] = "Compare"
    st.query_params["compare"] = ",".join(ids)


def _archive(chosen: Sequence[Run]) -> None:
    forget_choice()
    attempt(_label_all, chosen, news=f"{len(chosen)} runs were put aside.")


def _label_all(chosen: Sequence[Run]) -> None:
    for run in chosen:
        runs.save_labels(run, replace(run.labels, archived=True))


def save(run: Run, labels: dict[str, Any]) -> None:
    """Keep what a form says of a run."""
    attempt(lambda: runs.save_labels(run, Labels.from_dict(labels)), news="Saved.")


def _delete_all(chosen: Sequence[Run]) -> None:
    for run in chosen:
        runs.delete_run(runs.load_run(run.run_id))
        st.session_state[_DELETED][run.run_id] = run.title


def _undo(ids: Sequence[str]) -> None:
    st.session_state.pop(_DELETED, None)
    attempt(lambda: [runs.restore_run(run_id) for run_id in ids], news="Back again.")
