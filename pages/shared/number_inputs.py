"""Inputs for settings that are numbers, some of which may be left empty."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from fmnist_core.config import TrainingConfig


@dataclass(frozen=True)
class Number:
    """An input for a number: its label, its line of help, and how far a click moves it.

    Where `empty` is a text, the number may be left out, and the text says what that means.
    """

    label: str
    help: str
    step: float = 1
    empty: str | None = None


def edit_numbers(start: TrainingConfig, numbers: dict[str, Number]) -> dict[str, Any]:
    """Show inputs for numbers in two columns, kept in the URL, and return what stands in them.

    Args:
        start: what the inputs are filled in with.
        numbers: by the names of settings.
    """
    settings: dict[str, Any] = {}
    columns = st.columns(2)
    for position, (name, number) in enumerate(numbers.items()):
        value, is_whole = getattr(start, name), isinstance(number.step, int)
        # A table may write 2 for 2.0; Streamlit wants value and step of one kind.
        value = value if is_whole or value is None else float(value)
        if number.empty:
            preset(name, value)
            value = None
        settings[name] = columns[position % 2].number_input(
            number.label,
            value=value,
            step=number.step,
            format=None if is_whole else "%.5g",
            key=name,
            placeholder=number.empty,
            help=f"{number.help} Empty: {number.empty}." if number.empty else number.help,
            bind="query-params",
        )
    return settings


def preset(name: str, value: float | None) -> None:
    """Fill an input once that the user may empty; its default has to be None, as any other would come back then.

    Args:
        name: its key, also in the URL, which wins.
        value: what to fill in.
    """
    if name not in st.session_state and name not in st.query_params:
        st.session_state[name] = value
