"""The form of a new class: a recipe, two settings with their values, and how short each training is."""

from typing import Any

import streamlit as st

from fmnist_core import runs
from fmnist_core.classroom import MOST_VALUES, READY, Classroom, list_classrooms, make_classroom, save_classroom
from fmnist_core.config import choose_items
from fmnist_core.errors import FmnistError, InvalidSettingError
from fmnist_core.figures.search_scales import say_value
from fmnist_core.networks import LONGEST_NAME, make_slug
from fmnist_core.progress import say_duration
from fmnist_core.recipes import load_own_recipes, load_recipes
from fmnist_core.search import VARIABLES, Parameter
from fmnist_core.search.estimates import estimate_training
from fmnist_core.search.parameters import CHOICE, RECIPE
from fmnist_core.search.reading import read_values
from pages.shared import cache
from pages.shared.search.classroom_pupil import CLASS
from pages.shared.settings_form import DEFAULT_RECIPE
from pages.shared.widgets import once, select

_FROM, _TITLE, _EPOCHS, _ITEMS = "class_from", "class title", "class epochs", "class items"
_SETTING = {"rows": "class rows", "columns": "class columns"}
_AXES = {name: variable.title for name, variable in VARIABLES.items() if name != RECIPE}
_REFUSED = "class that was not made"
_KEPT: dict[str, Any] = {"persist_state": "session"}


def show_setup() -> None:
    """Show the form, and make the class on a click."""
    st.caption(
        "Two settings make a grid. Each pupil gets a link to a cell, trains it with one click, and the surface fills: "
        "a search that the whole class does together."
    )
    titles = {key: title for key, (title, *_) in READY.items()}
    ready = select(
        "Start from", titles, key=_FROM, on_change=_fill, help="Fills in the two settings; change them below."
    )
    for key, value in _find_start(ready).items():
        st.session_state.setdefault(key, value)
    left, right = st.columns(2, gap="large")
    with left:
        title = st.text_input("Name of the class", key=_TITLE, max_chars=LONGEST_NAME, **_KEPT)
        recipes = {**load_recipes(), **load_own_recipes()}
        names = {name: recipe.title for name, recipe in recipes.items() if not recipe.config.is_baseline}
        titles = {name: f"{name.partition('/')[0]}: {title}" for name, title in names.items()}
        recipe = select("Network", titles, default=DEFAULT_RECIPE, key="class_recipe")
        epochs, items = st.columns(2)
        settings = {
            "epochs": epochs.number_input("Epochs", 1, 1000, key=_EPOCHS, disabled=_varies("epochs"), **_KEPT),
            "subset": items.number_input("Training items", 1, 70_000, key=_ITEMS, disabled=_varies("subset"), **_KEPT),
        }
    with right:
        complaints: list[str] = []
        parameters = [_edit_axis(axis, ready, complaints) for axis in _SETTING]
    classroom = None
    if not complaints:
        classroom = _make(title, recipe, parameters, settings, complaints)
    for complaint in complaints:
        st.error(complaint)
    if refusal := st.session_state.pop(_REFUSED, None):
        st.error(refusal)
    if classroom:
        st.caption(_say_plan(classroom))
    st.button(
        "Make the class",
        type="primary",
        key="class make",
        disabled=classroom is None,
        on_click=once(_save),
        args=(classroom,),
    )


def _find_start(ready: str) -> dict[str, Any]:
    title, rows, columns = READY[ready]
    known = list_classrooms().classrooms
    number = next(number for number in range(1, len(known) + 2) if make_slug(_count(title, number)) not in known)
    return {
        _TITLE: _count(title, number),
        _EPOCHS: 2,
        _ITEMS: 2_000,
        _SETTING["rows"]: rows.name,
        _SETTING["columns"]: columns.name,
    }


def _count(title: str, number: int) -> str:
    return title if number == 1 else f"{title} {number}"


def _fill() -> None:
    st.session_state.update(_find_start(st.session_state[_FROM]))


def _varies(name: str) -> bool:
    return name in (st.session_state.get(key) for key in _SETTING.values())


def _edit_axis(axis: str, ready: str, complaints: list[str]) -> Parameter | None:
    """Let the user choose a setting and its values; what is wrong with them goes to the complaints."""
    label = axis.capitalize()
    name = st.selectbox(label, list(_AXES), format_func=_AXES.__getitem__, key=_SETTING[axis], **_KEPT)
    usual = next((one for one in READY[ready][1:] if one.name == name), None) or Parameter.usual(name)
    key = f"class {axis} {ready} {name}"
    try:
        if VARIABLES[name].kind == CHOICE:
            return Parameter(name, CHOICE, choices=tuple(_choose(axis, key, name, usual)))
        text = st.text_input(
            f"Values of the {axis}",
            ", ".join(say_value(value) for value in usual.grid),
            key=key,
            help=f"2 to {MOST_VALUES} numbers with commas between.",
            **_KEPT,
        )
        return read_values(name, text)
    except InvalidSettingError as error:
        complaints.append(str(error))
        return None


def _choose(axis: str, key: str, name: str, usual: Parameter) -> list[Any]:
    return st.multiselect(
        f"Values of the {axis}",
        list(VARIABLES[name].choices),
        default=list(usual.choices)[:MOST_VALUES],
        format_func=say_value,
        key=key,
        max_selections=MOST_VALUES,
        **_KEPT,
    )


def _make(
    title: str, recipe: str, parameters: list[Parameter | None], settings: dict[str, Any], complaints: list[str]
) -> Classroom | None:
    rows, columns = parameters
    if rows is None or columns is None:
        return None
    settings = {name: value for name, value in settings.items() if name not in (rows.name, columns.name)}
    try:
        if rows.name == columns.name:
            raise InvalidSettingError(f"Rows and columns must be different settings. Received: {rows.title} twice.")
        classroom = make_classroom(title.strip(), recipe, rows, columns, **settings)
        for number in range(1, classroom.size + 1):
            choose_items(classroom.configure(number)[1], cache.dataset().labels)
    except InvalidSettingError as error:
        complaints.append(str(error))
        return None
    return classroom


def _say_plan(classroom: Classroom) -> str:
    known = runs.list_runs().runs
    seconds = 0.0
    for number in range(1, classroom.size + 1):
        config = classroom.configure(number)[1]
        seconds += estimate_training(config, len(choose_items(config, cache.dataset().labels).train), known).seconds
    each = say_duration(seconds / classroom.size)
    return (
        f"{classroom.size} cells, each about {each} of training; on this machine one after the other about "
        f"{say_duration(seconds)}."
    )


def _save(classroom: Classroom) -> None:
    try:
        name = save_classroom(classroom)
    except FmnistError as error:
        st.session_state[_REFUSED] = str(error)
        return
    st.session_state.pop(_TITLE, None)
    st.session_state[CLASS] = name
    st.query_params[CLASS] = name
