"""How a network came to its answers: classes and items through the epochs, and what is easy or hard to learn."""

from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.dynamics import BORDER_CONFIDENCE, BORDER_VARIABILITY
from fmnist_core.figures.theme import NEUTRAL, build_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

# The colours of hits and errors in the confusion matrix.
RIGHT_COLOR, WRONG_COLOR = "#2f70b0", "#cd541c"
_MARK_COLOR = "#d4613c"

# Units of the strip's drawing, which is stretched to the width that it is given.
_WIDTH, _HEIGHT, _BAND, _GAP = 2000, 400, 46, 14


def plot_accuracy_by_epoch(
    epochs: NDArray[np.int64], accuracy: NDArray[np.float64], class_accuracy: NDArray[np.float64], place: int
) -> "go.Figure":
    """Draw the accuracy over the epochs, thinly that of each class, and mark one epoch.

    Args:
        epochs: their numbers, (e,).
        accuracy: (e,), 0 to 1.
        class_accuracy: (e, 10), 0 to 1; NaN for a class without items, which is left out.
        place: position of the marked epoch.
    """
    classes = [
        {
            "type": "scatter",
            "x": epochs,
            "y": values,
            "mode": "lines",
            "name": name,
            "line": {"color": color, "width": 1.2},
            "opacity": 0.75,
            "hovertemplate": f"{name}: %{{y:.1%}}, epoch %{{x}}<extra></extra>",
        }
        for name, color, values in zip(CLASS_NAMES, CLASS_COLORS, class_accuracy.T, strict=True)
        if np.isfinite(values).all()
    ]
    line = {
        "type": "scatter",
        "x": epochs,
        "y": accuracy,
        "mode": "lines" if len(epochs) > 1 else "markers",
        "name": "all classes",
        "line": {"color": NEUTRAL, "width": 3.5},
        "hovertemplate": "all: %{y:.2%}, epoch %{x}<extra></extra>",
    }
    mark = {
        "type": "scatter",
        "x": epochs[[place]],
        "y": accuracy[[place]],
        "mode": "markers",
        "name": "this epoch",
        "marker": {"size": 11, "color": _MARK_COLOR, "line": {"width": 2, "color": "#ffffff"}},
        "hoverinfo": "skip",
    }
    figure = build_figure(
        *classes,
        line,
        mark,
        height=190,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        hovermode="closest",
        xaxis={"title": "epoch", "tickformat": "~d", "fixedrange": True, "zeroline": False, "showgrid": False},
        yaxis={"tickformat": ".0%", "fixedrange": True},
    )
    figure.add_vline(x=int(epochs[place]), line={"color": _MARK_COLOR, "width": 1.5, "dash": "dot"})
    return figure


def plot_class_accuracy(accuracy: NDArray[np.float64], before: NDArray[np.float64] | None) -> "go.Figure":
    """Draw the accuracy of each class as a bar, with what has changed since the epoch before.

    Args:
        accuracy: (10,), 0 to 1; NaN for a class without items.
        before: the same one epoch earlier; None for the first.
    """
    changes = np.zeros(len(accuracy)) if before is None else np.nan_to_num(accuracy - before)
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": np.nan_to_num(accuracy),
        "y": list(CLASS_NAMES),
        "marker": {"color": list(CLASS_COLORS)},
        "text": [_say_share(share, change) for share, change in zip(accuracy, changes, strict=True)],
        "textposition": "outside",
        "textfont": {"size": 12},
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{text}<extra></extra>",
    }
    return build_figure(
        bars,
        height=320,
        # On the right there is room for the text of a full bar.
        margin={"l": 8, "r": 86, "t": 4, "b": 4},
        bargap=0.25,
        xaxis={"range": [0, 1], "visible": False, "fixedrange": True},
        yaxis={"autorange": "reversed", "fixedrange": True, "showgrid": False},
    )


def _say_share(share: float, change: float) -> str:
    if np.isnan(share):
        return "no items"
    points = round(100 * change, 1)
    if points == 0:
        return f"{share:.1%}"
    return f"{share:.1%} {'▲' if points > 0 else '▼'} {abs(points):.1f}"


