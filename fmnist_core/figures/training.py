"""Curves of a training."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fmnist_core.curves import Chart, Line
from fmnist_core.figures.theme import build_figure

if TYPE_CHECKING:
    import numpy as np
    import plotly.graph_objects as go
    from numpy.typing import NDArray

TRAINING_COLOR = "#3f86c6"
VALIDATION_COLOR = "#e2692f"
# Of earlier runs: told apart from each other, but not as loud as the run that is watched.
EARLIER_COLORS = ("#7f8c95", "#a58a5b", "#6c9a74", "#a0718d", "#8781b5", "#5d9a9c")

# Title of the horizontal axis, and of what is said about a place on it.
_AXES = {
    "epochs": ("epoch", "epoch %{x:.2f}"),
    "batches": ("batch", "batch %{x:,.0f}"),
    "seconds": ("seconds of training", "after %{x:,.0f} s"),
}
_MOST_MARKERS = 40
_MARGIN = {"l": 8, "r": 8, "t": 34, "b": 8}


def plot_curve(chart: Chart) -> "go.Figure":
    """Draw one metric: training inside the epochs, training and validation at their ends, earlier runs behind them."""
    percent = chart.metric == "accuracy"
    form = ".2%" if percent else ".4f"
    title, place = _AXES[chart.axis]
    return build_figure(
        *_draw_earlier(chart.earlier, form),
        *_draw_bands(chart),
        *_draw_inside(chart.inside, form),
        *_draw_ends(chart, form),
        height=300,
        margin=_MARGIN,
        title={"text": chart.metric.capitalize(), "x": 0, "font_size": 15},
        hovermode="x unified",
        uirevision=chart.metric,
        xaxis={
            "title": title,
            "range": list(chart.x_range),
            "tickformat": "~s" if chart.axis == "batches" else "~g",
            "unifiedhovertitle": {"text": place},
            "fixedrange": True,
        },
        yaxis={
            "type": "log" if chart.log else "linear",
            "tickformat": ".0%" if percent else "~g",
            "dtick": "D2" if chart.log else None,
            "range": list(chart.y_range),
            "fixedrange": True,
        },
    )


def _draw_earlier(lines: Sequence[Line], form: str) -> list[dict[str, Any]]:
    return [
        {
            "type": "scatter",
            "x": line.x,
            "y": line.y,
            "mode": "lines" if len(line.x) > 1 else "markers",
            "name": line.label,
            "line": {"color": color, "width": 1.5, "dash": "dot"},
            "opacity": 0.8,
            "hovertemplate": f"%{{y:{form}}}",
        }
        for line, color in zip(lines, EARLIER_COLORS, strict=False)
    ]


def _draw_bands(chart: Chart) -> list[dict[str, Any]]:
    """Draw the room between least and greatest: a line, and one back to it that is filled down to the first."""
    traces: list[dict[str, Any]] = []
    for (x, low, high), color in zip(chart.bands or (), (TRAINING_COLOR, VALIDATION_COLOR), strict=False):
        edge: dict[str, Any] = {"type": "scatter", "x": x, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
        traces += [edge | {"y": low}, edge | {"y": high, "fill": "tonexty", "fillcolor": _fade(color, 0.22)}]
    return traces


def _draw_inside(line: Line, form: str) -> list[dict[str, Any]]:
    trace: dict[str, Any] = {
        "type": "scatter",
        "x": line.x,
        # A line of one point would not be seen.
        "mode": "lines" if len(line.x) > 1 else "markers",
        "name": "in the epoch",
        "line": {"color": TRAINING_COLOR, "width": 1},
        "marker": {"color": TRAINING_COLOR, "size": 6},
    }
    smoothed = trace | {"y": line.y, "opacity": 0.5, "hovertemplate": f"%{{y:{form}}}"}
    if line.y is line.raw or _are_alike(line):
        return [smoothed]
    return [trace | {"y": line.raw, "opacity": 0.2, "hoverinfo": "skip"}, smoothed | {"opacity": 0.8}]


def _draw_ends(chart: Chart, form: str) -> list[dict[str, Any]]:
    mean = "mean " if chart.bands else ""
    traces: list[dict[str, Any]] = []
    for line, name, color, symbol in (
        (chart.training, "training", TRAINING_COLOR, "circle"),
        (chart.validation, "validation", VALIDATION_COLOR, "diamond"),
    ):
        trace: dict[str, Any] = {
            "type": "scatter",
            "x": line.x,
            "mode": "lines+markers" if len(line.x) <= _MOST_MARKERS else "lines",
            "name": mean + name,
            "line": {"color": color, "width": 2.5},
            "marker": {"size": 6, "symbol": symbol},
        }
        if not _are_alike(line):
            traces.append(trace | {"y": line.raw, "opacity": 0.25, "hoverinfo": "skip", "mode": "lines"})
        traces.append(trace | {"y": line.y, "hovertemplate": f"%{{y:{form}}}"})
    return traces


def _are_alike(line: Line) -> bool:
    return bool(((line.y == line.raw) | (line.raw != line.raw)).all())


def _fade(color: str, opacity: float) -> str:
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def plot_schedule(positions: "NDArray[np.float64]", rates: "NDArray[np.float64]", epochs: int) -> "go.Figure":
    """Draw how the learning rate will change in the course of a training.

    Args:
        positions: in epochs, rising, (n,).
        rates: the learning rate there, (n,).
        epochs: how many there will be.
    """
    line = {
        "type": "scatter",
        "x": positions,
        "y": rates,
        "mode": "lines",
        "line": {"color": TRAINING_COLOR, "width": 2.5},
        "hovertemplate": "epoch %{x:.1f}: %{y:.3g}<extra></extra>",
    }
    return build_figure(
        line,
        height=180,
        xaxis={"title": "epoch", "range": [0, epochs], "tickformat": "~g", "fixedrange": True},
        yaxis={"title": "learning rate", "rangemode": "tozero", "tickformat": "~g", "fixedrange": True},
    )
