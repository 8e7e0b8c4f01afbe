"""What a search is going to do, in a sentence: how many trainings, and how long they take."""

import streamlit as st

from fmnist_core import runs
from fmnist_core.config import choose_items
from fmnist_core.progress import say_duration
from fmnist_core.search import SearchConfig
from fmnist_core.search.estimates import ASSUMED, SAME, Estimate, estimate_search
from pages.shared import cache


def say_plan(config: SearchConfig) -> None:
    """Say how many trainings there will be, and how long they take.

    Raises:
        InvalidSettingError: if there are fewer items than a training asks for.
    """
    names = [parameter.name for parameter in config.parameters]
    for end in (0, -1):
        values = [parameter.ends[end] for parameter in config.parameters]
        _, training = config.find_training(dict(zip(names, values, strict=True)))
        available = len(choose_items(training, cache.dataset().labels).train)
    estimate = estimate_search(config, available, runs.list_runs().runs)
    seconds = estimate.seconds * config.planned
    most = "at most " if config.pruner != "none" else ""
    if config.seconds and config.seconds < seconds:
        most, seconds = "at most ", config.seconds + estimate.seconds
    cells = " × ".join(str(len(parameter.grid)) for parameter in config.parameters)
    product = f" ({cells})" if config.sampler == "grid" and len(config.parameters) > 1 else ""
    noun = "training" if config.planned == 1 else "trainings"
    about = most or "about "
    st.markdown(
        f"**{config.planned:,} {noun}**{product} of about {say_duration(estimate.seconds)} each: "
        f"**{about}{say_duration(seconds)}** of training",
        help=_say_source(estimate),
    )


def _say_source(estimate: Estimate) -> str:
    if estimate.source == ASSUMED:
        return "Nothing has been trained here yet; a common processor is assumed."
    several = f"{estimate.n_runs} {'run' if estimate.n_runs == 1 else 'runs'}"
    whose = "of this network" if estimate.source == SAME else "of other networks"
    return f"Judged by {several} {whose} here."
