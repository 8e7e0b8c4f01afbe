"""Maps as charts: in space, and in a plane for browsers that cannot draw the lab's own map."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.figures.theme import build_figure
from fmnist_core.map_colors import Coloring

if TYPE_CHECKING:
    import plotly.graph_objects as go

_HEIGHT = 560
# Closer than plotly stands by itself.
_CAMERA = {"eye": {"x": 0.95, "y": 0.95, "z": 0.6}, "center": {"x": 0, "y": 0, "z": -0.1}}
_LEGEND = {"orientation": "h", "itemsizing": "constant", "y": 0, "yanchor": "top"}


def plot_map(embedding: NDArray[np.float32], items: NDArray[np.int64], coloring: Coloring) -> "go.Figure":
    """Draw items in a plane, a trace for each category.

    Args:
        embedding: (n, 2).
        items: (n,) item numbers, each point's customdata.
        coloring: of these n items.
    """
    traces = [
        {"type": "scatter", "x": x, "y": y, "marker": {"size": 4, "color": color}, **trace}
        for (x, y), color, trace in _split(embedding, items, coloring)
    ]
    axis = {"visible": False}
    return build_figure(
        *traces,
        height=_HEIGHT,
        showlegend=True,
        legend=_LEGEND,
        xaxis=axis,
        yaxis={**axis, "scaleanchor": "x"},
        dragmode="pan",
    )


def plot_map_in_space(embedding: NDArray[np.float32], items: NDArray[np.int64], coloring: Coloring) -> "go.Figure":
    """Draw items in space, a trace for each category; dragging turns it.

    Args:
        embedding: (n, 3).
        items: (n,) item numbers, each point's customdata.
        coloring: of these n items.
    """
    traces = [
        {"type": "scatter3d", "x": x, "y": y, "z": z, "marker": {"size": 2, "color": color}, **trace}
        for (x, y, z), color, trace in _split(embedding, items, coloring)
    ]
    axis = {"showticklabels": False, "title": "", "showbackground": False, "showspikes": False}
    return build_figure(
        *traces,
        height=_HEIGHT,
        showlegend=True,
        legend=_LEGEND,
        scene={
            "xaxis": axis,
            "yaxis": axis,
            "zaxis": axis,
            "aspectmode": "data",
            "dragmode": "orbit",
            "camera": _CAMERA,
        },
    )


def _split(embedding: NDArray[np.float32], items: NDArray[np.int64], coloring: Coloring) -> Any:
    """Yield coordinates, colour and the rest of the trace of each category that occurs."""
    for code, category in enumerate(coloring.categories):
        members = np.flatnonzero(coloring.codes == code)
        if len(members):
            yield (
                embedding[members].T,
                category.color,
                {
                    "mode": "markers",
                    "name": category.title,
                    # Lists: Streamlit gives an array's rows back as dictionaries.
                    "customdata": items[members, np.newaxis].tolist(),
                    "hovertemplate": f"{category.title}, item %{{customdata[0]:,}}<extra></extra>",
                },
            )
