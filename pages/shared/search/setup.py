"""Set up a search: what varies, how it is sampled, how long each training is, and how long it all takes."""

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st

from fmnist_core import runs, search
from fmnist_core.config import choose_items
from fmnist_core.errors import FmnistError
from fmnist_core.progress import say_duration
from fmnist_core.search import Parameter, SearchConfig
from fmnist_core.search.config import MOST_TRIALS
from fmnist_core.search.estimates import ASSUMED, SAME, Estimate, estimate_search
from pages.shared import cache
from pages.shared.search.ranges import edit_parameters
from pages.shared.search.starts import EPOCHS, ITEMS, SAMPLER, TRIALS, Start, pick_start
from pages.shared.widgets import once, select

SHOWN = "search"
_REFUSED = "search that could not start"
_SAMPLERS = {"grid": "Grid", "random": "Random", "tpe": "Bayesian"}
_SAMPLER_WORDS = {
    "grid": "Every combination once. Thorough, but each further setting multiplies the work.",
    "random": "Each setting drawn at random: sooner good than a grid where only few settings matter.",
    "tpe": "Learns from the trials so far where good ones are likely, and looks there (TPE).",
}
_PRUNER_WORDS = {
    "none": "Every trial trains to its last epoch.",
    "median": "Stops a trial that is worse than the median of the others was at the same epoch.",
    "successive-halving": "Gives many trials few epochs, and only the better part of them more.",
    "hyperband": "Successive halving that tries several moments at which to judge.",
}
if set(_SAMPLERS) != set(search.SAMPLERS) or set(_PRUNER_WORDS) != set(search.PRUNERS):
    raise ValueError("Every sampler and every pruner needs a line of explanation.")


def show_setup() -> None:
    """Show what a search starts from, how long it will take, the button that starts it, and below all that it is."""
    start = pick_start()
    # Filled when the inputs are known, but above them: the button is what a first visitor looks for.
    offer = st.container()
    sampler = select(
        "Sampling",
        _SAMPLERS,
        default=start.sampler,
        key=SAMPLER,
        widget=st.segmented_control,
        required=True,
    )
    st.caption(_SAMPLER_WORDS[sampler])
    parameters, complaints = edit_parameters(start.key, start.parameters, sampler)
    settings = _edit_length(start, {parameter.name for parameter in parameters})
    limits = {"sampler": sampler, "trials": _edit_trials(start, parameters, sampler), **_edit_limits()}
    with offer:
        given = {"recipe": start.recipe.name, "parameters": parameters, "settings": settings, **limits}
        _offer(start, given, complaints)


def _offer(start: Start, given: dict[str, Any], complaints: list[str]) -> None:
    """Show how long a search takes and a button that starts it, or what is wrong with it."""
    config = None
    if not complaints:
        try:
            config = SearchConfig.from_dict({**given, "name": given["name"] or search.find_free_name(start.name)})
            _say_plan(config)
        except FmnistError as error:
            config, complaints = None, [str(error)]
    st.button(
        "Start the search",
        type="primary",
        width="stretch",
        disabled=config is None,
        on_click=once(_start),
        args=(config,),
        key="start the search",
    )
    refusal = st.session_state.pop(_REFUSED, None)
    for complaint in [*complaints, *([refusal] if refusal else [])]:
        st.error(complaint)


def _edit_length(start: Start, varied: set[str]) -> dict[str, Any]:
    """Let the user say how short the trainings are."""
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


def _edit_trials(start: Start, parameters: Sequence[Parameter], sampler: str) -> int:
    if sampler == "grid":
        # As many as there are cells; if those are too many, it will be said.
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


def _edit_limits() -> dict[str, Any]:
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


def _say_plan(config: SearchConfig) -> None:
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


def _start(config: SearchConfig) -> None:
    try:
        st.session_state[SHOWN] = search.start(config)
        # On a narrow page it is shown below what can be seen.
        st.toast(f"{config.name} has begun. It goes on when you leave this page.")
    except FmnistError as error:
        st.session_state[_REFUSED] = str(error)