def draw_strip(probabilities: NDArray[np.float32], label: int, place: int) -> str:
    """Return the address (a data URL) of a drawing of one item's answers: ten shares stacked over the epochs.

    Each epoch is a column, its ten probabilities lie above each other in the classes' colours, the true class at the
    bottom. A band below tells whether the answer was right; a line marks one epoch. An SVG picture and no chart:
    many of them stand on a page and each is drawn anew at every step of a slider.

    Args:
        probabilities: (e, 10).
        label: the true class.
        place: position of the marked epoch.
    """
    n_epochs = len(probabilities)
    order = [label, *(index for index in range(len(CLASS_NAMES)) if index != label)]
    shares = probabilities[:, order].astype(np.float64)
    tops = np.cumsum(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-9), axis=1)
    edges = np.linspace(0, _WIDTH, n_epochs + 1).round().astype(int)
    heights = (_HEIGHT * (1 - tops)).round().astype(int)
    # From the top down: each area reaches to the ground, and the next one covers what is not its own.
    areas = "".join(
        f"<path fill='{CLASS_COLORS[order[layer]]}' d='{_outline(edges, heights[:, layer])}'/>"
        for layer in reversed(range(len(order)))
        if shares[:, layer].max() >= 0.005
    )
    right = probabilities.argmax(axis=1) == label
    band = "".join(
        f"<rect x='{edges[start]}' y='{_HEIGHT + _GAP}' width='{edges[end] - edges[start]}' height='{_BAND}' "
        f"fill='{RIGHT_COLOR if right[start] else WRONG_COLOR}'/>"
        for start, end in _find_spans(right)
    )
    total = _HEIGHT + _GAP + _BAND
    middle = (edges[place] + edges[place + 1]) // 2
    mark = "".join(
        f"<path d='M{middle} 0V{total}' stroke='{color}' stroke-width='{width}' vector-effect='non-scaling-stroke'/>"
        for color, width in (("#000", 4), ("#fff", 2))
    )
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {total}' preserveAspectRatio='none' "
        f"shape-rendering='crispEdges'>{areas}{band}{mark}</svg>"
    )
    return "data:image/svg+xml," + quote(svg, safe=" '=/:,;")


def _outline(edges: NDArray[np.int64], tops: NDArray[np.int64]) -> str:
    """Return the path around columns that stand on the ground."""
    steps = "".join(f"V{top}H{right}" for top, right in zip(tops, edges[1:], strict=True))
    return f"M{edges[0]} {_HEIGHT}{steps}V{_HEIGHT}Z"


def _find_spans(values: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return where equal neighbours begin, and where they end (exclusive)."""
    borders = [0, *(np.flatnonzero(values[1:] != values[:-1]) + 1).tolist(), len(values)]
    return list(pairwise(borders))


def plot_cartography(
    variability: NDArray[np.float64],
    confidence: NDArray[np.float64],
    correctness: NDArray[np.float64],
    items: NDArray[np.int64],
    names: list[str],
) -> "go.Figure":
    """Draw the map of confidence against variability; a selection's customdata is [item].

    Args:
        variability: standard deviation of the true class's probability, (n,), 0 to 0.5.
        confidence: its mean, (n,), 0 to 1.
        correctness: share of the epochs in which an item is right, (n,), 0 to 1.
        items: item numbers, (n,).
        names: what is shown on hover, n texts.
    """
    points = {
        "type": "scattergl",
        "x": variability.round(4),
        "y": confidence.round(4),
        "mode": "markers",
        "marker": {
            "size": 5,
            "opacity": 0.7,
            "color": correctness.round(3),
            "cmin": 0,
            "cmax": 1,
            "colorscale": [[0, WRONG_COLOR], [0.5, "#b9a38f"], [1, RIGHT_COLOR]],
            "colorbar": {
                "orientation": "h",
                "title": {"text": "right in this share of the epochs", "side": "top", "font_size": 12},
                "thickness": 8,
                "tickformat": ".0%",
                "y": 1.0,
                "yanchor": "bottom",
                "len": 0.6,
            },
        },
        "text": names,
        # A list: plotly would encode an array, and the browser hand back a dictionary of it.
        "customdata": items[:, np.newaxis].tolist(),
        "hovertemplate": "%{text}<br>confidence %{y:.2f}, variability %{x:.2f}<extra></extra>",
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 0.15}},
    }
    highest = max(float(variability.max(initial=0)) * 1.05, BORDER_VARIABILITY * 1.6)
    figure = build_figure(
        points,
        height=460,
        margin={"l": 8, "r": 8, "t": 56, "b": 8},
        dragmode="lasso",
        hovermode="closest",
        xaxis={"title": "variability: how much it wavers", "range": [-0.01, highest], "zeroline": False},
        yaxis={
            "title": "confidence in the true class",
            "range": [-0.1, 1.1],
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "tickformat": ".0%",
            "zeroline": False,
        },
    )
    line = {"color": NEUTRAL, "width": 1, "dash": "dot"}
    figure.add_shape(type="line", x0=BORDER_VARIABILITY, x1=BORDER_VARIABILITY, y0=-0.1, y1=1.1, line=line)
    figure.add_shape(type="line", x0=0, x1=BORDER_VARIABILITY, y0=BORDER_CONFIDENCE, y1=BORDER_CONFIDENCE, line=line)
    places = (
        # Above and below the dots, which lie between 0 and 1.
        ("easy", BORDER_VARIABILITY - 0.01, 1.05),
        ("ambiguous", highest - 0.01, 1.05),
        ("hard", BORDER_VARIABILITY - 0.01, -0.05),
    )
    for name, x, y in places:
        figure.add_annotation(text=f"<b>{name}</b>", x=x, y=y, xanchor="right", showarrow=False, font_size=15)
    return figure
