"""The confusion matrix in the browser: cells, rows and columns that can be chosen, and a slider over the epochs."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from pages.shared.components import pack, register
from pages.shared.epochs import read_cell

_NONE = "none"
_CELL, _ROW, _COLUMN = "cell", "row", "column"

_confusion = register("confusion", "epochs/shared", "epochs/clock", "epochs/matrix")


@dataclass(frozen=True)
class Spot:
    """A cell of the matrix or, with one class only, a row (the true class) or a column (what it was taken for)."""

    true: int | None
    predicted: int | None


def read_spot() -> Spot | None:
    """Return what the URL has chosen in the matrix; None if nothing, or nothing that there is."""
    cell = read_cell(st.query_params.get(_CELL, ""))
    if cell is not None:
        return Spot(*cell)
    row, column = (read_cell(f"{st.query_params.get(name, '')}-0") for name in (_ROW, _COLUMN))
    if row is not None:
        return Spot(row[0], None)
    return None if column is None else Spot(None, column[0])


def write_spot(spot: Spot | None) -> None:
    """Write what is chosen into the URL, in the place of what was."""
    for name in (_CELL, _ROW, _COLUMN):
        st.query_params.pop(name, None)
    if spot is None:
        return
    if spot.predicted is None:
        st.query_params[_ROW] = str(spot.true)
    elif spot.true is None:
        st.query_params[_COLUMN] = str(spot.predicted)
    else:
        st.query_params[_CELL] = f"{spot.true}-{spot.predicted}"


def show_matrix(
    name: str,
    matrices: NDArray[np.int64],
    *,
    key: str,
    by: str,
    order: list[int],
    picked: Spot | None,
    on_pick: Callable[[Spot | None], None],
    epochs: NDArray[np.int64] | None = None,
    epoch: int | None = None,
    on_epoch: Callable[[int], None] = lambda epoch: None,
) -> None:
    """Show one confusion matrix, or those of all epochs with a slider that moves through them without Python.

    Args:
        name: tells one run's matrices from another's.
        matrices: (e, 10, 10) counts below 65,536, a row for each true class.
        key: the component's key.
        by: key of `evaluation.NORMALIZATIONS`.
        order: the classes from the first to the last row and column.
        picked: what is marked.
        on_pick: called with what is chosen, None if it was marked already.
        epochs: numbers of the epochs, (e,); None for a single matrix without any.
        epoch: the one to show; the user may have moved on meanwhile.
        on_epoch: called with an epoch's number before the rerun.
    """
    header = {
        "run": name,
        "epochs": [] if epochs is None else epochs.tolist(),
        "names": CLASS_NAMES,
        "epoch": epoch,
        "by": by,
        "order": order,
        "picked": _name_spot(picked),
    }
    _confusion(
        key=key,
        data=pack(header, matrices.astype("<u2").tobytes()),
        on_epoch_change=lambda: on_epoch(int(st.session_state[key]["epoch"])),
        on_picked_change=lambda: on_pick(_parse_spot(str(st.session_state[key]["picked"]))),
    )


def _name_spot(spot: Spot | None) -> str:
    if spot is None:
        return _NONE
    if spot.predicted is None:
        return f"{_ROW}-{spot.true}"
    return f"{_COLUMN}-{spot.predicted}" if spot.true is None else f"{spot.true}-{spot.predicted}"


def _parse_spot(text: str) -> Spot | None:
    kind, _, number = text.partition("-")
    if kind not in (_ROW, _COLUMN):
        cell = read_cell(text)
        return None if cell is None else Spot(*cell)
    index = int(number)
    return Spot(index, None) if kind == _ROW else Spot(None, index)
