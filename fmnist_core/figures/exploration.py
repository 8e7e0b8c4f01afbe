"""Charts of the data as it is: how often each class occurs, how bright it is, how much room it takes."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLORS, CLASS_ICONS, CLASS_NAMES
from fmnist_core.figures.theme import NEUTRAL, build_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

_LABELS = [f"{name} {icon}" for name, icon in zip(CLASS_NAMES, CLASS_ICONS, strict=True)]


def plot_class_counts(class_counts: NDArray[np.integer[Any]]) -> "go.Figure":
    """Draw how many items each class has, as bars from the first class at the top to the last.

    Args:
        class_counts: (10,) items of each class.
    """
    bars = {
        "type": "bar",
        "x": class_counts,
        "y": _LABELS,
        "orientation": "h",
        "marker_color": CLASS_COLORS,
        "texttemplate": "%{x:,}",
        "textposition": "auto",
        "textangle": 0,
        "insidetextanchor": "end",
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{x:,} items<extra></extra>",
    }
    return build_figure(
        bars,
        height=330,
        bargap=0.25,
        xaxis={"visible": False, "rangemode": "tozero", "fixedrange": True},
        yaxis={"autorange": "reversed", "fixedrange": True, "ticksuffix": "  "},
    )


def plot_class_shares(class_counts: NDArray[np.integer[Any]]) -> "go.Figure":
    """Draw the classes' shares as a pie, clockwise from the first class at the top.

    Args:
        class_counts: (10,) items of each class.
    """
    pie = {
        "type": "pie",
        "labels": CLASS_NAMES,
        "values": class_counts,
        "marker_colors": CLASS_COLORS,
        "hole": 0.45,
        "sort": False,
        "direction": "clockwise",
        "texttemplate": "%{label}<br>%{percent:.1%}",
        "textposition": "outside",
        "automargin": True,
        "hovertemplate": "%{label}: %{value:,} items, %{percent:.2%}<extra></extra>",
    }
    return build_figure(pie, height=330)


def plot_intensities(shares: NDArray[np.float64], class_index: int, highest: float) -> "go.Figure":
    """Draw the histogram of one class, small enough to stand beside the others.

    Args:
        shares: (n_bins,) share of the class's pixels in equal bins from 0 to 255. The first bin, the
            black background, is left out of the drawing: it would dwarf all others.
        class_index: 0 to 9, for the colour.
        highest: end of the scale, the same for all charts that are to be compared.
    """
    n_bins = len(shares)
    lefts = np.arange(n_bins) * 256 // n_bins
    rights = np.append(lefts[1:], 256) - 1
    bars = {
        "type": "bar",
        "x": ((lefts + rights) / 2)[1:],
        "y": shares[1:],
        "width": 256 / n_bins,
        "marker": {"color": CLASS_COLORS[class_index], "line_width": 0},
        "customdata": np.column_stack([lefts, rights])[1:],
        "hovertemplate": "intensity %{customdata[0]} to %{customdata[1]}: %{y:.2%} of the pixels<extra></extra>",
    }
    return build_figure(
        bars,
        height=150,
        xaxis={"range": [0, 256], "tickvals": [0, 64, 128, 192, 255], "fixedrange": True, "showgrid": False},
        yaxis={"range": [0, highest], "tickformat": ".0%", "fixedrange": True, "nticks": 4},
    )


def plot_ink(means: NDArray[np.float64], quartiles: NDArray[np.float64]) -> "go.Figure":
    """Draw how much of its picture a garment covers, the biggest class at the top.

    Args:
        means: (10,) mean share of ink of each class, 0 to 1.
        quartiles: (10, 2) lower and upper quartile of the items' shares, drawn as a line from one to the other.
    """
    order = np.argsort(means)
    bars = {
        "type": "bar",
        "x": means[order],
        "y": [_LABELS[class_index] for class_index in order],
        "orientation": "h",
        "marker_color": [CLASS_COLORS[class_index] for class_index in order],
        "texttemplate": "%{x:.0%}",
        "textposition": "inside",
        "insidetextanchor": "start",
        "error_x": {
            "array": (quartiles[:, 1] - means)[order],
            "arrayminus": (means - quartiles[:, 0])[order],
            "color": NEUTRAL,
            "thickness": 2,
            "width": 5,
        },
        "customdata": quartiles[order],
        "hovertemplate": "%{y}: %{x:.1%} on average, half of the items within "
        "%{customdata[0]:.1%} and %{customdata[1]:.1%}<extra></extra>",
    }
    return build_figure(
        bars,
        height=380,
        bargap=0.25,
        xaxis={"tickformat": ".0%", "rangemode": "tozero", "fixedrange": True, "side": "top"},
        yaxis={"fixedrange": True, "ticksuffix": "  "},
    )
