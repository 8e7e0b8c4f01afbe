"""Charts of a search as it goes: its trials one after the other, their curves, and what mattered."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.figures.theme import NEUTRAL, build_figure
from fmnist_core.figures.training import TRAINING_COLOR, VALIDATION_COLOR

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

BEST_COLOR = VALIDATION_COLOR
TRIAL_COLOR = TRAINING_COLOR
COMPLETE, PRUNED = "complete", "pruned"
# By state: what the legend says, and the mark. What was cut short is hollow.
_MARKS: dict[str, tuple[str, dict[str, Any]]] = {
    COMPLETE: ("trained to its end", {"symbol": "circle", "color": TRIAL_COLOR, "size": 9}),
    PRUNED: ("pruned", {"symbol": "x-thin", "color": NEUTRAL, "size": 8, "line": {"width": 2, "color": NEUTRAL}}),
}
LEGEND = {"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom", "font": {"size": 13}, "itemsizing": "constant"}
# Trials that learned nothing would press all others together: what is further below the best than this many times the
# distance of the middle one stands at the lower edge.
_TAIL = 3.0
_LEAST_SPAN = 0.02
_MOST_TICKS = 12
_FALLEN = {"circle": "triangle-down", "x-thin": "triangle-down-open"}


def find_range(values: "Sequence[float] | NDArray[np.floating] | pd.Series[Any]") -> tuple[float, float]:
    """Return where an axis of values begins and ends, so that the good ones can be told apart.

    Args:
        values: of trials, higher being better; NaN is passed over. With none, 0 and 1.
    """
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    if not len(known):
        return 0.0, 1.0
    best = float(known.max())
    low = max(float(known.min()), best - max(_TAIL * (best - float(np.median(known))), _LEAST_SPAN))
    margin = max(0.08 * (best - low), (_LEAST_SPAN - (best - low)) / 2)
    return low - margin, best + margin


def plot_trials(table: "pd.DataFrame", hints: Sequence[str], n_trials: int | None = None) -> "go.Figure":
    """Draw the value of each trial, and a line of the best so far; a selection's customdata is [number].

    Those that are far below the others stand at the lower edge, as triangles.

    Args:
        table: one row a trial, with `number`, counted from 0, `state` and `value`, 0 to 1.
        hints: what is said of each row, beside its value.
        n_trials: how many there will be; None if that is not known.
    """
    low, high = find_range(table["value"])
    edge = low + 0.02 * (high - low)
    fallen = table["value"] < edge
    traces = [
        _draw_trials(table[rows], [hint for hint, one in zip(hints, rows, strict=True) if one], state, edge)
        for state in _MARKS
        for place in (~fallen, fallen)
        if (rows := (table["state"] == state) & table["value"].notna() & place).any()
    ]
    told: set[str] = set()
    for trace in traces:
        trace["showlegend"] = trace["name"] not in told
        told.add(trace["name"])
    complete = table[(table["state"] == COMPLETE) & table["value"].notna()]
    if len(complete):
        last = int(table["number"].max()) + 1
        traces += [_draw_best_so_far(complete, last, edge), _draw_best(complete)]
    end = max(n_trials or 0, int(table["number"].max()) + 1 if len(table) else 1)
    return build_figure(
        *traces,
        height=340,
        showlegend=True,
        legend=LEGEND,
        margin={"l": 8, "r": 8, "t": 34, "b": 8},
        hovermode="closest",
        xaxis={"title": "trial", "range": [0.3, end + 0.7], "fixedrange": True, "tickformat": "d", "showgrid": False},
        yaxis={"range": [low, high], "tickformat": _percent(low, high), "fixedrange": True},
    )


def _draw_trials(table: "pd.DataFrame", hints: Sequence[str], state: str, edge: float) -> dict[str, Any]:
    name, mark = _MARKS[state]
    values = table["value"].to_numpy(float)
    is_fallen = bool((values < edge).any())
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": (table["number"] + 1).tolist(),
        "y": np.maximum(values, edge).tolist(),
        "marker": mark | ({"symbol": _FALLEN[mark["symbol"]]} if is_fallen else {}),
        # A list: plotly would encode an array, and the browser hand back a dictionary of it.
        "customdata": [[int(number)] for number in table["number"]],
        "hovertext": [
            f"<b>Trial {number + 1}: {value:.2%}</b>, {name}<br>{hint}"
            for number, value, hint in zip(table["number"], values, hints, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
    }


def _draw_best_so_far(complete: "pd.DataFrame", last: int, edge: float) -> dict[str, Any]:
    best = complete.sort_values("number")["value"].cummax()
    places = (complete["number"].sort_values() + 1).tolist()
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "best so far",
        "x": [*places, last],
        "y": np.maximum([*best, best.iloc[-1]], edge).tolist(),
        "line": {"color": BEST_COLOR, "width": 2, "shape": "hv"},
        "hoverinfo": "skip",
    }


def _draw_best(complete: "pd.DataFrame") -> dict[str, Any]:
    row = complete.iloc[int(complete["value"].to_numpy(float).argmax())]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [int(row["number"]) + 1],
        "y": [float(row["value"])],
        "marker": {"symbol": "star", "size": 15, "color": BEST_COLOR},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def plot_importance(importance: Mapping[str, float]) -> "go.Figure":
    """Draw how much each setting mattered as bars, the most important at the top.

    Args:
        importance: by what a setting is called, 0 to 1.
    """
    ranked = sorted(importance.items(), key=lambda entry: entry[1])
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [share for _, share in ranked],
        "y": [f"{name}  " for name, _ in ranked],
        "marker": {"color": TRIAL_COLOR, "cornerradius": 3},
        "texttemplate": "%{x:.0%}",
        "textposition": "auto",
        "textangle": 0,
        "cliponaxis": False,
        "hovertemplate": "%{y}%{x:.1%}<extra></extra>",
    }
    return build_figure(
        bars,
        height=60 + 42 * max(len(ranked), 1),
        bargap=0.3,
        xaxis={"range": [0, 1], "tickformat": ".0%", "fixedrange": True, "zeroline": False},
        yaxis={"fixedrange": True},
    )


def plot_trial_curves(curves: "pd.DataFrame", states: Mapping[int, str], best: int | None = None) -> "go.Figure":
    """Draw the value of each trial after every epoch; the best one stands out, those that were pruned end in a cross.

    Args:
        curves: one row a trial and epoch, with `number`, counted from 0, `epoch` and `value`, 0 to 1.
        states: of the trials, by number.
        best: number of the best one.
    """
    low, high = find_range(curves.groupby("number")["value"].max() if len(curves) else [])
    if len(curves):
        low = min(low, max(float(curves["value"].quantile(0.05)), high - 4 * (high - low)))
    most = int(curves["epoch"].max()) if len(curves) else 1
    # The best one last, so that it lies above the others.
    numbers = sorted(curves["number"].unique(), key=lambda number: (number == best, number))
    traces = [
        _draw_curve(curves[curves["number"] == number], states.get(int(number), COMPLETE), bool(number == best))
        for number in numbers
    ]
    return build_figure(
        *traces,
        height=360,
        hovermode="closest",
        xaxis={
            "title": "epoch",
            "fixedrange": True,
            "dtick": 1 if most <= _MOST_TICKS else None,
            "nticks": _MOST_TICKS,
        },
        yaxis={"range": [low, high], "tickformat": _percent(low, high), "fixedrange": True},
    )


def _draw_curve(curve: "pd.DataFrame", state: str, is_best: bool) -> dict[str, Any]:
    number, pruned = int(curve["number"].iloc[0]), state == PRUNED
    color = BEST_COLOR if is_best else NEUTRAL if pruned else TRIAL_COLOR
    last = len(curve) - 1
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": f"trial {number + 1}",
        "x": curve["epoch"].tolist(),
        "y": curve["value"].tolist(),
        "line": {"color": color, "width": 3 if is_best else 1.5, "dash": "dot" if pruned else "solid"},
        "marker": {
            "color": color,
            # Only the end of a curve is marked; a single point has nothing else to be seen by.
            "size": [8 if place == last else 0 for place in range(len(curve))],
            "symbol": "x" if pruned else "star" if is_best else "circle",
        },
        "opacity": 1 if is_best else 0.6,
        "hovertemplate": f"<b>Trial {number + 1}{', pruned' if pruned else ''}</b><br>epoch %{{x}}: %{{y:.2%}}"
        "<extra></extra>",
    }


def _percent(low: float, high: float) -> str:
    return ".1%" if high - low < 0.05 else ".0%"
