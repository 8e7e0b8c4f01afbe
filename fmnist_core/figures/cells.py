"""Tables of coloured cells with a text in each: what the matrices and grids among the charts are made of.

Cells are counted from 0, by row and column; the centre of a cell lies at whole numbers.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_PLAIN = {"showgrid": False, "zeroline": False, "fixedrange": True}


def color_cells(values: NDArray[np.floating], low: float, high: float, colorscale: list, gap: int = 2) -> dict:
    """Return the trace that colours the cells.

    Args:
        values: (rows, columns); a cell with NaN stays without colour.
        low: what gets the first colour of the scale.
        high: what gets the last one.
        colorscale: pairs of a place, 0 to 1, and a colour.
        gap: between two cells, in screen pixels.
    """
    return {
        "type": "heatmap",
        "z": values,
        "zmin": low,
        "zmax": high,
        "colorscale": colorscale,
        "showscale": False,
        "hoverinfo": "skip",
        "xgap": gap,
        "ygap": gap,
    }


def write_cells(
    shape: tuple[int, ...], texts: Sequence[str], colors: Any, size: int = 12, squares: bool = False, **more: Any
) -> dict:
    """Return the trace that writes a text into each cell.

    Args:
        shape: number of rows and of columns.
        texts: row by row.
        colors: one of all texts, or (rows, columns) of them.
        size: of the letters, in screen pixels.
        squares: lay an invisible square over each cell, for a pointer that does not quite meet the text.
        more: what else a scatter trace takes.
    """
    rows, columns = np.indices(shape).reshape(2, -1)
    colors = colors.ravel() if isinstance(colors, np.ndarray) else colors
    target = {"marker": {"symbol": "square", "size": 34, "color": "rgba(0,0,0,0)"}} if squares else {}
    return {
        "type": "scatter",
        "mode": "markers+text" if squares else "text",
        "x": columns,
        "y": rows,
        "text": list(texts),
        "textfont": {"color": colors, "size": size},
        **target,
        **more,
    }


def choose_ink(strong: NDArray[np.bool_], ink: str) -> NDArray[np.str_]:
    """Return the colour of each cell's text: white where the cell is strong, else `ink`."""
    return np.where(strong, "#ffffff", ink)


def name_cells(rows: Sequence[Any], columns: Sequence[Any], upward: bool = False) -> dict[str, dict[str, Any]]:
    """Return the axes of the layout, with a name for each row and column.

    Args:
        rows: from the first on, which stands on top.
        columns: from left to right.
        upward: whether the first row stands at the bottom instead.
    """
    ends = [-0.5, len(rows) - 0.5]
    return {
        "xaxis": _name_axis(columns, [-0.5, len(columns) - 0.5]),
        "yaxis": _name_axis(rows, ends if upward else ends[::-1]),
    }


def outline_cell(row: int, column: int, color: str) -> dict[str, Any]:
    """Return the shape that goes around a cell."""
    box = {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
    return {"type": "rect", "line": {"width": 2.5, "color": color}, **box}


def outline_best(values: NDArray[np.floating], color: str) -> list[dict[str, Any]]:
    """Return the shape that goes around the highest cell, if there is any number among them."""
    if not np.isfinite(values).any():
        return []
    row, column = np.unravel_index(np.nanargmax(values), values.shape)
    return [outline_cell(int(row), int(column), color)]


def _name_axis(names: Sequence[Any], ends: list[float]) -> dict[str, Any]:
    # The type is said, not left to be guessed from what stands in the cells.
    return {"type": "linear", "tickvals": list(range(len(names))), "ticktext": list(names), "range": ends, **_PLAIN}
