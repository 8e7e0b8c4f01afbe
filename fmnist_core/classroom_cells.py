"""The cells of a class: what runs have made of them so far, and who gets the next one."""

import csv
import io
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from fmnist_core import storage
from fmnist_core.classroom import Classroom, classrooms_folder
from fmnist_core.cross_validation import Outcome
from fmnist_core.repeats import Spread, spread_of
from fmnist_core.runs import FINISHED, QUEUED, Run
from fmnist_core.search.parameters import Value

# What the surface shows: names of `Outcome`'s figures.
MEASURES = {"validation": "Validation accuracy", "test": "Test accuracy"}
# In a link, what stands for the next free cell.
NEXT = "next"
# Whoever was given a cell and has started nothing in this time is taken to have left.
CLAIM_SECONDS = 15 * 60.0


@dataclass(frozen=True, eq=False)
class Cell:
    """A cell as the runs show it at one moment.

    Attributes:
        number: from 1, row by row.
        row, column: the values of the two settings.
        runs: those that belong to it, oldest first.
    """

    number: int
    row: Value
    column: Value
    runs: tuple[Run, ...]

    @property
    def finished(self) -> tuple[Run, ...]:
        """The runs whose accuracies count."""
        return tuple(run for run in self.runs if run.status == FINISHED)

    @property
    def active(self) -> tuple[Run, ...]:
        """The runs that wait or train."""
        return tuple(run for run in self.runs if run.active)


@dataclass(frozen=True, eq=False)
class Surface:
    """What the runs of a class have come to so far.

    Attributes:
        cells: all of them, by number.
        strays: runs that were started for a cell and have other settings now.
    """

    cells: tuple[Cell, ...]
    strays: tuple[Run, ...]

    @property
    def n_filled(self) -> int:
        """How many cells have a finished run."""
        return sum(bool(cell.finished) for cell in self.cells)

    @property
    def n_active(self) -> int:
        """How many runs wait or train."""
        return sum(len(cell.active) for cell in self.cells)

    @property
    def complete(self) -> bool:
        """Whether no cell is without a finished run, and none is trained."""
        return self.n_filled == len(self.cells) and not self.n_active


def collect_surface(classroom: Classroom, runs: Iterable[Run]) -> Surface:
    """Sort runs into the cells of a class.

    Args:
        classroom: the grid.
        runs: all; those of other classes, and of none, are passed over.
    """
    sorted_in: dict[int, list[Run]] = {number: [] for number in range(1, classroom.size + 1)}
    strays = []
    for run in sorted(runs, key=lambda run: run.created):
        if run.record.get("classroom") != classroom.name:
            continue
        number = run.record.get("cell")
        if type(number) is int and number in sorted_in and classroom.holds(number, run.config):
            sorted_in[number].append(run)
        else:
            strays.append(run)
    cells = (Cell(number, *classroom.find_values(number), tuple(found)) for number, found in sorted_in.items())
    return Surface(tuple(cells), tuple(strays))


def average_cells(surface: Surface, outcomes: Mapping[str, Outcome], measure: str) -> list[Spread | None]:
    """Return for each cell mean and deviation of its finished runs; None where there are none.

    Args:
        surface: the cells.
        outcomes: what these runs came to, by run_id; see `cross_validation.measure_outcome`.
        measure: key of `MEASURES`.
    """
    figures = [[getattr(outcomes[run.run_id], measure) for run in cell.finished] for cell in surface.cells]
    return [spread_of([figure for figure in found if figure is not None]) for found in figures]


def find_best(spreads: Sequence[Spread | None]) -> int | None:
    """Return the place of the highest mean, the first of several; None if there is none."""
    known = [(spread.mean, -place) for place, spread in enumerate(spreads) if spread is not None]
    return -max(known)[1] if known else None


