"""Set up a search: what it starts from, what varies, how it is sampled; and start it."""

from typing import Any

import streamlit as st

from fmnist_core import search
from fmnist_core.errors import FmnistError
from fmnist_core.search import SearchConfig
from pages.shared.search import limits
from pages.shared.search.plan import say_plan
from pages.shared.search.ranges import edit_parameters
from pages.shared.search.starts import SAMPLER, Start, pick_start
from pages.shared.widgets import once, select

SHOWN = "search"
_REFUSED = "search that could not start"
_SAMPLERS = {"grid": "Grid", "random": "Random", "tpe": "Bayesian"}
_SAMPLER_WORDS = {
    "grid": "Every combination once. Thorough, but each further setting multiplies the work.",
    "random": "Each setting drawn at random: sooner good than a grid where only few settings matter.",
    "tpe": "Learns from the trials so far where good ones are likely, and looks there (TPE).",
}
if set(_SAMPLERS) != set(search.SAMPLERS):
    raise ValueError("Every sampler needs a line of explanation.")


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
    settings = limits.edit_length(start, {parameter.name for parameter in parameters})
    bounds = {"sampler": sampler, "trials": limits.edit_trials(start, parameters, sampler), **limits.edit_limits()}
    with offer:
        given = {"recipe": start.recipe.name, "parameters": parameters, "settings": settings, **bounds}
        _offer(start, given, complaints)


def _offer(start: Start, given: dict[str, Any], complaints: list[str]) -> None:
    """Show how long a search takes and a button that starts it, or what is wrong with it."""
    config = None
    if not complaints:
        try:
            config = SearchConfig.from_dict({**given, "name": given["name"] or search.find_free_name(start.name)})
            say_plan(config)
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


def _start(config: SearchConfig) -> None:
    try:
        st.session_state[SHOWN] = search.start(config)
        # On a narrow page it is shown below what can be seen.
        st.toast(f"{config.name} has begun. It goes on when you leave this page.")
    except FmnistError as error:
        st.session_state[_REFUSED] = str(error)
