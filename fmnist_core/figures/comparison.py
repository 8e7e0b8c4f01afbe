"""Two confusion matrices, one taken from the other."""

import numpy as np
import pandas  # noqa: F401  before plotly, which would trip over its half in the making
import plotly.graph_objects as go
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.figures.theme import build_figure

# Blue speaks for the first, orange for the second; what speaks for neither is as pale as the paper.
_SCALE = [
    [0, "rgba(205,84,28,0.95)"],
    [0.5, "rgba(205,84,28,0.03)"],
    [0.5, "rgba(47,112,176,0.03)"],
    [1, "rgba(47,112,176,0.95)"],
]
_PLAIN = {"showgrid": False, "zeroline": False, "fixedrange": True}


def plot_confusion_difference(
    difference: NDArray[np.integer], ink: str, first: str = "the first", second: str = "the second", height: int = 540
) -> go.Figure:
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
    maps = [_draw_cells(np.where(cells, favour, np.nan), highest[cells][0]) for cells in (diagonal, ~diagonal)]
    rows, columns = np.indices(difference.shape).reshape(2, -1)
    numbers = go.Scatter(
        x=columns,
        y=rows,
        mode="markers+text",
        text=[_sign(int(value)) for value in difference.ravel()],
        textfont={"color": np.where(np.abs(favour) > 0.6 * highest, "#ffffff", ink).ravel(), "size": 12},
        marker={"symbol": "square", "size": 34, "color": "rgba(0,0,0,0)"},
        hovertext=[
            _describe(row, column, int(difference[row, column]), first, second)
            for row, column in zip(rows, columns, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    figure = build_figure(*maps, numbers, height=height, hovermode="closest")
    ticks = {"tickvals": list(range(len(CLASS_NAMES))), "ticktext": list(CLASS_NAMES), **_PLAIN}
    figure.update_xaxes(title="predicted", side="bottom", range=[-0.5, 9.5], tickangle=-40, **ticks)
    figure.update_yaxes(title="true", range=[9.5, -0.5], **ticks)
    return figure


def _draw_cells(favour: NDArray[np.float64], highest: float) -> go.Heatmap:
    return go.Heatmap(
        z=favour,
        zmin=-highest,
        zmax=highest,
        colorscale=_SCALE,
        showscale=False,
        hoverinfo="skip",
        xgap=2,
        ygap=2,
    )


def _sign(value: int) -> str:
    return f"{value:+,}".replace("-", "−") if value else ""


def _describe(row: int, column: int, value: int, first: str, second: str) -> str:
    said = f"{CLASS_NAMES[row]} {'rightly ' if row == column else ''}called {CLASS_NAMES[column]}"
    if value == 0:
        return f"{said}: as often by both"
    more, less = (first, second) if value > 0 else (second, first)
    return f"{said}: {abs(value):,} more by {more} than by {less}"
