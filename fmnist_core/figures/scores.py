"""Figures of merit by class, and the curves of one class against the others."""

from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.evaluation.metrics import CLASS_METRICS, ClassScores
from fmnist_core.evaluation.thresholds import ClassCurves, Curve
from fmnist_core.figures.theme import NEUTRAL, build_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

_METRIC_COLORS = ("#5b8db8", "#d29a45", "#8c75ad")
# What a curve's corner is: where good networks differ.
_CORNER = 0.2
_HEIGHT = 580


def plot_class_scores(scores: ClassScores) -> "go.Figure":
    """Draw precision, recall and F1 of each class as bars with their intervals."""
    bars = [
        {
            "type": "bar",
            "name": name,
            "x": list(CLASS_NAMES),
            "y": scores.values[:, column].round(4),
            "error_y": {
                "type": "data",
                "symmetric": False,
                "array": (scores.high - scores.values)[:, column].round(4),
                "arrayminus": (scores.values - scores.low)[:, column].round(4),
                "thickness": 1.2,
                "width": 2,
                "color": NEUTRAL,
            },
            "marker": {"color": color},
            "customdata": [
                f"{low:.1%} to {high:.1%}"
                for low, high in zip(scores.low[:, column], scores.high[:, column], strict=True)
            ],
            "hovertemplate": f"%{{x}}, {name.lower()}: %{{y:.1%}}<br>95% interval %{{customdata}}<extra></extra>",
        }
        for column, (name, color) in enumerate(zip(CLASS_METRICS, _METRIC_COLORS, strict=True))
    ]
    return build_figure(
        *bars,
        height=380,
        margin={"l": 8, "r": 8, "t": 32, "b": 8},
        barmode="group",
        bargap=0.25,
        hovermode="closest",
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        xaxis={"tickangle": -40, "fixedrange": True},
        yaxis={"range": [0, 1.02], "tickformat": ".0%", "fixedrange": True},
    )


def plot_roc_curves(curves: ClassCurves, enlarged: bool = False) -> "go.Figure":
    """Draw false alarms against recall, a line for each class and a broad one for their mean.

    Args:
        curves: of `compute_roc_curves`.
        enlarged: whether only the corner of few false alarms and high recall is shown.
    """
    text = "finds %{y:.1%} of them,<br>with %{x:.2%} of all others"
    guessing = {
        "type": "scatter",
        "x": [0, 1],
        "y": [0, 1],
        "mode": "lines",
        "line": {"color": NEUTRAL, "width": 1, "dash": "dot"},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    return _plot_curves(
        curves,
        text,
        enlarged,
        guessing,
        xaxis={"title": "false alarms: share of the other classes' items", "range": _frame(enlarged, at_top=False)},
        yaxis={"title": "recall: share of the class that is found", "range": _frame(enlarged, at_top=True)},
    )


def plot_precision_recall_curves(curves: ClassCurves, enlarged: bool = False) -> "go.Figure":
    """Draw recall against precision; see `plot_roc_curves` for the arguments."""
    text = "finds %{x:.1%} of them;<br>%{y:.1%} of what it finds is right"
    return _plot_curves(
        curves,
        text,
        enlarged,
        xaxis={"title": "recall: share of the class that is found", "range": _frame(enlarged, at_top=True)},
        yaxis={"title": "precision: share of the finds that is right", "range": _frame(enlarged, at_top=True)},
    )


def _frame(enlarged: bool, at_top: bool) -> list[float]:
    # A little more than is needed, so that lines along the edge are seen whole.
    margin = 0.01 * (_CORNER if enlarged else 1)
    low, high = (1 - _CORNER, 1) if at_top else (0, _CORNER)
    return [low - margin, high + margin] if enlarged else [-margin, 1 + margin]


def _plot_curves(
    curves: ClassCurves, text: str, enlarged: bool, *others: dict[str, Any], **axes: dict[str, Any]
) -> "go.Figure":
    lines = [
        _draw_curve(
            curve, CLASS_NAMES[index], CLASS_COLORS[index], f"from a probability of %{{customdata}} on:<br>{text}"
        )
        for index, curve in curves.by_class.items()
    ]
    mean = _draw_curve(curves.macro, "mean", NEUTRAL, f"on average {text}") | {
        "line": {"color": NEUTRAL, "width": 4, "dash": "dash"}
    }
    for axis in axes.values():
        axis.update(dtick=0.05 if enlarged else 0.2, tickformat=".0%", fixedrange=True, zeroline=False, automargin=True)
    return build_figure(
        *others,
        *lines,
        mean,
        height=_HEIGHT,
        # Room for the last figure of the axis.
        margin={"l": 8, "r": 24, "t": 8, "b": 8},
        hovermode="closest",
        showlegend=True,
        # The lines that a visitor has put out stay out when the corner is enlarged.
        uirevision="curves",
        legend={
            "orientation": "h",
            "y": -0.16,
            "yanchor": "top",
            "x": 0,
            "entrywidth": 0.5,
            "entrywidthmode": "fraction",
        },
        **axes,
    )


def _draw_curve(curve: Curve, name: str, color: str, text: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": curve.x.round(4),
        "y": curve.y.round(4),
        "mode": "lines",
        "name": f"{name} {curve.area:.4f}",
        "line": {"color": color, "width": 2},
        # At the first point nothing is taken: no probability is high enough.
        "customdata": [float(f"{threshold:.3g}") for threshold in np.nan_to_num(curve.thresholds, nan=1.0)],
        "hovertemplate": f"<b>{name}</b>, {text}<extra></extra>",
    }
