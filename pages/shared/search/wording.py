"""Searches and trials in words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fmnist_core.figures.search_scales import Scale, say_value
from fmnist_core.search import VARIABLES, Parameter, Search
from fmnist_core.search.parameters import CHOICE


def title_search(search: Search) -> str:
    """Return a search in a line: its name, when it was made, and the best so far."""
    moment = datetime.fromtimestamp(search.created)
    best = search.best
    reached = "" if best is None or best.value is None else f" · best {best.value:.1%}"
    return f"{search.name} · {moment:%d %b %H:%M}{reached}"


def title_parameter(name: str) -> str:
    """Return what a parameter is called, as short as it is clear."""
    return VARIABLES[name].title.partition(":")[0] if name in VARIABLES else name


def say_parameters(parameters: Mapping[str, Any], between: str = ", ") -> str:
    """Say the settings of a trial."""
    return between.join(f"{title_parameter(name)} {say_value(value)}" for name, value in parameters.items())


def scale_of(parameter: Parameter, as_choices: bool = False) -> Scale:
    """Return the axis of a parameter.

    Args:
        parameter: what varies.
        as_choices: whether the values of a grid get a place each, as choices always do.
    """
    choices = parameter.grid if as_choices or parameter.kind == CHOICE else None
    return Scale(parameter.name, title_parameter(parameter.name), parameter.log, choices)