def write_cell(cell: Cell, spread: Spread | None, shares: Mapping[str, float]) -> tuple[str, ...]:
    """Write what stands in a cell, short enough for a narrow one: "91.2", "×3", "45%", or "…" for one that waits.

    Args:
        cell: the cell.
        spread: of its finished runs.
        shares: of each active run, by run_id, how much is done, 0 to 1.

    Returns:
        Lines: mean in percent, number of runs if there are several, how far the furthest active one is.
    """
    lines = []
    if spread is not None:
        lines.append(f"{100 * spread.mean:.1f}")
        if spread.seeds > 1:
            lines.append(f"×{spread.seeds}")
    running = [shares.get(run.run_id, 0.0) for run in cell.active if run.status != QUEUED]
    if running:
        lines.append(f"{100 * max(running):.0f}%")
    elif cell.active:
        lines.append("…")
    return tuple(lines)


def link_to_cell(classroom: Classroom, cell: int | str, base: str) -> str:
    """Return the link that a pupil opens.

    Args:
        classroom: the grid.
        cell: number of the cell, or `NEXT`.
        base: address of the lab, "http://192.168.1.5:8501" for example.
    """
    return f"{base.rstrip('/')}/train?{urlencode({'class': classroom.name, 'cell': cell})}"


def to_csv(classroom: Classroom, surface: Surface, spreads: Sequence[Spread | None], measure: str, base: str) -> str:
    """Write all cells as a table: number, the two settings, runs, mean, standard deviation, link.

    Args:
        classroom: the grid.
        surface: its cells.
        spreads: see `average_cells`.
        measure: key of `MEASURES`, the name of the column with the means.
        base: see `link_to_cell`.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = (classroom.rows.name, classroom.columns.name)
    writer.writerow(("cell", *names, "runs", f"{measure}_accuracy", "standard_deviation", "link"))
    for cell, spread in zip(surface.cells, spreads, strict=True):
        figures = (spread.seeds, f"{spread.mean:.6f}", f"{spread.deviation:.6f}") if spread else (0, "", "")
        writer.writerow((cell.number, cell.row, cell.column, *figures, link_to_cell(classroom, cell.number, base)))
    return text.getvalue()


def claim_cell(classroom: Classroom, surface: Surface) -> int:
    """Give somebody the next free cell and return its number: of those with the fewest runs and claims the first.

    What is given is kept in a file, so that two who ask at the same moment, even of two servers, get different cells.

    Args:
        classroom: the grid, which is kept.
        surface: as the runs show it now.

    Raises:
        StorageError: if the lab's folder cannot be written.
    """
    folder = _claims_of(classroom)
    with storage.explained():
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            claims = _read_claims(folder)
            taken = {
                cell.number: len(cell.finished) + len(cell.active) + sum(number == cell.number for number, _ in claims)
                for cell in surface.cells
            }
            number = min(taken, key=lambda number: (taken[number], number))
            place = next(place for place in range(len(claims) + 1) if (number, place) not in claims)
            try:
                (folder / f"{number}-{place}").open("x").close()
            except FileExistsError:  # somebody was quicker
                continue
            return number


def release_claim(classroom: Classroom, number: int) -> None:
    """Give back a claim on a cell, because its run has been started or whoever had it has left."""
    folder = _claims_of(classroom)
    places = [place for cell, place in (_read_claims(folder) if folder.is_dir() else ()) if cell == number]
    if places:
        (folder / f"{number}-{max(places)}").unlink(missing_ok=True)


def _claims_of(classroom: Classroom) -> Path:
    return classrooms_folder() / classroom.name


def _read_claims(folder: Path) -> set[tuple[int, int]]:
    """Return cells and places that are held, having thrown away the claims of those who have left."""
    found = set()
    for path in folder.iterdir():
        cell, _, place = path.name.partition("-")
        if not (cell.isdecimal() and place.isdecimal()):
            continue
        try:
            if time.time() - path.stat().st_mtime <= CLAIM_SECONDS:
                found.add((int(cell), int(place)))
            else:
                path.unlink()
        except FileNotFoundError:  # released in this moment
            continue
    return found
