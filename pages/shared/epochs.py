"""The player of a run's epochs: a browser component that holds all confusion matrices and moves through them."""

from collections.abc import Callable

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from pages.shared.components import pack, register

_CLASSES = [{"name": name, "color": color} for name, color in zip(CLASS_NAMES, CLASS_COLORS, strict=True)]
_NONE = "none"

_epochs = register("epochs")


def play_epochs(
    run_id: str,
    epochs: NDArray[np.int64],
    confusion: NDArray[np.int64],
    *,
    key: str,
    epoch: int,
    picked: tuple[int, int] | None,
    on_epoch: Callable[[int], None],
    on_cell: Callable[[tuple[int, int] | None], None],
) -> None:
    """Show a slider over the epochs, the confusion matrix of one of them and the classes' shares of right answers.

    The browser has all matrices, so that it moves through time by itself; Python hears where somebody stays.

    Args:
        run_id: tells one run from another.
        epochs: their numbers, (e,), at least one.
        confusion: (e, 10, 10) counts below 65,536, a row for each true class.
        key: the component's key.
        epoch: the one to show; the user may have moved on meanwhile.
        picked: the cell that is marked, (true class, predicted class).
        on_epoch: called with an epoch's number before the rerun.
        on_cell: called with the cell that is clicked, None if it was marked already.
    """
    header = {
        "run": run_id,
        "epochs": epochs.tolist(),
        "classes": _CLASSES,
        "epoch": epoch,
        "picked": _NONE if picked is None else f"{picked[0]}-{picked[1]}",
    }
    _epochs(
        key=key,
        data=pack(header, confusion.astype("<u2").tobytes()),
        on_epoch_change=lambda: on_epoch(int(st.session_state[key]["epoch"])),
        on_picked_change=lambda: on_cell(read_cell(str(st.session_state[key]["picked"]))),
    )


def say_kept(epochs: NDArray[np.int64]) -> str:
    """Say of how many epochs the answers are here, in a sentence after others; nothing if it is all up to the last."""
    if len(epochs) == epochs[-1]:
        return ""
    return f" The answers of {len(epochs)} of the {epochs[-1]} epochs are here."


def read_cell(text: str) -> tuple[int, int] | None:
    """Return the cell that a text such as "6-4" names, or None if it names none."""
    parts = text.split("-")
    if len(parts) == 2 and all(len(part) == 1 and part in "0123456789" for part in parts):
        return int(parts[0]), int(parts[1])
    return None
