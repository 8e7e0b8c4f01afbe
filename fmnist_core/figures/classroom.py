"""The surface of a class: a table of coloured numbers that fills while its cells are trained."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

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
    rows, columns = means.shape
    low, high = find_range(means.ravel())
    strong = np.nan_to_num(means, nan=-1.0) > low + 0.6 * (high - low)
    at_row, at_column = np.indices(means.shape).reshape(2, -1)
    shared = {"type": "heatmap", "showscale": False, "xgap": 3, "ygap": 3, "hoverinfo": "skip"}
    pale = np.where(np.isnan(means) | active, active, np.nan)
    ground = {**shared, "z": pale, "zmin": 0, "zmax": 1, "colorscale": [[0, _EMPTY], [1, _ACTIVE]]}
    cells = {**shared, "z": means, "zmin": low, "zmax": high, "colorscale": _SCALE}
    numbers = {
        "type": "scatter",
        "mode": "text",
        "x": at_column,
        "y": at_row,
        "text": [text for row in texts for text in row],
        "textfont": {"color": np.where(strong, "#ffffff", ink).ravel(), "size": 14},
        "hovertext": [text for row in hovers for text in row],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    corners = {
        "type": "scatter",
        "mode": "text",
        "x": at_column - 0.46,
        "y": at_row - 0.34,
        "text": [str(number + 1) for number in range(rows * columns)],
        "textposition": "middle right",
        "textfont": {"color": np.where(strong, "rgba(255,255,255,0.75)", NEUTRAL).ravel(), "size": 10},
        "hoverinfo": "skip",
    }
    figure = build_figure(ground, cells, corners, numbers, height=_FRAME + _ROW_HEIGHT * rows, hovermode="closest")
    plain = {"showgrid": False, "zeroline": False, "fixedrange": True, "type": "linear"}
    for update, names_of, title, count in (
        (figure.update_xaxes, names[1], titles[1], columns),
        (figure.update_yaxes, names[0], titles[0], rows),
    ):
        update(title=title, tickvals=list(range(count)), ticktext=list(names_of), **plain)
    figure.update_xaxes(range=[-0.5, columns - 0.5])
    figure.update_yaxes(range=[rows - 0.5, -0.5])
    if np.isfinite(means).any():
        row, column = np.unravel_index(np.nanargmax(means), means.shape)
        box = {"x0": column - 0.49, "x1": column + 0.49, "y0": row - 0.48, "y1": row + 0.48}
        figure.add_shape(type="rect", line={"width": 2.5, "color": BEST_COLOR}, **box)
    return figure
