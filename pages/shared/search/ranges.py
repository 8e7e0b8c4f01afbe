"""What a search varies, a line for each setting: a range, the values of a grid, or choices."""

from collections.abc import Sequence

import streamlit as st

from fmnist_core.errors import InvalidSettingError
from fmnist_core.figures.search_scales import say_value
from fmnist_core.recipes import load_own_recipes, load_recipes
from fmnist_core.search import VARIABLES, Parameter
from fmnist_core.search.parameters import CHOICE, INT, MOST_VALUES, RECIPE, Value
from fmnist_core.search.reading import read_values

_KEPT = {"persist_state": "session"}
_MOST_VARIED = 10
_INPUT_WIDTH = 98


def edit_parameters(start: str, given: Sequence[Parameter], sampler: str) -> tuple[tuple[Parameter, ...], list[str]]:
    """Let the user choose what varies and how far; return that, and what is wrong with it in sentences.

    Args:
        start: tells the inputs of one start from those of another.
        given: what they are filled in with.
        sampler: key of `search.SAMPLERS`; a grid needs values, the others a range.
    """
    known = {parameter.name: parameter for parameter in given}
    names = st.multiselect(
        "Vary",
        list(VARIABLES),
        default=list(known),
        format_func=lambda name: VARIABLES[name].title,
        key=f"vary {start}",
        max_selections=_MOST_VARIED,
        placeholder="Choose settings",
        wrap=True,
        help="What differs from trial to trial; everything else stays as the recipe has it.",
        **_KEPT,
    )
    found, complaints = [], []
    for name in names:
        try:
            found.append(_edit(known.get(name) or _find_usual(name), sampler, f"{start} {name}"))
        except InvalidSettingError as error:
            complaints.append(str(error))
    if not names:
        complaints.append("A search must vary at least one setting. Received: none.")
    if sampler != "grid" and any(parameter.kind != CHOICE for parameter in found):
        st.caption("With log, equal factors are equally likely: as many trials from 0.001 to 0.01 as from 0.01 to 0.1.")
    return tuple(found), complaints


def _find_usual(name: str) -> Parameter:
    if name == RECIPE:
        return Parameter(RECIPE, CHOICE, choices=("threads/model-3", "threads/model-1"))
    return Parameter.usual(name)


def _edit(parameter: Parameter, sampler: str, key: str) -> Parameter:
    if parameter.kind == CHOICE:
        return _edit_choices(parameter, key)
    return _edit_values(parameter, key) if sampler == "grid" else _edit_range(parameter, key)


def _edit_choices(parameter: Parameter, key: str) -> Parameter:
    chosen = st.multiselect(
        parameter.title,
        _offer(parameter.name),
        default=list(parameter.choices),
        format_func=str if parameter.name == RECIPE else say_value,
        key=f"{key} choices",
        max_selections=MOST_VALUES,
        placeholder="Choose at least one",
        wrap=True,
        **_KEPT,
    )
    return Parameter(parameter.name, CHOICE, choices=tuple(chosen))


def _offer(name: str) -> list[Value]:
    if name != RECIPE:
        return list(VARIABLES[name].choices)
    every = load_recipes() | load_own_recipes()
    return [key for key, recipe in every.items() if not recipe.config.is_baseline]


def _edit_values(parameter: Parameter, key: str) -> Parameter:
    text = st.text_input(
        parameter.title,
        ", ".join(f"{value:.4g}" if isinstance(value, float) else str(value) for value in parameter.grid),
        key=f"{key} values",
        max_chars=500,
        help="The values of the grid, with commas between.",
        **_KEPT,
    )
    return read_values(parameter.name, text or "")


def _edit_range(parameter: Parameter, key: str) -> Parameter:
    is_whole = parameter.kind == INT
    cast = int if is_whole else float
    options = {
        "step": 1 if is_whole else 0.01,
        "format": None if is_whole else "%.5g",
        "label_visibility": "collapsed",
        "width": _INPUT_WIDTH,
        **_KEPT,
    }
    title = parameter.title
    with st.container(gap=None):
        st.markdown(f":small[{title}]")
        # Not in columns, which a narrow page would lay below each other.
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            low = st.number_input(f"{title} from", value=cast(parameter.low or 0), key=f"{key} low", **options)
            high = st.number_input(f"{title} to", value=cast(parameter.high or 0), key=f"{key} high", **options)
            log = st.checkbox("log", parameter.log, key=f"{key} log", **_KEPT)
    return Parameter(parameter.name, parameter.kind, low, high, log)
