"""Charts of claims and results: who promised too much, curves and reports of a paper."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.figures.cells import choose_ink, color_cells, name_cells, write_cells
from fmnist_core.figures.leaderboard import CLAIM_COLOR, LEGEND, MEASURED_COLOR, draw_mark
from fmnist_core.figures.theme import NEUTRAL, build_figure
from fmnist_core.figures.training import TRAINING_COLOR, VALIDATION_COLOR

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from fmnist_core.papers.verdicts import Line

_OPTIMIZER_COLORS = ("#3f86c6", "#e2692f", "#4f9d5d", "#b0579a", "#c59a1b", "#3aa6a0", "#8b6fd1", "#7f8c95")
_SIGNED = [
    [0, "rgba(205,84,28,0.9)"],
    [0.5, "rgba(205,84,28,0.04)"],
    [0.5, "rgba(47,112,176,0.04)"],
    [1, "rgba(47,112,176,0.9)"],
]


def plot_promises(lines: Sequence["Line"]) -> "go.Figure":
    """Draw each network's claim, hollow, beside what came out, filled; who promised most too much stands at the top.

    Args:
        lines: of networks; those without a claim or without a result are passed over.
    """
    rows = sorted((_take_telling(line) for line in lines if _is_told(line)), key=lambda row: row[2] - row[1])
    names = [f"{name}  " for name, *_ in rows]
    joints = {
        "type": "scatter",
        "mode": "lines",
        "x": [place for _, claimed, measured in rows for place in (claimed, measured, None)],
        "y": [name for name in names for _ in range(3)],
        "line": {"color": NEUTRAL, "width": 2},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    points = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": title,
            "x": [row[column] for row in rows],
            "y": names,
            "customdata": [[100 * (row[2] - row[1])] for row in rows],
            "marker": draw_mark(color, symbol),
            "hovertemplate": f"%{{y}}<br>{title} %{{x:.2%}}, %{{customdata[0]:+.2f}} points<extra></extra>",
        }
        for title, column, color, symbol in (
            ("claimed", 1, CLAIM_COLOR, "circle-open"),
            ("measured here", 2, MEASURED_COLOR, "circle"),
        )
    ]
    return build_figure(
        joints,
        *points,
        height=110 + 24 * len(rows),
        showlegend=True,
        # Above the axis, which stands at the top, since the rows are many.
        legend={**LEGEND, "yref": "container", "y": 1, "yanchor": "top"},
        xaxis={"tickformat": ".0%", "fixedrange": True, "side": "top", "nticks": 6},
        yaxis={"autorange": "reversed", "fixedrange": True, "tickfont": {"size": 12}, "dtick": 1},
        margin={"l": 8, "r": 14, "t": 64, "b": 8},
    )


def _is_told(line: "Line") -> bool:
    return line.telling is not None and line.figures[line.telling].measured is not None


def _take_telling(line: "Line") -> tuple[str, float, float]:
    figure = line.figures[line.telling or "test"]
    assert figure.claimed is not None
    assert figure.measured is not None
    return line.recipe.name, figure.claimed, figure.measured.mean


def plot_history(history: "pd.DataFrame", span: tuple[float, float]) -> "go.Figure":
    """Draw accuracy by epoch, on training and on validation items, small enough to stand beside others.

    Args:
        history: columns "epoch", "accuracy" and "val_accuracy", an epoch a row.
        span: ends of the axis of accuracies, the same for all charts that are to be compared.
    """
    many = "lines" if len(history) > 1 else "markers"
    lines = [
        {
            "type": "scatter",
            "mode": many,
            "name": name,
            "x": history["epoch"],
            "y": history[column],
            "line": {"color": color, "width": 2},
            "hovertemplate": "%{y:.2%}",
        }
        for name, column, color in (
            ("training", "accuracy", TRAINING_COLOR),
            ("validation", "val_accuracy", VALIDATION_COLOR),
        )
        if history[column].notna().any()
    ]
    return build_figure(
        *lines,
        height=170,
        hovermode="x unified",
        xaxis={"fixedrange": True, "nticks": 5, "tickformat": "~g", "unifiedhovertitle": {"text": "epoch %{x}"}},
        yaxis={"range": list(span), "tickformat": ".0%", "fixedrange": True, "nticks": 4},
    )


def plot_optimizers(histories: Mapping[str, "pd.DataFrame"]) -> "go.Figure":
    """Draw how the accuracy on validation items grows with each optimizer.

    Args:
        histories: by the optimizer's name; columns "epoch" and "val_accuracy", an epoch a row.
    """
    lines = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": name,
            "x": history["epoch"],
            "y": history["val_accuracy"],
            "line": {"color": color, "width": 2},
            "marker": {"size": 4},
            "hovertemplate": f"{name}, epoch %{{x}}: %{{y:.2%}}<extra></extra>",
        }
        for (name, history), color in zip(histories.items(), _OPTIMIZER_COLORS, strict=False)
    ]
    return build_figure(
        *lines,
        height=380,
        showlegend=True,
        legend=LEGEND,
        xaxis={"title": "epoch", "fixedrange": True, "tickformat": "~g"},
        yaxis={"title": "validation accuracy", "tickformat": ".0%", "fixedrange": True},
    )


def plot_optimizer_scores(scores: Mapping[str, tuple[float, float | None]]) -> "go.Figure":
    """Draw the test accuracy that each optimizer ends with, the best at the top.

    Args:
        scores: mean and spread over seeds, by the optimizer's name; a spread of None if there is one seed.
    """
    order = sorted(scores, key=lambda name: scores[name][0])
    means = [scores[name][0] for name in order]
    dots = {
        "type": "scatter",
        "mode": "markers+text",
        "x": means,
        "y": order,
        "text": [f"  {mean:.2%}" for mean in means],
        "textposition": "middle right",
        "cliponaxis": False,
        "marker": {"color": MEASURED_COLOR, "size": 11},
        "error_x": {"array": [scores[name][1] or 0.0 for name in order], "color": MEASURED_COLOR, "width": 0},
        "hovertemplate": "%{y}: %{x:.2%}<extra></extra>",
    }
    return build_figure(
        dots,
        height=60 + 34 * len(order),
        margin={"l": 8, "r": 70, "t": 8, "b": 8},
        xaxis={"tickformat": ".0%", "fixedrange": True, "nticks": 6},
        yaxis={"fixedrange": True, "ticksuffix": "  "},
    )


def plot_report_difference(printed: NDArray[np.float64], measured: NDArray[np.float64], ink: str) -> "go.Figure":
    """Draw a printed classification report beside a measured one; the colour is by how much they differ.

    Args:
        printed: (10, 3) precision, recall and F1 of each class, 0 to 1.
        measured: likewise.
        ink: colour of the text in pale cells; strong ones have white text.
    """
    pairs = [np.vstack([report, report.mean(axis=0)]) for report in (printed, measured)]
    difference = pairs[1] - pairs[0]
    largest = max(float(np.abs(difference).max()), 0.02)
    texts = write_cells(
        difference.shape,
        [f"{a:.2f} → <b>{b:.2f}</b>" for a, b in zip(pairs[0].ravel(), pairs[1].ravel(), strict=True)],
        choose_ink(np.abs(difference) > 0.6 * largest, ink),
        size=13,
        customdata=[[value] for value in (100 * difference).ravel().tolist()],
        hovertemplate="%{customdata[0]:+.1f} points<extra></extra>",
    )
    figure = build_figure(
        color_cells(difference, -largest, largest, _SIGNED, gap=3),
        texts,
        height=420,
        hovermode="closest",
        **name_cells([*CLASS_NAMES, "<b>mean</b>"], ["Precision", "Recall", "F1"]),
    )
    figure.update_xaxes(side="top")
    return figure
