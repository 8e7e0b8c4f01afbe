"""A class as the search: the surface of a class, which fills while its pupils train, and what to hand to them."""

from typing import Any

import numpy as np
import streamlit as st

from fmnist_core import runs
from fmnist_core.classroom import Classroom, delete_classroom, list_classrooms
from fmnist_core.classroom_cells import (
    MEASURES,
    Cell,
    Surface,
    average_cells,
    collect_surface,
    find_best,
    write_cell,
)
from fmnist_core.errors import ClassroomNotFoundError, FmnistError
from fmnist_core.figures.classroom import plot_classroom
from fmnist_core.figures.search_scales import say_value
from fmnist_core.progress import compute_progress
from fmnist_core.repeats import Spread
from pages.shared import cache
from pages.shared.search import classroom_links, classroom_setup
from pages.shared.search.classroom_pupil import CLASS
from pages.shared.widgets import ink, select

_NEW = "_new"  # no class is called that
# How often the surface is looked at: while somebody trains, and while cells are free.
_SECONDS, _SECONDS_IDLE = 2.0, 5.0
_DELETE_FAILED = "why the class is still there"


def show_classroom() -> None:
    """Show a class, or the form of a new one; which one stands in the URL."""
    listing = list_classrooms()
    titles = {name: classroom.title for name, classroom in listing.classrooms.items()}
    asked = st.query_params.get(CLASS)
    if asked and asked not in titles and asked != _NEW:
        st.warning(listing.unreadable.get(asked, f"There is no class called “{asked:.60}” in this lab."))
    if refusal := st.session_state.pop(_DELETE_FAILED, None):
        st.error(refusal)
    if not titles:
        classroom_setup.show_setup()
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = select("Class", {**titles, _NEW: "New class"}, key=CLASS, always_in_url=True, width=340)
        if chosen != _NEW:
            with st.popover("Delete", key="class delete"):
                st.caption("The grid and its links go; the runs stay.")
                st.button("Delete this class", key="class deleted", on_click=_delete, args=(chosen,))
    if chosen == _NEW:
        classroom_setup.show_setup()
    else:
        _show_class(listing.classrooms[chosen])


def _delete(name: str) -> None:
    try:
        delete_classroom(name)
    except ClassroomNotFoundError:  # somebody else was quicker
        pass
    except FmnistError as error:
        st.session_state[_DELETE_FAILED] = str(error)
    # The address goes on naming one: it tells the page which of its views is looked at.
    st.query_params[CLASS] = next(iter(list_classrooms().classrooms), _NEW)


def _show_class(classroom: Classroom) -> None:
    surface = collect_surface(classroom, runs.list_runs().runs)
    chart, links = st.columns([2, 1.1], gap="large")
    with chart:
        measure = select(
            "Shown",
            MEASURES,
            key="measure",
            widget=st.segmented_control,
            required=True,
            label_visibility="collapsed",
        )
        st.fragment(_follow, run_every=_find_pace(surface))(classroom, measure, _find_pace(surface))
    with links:
        classroom_links.show_links(classroom, surface, measure)


def _find_pace(surface: Surface) -> float | None:
    """Return after how many seconds the surface is looked at again; None if there is nothing to wait for."""
    if surface.complete:
        return None
    return _SECONDS if surface.n_active else _SECONDS_IDLE


def _follow(classroom: Classroom, measure: str, pace: float | None) -> None:
    surface = collect_surface(classroom, runs.list_runs().runs)
    if _find_pace(surface) != pace:
        st.rerun()  # the whole page, so that the surface is looked at more or less often
    spreads = measure_surface(surface, measure)
    _show_figures(classroom, surface, spreads)
    _draw(classroom, surface, spreads)
    st.caption(
        f"{MEASURES[measure]} in percent, the best outlined; ×2 is the mean of two runs with different seeds. Orange: "
        "trained now, with how far it is, or waiting (…). Pale: still free. In the corner the number of the cell."
    )
    if measure == "test":
        st.caption("Choose by validation: whoever picks the best of many on the test items finds them too easy.")
    if surface.strays:
        count = f"{len(surface.strays)} run{'s were' if len(surface.strays) > 1 else ' was'}"
        st.caption(f"{count} started for a cell and trained on with other settings since, and is not counted.")


def measure_surface(surface: Surface, measure: str) -> list[Spread | None]:
    """Return what the finished runs of each cell came to."""
    outcomes = {run.run_id: cache.outcome(run) for cell in surface.cells for run in cell.finished}
    return average_cells(surface, outcomes, measure)


def _show_figures(classroom: Classroom, surface: Surface, spreads: list[Spread | None]) -> None:
    best = find_best(spreads)
    with st.container(horizontal=True):
        st.metric("Cells filled", f"{surface.n_filled} of {len(surface.cells)}", width="content")
        st.metric("Trained now", surface.n_active, width="content")
        if best is not None and (spread := spreads[best]) is not None:
            st.metric("Best so far", f"{spread.mean:.2%}", width="content")
            st.metric("… in cell", f"{best + 1}: {_say_cell(surface.cells[best])}", width="content")


def _say_cell(cell: Cell) -> str:
    return f"{say_value(cell.row)} · {say_value(cell.column)}"


def _draw(classroom: Classroom, surface: Surface, spreads: list[Spread | None]) -> None:
    shape = (len(classroom.rows.grid), len(classroom.columns.grid))
    active = [run for cell in surface.cells for run in cell.active]
    shares = {run.run_id: _find_share(run) for run in active}
    texts = [
        _lay_out(write_cell(cell, spread, shares), spread) for cell, spread in zip(surface.cells, spreads, strict=True)
    ]
    hovers = [_describe(classroom, cell, spread) for cell, spread in zip(surface.cells, spreads, strict=True)]
    figure = plot_classroom(
        np.array([np.nan if spread is None else spread.mean for spread in spreads]).reshape(shape),
        _in_rows(texts, shape[1]),
        _in_rows(hovers, shape[1]),
        np.array([bool(cell.active) for cell in surface.cells]).reshape(shape),
        ([say_value(one) for one in classroom.rows.grid], [say_value(one) for one in classroom.columns.grid]),
        (classroom.rows.title, classroom.columns.title),
        ink(),
    )
    st.plotly_chart(figure, key="class surface", config={"displayModeBar": False}, alt="What each cell came to")


def _lay_out(lines: tuple[str, ...], spread: Spread | None) -> str:
    """Return the lines of a cell for plotly; what is not its mean is smaller."""
    small = [f'<span style="font-size:11px">{line}</span>' for line in lines[spread is not None :]]
    return "<br>".join([*lines[: spread is not None], *small])


def _in_rows(entries: list[str], columns: int) -> list[list[str]]:
    return [entries[start : start + columns] for start in range(0, len(entries), columns)]


def _find_share(run: runs.Run) -> float:
    tables = cache.tables(run)
    return compute_progress(run, tables.history, tables.batches).share


def _describe(classroom: Classroom, cell: Cell, spread: Spread | None) -> str:
    told: list[Any] = [
        f"Cell {cell.number}",
        f"{classroom.rows.title} {say_value(cell.row)}, {classroom.columns.title} {say_value(cell.column)}",
    ]
    if spread is not None:
        told.append(f"{spread.mean:.2%}" + (f" ± {100 * spread.deviation:.2f}" if spread.seeds > 1 else ""))
    ended = len(cell.runs) - len(cell.active) - len(cell.finished)
    counts = [(len(cell.finished), "finished"), (len(cell.active), "under way"), (ended, "ended early")]
    told.append(", ".join(f"{count} {word}" for count, word in counts if count) or "still free")
    return "<br>".join(told)
