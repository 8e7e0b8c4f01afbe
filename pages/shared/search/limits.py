"""How much a search does: how long each training is, how many there are, and what ends them early."""

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st

from fmnist_core import search
from fmnist_core.search import Parameter
from fmnist_core.search.config import MOST_TRIALS
from pages.shared.search.starts import EPOCHS, ITEMS, TRIALS, Start

_PRUNER_WORDS = {
    "none": "Every trial trains to its last epoch.",
    "median": "Stops a trial that is worse than the median of the others was at the same epoch.",
    "successive-halving": "Gives many trials few epochs, and only the better part of them more.",
    "hyperband": "Successive halving that tries several moments at which to judge.",
}
if set(_PRUNER_WORDS) != set(search.PRUNERS):
    raise ValueError("Every pruner needs a line of explanation.")


def edit_length(start: Start, varied: set[str]) -> dict[str, Any]:
    """Let the user say how short the trainings are, and return what they then have instead of the recipe's settings.

    Args:
        start: what the search starts from.
        varied: names of the settings that vary, and so cannot be said here.
    """
    left, right = st.columns([1, 1.35])
    epochs = left.number_input(
        "Epochs each",
        value=None,
        step=1,
        key=EPOCHS,
        bind="query-params",
        disabled="epochs" in varied,
        placeholder="the recipe's",
        help=f"Of each training. The recipe has {start.recipe.config.epochs}; empty means as many.",
    )
    items = right.number_input(
        "Training items",
        value=None,
        step=1,
        key=ITEMS,
        bind="query-params",
        disabled="subset" in varied,
        placeholder="all",
        help="That each training sees. Fewer are quicker, and favour settings that learn quickly; empty means all.",
    )
    settings = {"epochs": epochs, "subset": items}
    return {name: value for name, value in settings.items() if value is not None and name not in varied}


def edit_trials(start: Start, parameters: Sequence[Parameter], sampler: str) -> int:
    """Let the user say how many trials there are, and return it; of a grid, as many as it has cells."""
    if sampler == "grid":
        # If those are too many, it will be said.
        return min(max(math.prod(len(parameter.grid) for parameter in parameters), 1), MOST_TRIALS)
    return (
        st.number_input(
            "Trials",
            value=start.trials,
            step=1,
            key=TRIALS,
            bind="query-params",
            help="How many trainings there are.",
        )
        or 0
    )


def edit_limits() -> dict[str, Any]:
    """Let the user say what ends a trial or the search early, its name and its seed; return these by their names."""
    with st.expander("Limits, pruning, name"):
        pruner = st.selectbox(
            "Pruning",
            list(search.PRUNERS),
            format_func=search.PRUNERS.__getitem__,
            key="pruner",
            help="Ends trials early that look bad, so that the time goes to better ones.",
            persist_state="session",
        )
        st.caption(_PRUNER_WORDS[pruner])
        left, right = st.columns(2)
        minutes = left.number_input(
            "Minutes at most",
            value=None,
            step=5,
            key="search minutes",
            placeholder="no limit",
            help="No trial begins after that.",
            persist_state="session",
        )
        budget = right.number_input(
            "Epochs at most",
            value=None,
            step=10,
            key="search budget",
            placeholder="no limit",
            help="That all trials may train together.",
            persist_state="session",
        )
        name = left.text_input(
            "Name",
            key="search name",
            max_chars=64,
            placeholder="as it starts from",
            help="Small letters, digits and dashes.",
            persist_state="session",
        )
        seed = right.number_input(
            "Seed", value=0, step=1, key="search seed", help="Decides what is drawn.", persist_state="session"
        )
    return {
        "pruner": pruner,
        "seconds": None if minutes is None else 60 * minutes,
        "budget": budget,
        "name": (name or "").strip(),
        "seed": seed or 0,
    }
