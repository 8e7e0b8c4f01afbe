"""The leaderboard as a chart: accuracy against what it costs."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fmnist_core.figures.theme import NEUTRAL, build_figure
from fmnist_core.figures.training import TRAINING_COLOR, VALIDATION_COLOR
from fmnist_core.papers.leaderboard import CLAIMED, KINDS, LITERATURE, MEASURED, OWN, SIZES

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from fmnist_core.papers.leaderboard import Entry

MEASURED_COLOR = TRAINING_COLOR
CLAIM_COLOR = VALIDATION_COLOR
OWN_COLOR = "#4f9d5d"
# By kind of entry: its colour and its symbol. Claims are hollow, results filled.
_MARKERS: dict[str, tuple[str, str]] = {
    MEASURED: (MEASURED_COLOR, "circle"),
    OWN: (OWN_COLOR, "star"),
    CLAIMED: (CLAIM_COLOR, "circle-open"),
    LITERATURE: (NEUTRAL, "diamond-open"),
}
# What is less accurate stands at the lower edge: a single network that has learned nothing would press all together.
LOWEST = 0.8
_FALLEN = {
    "circle": "triangle-down",
    "star": "triangle-down",
    "circle-open": "triangle-down-open",
    "diamond-open": "triangle-down-open",
}
# How far beyond the dearest entry those stand that do not say what they cost, in powers of ten.
_ASIDE = 0.55
_SPREAD = 1.1
LEGEND = {"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom", "font": {"size": 13}, "itemsizing": "constant"}


def plot_leaderboard(entries: Sequence["Entry"], front: Sequence["Entry"], by: str) -> "go.Figure":
    """Draw accuracy against what it costs; the nearer to the top left, the better.

    Entries that do not say what they cost stand aside, at the right; those below `LOWEST` at the lower edge, as
    triangles.

    Args:
        entries: what to draw.
        front: those that no other entry beats in both, by rising cost.
        by: key of `leaderboard.SIZES`, and name of the entries' attribute.
    """
    costs = [cost for entry in entries if (cost := getattr(entry, by))]
    low, high = (min(costs), max(costs)) if costs else (1.0, 10.0)
    unknown = 10 ** (math.log10(high) + _ASIDE)
    is_aside = any(not getattr(entry, by) for entry in entries)
    traces = [_draw_front(front, by)] if len(front) > 1 else []
    for kind in _MARKERS:
        if members := [entry for entry in entries if entry.kind == kind]:
            traces.append(_draw_kind(members, by, unknown))
    span = [math.log10(low) - 0.15, math.log10(unknown) + 0.2 if is_aside else math.log10(high) + 0.15]
    figure = build_figure(
        *traces,
        height=460,
        showlegend=True,
        legend=LEGEND,
        hovermode="closest",
        xaxis={
            "type": "log",
            "title": SIZES[by],
            "range": span,
            # None where what stands aside would seem to have a size.
            "tickvals": [10**power for power in range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)],
            "fixedrange": True,
            "showgrid": True,
            "exponentformat": "SI",
        },
        yaxis={"range": [LOWEST - 0.01, 1], "tickformat": ".0%", "title": "accuracy", "fixedrange": True},
    )
    if is_aside:
        figure.add_vline(math.sqrt(high * unknown), line={"color": NEUTRAL, "width": 1, "dash": "dot"})
        note = {"text": "not<br>told", "showarrow": False, "font": {"size": 12}, "yref": "paper", "y": 0.01}
        figure.add_annotation(x=math.log10(unknown), yanchor="bottom", **note)
    return figure


def _draw_kind(members: Sequence["Entry"], by: str, unknown: float) -> dict[str, Any]:
    name, (color, symbol) = KINDS[members[0].kind][0], _MARKERS[members[0].kind]
    heights = [max(entry.accuracy, LOWEST) for entry in members]
    symbols = [symbol if entry.accuracy >= LOWEST else _FALLEN[symbol] for entry in members]
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        # What stands aside is spread a little, or all of it would be one spot.
        "x": [getattr(entry, by) or unknown * _SPREAD ** (place % 7 - 3) for place, entry in enumerate(members)],
        "y": heights,
        "customdata": [[entry.name, _say_accuracy(entry), _say_cost(entry, by), name] for entry in members],
        "hovertemplate": "<b>%{customdata[0]}</b><br>%{customdata[1]}, %{customdata[3]}<br>%{customdata[2]}"
        "<extra></extra>",
        "marker": draw_mark(color, symbol) | {"symbol": symbols},
    }
    intervals = [_find_ends(entry) for entry in members]
    if any(high > low for low, high in intervals):
        trace["error_y"] = {
            "type": "data",
            "symmetric": False,
            "array": [max(high - height, 0) for (_, high), height in zip(intervals, heights, strict=True)],
            "arrayminus": [
                height - min(max(low, LOWEST), height) for (low, _), height in zip(intervals, heights, strict=True)
            ],
            "color": color,
            "thickness": 1.5,
            "width": 0,
        }
    return trace


def draw_mark(color: str, symbol: str) -> dict[str, Any]:
    """Return a marker whose outline has its own colour, for a chart in which some are hollow.

    Args:
        color: of all of it.
        symbol: as plotly calls it.
    """
    return {
        "color": color,
        "symbol": symbol,
        "size": 13 if symbol == "star" else 10,
        "line": {"width": 2, "color": color},
    }


def _find_ends(entry: "Entry") -> tuple[float, float]:
    spread = entry.spread or 0.0
    return entry.interval or (entry.accuracy - spread, entry.accuracy + spread)


def _draw_front(front: Sequence["Entry"], by: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "best for their cost",
        "x": [getattr(entry, by) for entry in front],
        "y": [max(entry.accuracy, LOWEST) for entry in front],
        "line": {"color": MEASURED_COLOR, "width": 1.5, "dash": "dot", "shape": "hv"},
        "hoverinfo": "skip",
    }


def _say_accuracy(entry: "Entry") -> str:
    spread = "" if entry.spread is None else f" ± {100 * entry.spread:.2f}"
    seeds = f" ({entry.n_seeds} seeds)" if entry.n_seeds > 1 else ""
    return f"{100 * entry.accuracy:.2f}{spread}%{seeds}"


def _say_cost(entry: "Entry", by: str) -> str:
    cost = getattr(entry, by)
    return f"{SIZES[by]}: {cost:,.0f}" if cost else f"{SIZES[by]}: not told"
