"""Charts of principal components: what each explains and weighs, where classes lie, what is lost without it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.figures.theme import NEUTRAL, build_figure
from fmnist_core.sheets import ABOVE_ZERO, BELOW_ZERO

if TYPE_CHECKING:
    import plotly.graph_objects as go

_MARK = "#d4613c"


def plot_explained_variance(ratios: NDArray[np.float64], marks: Sequence[int], logarithmic: bool = True) -> "go.Figure":
    """Draw the share of the variance that each component holds, and that the first ones hold together.

    Args:
        ratios: (k,) share of each component, 0 to 1, the largest first.
        marks: numbers of components, counted from 1, to point out on the curve.
        logarithmic: stretch the first components and crowd the last ones.
    """
    together = np.cumsum(ratios)
    figure = build_figure(
        *_draw_shares(ratios, together, np.asarray(marks, dtype=np.int64)),
        height=360,
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        hovermode="x",
        yaxis={"range": [0, 1.13], "tickformat": ".0%", "dtick": 0.2, "fixedrange": True, "zeroline": False},
    )
    for mark in marks:
        height = together[mark - 1]
        line = {"color": NEUTRAL, "width": 1, "dash": "dot"}
        figure.add_shape(type="line", x0=mark, x1=mark, y0=0, y1=height, line=line, layer="below")
    ticks = [1, 2, 5, 10, 20, 50, 100, 200] if logarithmic else [1, 200, 400, 600]
    span = [0.9, len(ratios) * 1.1]
    figure.update_xaxes(
        type="log" if logarithmic else "linear",
        range=list(np.log10(span)) if logarithmic else [0, len(ratios) * 1.02],
        tickvals=sorted({*(tick for tick in ticks if tick < 0.8 * len(ratios)), len(ratios)}),
        title="number of components",
        tickangle=0,
        showgrid=False,
        fixedrange=True,
    )
    return figure


def _draw_shares(
    ratios: NDArray[np.float64], together: NDArray[np.float64], marks: NDArray[np.int64]
) -> list[dict[str, Any]]:
    numbers = np.arange(1, len(ratios) + 1)
    area = {
        "type": "scatter",
        "name": "the first ones together",
        "x": numbers,
        "y": together,
        "fill": "tozeroy",
        "fillcolor": "rgba(58,131,201,0.16)",
        "line": {"color": BELOW_ZERO, "width": 2},
        "hovertemplate": "the first %{x} together: %{y:.2%}<extra></extra>",
    }
    scree = {
        "type": "scatter",
        "name": "each by itself (scree)",
        "x": numbers,
        "y": ratios,
        "mode": "lines+markers",
        "line": {"color": ABOVE_ZERO, "width": 2},
        "marker": {"size": 4},
        "hovertemplate": "component %{x} by itself: %{y:.2%}<extra></extra>",
    }
    points = {
        "type": "scatter",
        "x": marks,
        "y": together[marks - 1],
        "mode": "markers+text",
        "text": [f"<b>{mark:,}</b>" for mark in marks],
        "textposition": "top center",
        "textfont": {"size": 14},
        "marker": {"color": BELOW_ZERO, "size": 9},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    return [area, scree, points]


def plot_loadings(loadings: NDArray[np.float64], unit: str) -> "go.Figure":
    """Draw how strongly each pixel goes with a component: one colour below zero, one above, paper at zero.

    Args:
        loadings: (28, 28).
        unit: of the values, for the hover.
    """
    largest = max(float(np.abs(loadings).max()), 1e-9)
    heatmap = {
        "type": "heatmap",
        "z": loadings.round(4),
        "zmin": -largest,
        "zmax": largest,
        "colorscale": _SIGNED,
        "colorbar": {"thickness": 12, "len": 1, "outlinewidth": 0, "xpad": 4, "ypad": 0},
        "hovertemplate": f"x %{{x}}, y %{{y}}: %{{z:+.3~g}} {unit}<extra></extra>",
    }
    axis = {"showgrid": False, "zeroline": False, "fixedrange": True, "tickvals": [0, 7, 14, 21, 27]}
    return build_figure(
        heatmap,
        height=400,
        xaxis={**axis, "constrain": "domain", "range": [-0.5, 27.5]},
        yaxis={**axis, "scaleanchor": "x", "constrain": "domain", "range": [27.5, -0.5]},
    )


def plot_class_scores(quantiles: NDArray[np.float64]) -> "go.Figure":
    """Draw where each class lies along a component, as a box with whiskers, the highest class at the top.

    Args:
        quantiles: (10, 5) scores below which 5, 25, 50, 75 and 95% of the class's items lie; a class whose row is
            NaN is left out.
    """
    order = [index for index in np.argsort(quantiles[:, 2]) if not np.isnan(quantiles[index, 2])]
    boxes = [
        {
            "type": "box",
            "orientation": "h",
            "name": CLASS_NAMES[index],
            "y": [CLASS_NAMES[index]],
            **{
                name: [float(value)]
                for name, value in zip(
                    ("lowerfence", "q1", "median", "q3", "upperfence"), quantiles[index], strict=True
                )
            },
            "line": {"color": CLASS_COLORS[index], "width": 2},
            "hoverinfo": "x",
            "hoveron": "boxes",
        }
        for index in order
    ]
    return build_figure(
        *boxes,
        height=56 + 30 * len(order),
        boxgap=0.35,
        xaxis={"fixedrange": True, "zeroline": True, "title": "score along the component", "hoverformat": ".2f"},
        yaxis={"fixedrange": True, "ticksuffix": "  "},
    )


def plot_reconstruction_errors(counts: Sequence[int], errors: NDArray[np.float64], count: int) -> "go.Figure":
    """Draw how the error of rebuilt items falls with the number of components.

    Args:
        counts: numbers of components, ascending; drawn at equal distances.
        errors: the mean error with each of them, in grey levels.
        count: the one of `counts` to point out.
    """
    position = list(counts).index(count)
    places = list(range(len(counts)))
    line = {
        "type": "scatter",
        "x": places,
        "y": errors,
        "mode": "lines+markers",
        "line": {"color": NEUTRAL, "width": 2},
        "marker": {"size": 5},
        "customdata": list(counts),
        "hovertemplate": "%{customdata} components: %{y:.1f} grey levels<extra></extra>",
    }
    mark = {
        "type": "scatter",
        "x": [position],
        "y": [errors[position]],
        "mode": "markers+text",
        "text": [f"<b>{errors[position]:.1f}</b>"],
        "textfont": {"size": 14},
        "textposition": "top right" if position < len(counts) - 3 else "top center",
        "marker": {"color": _MARK, "size": 12},
        "hoverinfo": "skip",
    }
    shown = [place for place in places if counts[place] in _TICKS or place == len(counts) - 1]
    return build_figure(
        line,
        mark,
        height=240,
        xaxis={
            "tickvals": shown,
            "ticktext": [str(counts[place]) for place in shown],
            "range": [-0.5, len(counts) - 0.5],
            "title": "number of components",
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
        yaxis={"range": [0, 1.18 * float(errors.max())], "title": "grey levels", "fixedrange": True, "nticks": 5},
    )


def _fade(color: str) -> str:
    red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},0)"


_TICKS = {0, 2, 5, 10, 20, 50, 100, 250}
_SIGNED = [[0, BELOW_ZERO], [0.5, _fade(BELOW_ZERO)], [0.5, _fade(ABOVE_ZERO)], [1, ABOVE_ZERO]]
