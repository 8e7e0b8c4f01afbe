"""The reliability diagram: how often a network is right when it is so and so sure."""

from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_core.evaluation.calibration import Reliability
from fmnist_core.figures.strips import RIGHT_COLOR, WRONG_COLOR
from fmnist_core.figures.theme import NEUTRAL, build_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

_IDEAL = {
    "type": "scatter",
    "name": "as it should be",
    "x": [0, 1],
    "y": [0, 1],
    "mode": "lines",
    "line": {"color": NEUTRAL, "width": 1.5, "dash": "dot"},
    "hoverinfo": "skip",
}
_SHARES = {"tickformat": ".0%", "fixedrange": True, "zeroline": False}


def plot_reliability(reliability: Reliability) -> "go.Figure":
    """Draw accuracy against confidence as bars, what is missing to the confidence above them, and the bins' counts."""
    most = max(int(reliability.counts.max()), 2)
    return build_figure(
        *_draw_bars(reliability),
        _IDEAL,
        height=480,
        # Room for the last figure of the axis.
        margin={"l": 8, "r": 24, "t": 32, "b": 8},
        barmode="overlay",
        hovermode="closest",
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        xaxis={"title": "how sure the network is", "range": [0, 1], "anchor": "y2", **_SHARES},
        yaxis={"title": "how often it is right", "range": [0, 1.02], "domain": [0.3, 1], **_SHARES},
        # Nearly all items lie in the last bin: on an even scale the others would not be seen.
        yaxis2={
            "title": "items",
            "type": "log",
            "range": [np.log10(0.7), np.log10(most) + 0.15],
            "domain": [0, 0.22],
            "tickvals": [1, 10, 100, 1_000, 10_000],
            "tickformat": "~s",
            "fixedrange": True,
        },
    )


def _draw_bars(reliability: Reliability) -> list[dict[str, Any]]:
    """Draw accuracy, the gap above it and the count of each bin that has items."""
    filled = np.flatnonzero(reliability.counts)
    low_edge, high_edge = reliability.edges[filled], reliability.edges[filled + 1]
    accuracy, confidence = reliability.accuracy[filled], reliability.confidence[filled]
    bar = {
        "type": "bar",
        "x": (low_edge + high_edge) / 2,
        "width": (high_edge - low_edge) * 0.94,
        "hovertemplate": [_describe_bin(reliability, int(place)) for place in filled],
    }
    interval = {
        "type": "data",
        "symmetric": False,
        "array": (reliability.high[filled] - accuracy).round(4),
        "arrayminus": (accuracy - reliability.low[filled]).round(4),
        "thickness": 1.2,
        "width": 3,
        "color": NEUTRAL,
    }
    hatching = {
        "color": "rgba(205,84,28,0.25)",
        "line": {"color": WRONG_COLOR, "width": 1},
        "pattern": {"shape": "/", "fgcolor": WRONG_COLOR, "fgopacity": 0.6, "size": 6, "solidity": 0.2},
    }
    right = {"name": "right", "y": accuracy.round(4), "error_y": interval}
    gap = {"name": "gap to how sure it is", "y": (confidence - accuracy).round(4), "base": accuracy.round(4)}
    counts = {"name": "items", "y": reliability.counts[filled], "yaxis": "y2", "showlegend": False}
    return [
        bar | right | {"marker": {"color": RIGHT_COLOR, "opacity": 0.85}},
        bar | gap | {"marker": hatching},
        bar | counts | {"marker": {"color": NEUTRAL}},
    ]


def _describe_bin(reliability: Reliability, place: int) -> str:
    low_edge, high_edge = reliability.edges[place : place + 2]
    return (
        f"{reliability.counts[place]:,} items {low_edge:.0%} to {high_edge:.0%} sure"
        f"<br>sure on average: {reliability.confidence[place]:.1%}"
        f"<br>right: {reliability.accuracy[place]:.1%} "
        f"({reliability.low[place]:.1%} to {reliability.high[place]:.1%})<extra></extra>"
    )
