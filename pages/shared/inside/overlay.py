"""The component that lays heat maps over one garment, a row for each class."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.figures import attribution as painting
from fmnist_core.interpretation.methods import METHODS
from pages.shared import components

_overlay = components.register("overlay")


@dataclass(frozen=True, eq=False)
class Cell:
    """What one method says: its key, a note, and its values and heat map, both (28, 28)."""

    method: str
    note: str
    values: NDArray[np.float32]
    heatmap: NDArray[np.float32]

    def paint(self) -> NDArray[np.uint8]:
        """Return it as (28, 28, 4) uint8."""
        return painting.paint_attribution(self.values, self.heatmap, METHODS[self.method].signed)


@dataclass(frozen=True, eq=False)
class Row:
    """What the methods say of one class."""

    class_index: int
    note: str
    cells: Sequence[Cell]


def show_overlay(image: NDArray[np.uint8], rows: Sequence[Row], *, key: str) -> None:
    """Show heat maps over an item, with a slider and the legends of the colours.

    Args:
        image: (28, 28) uint8.
        rows: at least one, all of the same methods.
        key: the component's key.
    """
    signed = {METHODS[cell.method].signed for cell in rows[0].cells}
    legends = [
        {"low": "cold", "high": "hot", "colors": ["#000", *painting.HEAT], "signed": False},
        {
            "low": "speaks against it",
            "high": "speaks for it",
            "colors": [painting.SIGNED[0], "#000", painting.SIGNED[1]],
            "signed": True,
        },
    ]
    header = {
        "columns": len(rows[0].cells),
        "legends": [legend for legend in legends if legend["signed"] in signed],
        "rows": [
            {
                "title": CLASS_NAMES[row.class_index],
                "note": row.note,
                "color": CLASS_COLORS[row.class_index],
                "cells": [{"title": METHODS[cell.method].title, "note": cell.note} for cell in row.cells],
            }
            for row in rows
        ],
    }
    painted = [cell.paint().tobytes() for row in rows for cell in row.cells]
    _overlay(key=key, data=components.pack(header, image.tobytes(), *painted))
