"""Runs that differ in seed or fold: each a point on the line of its group, with their mean and deviation."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from fmnist_core.figures.theme import build_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from fmnist_core.repeats import Spread

POINT_COLOR, MEAN_COLOR = "#3f86c6", "#d4613c"
_LINE = "rgba(139,134,128,0.25)"
_LINE_HEIGHT, _FRAME = 46, 62


def plot_strips(
    points: Mapping[str, Mapping[str, float]], spreads: "Mapping[str, Spread | None]", title: str
) -> "go.Figure":
    """Draw the accuracies of groups of runs, a line for each group, the first on top.

    Args:
        points: by the group's label the accuracies of its runs, 0 to 1, by what each run is called.
        spreads: by the same labels their mean and standard deviation; None where there is no figure.
        title: what the accuracies are.
    """
    names = list(points)
    places = [place for place, name in enumerate(names) for _ in points[name]]
    # Points on one another could not be counted: they are set apart a little, in turn above and below the line.
    offsets = [0.09 * (-1) ** turn for name in names for turn, _ in enumerate(points[name])]
    values = [value for name in names for value in points[name].values()]
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": values,
        "y": np.array(places, dtype=float) + np.array(offsets),
        "marker": {"size": 9, "color": POINT_COLOR, "opacity": 0.75},
        "hovertext": [f"{label}: {value:.2%}" for name in names for label, value in points[name].items()],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    known = [(place, spreads[name]) for place, name in enumerate(names)]
    told = [(place, spread) for place, spread in known if spread is not None]
    means = {
        "type": "scatter",
        "mode": "markers",
        "x": [spread.mean for _, spread in told],
        "y": [place for place, _ in told],
        "marker": {"symbol": "line-ns", "size": 24, "line": {"width": 3, "color": MEAN_COLOR}},
        "error_x": {"array": [spread.deviation for _, spread in told], "color": MEAN_COLOR, "thickness": 1.5},
        "hovertext": [f"mean {s.mean:.2%} ± {100 * s.deviation:.2f}, {s.seeds} runs" for _, s in told],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    ends = [end for _, spread in told for end in (spread.mean - spread.deviation, spread.mean + spread.deviation)]
    low, high = min([*values, *ends], default=0.0), max([*values, *ends], default=1.0)
    room = max(0.08 * (high - low), 0.002)
    figure = build_figure(dots, means, height=_FRAME + _LINE_HEIGHT * max(len(names), 1), hovermode="closest")
    figure.update_xaxes(
        title=title,
        range=[low - room, min(high + room, 1.0 + room / 4)],
        tickformat=".1%" if high - low < 0.05 else ".0%",
        showgrid=True,
        gridcolor=_LINE,
        zeroline=False,
        fixedrange=True,
    )
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=names,
        range=[len(names) - 0.5, -0.5],
        showgrid=True,
        gridcolor=_LINE,
        griddash="dot",
        zeroline=False,
        fixedrange=True,
    )
    return figure
