"""Two confusion matrices, one taken from the other."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.figures.cells import choose_ink, color_cells, name_cells, write_cells
from fmnist_core.figures.theme import build_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Blue speaks for the first, orange for the second; what speaks for neither is as pale as the paper.
_SCALE = [
    [0, "rgba(205,84,28,0.95)"],
    [0.5, "rgba(205,84,28,0.03)"],
    [0.5, "rgba(47,112,176,0.03)"],
    [1, "rgba(47,112,176,0.95)"],
]


def plot_confusion_difference(
    difference: NDArray[np.integer], ink: str, first: str = "the first", second: str = "the second", height: int = 540
) -> "go.Figure":
    """Draw one confusion matrix minus another: blue where that speaks for the first, orange where for the second.

    More on the diagonal is better, more beside it worse. Diagonal and mistakes have scales of their own.

    Args:
        difference: (10, 10) counts of the first minus those of the second, a row for each true class.
        ink: colour of the text in pale cells; strong ones have white text.
        first: what the one is called when the pointer is on a cell.
        second: what the other is.
        height: in screen pixels.
    """
    diagonal = np.eye(len(CLASS_NAMES), dtype=bool)
    favour = np.where(diagonal, difference, -difference).astype(float)
    highest = np.where(diagonal, *(max(float(np.abs(favour[cells]).max()), 1.0) for cells in (diagonal, ~diagonal)))
    maps = [
        color_cells(np.where(cells, favour, np.nan), -highest[cells][0], highest[cells][0], _SCALE)
        for cells in (diagonal, ~diagonal)
    ]
    numbers = write_cells(
        difference.shape,
        [_sign(int(value)) for value in difference.ravel()],
        choose_ink(np.abs(favour) > 0.6 * highest, ink),
        squares=True,
        hovertext=[
            _describe(row, column, int(value), first, second) for (row, column), value in np.ndenumerate(difference)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    figure = build_figure(*maps, numbers, height=height, hovermode="closest", **name_cells(CLASS_NAMES, CLASS_NAMES))
    figure.update_xaxes(title="predicted", side="bottom", tickangle=-40)
    figure.update_yaxes(title="true")
    return figure


def _sign(value: int) -> str:
    return f"{value:+,}".replace("-", "−") if value else ""


def _describe(row: int, column: int, value: int, first: str, second: str) -> str:
    said = f"{CLASS_NAMES[row]} {'rightly ' if row == column else ''}called {CLASS_NAMES[column]}"
    if value == 0:
        return f"{said}: as often by both"
    more, less = (first, second) if value > 0 else (second, first)
    return f"{said}: {abs(value):,} more by {more} than by {less}"
