"""A pupil's part of a class: a link opens Train with the settings of a cell, and the run started there counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from fmnist_core import runs
from fmnist_core.classroom import Classroom, load_classroom
from fmnist_core.classroom_cells import NEXT, claim_cell, collect_surface, release_claim
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import ClassroomNotFoundError, FmnistError
from fmnist_core.figures.search_scales import say_value
from pages.shared import settings_form

CLASS, CELL = "class", "cell"
_TAKEN, _CLAIMED, _STARTED = "cell taken up", "cell claimed", "runs for the cell"


@dataclass(frozen=True)
class Place:
    """A cell of a class, which the page is about."""

    classroom: Classroom
    number: int

    @property
    def title(self) -> str:
        """The place in words: "Cell 5 of 12 of “Learning rate and batch size”"."""
        return f"Cell {self.number} of {self.classroom.size} of “{self.classroom.title}”"

    @property
    def settings(self) -> str:
        """The two settings in words: "learning rate 0.01, batch size 64"."""
        parameters = (self.classroom.rows, self.classroom.columns)
        values = self.classroom.find_values(self.number)
        told = (f"{one.title} {say_value(value)}" for one, value in zip(parameters, values, strict=True))
        return ", ".join(text[0].lower() + text[1:] for text in told)

    def mark(self, config: TrainingConfig) -> Mapping[str, Any] | None:
        """Return what marks a run as one of the cell; None if its settings are others."""
        return self.classroom.mark(self.number) if self.classroom.holds(self.number, config) else None


def receive() -> Place | None:
    """Take up the cell that a link names, and fill the form with it; for the top of the page, before the form."""
    name, cell = st.query_params.get(CLASS), st.query_params.get(CELL, NEXT)
    taken = st.session_state.get(_TAKEN)
    if name is None and taken is None:
        return None
    asked = taken if name is None else (name, cell)
    try:
        classroom = load_classroom(asked[0])
        if name is not None and asked == taken:
            return Place(classroom, int(asked[1]))
        return _take_up(classroom, str(asked[1]))
    except FmnistError as error:
        _forget()
        st.error(str(error))
        return None


def _take_up(classroom: Classroom, cell: str) -> Place:
    surface = collect_surface(classroom, runs.list_runs().runs)
    number = claim_cell(classroom, surface) if cell == NEXT else _read_number(cell, classroom)
    if cell == NEXT:
        st.session_state[_CLAIMED] = (classroom.name, number)
    earlier = surface.cells[number - 1]
    recipe, config = classroom.configure(number, later=len(earlier.finished) + len(earlier.active))
    # What else the address says, because its reader has changed it before, wins.
    settings_form.fill_from(config, recipe)
    st.session_state.repeats = 1
    st.query_params[CLASS], st.query_params[CELL] = classroom.name, str(number)
    if st.session_state.get(_TAKEN) != (classroom.name, str(number)):
        st.session_state[_STARTED] = []
    st.session_state[_TAKEN] = (classroom.name, str(number))
    return Place(classroom, number)


def _read_number(cell: str, classroom: Classroom) -> int:
    if not (cell.isascii() and cell.isdigit() and len(cell) < 5):
        raise ClassroomNotFoundError(
            f"`cell` must be a whole number from 1 to {classroom.size}, or {NEXT}. Received: {cell:.20}."
        )
    classroom.find_values(int(cell))
    return int(cell)


def show_banner(place: Place, config: TrainingConfig | None) -> None:
    """Say which cell the page is about, and whether what the form holds still belongs to it.

    Args:
        place: the cell.
        config: what the form holds; None if it breaks a rule.
    """
    started = st.session_state.get(_STARTED, [])
    holds = config is not None and place.mark(config) is not None
    with st.container(border=True, key="class banner", gap="small"):
        st.markdown(f"**{place.title}:** {place.settings}.")
        if config is not None and not holds:
            st.caption(
                ":orange[The form no longer holds the settings of this cell: a run that is started now is not counted.]"
            )
        elif started:
            st.caption("Your run counts in this cell. When it has ended, its accuracy stands on the surface.")
        else:
            st.caption("The form is filled in. Press **Start training**; the seed is the only thing you may change.")
        with st.container(horizontal=True, vertical_alignment="center"):
            if not holds:
                st.button("Back to its settings", key="class back", on_click=_refill)
            query = {"mode": "Class", CLASS: place.classroom.name}
            st.page_link("models/search.py", label="See the surface", icon="🏫", query_params=query)
            st.button("Leave the class", key="class leave", on_click=_leave, type="tertiary")


def note_start(place: Place, run_ids: list[str]) -> None:
    """Remember that runs have been started for the cell, which thereby is no longer held for somebody."""
    st.session_state[_STARTED] = [*st.session_state.get(_STARTED, []), *run_ids]
    _release(place.classroom, place.number)


def _refill() -> None:
    # The link is taken up anew.
    name, cell = st.session_state.pop(_TAKEN)
    st.query_params[CLASS], st.query_params[CELL] = name, cell


def _leave() -> None:
    name, cell = st.session_state[_TAKEN]
    try:
        _release(load_classroom(name), int(cell))
    except FmnistError:  # somebody has thrown the class away
        st.session_state.pop(_CLAIMED, None)
    _forget()


def _release(classroom: Classroom, number: int) -> None:
    if st.session_state.get(_CLAIMED) == (classroom.name, number):
        del st.session_state[_CLAIMED]
        release_claim(classroom, number)


def _forget() -> None:
    st.session_state.pop(_TAKEN, None)
    for name in (CLASS, CELL):
        st.query_params.pop(name, None)
