"""Charts of where a search has looked: settings against the value that the trials reached with them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.figures.cells import choose_ink, color_cells, name_cells, outline_best, write_cells
from fmnist_core.figures.search import BEST_COLOR, COMPLETE, find_range
from fmnist_core.figures.search_scales import Scale, say_value
from fmnist_core.figures.theme import NEUTRAL, build_figure

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

# From poor to good; all can be seen on light and on dark paper.
_LINE_SCALE = [[0, "#a9a39b"], [0.55, "#3f86c6"], [1, BEST_COLOR]]
_AREA_SCALE = [[0, "rgba(47,112,176,0.04)"], [1, "rgba(47,112,176,0.95)"]]
# Pale enough to read the heights on it.
_BAND_SCALE = [[0, "rgba(47,112,176,0.03)"], [1, "rgba(47,112,176,0.7)"]]
_UNTRIED = "rgba(139,134,128,0.1)"


def plot_parallel(table: "pd.DataFrame", scales: Sequence[Scale], ink: str) -> "go.Figure":
    """Draw each complete trial as a line across axes, one a setting and the value at last, which also colours it.

    Args:
        table: one row a trial, with `state`, `value` and a column for each setting.
        scales: the settings.
        ink: colour of the text.
    """
    complete = _take_complete(table)
    low, high = find_range(complete["value"])
    axes = []
    for scale in scales:
        places, texts = scale.ticks(complete[scale.name])
        at = scale.place(complete[scale.name])
        span = [min([*at, *places], default=0.0), max([*at, *places], default=1.0)]
        axes.append({"label": scale.title, "values": at, "tickvals": places, "ticktext": texts, "range": _widen(span)})
    # What is far below the others runs along the lower edge.
    values = np.maximum(complete["value"].to_numpy(float), low)
    axes.append({"label": "value", "values": values, "tickformat": ".1%", "range": [low, high]})
    lines = {
        "type": "parcoords",
        "dimensions": axes,
        "line": {"color": values, "colorscale": _LINE_SCALE, "cmin": low, "cmax": high},
        "labelfont": {"color": ink, "size": 13},
        "tickfont": {"color": ink, "size": 12},
        "rangefont": {"color": "rgba(0,0,0,0)"},
    }
    return build_figure(lines, height=380, margin={"l": 60, "r": 50, "t": 60, "b": 20})


def plot_slice(table: "pd.DataFrame", scale: Scale) -> "go.Figure":
    """Draw one setting against the value of the complete trials; early ones are grey, late ones coloured.

    Args:
        table: one row a trial, with `number`, `state`, `value`, 0 to 1, and the setting's column.
        scale: the setting.
    """
    complete = _take_complete(table)
    low, high = find_range(complete["value"])
    values = complete["value"].to_numpy(float)
    floor = low + 0.02 * (high - low)
    places, texts = scale.ticks(complete[scale.name])
    points: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "x": scale.place(complete[scale.name]).tolist(),
        "y": np.maximum(values, floor).tolist(),
        "marker": {
            "size": 9,
            "symbol": ["circle" if value >= floor else "triangle-down" for value in values],
            "color": complete["number"].tolist(),
            "colorscale": [[0, "#b5aea5"], [1, "#2f70b0"]],
            "line": {"width": 0},
        },
        "hovertext": [
            f"Trial {number + 1}: {value:.2%}<br>{scale.title} {say_value(one)}"
            for number, value, one in zip(complete["number"], values, complete[scale.name], strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    at = [*points["x"], *places]
    span = [min(at, default=0.0), max(at, default=1.0)]
    return build_figure(
        points,
        height=260,
        hovermode="closest",
        xaxis={
            "title": scale.title,
            "tickvals": places,
            "ticktext": texts,
            "range": _widen(span),
            "fixedrange": True,
            "showgrid": True,
            "zeroline": False,
        },
        yaxis={"range": [low, high], "tickformat": ".1%" if high - low < 0.05 else ".0%", "fixedrange": True},
    )


def plot_cells(
    means: NDArray[np.float64], counts: NDArray[np.int64], across: Scale, upward: Scale, ink: str, height: int = 400
) -> "go.Figure":
    """Draw the mean value of each pair of settings as a table of coloured numbers; the best is outlined.

    Args:
        means: (rows, columns), 0 to 1, NaN where nothing was tried; a row for each of `upward`'s choices.
        counts: (rows, columns), how many trials a mean is of.
        across: setting of the columns, with choices.
        upward: setting of the rows, with choices; the first stands at the bottom.
        ink: colour of the text in pale cells; strong ones have white text.
        height: in screen pixels.
    """
    columns, rows = ([say_value(one) for one in scale.choices or ()] for scale in (across, upward))
    low, high = find_range(means.ravel())
    hovers = [
        f"{across.title} {columns[column]}, {upward.title} {rows[row]}<br>"
        f"{_say_cell(float(mean), int(counts[row, column]))}"
        for (row, column), mean in np.ndenumerate(means)
    ]
    numbers = write_cells(
        means.shape,
        ["" if np.isnan(mean) else f"{100 * mean:.1f}" for mean in means.ravel()],
        choose_ink(means > low + 0.6 * (high - low), ink),
        size=13,
        hovertext=hovers,
        hovertemplate="%{hovertext}<extra></extra>",
    )
    figure = build_figure(
        color_cells(np.where(np.isnan(means), 1.0, np.nan), 0, 1, [[0, _UNTRIED], [1, _UNTRIED]]),
        color_cells(means, low, high, _AREA_SCALE),
        numbers,
        height=height,
        hovermode="closest",
        shapes=outline_best(means, BEST_COLOR),
        **name_cells(rows, columns, upward=True),
    )
    figure.update_xaxes(title=across.title)
    figure.update_yaxes(title=upward.title)
    return figure


def plot_surface(
    surface: NDArray[np.float64],
    across: NDArray[np.float64],
    upward: NDArray[np.float64],
    table: "pd.DataFrame",
    scales: tuple[Scale, Scale],
    ink: str,
    height: int = 420,
) -> "go.Figure":
    """Draw the value over two settings as bands of height, with the trials as points and the best as a star.

    Args:
        surface: (rows, columns), 0 to 1, NaN where no trial is near.
        across: (columns,), places along the first axis.
        upward: (rows,), places along the second.
        table: one row a trial, with `number`, `state`, `value` and the two settings' columns.
        scales: the settings, across and upward.
        ink: colour of the text.
        height: in screen pixels.
    """
    complete = _take_complete(table)
    bands = {"x": across, "y": upward, **_draw_bands(surface, ink)}
    figure = build_figure(bands, _draw_trials(complete, scales), height=height, hovermode="closest")
    for update, scale, places in ((figure.update_xaxes, scales[0], across), (figure.update_yaxes, scales[1], upward)):
        tickvals, ticktext = scale.ticks(complete[scale.name])
        span = [float(places.min()), float(places.max())] if len(places) else [0.0, 1.0]
        axis = {"showgrid": False, "zeroline": False, "fixedrange": True}
        update(title=scale.title, tickvals=tickvals, ticktext=ticktext, range=span, **axis)
    return figure


def _draw_bands(surface: NDArray[np.float64], ink: str) -> dict[str, Any]:
    low, high = find_range(surface.ravel())
    return {
        "type": "contour",
        "z": surface,
        "colorscale": _BAND_SCALE,
        "contours": {
            "start": low,
            "end": high,
            "size": (high - low) / 8,
            "showlabels": True,
            "labelformat": ".1%",
            "labelfont": {"color": ink, "size": 11},
        },
        "showscale": False,
        "zmin": low,
        "zmax": high,
        "line": {"width": 0.5, "color": NEUTRAL},
        "connectgaps": False,
        "hoverinfo": "skip",
    }


def _draw_trials(complete: "pd.DataFrame", scales: tuple[Scale, Scale]) -> dict[str, Any]:
    x, y = (scale.place(complete[scale.name]) for scale in scales)
    best = complete["value"].to_numpy(float).argmax() if len(complete) else -1
    return {
        "type": "scatter",
        "mode": "markers",
        "x": x.tolist(),
        "y": y.tolist(),
        "marker": {
            "size": [16 if place == best else 8 for place in range(len(complete))],
            "symbol": ["star" if place == best else "circle" for place in range(len(complete))],
            "color": [BEST_COLOR if place == best else NEUTRAL for place in range(len(complete))],
            "line": {"width": 1.5, "color": "#ffffff"},
        },
        "hovertext": [_say_trial(row, scales) for _, row in complete.iterrows()],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _take_complete(table: "pd.DataFrame") -> "pd.DataFrame":
    return table[(table["state"] == COMPLETE) & table["value"].notna()]


def _widen(span: list[float]) -> list[float]:
    margin = 0.04 * (span[1] - span[0]) or 0.5
    return [span[0] - margin, span[1] + margin]


def _say_cell(mean: float, count: int) -> str:
    if np.isnan(mean):
        return "not tried"
    return f"{mean:.2%}" if count == 1 else f"{mean:.2%}, mean of {count}"


def _say_trial(row: "pd.Series", scales: Sequence[Scale]) -> str:
    said = "<br>".join(f"{scale.title} {say_value(row[scale.name])}" for scale in scales)
    return f"<b>Trial {row['number'] + 1}: {row['value']:.2%}</b><br>{said}"
