"""Training against test: accuracies by class, curves by epoch, and what becomes of single items."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.evaluation.overfitting import FATES, Gaps, Part
from fmnist_core.figures.theme import NEUTRAL, build_figure
from fmnist_core.figures.training import TRAINING_COLOR, VALIDATION_COLOR

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Of the parts of a split, as their curves have them.
_PARTS = {
    "train": ("training", TRAINING_COLOR, "circle"),
    "validation": ("validation", VALIDATION_COLOR, "diamond"),
    "test": ("test", "#8a5aa8", "square"),
}
_FATE_COLORS = ("#2f70b0", "#86b3d8", "#c9b458", "#e39a63", "#cd541c")
_LEGEND = {"orientation": "h", "y": 1.01, "yanchor": "bottom", "x": 0, "traceorder": "normal"}
_MOST_MARKERS = 40
_MANY_EPOCHS = 20


def plot_gaps(parts: Mapping[str, Part], gaps: Gaps) -> "go.Figure":
    """Draw each class's accuracy on the parts as dots on a line, the class with the largest gap at the top.

    Args:
        parts: by name as in `Split.parts`; "train" and "test" at least.
        gaps: of these two, written beside the lines in points.
    """
    order = _order_classes(gaps)
    names = [CLASS_NAMES[index] for index in order]
    shares = {name: part.class_accuracy for name, part in parts.items()}
    dots = [_draw_dots(name, names, [ends[order] for ends in shares[name]]) for name in _PARTS if name in shares]
    values = np.stack([share[0] for share in shares.values()])
    lowest = float(min(np.nanmin(values), shares["test"][1][parts["test"].items > 0].min()))
    figure = build_figure(
        *_draw_lines(names, values[:, order]),
        *dots,
        height=470,
        margin={"l": 8, "r": 8, "t": 36, "b": 8},
        hovermode="closest",
        showlegend=True,
        legend=_LEGEND,
        xaxis={
            "title": "share of right answers",
            "range": [max(lowest - 0.03, -0.02), 1 + 0.2 * (1 - lowest)],
            "tickformat": ".0%",
            "tickvals": _choose_ticks(lowest),
            "fixedrange": True,
            "zeroline": False,
        },
        yaxis={"autorange": "reversed", "fixedrange": True},
    )
    for index, gap in enumerate(gaps.by_class):
        text = "" if gap is None else f"{100 * gap.value:+.1f}"
        figure.add_annotation(x=1, xref="paper", xanchor="right", y=CLASS_NAMES[index], text=text, showarrow=False)
    return figure


def _order_classes(gaps: Gaps) -> list[int]:
    keys = [np.inf if gap is None else -gap.value for gap in gaps.by_class]
    return np.argsort(keys, kind="stable").tolist()


def _choose_ticks(lowest: float) -> list[float]:
    step = 0.05 if lowest > 0.7 else 0.1 if lowest > 0.4 else 0.2
    return np.arange(np.ceil((lowest - 0.03) / step) * step, 1 + step / 2, step).round(2).tolist()


def _draw_lines(names: list[str], values: NDArray[np.float64]) -> list[dict[str, Any]]:
    """Draw a line from the lowest to the highest dot of each class."""
    ends = [
        (np.nanmin(column), np.nanmax(column)) if np.isfinite(column).any() else (None, None) for column in values.T
    ]
    return [
        {
            "type": "scatter",
            "x": [place for low, high in ends for place in (low, high, None)],
            "y": [name for name in names for _ in range(3)],
            "mode": "lines",
            "line": {"color": NEUTRAL, "width": 3},
            "opacity": 0.55,
            "hoverinfo": "skip",
            "showlegend": False,
        }
    ]


def _draw_dots(part: str, names: list[str], shares: list[NDArray[np.float64]]) -> dict[str, Any]:
    title, color, symbol = _PARTS[part]
    value, low, high = shares
    return {
        "type": "scatter",
        "name": title,
        "x": value.round(4),
        "y": names,
        "mode": "markers",
        "marker": {"color": color, "symbol": symbol, "size": 10},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": (high - value).round(4),
            "arrayminus": (value - low).round(4),
            "thickness": 1.2,
            "width": 0,
            "color": color,
            # Of all three they would cover each other.
            "visible": part == "test",
        },
        "customdata": [f"{start:.1%} to {end:.1%}" for start, end in zip(low, high, strict=True)],
        "hovertemplate": f"%{{y}}, {title}: %{{x:.1%}}<br>95% interval %{{customdata}}<extra></extra>",
    }


def plot_epoch_gap(
    epochs: NDArray[np.float64], train: NDArray[np.float64], validation: NDArray[np.float64], kept: int | None
) -> "go.Figure":
    """Draw training and validation accuracy by epoch, with the room between them filled.

    Args:
        epochs: their numbers, (e,).
        train: accuracies, (e,), 0 to 1.
        validation: the same; NaN where none was validated.
        kept: the epoch whose weights were kept, to mark; None to mark none.
    """
    traces = _draw_curves(epochs, train, validation)
    figure = build_figure(
        *traces,
        height=470,
        margin={"l": 8, "r": 8, "t": 36, "b": 8},
        hovermode="x unified",
        showlegend=True,
        legend=_LEGEND,
        xaxis={
            "title": "epoch",
            "dtick": 1 if len(epochs) < _MANY_EPOCHS else None,
            "tickformat": "~g",
            "unifiedhovertitle": {"text": "epoch %{x}"},
            "fixedrange": True,
        },
        yaxis={
            "range": _frame_accuracies(np.concatenate([train, validation]), len(epochs)),
            "tickformat": ".1~%",
            "fixedrange": True,
        },
    )
    if kept is not None:
        figure.add_vline(x=kept, line={"color": NEUTRAL, "width": 1, "dash": "dot"})
        figure.add_annotation(
            x=kept, y=0.02, yref="paper", yanchor="bottom", text=f"kept: epoch {kept}", showarrow=False, xanchor="right"
        )
    return figure


def _frame_accuracies(accuracies: NDArray[np.float64], n_epochs: int) -> list[float]:
    # Where both have come to is what counts: the first epochs of many may lie below the frame.
    lowest = np.nanquantile(accuracies, 0.15 if n_epochs >= _MANY_EPOCHS else 0)
    highest = np.nanmax(accuracies)
    margin = 0.1 * (highest - lowest) + 0.005
    return [lowest - margin, highest + margin]


def _draw_curves(
    epochs: NDArray[np.float64], train: NDArray[np.float64], validation: NDArray[np.float64]
) -> list[dict[str, Any]]:
    """Draw training and, if there is any, validation, with the room between them filled."""
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "name": name,
            "x": epochs,
            "y": line,
            "mode": "lines+markers" if len(epochs) <= _MOST_MARKERS else "lines",
            "line": {"color": color, "width": 2.5},
            "marker": {"size": 5, "symbol": symbol},
            "hovertemplate": "%{y:.2%}",
        }
        for (name, color, symbol), line in zip(_PARTS.values(), (train, validation), strict=False)
    ]
    if not np.isfinite(validation).any():
        return traces[:1]
    traces[1] |= {"fill": "tonexty", "fillcolor": "rgba(139,134,128,0.25)"}
    return traces


def plot_fates(fates: NDArray[np.int64]) -> "go.Figure":
    """Draw for each class which share of its items has each of the `FATES`, as bars that fill the width.

    Args:
        fates: counts, (10, 5).
    """
    totals = np.maximum(fates.sum(axis=1), 1)
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": title,
            "x": (fates[:, column] / totals).round(4),
            "y": list(CLASS_NAMES),
            "marker": {"color": color},
            "customdata": fates[:, column].tolist(),
            "hovertemplate": f"%{{y}}, {title}: %{{customdata:,}} items, %{{x:.1%}}<extra></extra>",
        }
        for column, (title, color) in enumerate(zip(FATES.values(), _FATE_COLORS, strict=True))
    ]
    return build_figure(
        *bars,
        height=420,
        margin={"l": 8, "r": 24, "t": 56, "b": 8},
        barmode="stack",
        bargap=0.25,
        hovermode="closest",
        showlegend=True,
        legend=_LEGEND,
        xaxis={
            "title": "share of the class's validation items",
            "range": [0, 1],
            "tickformat": ".0%",
            "fixedrange": True,
        },
        yaxis={"autorange": "reversed", "fixedrange": True},
    )
