"""The confusion matrix, made to be clicked."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.figures.cells import choose_ink, color_cells, name_cells, outline_cell, write_cells
from fmnist_core.figures.theme import build_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Diagonal and errors have scales of their own: with one, the few errors would all look alike beside the many hits.
_RIGHT = [[0, "rgba(47,112,176,0.05)"], [1, "rgba(47,112,176,0.95)"]]
_WRONG = [[0, "rgba(205,84,28,0)"], [1, "rgba(205,84,28,0.95)"]]

_LISTED = tuple(range(len(CLASS_NAMES)))


def plot_confusion_matrix(
    values: NDArray[np.number],
    texts: list[list[str]],
    ink: str,
    picked: tuple[int, int] | None = None,
    height: int = 540,
    order: Sequence[int] = _LISTED,
) -> "go.Figure":
    """Draw a confusion matrix whose cells can be picked: a selection's customdata is [true class, predicted class].

    A heat map sends no selections, so invisible squares lie above it that do.

    Args:
        values: (10, 10), a row for each true class, for the colours.
        texts: what stands in the cells, 10 lists of 10.
        ink: colour of the text in pale cells; strong ones have white text.
        picked: cell to outline, as (true class, predicted class).
        height: in screen pixels.
        order: the classes from the first to the last row and column, as `evaluation.order_classes` returns them.
    """
    values = values[np.ix_(order, order)]
    diagonal = np.eye(len(CLASS_NAMES), dtype=bool)
    right, wrong = np.where(diagonal, values, np.nan), np.where(diagonal, np.nan, values)
    highest, highest_error = max(float(values.max()), 1e-9), max(float(np.nanmax(wrong)), 1e-9)
    strong = np.where(diagonal, values > 0.55 * values.max(), values > 0.6 * highest_error)
    names = [CLASS_NAMES[index] for index in order]
    cells = [(true, predicted) for true in order for predicted in order]
    targets = write_cells(
        values.shape,
        [texts[true][predicted] for true, predicted in cells],
        choose_ink(strong, ink),
        squares=True,
        # A list: plotly would encode an array, and the browser hand back a dictionary of it.
        customdata=[list(cell) for cell in cells],
        hovertext=[f"{CLASS_NAMES[true]} called {CLASS_NAMES[predicted]}" for true, predicted in cells],
        hovertemplate="%{hovertext}: %{text}<extra></extra>",
        # Picking a cell must not fade all the others.
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )
    figure = build_figure(
        color_cells(right, 0, highest, _RIGHT),
        color_cells(wrong, 0, highest_error, _WRONG),
        targets,
        height=height,
        hovermode="closest",
        **name_cells(names, names),
    )
    figure.update_xaxes(title="predicted", side="bottom", tickangle=-40)
    figure.update_yaxes(title="true")
    if picked is not None:
        row, column = (list(order).index(index) for index in picked)
        figure.add_shape(outline_cell(row, column, "#d4613c"))
    return figure
