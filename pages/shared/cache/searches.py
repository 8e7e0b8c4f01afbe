"""What was worked out of searches."""

from collections.abc import Mapping

import streamlit as st

from fmnist_core.search import Search, compute_importance


def importance(search: Search) -> Mapping[str, float]:
    """Return how much each parameter mattered, worked out again when another trial has ended.

    Raises:
        FmnistError: if too few trials are complete, or all have the same value.
    """
    return _importance(search.name, search.created, search.done, search)


@st.cache_resource(show_spinner=False, max_entries=64)
def _importance(name: str, created: float, done: int, _search: Search) -> Mapping[str, float]:
    return compute_importance(_search)
