"""Accuracy as pictures are changed more and more."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.figures.theme import NEUTRAL, build_figure

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from fmnist_core.interpretation.robustness import Curve

# Blue and orange: told apart with every kind of colour vision.
FIRST_COLOR, SECOND_COLOR = "#2f70b0", "#cd541c"
_DOTTED = {"color": NEUTRAL, "width": 1, "dash": "dot"}
_BANDS = {FIRST_COLOR: "rgba(47,112,176,0.22)", SECOND_COLOR: "rgba(205,84,28,0.22)"}


def plot_robustness(
    curve: "Curve", neutral: float, unit: str, now: float, other: "Curve | None" = None, height: int = 170
) -> "Figure":
    """Draw the accuracy of a run under one change, with its 95% band, and the unchanged accuracy as a line.

    Args:
        curve: of the run.
        neutral: the strength that changes nothing.
        unit: of the strengths, for the hover text.
        now: the strength to mark with a line; none is drawn at the neutral one.
        other: that of another run, to compare with.
        height: in screen pixels.
    """
    traces: list[dict[str, Any]] = []
    for each, color in ((other, SECOND_COLOR), (curve, FIRST_COLOR)):
        if each is not None:
            traces += _draw(each, color, unit)
    mark = {"type": "line", "line": {"color": NEUTRAL, "width": 2}}
    unchanged = _find(curve, neutral)
    shapes: list[dict[str, Any]] = [
        {**mark, "xref": "paper", "x0": 0, "x1": 1, "y0": unchanged, "y1": unchanged, "line": _DOTTED}
    ]
    if now != neutral:
        shapes.append({**mark, "yref": "paper", "x0": now, "x1": now, "y0": 0, "y1": 1})
    still = {"fixedrange": True, "zeroline": False}
    # All in one go: nine of these follow a slider, and each later change of a figure takes as long as the figure.
    return build_figure(
        *traces,
        height=height,
        margin={"l": 4, "r": 10, "t": 6, "b": 4},
        hovermode="closest",
        shapes=shapes,
        xaxis={**still, "nticks": 6, "showgrid": False, "range": _frame(curve.strengths)},
        yaxis={**still, "range": [0, 1.02], "tickvals": [0, 0.25, 0.5, 0.75, 1], "tickformat": ".0%"},
    )


def _draw(curve: "Curve", color: str, unit: str) -> list[dict[str, Any]]:
    x = curve.strengths.tolist()
    band = {
        "type": "scatter",
        "x": [*x, *x[::-1]],
        "y": [*curve.low.tolist(), *curve.high.tolist()[::-1]],
        "fill": "toself",
        "fillcolor": _BANDS[color],
        "line": {"width": 0},
        "mode": "lines",
        "hoverinfo": "skip",
    }
    line = {
        "type": "scatter",
        "x": x,
        "y": curve.accuracy.tolist(),
        "mode": "lines+markers",
        "line": {"color": color, "width": 2},
        "marker": {"size": 5, "color": color},
        "customdata": np.column_stack([curve.low, curve.high]).tolist(),
        "hovertemplate": f"%{{x}}{unit}: %{{y:.1%}} (%{{customdata[0]:.1%}} to %{{customdata[1]:.1%}})<extra></extra>",
    }
    return [band, line]


def _frame(strengths: NDArray[np.floating]) -> list[float]:
    room = 0.03 * float(strengths[-1] - strengths[0])
    return [float(strengths[0]) - room, float(strengths[-1]) + room]


def _find(curve: "Curve", strength: float) -> float:
    return float(curve.accuracy[np.abs(curve.strengths - strength).argmin()])
