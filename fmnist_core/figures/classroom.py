"""The surface of a class: a table of coloured numbers that fills while its cells are trained."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fmnist_core.figures.cells import choose_ink, color_cells, name_cells, outline_best, write_cells
from fmnist_core.figures.search import BEST_COLOR, find_range
from fmnist_core.figures.theme import NEUTRAL, build_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

_SCALE = [[0, "rgba(47,112,176,0.08)"], [1, "rgba(47,112,176,0.95)"]]
_EMPTY, _ACTIVE = "rgba(139,134,128,0.10)", "rgba(205,140,28,0.30)"
_ROW_HEIGHT, _FRAME = 66, 74


def plot_classroom(
    means: NDArray[np.float64],
    texts: Sequence[Sequence[str]],
    hovers: Sequence[Sequence[str]],
    active: NDArray[np.bool_],
    names: tuple[Sequence[str], Sequence[str]],
    titles: tuple[str, str],
    ink: str,
) -> "go.Figure":
    """Draw the cells of a class: what they came to as a number on blue, trained ones on orange, the others pale.

    The best one is outlined, and each has its number in a corner, counted row by row.

    Args:
        means: (rows, columns), 0 to 1, NaN where nothing has finished; the first row stands on top.
        texts: what stands in the cells, as many lists of as many texts.
        hovers: what is said of them under the pointer, in the same form.
        active: (rows, columns), whether somebody waits or trains there.
        names: the values of the rows and those of the columns.
        titles: what the rows are, and the columns.
        ink: colour of the text in pale cells; strong ones have white text.
    """
    low, high = find_range(means.ravel())
    strong = np.nan_to_num(means, nan=-1.0) > low + 0.6 * (high - low)
    at_row, at_column = np.indices(means.shape).reshape(2, -1)
    pale = np.where(np.isnan(means) | active, active, np.nan)
    numbers = write_cells(
        means.shape,
        [text for row in texts for text in row],
        choose_ink(strong, ink),
        size=14,
        hovertext=[text for row in hovers for text in row],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    corners = write_cells(
        means.shape,
        [str(number + 1) for number in range(means.size)],
        np.where(strong, "rgba(255,255,255,0.75)", NEUTRAL),
        size=10,
        textposition="middle right",
        hoverinfo="skip",
    )
    corners |= {"x": at_column - 0.46, "y": at_row - 0.34}
    figure = build_figure(
        color_cells(pale, 0, 1, [[0, _EMPTY], [1, _ACTIVE]], gap=3),
        color_cells(means, low, high, _SCALE, gap=3),
        corners,
        numbers,
        height=_FRAME + _ROW_HEIGHT * len(means),
        hovermode="closest",
        shapes=outline_best(means, BEST_COLOR),
        **name_cells(*names),
    )
    figure.update_xaxes(title=titles[1])
    figure.update_yaxes(title=titles[0])
    return figure
