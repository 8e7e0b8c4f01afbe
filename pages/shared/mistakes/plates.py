"""Items as two of the papers show them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import evaluation, run_data
from pages.shared import cache, item_pictures, widgets
from pages.shared.mistakes.cards import name_places
from pages.shared.mistakes.closer import look_closer

_DRAW = "draw"
# "mcnn" takes its sample from the first thousand items of its test part.
_SAMPLED = 1_000

_Find = Callable[[run_data.Predictions], NDArray[np.int64]]


@dataclass(frozen=True)
class _Plate:
    title: str
    explanation: str
    form: str
    find: _Find


_BARS = (
    "Beside each its ten probabilities, numbered as the classes are; below what it was called, how surely, and in "
    "brackets what it is. Blue is right, red is wrong."
)
_PLATES = {
    "first": _Plate(
        "First 25 items (Fitch)",
        f"The first 25 items of the test part, as in figure 9 of fitch. {_BARS}",
        "fitch",
        lambda answers: evaluation.find_first(answers.labels, answers.probabilities)[:25],
    ),
    "mistakes": _Plate(
        "First 25 mistakes (Fitch)",
        f"The first 25 items of the test part that were called wrongly, as in figure 10 of fitch. {_BARS}",
        "fitch",
        lambda answers: evaluation.find_first_mistakes(answers.labels, answers.probabilities)[:25],
    ),
    "random": _Plate(
        "60 at random (MCNN)",
        "Sixty of the first 1,000 test items, drawn at random as in figure 16 of mcnn: class and number of what each "
        "is and of what it was taken for.",
        "mcnn",
        lambda answers: evaluation.draw_positions(min(len(answers.items), _SAMPLED), 60, _read_draw()),
    ),
}


def show_plates(answers: run_data.Predictions) -> None:
    """Let the user choose one of the papers' pictures, and show it with these answers."""
    titles = {key: plate.title for key, plate in _PLATES.items()}
    options = {"widget": st.segmented_control, "required": True, "label_visibility": "collapsed"}
    plate = widgets.select("Which picture", titles, key="plate", **options)
    chosen = _PLATES[plate]
    st.caption(chosen.explanation)
    if plate == "random":
        st.button("Draw others", on_click=_draw_others, key="draw others")
    found = chosen.find(answers)
    if len(found) == 0:
        st.info("There is no such item.")
        return
    item_pictures.plates(
        cache.dataset().images[answers.items[found]],
        answers.labels[found],
        answers.probabilities[found],
        name_places(answers, found),
        key=f"plates-{plate}",
        form=chosen.form,
        label=chosen.title,
        on_pick=lambda place: look_closer(int(answers.items[found[place]])),
    )


def _read_draw() -> int:
    asked = st.query_params.get(_DRAW, "0")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= 6 else 0


def _draw_others() -> None:
    st.query_params[_DRAW] = str(_read_draw() + 1)
