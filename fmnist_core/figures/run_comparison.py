"""Two to ten runs in one chart: their curves, their classes, and every pair of them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.curves import frame_y
from fmnist_core.figures.cells import color_cells, name_cells, write_cells
from fmnist_core.figures.theme import NEUTRAL, build_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from fmnist_core.evaluation.several import PairTest
    from fmnist_core.run_comparison import ClassTable, CompareView, GroupLine

# As many as can be compared, all of middling lightness so that they can be seen on light and dark paper.
COLORS = (
    "#3f86c6",
    "#e2692f",
    "#4f9d5d",
    "#b455a0",
    "#c49a1f",
    "#2aa3a3",
    "#d1495b",
    "#7d6bc2",
    "#9a7350",
    "#7f8c95",
)
_SIGNS = [[0, "rgba(205,84,28,0.6)"], [0.5, "rgba(128,128,128,0.05)"], [1, "rgba(47,112,176,0.6)"]]
_AXES = {"epochs": "epoch", "seconds": "seconds of training", "operations": "multiplications"}
_ALIGNED = {"start": "", "best": ", counted from the best epoch", "end": ", counted from the end"}
_TITLES = {"accuracy": "accuracy", "error": "error rate", "loss": "loss"}
_MOST_MARKERS = 15
# More runs than this make cells so narrow on a phone that only one digit has room.
_MOST_WIDE = 5
# Of a close-up's vertical axis, above and below what it shows.
_MARGIN = 0.08


def assign_colors(names: Sequence[str], before: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a colour for each name, the one that it had before if it had one; no two alike.

    Args:
        names: at most as many as there are `COLORS`.
        before: colours by name; names that are gone give theirs back.
    """
    kept = {name: before[name] for name in names if before and name in before}
    free = (color for color in COLORS if color not in kept.values())
    return {name: kept.get(name) or next(free) for name in names}


def plot_runs(
    lines: Sequence["GroupLine"],
    view: "CompareView",
    colors: Mapping[str, str],
    close: bool = False,
    height: int = 440,
) -> "go.Figure":
    """Draw the curves of several runs; those of several seeds as their mean, with a band.

    Args:
        lines: what to draw.
        view: how they were worked out.
        colors: by name of the group.
        close: whether the vertical axis shows the second halves of the lines rather than all of them.
        height: in screen pixels.
    """
    percent = view.metric != "loss"
    max_epochs = max((len(line.x) for line in lines), default=0)
    form = ".2%" if percent else ".4f"
    traces = [trace for line in lines for trace in _draw_line(line, view, colors[line.name], form)]
    yaxis: dict[str, Any] = {
        "title": _TITLES[view.metric],
        "type": "log" if view.log_y else "linear",
        "tickformat": ".1%" if percent and (close or view.log_y) else ".0%" if percent else "~g",
        "fixedrange": True,
    }
    if (span := _frame(lines, view, close)) is not None:
        yaxis["range"] = span
    return build_figure(
        *traces,
        height=height,
        hovermode="closest",
        margin={"l": 8, "r": 12, "t": 8, "b": 8},
        uirevision="runs",
        xaxis={
            "title": _AXES[view.axis] + _ALIGNED[view.align],
            "type": "log" if view.is_log_x else "linear",
            "exponentformat": "SI",
            # Below that plotly would mark parts of epochs.
            "dtick": 1 if view.axis == "epochs" and max_epochs <= _MOST_MARKERS and not view.is_log_x else None,
            "fixedrange": True,
        },
        yaxis=yaxis,
    )


def _draw_line(line: "GroupLine", view: "CompareView", color: str, form: str) -> list[dict[str, Any]]:
    trace: dict[str, Any] = {
        "type": "scatter",
        "x": line.x,
        "mode": "lines+markers" if len(line.x) <= _MOST_MARKERS else "lines",
        "line": {
            "color": color,
            "width": 2.5,
            "dash": "dot" if view.part == "both" and line.part == "training" else "solid",
        },
        "marker": {"size": 6, "color": color},
    }
    traces = _draw_band(line, color)
    if view.smoothing and not line.has_band:
        traces.append(trace | {"y": line.raw, "opacity": 0.25, "hoverinfo": "skip", "mode": "lines"})
    spread = " ± %{customdata[1]:" + form + "}, %{customdata[2]} seeds" if line.has_band else ""
    columns = zip(line.epochs, line.deviation, line.seeds, strict=True)
    return [
        *traces,
        trace
        | {
            "y": line.mean,
            "name": f"{line.label}, {line.part}",
            "customdata": [list(values) for values in columns],
            "hovertemplate": f"<b>{line.label}</b>, {line.part}<br>epoch %{{customdata[0]:~g}}: %{{y:{form}}}{spread}"
            "<extra></extra>",
        },
    ]


