"""The confusion matrix, made to be clicked."""

from collections.abc import Sequence

import numpy as np
import pandas  # noqa: F401  before plotly, which would trip over its half in the making
import plotly.graph_objects as go
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.figures.theme import build_figure

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
) -> go.Figure:
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
    right = np.where(diagonal, values, np.nan)
    wrong = np.where(diagonal, np.nan, values)
    highest_error = max(float(np.nanmax(wrong)), 1e-9)
    maps = [
        go.Heatmap(z=cells, zmin=0, zmax=highest, colorscale=scale, showscale=False, hoverinfo="skip", xgap=2, ygap=2)
        for cells, highest, scale in ((right, max(float(values.max()), 1e-9), _RIGHT), (wrong, highest_error, _WRONG))
    ]
    strong = np.where(diagonal, values > 0.55 * values.max(), values > 0.6 * highest_error)
    rows, columns = np.indices(values.shape).reshape(2, -1)
    names = np.array(CLASS_NAMES)[list(order)]
    classes = np.array(order)
    targets = go.Scatter(
        x=columns,
        y=rows,
        mode="markers+text",
        text=[texts[row][column] for row in order for column in order],
        textfont={"color": np.where(strong, "#ffffff", ink).ravel(), "size": 12},
        marker={"symbol": "square", "size": 34, "color": "rgba(0,0,0,0)"},
        # A list: plotly would encode an array, and the browser hand back a dictionary of it.
        customdata=np.column_stack([classes[rows], classes[columns]]).tolist(),
        hovertext=[f"{names[row]} called {names[column]}" for row, column in zip(rows, columns, strict=True)],
        hovertemplate="%{hovertext}: %{text}<extra></extra>",
        # Picking a cell must not fade all the others.
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )
    figure = build_figure(*maps, targets, height=height, margin={"l": 8, "r": 8, "t": 8, "b": 8}, hovermode="closest")
    ticks = {
        "tickvals": list(range(len(CLASS_NAMES))),
        "ticktext": names.tolist(),
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }
    figure.update_xaxes(title="predicted", side="bottom", range=[-0.5, 9.5], tickangle=-40, **ticks)
    figure.update_yaxes(title="true", range=[9.5, -0.5], **ticks)
    if picked is not None:
        row, column = (list(order).index(class_index) for class_index in picked)
        figure.add_shape(
            type="rect",
            x0=column - 0.5,
            x1=column + 0.5,
            y0=row - 0.5,
            y1=row + 0.5,
            line={"width": 2.5, "color": "#d4613c"},
        )
    return figure
