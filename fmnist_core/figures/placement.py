"""Where a picture lands on a map."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLORS
from fmnist_core.figures.theme import build_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go


def plot_placement(
    background: str,
    low: NDArray[np.floating],
    high: NDArray[np.floating],
    position: NDArray[np.floating],
    neighbors: NDArray[np.floating],
    labels: NDArray[np.uint8],
    names: list[str],
) -> "go.Figure":
    """Draw a star among dots over a painted map.

    Args:
        background: the map as a data: address of a picture.
        low: its lower left corner, (2,).
        high: its upper right corner, (2,).
        position: where the star stands, (2,).
        neighbors: where the dots lie, (k, 2).
        labels: their classes, (k,), which colour them.
        names: what each is, (k,), shown on hover.
    """
    (left, bottom), (right, top) = np.asarray(low, float), np.asarray(high, float)
    picture = {
        "source": background,
        "xref": "x",
        "yref": "y",
        "x": left,
        "y": top,
        "sizex": right - left,
        "sizey": top - bottom,
        "sizing": "stretch",
        "layer": "below",
    }
    margins = 0.03 * np.array([right - left, top - bottom])
    axis = {"visible": False, "fixedrange": True}
    return build_figure(
        _draw_star(position),
        _draw_dots(neighbors, labels, names),  # above it: they are smaller
        height=340,
        images=[picture],
        xaxis={**axis, "range": [left - margins[0], right + margins[0]]},
        yaxis={**axis, "range": [bottom - margins[1], top + margins[1]], "scaleanchor": "x"},
    )


def _draw_star(position: NDArray[np.floating]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [float(position[0])],
        "y": [float(position[1])],
        "marker": {"size": 22, "symbol": "star", "color": "#ffffff", "line": {"width": 2, "color": "#000000"}},
        "hovertemplate": "Your picture<extra></extra>",
    }


def _draw_dots(neighbors: NDArray[np.floating], labels: NDArray[np.uint8], names: list[str]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [float(x) for x in neighbors[:, 0]],
        "y": [float(y) for y in neighbors[:, 1]],
        "marker": {
            "size": 9,
            "color": [CLASS_COLORS[label] for label in labels],
            "line": {"width": 1.5, "color": "#ffffff"},
        },
        "customdata": names,
        "hovertemplate": "%{customdata}<extra></extra>",
    }