def _draw_band(line: "GroupLine", color: str) -> list[dict[str, Any]]:
    """Draw least to greatest faintly, and within it a standard deviation to both sides of the mean."""
    if not line.has_band:
        return []
    edge: dict[str, Any] = {"type": "scatter", "x": line.x, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    bands = ((line.low, line.high, 0.1), (line.mean - line.deviation, line.mean + line.deviation, 0.22))
    return [
        trace
        for low, high, opacity in bands
        for trace in (edge | {"y": low}, edge | {"y": high, "fill": "tonexty", "fillcolor": _fade(color, opacity)})
    ]


def _frame(lines: Sequence["GroupLine"], view: "CompareView", close: bool) -> tuple[float, float] | None:
    """Return the ends of the vertical axis, as logarithms if it is logarithmic; None to let plotly choose."""
    import numpy as np

    # What is left to plotly has no end to hold on to: an error rate may come near 0 or 1.
    if not lines or (not close and (view.metric == "error" or (view.metric == "accuracy" and view.log_y))):
        return None
    if not close:
        return frame_y(view.metric, np.concatenate([line.mean for line in lines]), view.log_y)
    late = np.concatenate([line.mean[len(line.mean) // 2 :] for line in lines])
    late = late[late > 0] if view.log_y else late
    if not len(late):
        return None
    low, high = np.log10([late.min(), late.max()]) if view.log_y else (late.min(), late.max())
    margin = _MARGIN * max(float(high - low), 1e-3)
    return (float(low) - margin, float(high) + margin)


def plot_classes(
    table: "ClassTable",
    order: Sequence[int],
    labels: Mapping[str, str],
    colors: Mapping[str, str],
    title: str = "recall",
    height: int = 420,
) -> "go.Figure":
    """Draw a figure of merit by class as bars, one for each group of runs.

    Args:
        table: what to draw.
        order: the class indices from left to right.
        labels: by name of the group, what to call it.
        colors: by name of the group.
        title: of the vertical axis.
        height: in screen pixels.
    """
    names = [CLASS_NAMES[index] for index in order]
    chosen = list(order)
    traces = [
        {
            "type": "bar",
            "x": names,
            "y": values[chosen],
            "name": labels[name],
            "marker": {"color": colors[name]},
            "error_y": {
                "type": "data",
                "symmetric": False,
                "array": (high - values)[chosen],
                "arrayminus": (values - low)[chosen],
                "thickness": 1,
                "width": 0,
                "color": NEUTRAL,
            },
            "customdata": [list(ends) for ends in zip(low[chosen], high[chosen], strict=True)],
            "hovertemplate": f"<b>{labels[name]}</b><br>%{{x}}: %{{y:.1%}} (%{{customdata[0]:.1%}} to "
            "%{customdata[1]:.1%})<extra></extra>",
        }
        for name, values, low, high in zip(table.names, table.values, table.low, table.high, strict=True)
    ]
    return build_figure(
        *traces,
        height=height,
        barmode="group",
        bargap=0.25,
        xaxis={"fixedrange": True, "tickangle": -40},
        yaxis={
            "title": title,
            "tickformat": ".0%",
            "range": [max(float(table.low.min()) - 0.03, 0.0), 1.0],
            "fixedrange": True,
        },
    )


def plot_pairs(tests: Sequence["PairTest"], labels: Sequence[str], ink: str, height: int | None = None) -> "go.Figure":
    """Draw every pair of runs: by how many points the one in the row is better than the one in the column.

    Blue where the row is better, orange where the column is; pale where chance alone may have brought it about. The
    columns bear the numbers of the rows.

    Args:
        tests: of the pairs; those that share no items are left out and stay empty.
        labels: of the runs, by the places in the tests.
        ink: colour of the text.
        height: in screen pixels; by the number of runs if None.
    """
    import numpy as np

    n_runs = len(labels)
    points, decided = np.full((n_runs, n_runs), np.nan), np.zeros((n_runs, n_runs), bool)
    said: dict[tuple[int, int], str] = {}
    for test in tests:
        for row, column, sign in ((test.first, test.second, 1), (test.second, test.first, -1)):
            points[row, column] = sign * 100 * test.difference
            decided[row, column] = test.decided
            said[row, column] = (
                f"<b>{labels[row]}</b> against <b>{labels[column]}</b><br>{_sign(points[row, column])} points on "
                f"{test.items:,} items<br>p = {test.p_value:.2g}, corrected {test.corrected:.2g}"
            )
    many = n_runs > _MOST_WIDE
    rows_named = [f"{_shorten(label, 20 if many else 24)}  {place}" for place, label in enumerate(labels, start=1)]
    strength = np.where(decided, 1.0, 0.25)
    cells = write_cells(
        points.shape,
        [_mark(float(value), bool(decided[cell]), many) for cell, value in np.ndenumerate(points)],
        ink,
        size=10 if many else 12,
        squares=True,
        hovertext=[said.get(cell, "") for cell in np.ndindex(points.shape)],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    figure = build_figure(
        color_cells(np.where(np.isnan(points), np.nan, np.sign(points) * strength), -1, 1, _SIGNS),
        cells,
        height=height or 50 + 44 * n_runs,
        hovermode="closest",
        **name_cells(rows_named, range(1, n_runs + 1)),
    )
    figure.update_xaxes(side="top")
    return figure


def _mark(points: float, decided: bool, short: bool) -> str:
    if points != points:
        return ""
    said = _sign(points, 1 if short else 2)
    return f"<b>{said}</b>" if decided else said


def _sign(points: float, digits: int = 2) -> str:
    said = f"{points:+.{digits}f}"
    return said.replace("-", "−") if float(said) else "0"


def _shorten(label: str, most: int = 24) -> str:
    """Return a label with its middle left out if it is long: seeds stand at the end."""
    half = most // 2
    return label if len(label) <= most else f"{label[: half - 1]}…{label[-half:]}"


def _fade(color: str, opacity: float) -> str:
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
