"""Curves of a training."""

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from fmnist_core.figures.theme import build_figure

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

TRAINING_COLOR = "#3f86c6"
VALIDATION_COLOR = "#e2692f"


def plot_curve(history: "pd.DataFrame", batches: "pd.DataFrame", metric: str, epochs: int) -> go.Figure:
    """Draw one metric over the epochs: inside them for training, at their ends for both.

    Args:
        history: one row an epoch, with `metric` and "val_" + `metric`.
        batches: the points inside the epochs, with `metric`.
        metric: "accuracy" or "loss".
        epochs: how many are planned; the axis shows them all from the start, so that it does not move.
    """
    inside = go.Scatter(
        x=batches["epoch"],
        y=batches[metric],
        mode="lines",
        name="training, inside the epoch",
        line={"color": TRAINING_COLOR, "width": 1},
        opacity=0.45,
        showlegend=False,
    )
    lines = [
        go.Scatter(
            x=history["epoch"],
            y=history[column],
            mode="lines+markers",
            name=name,
            line={"color": color, "width": 2.5, "dash": dash},
            marker={"size": 6, "symbol": symbol},
        )
        for column, name, color, dash, symbol in (
            (metric, "training", TRAINING_COLOR, "solid", "circle"),
            (f"val_{metric}", "validation", VALIDATION_COLOR, "solid", "diamond"),
        )
    ]
    percent = metric == "accuracy"
    return build_figure(
        inside,
        *lines,
        height=300,
        margin={"l": 8, "r": 8, "t": 34, "b": 8},
        title={"text": metric.capitalize(), "x": 0, "font_size": 15},
        showlegend=True,
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom", "entrywidth": 70},
        hovermode="x",
        uirevision=metric,
        xaxis={"title": "epoch", "range": [0, epochs * 1.01], "tickformat": "~g", "fixedrange": True},
        yaxis={
            "tickformat": ".0%" if percent else None,
            "hoverformat": ".2%" if percent else ".4f",
            "rangemode": "normal" if percent else "tozero",
            # Before the first point plotly would show accuracies of 400 %.
            "range": None if len(batches) else [0, 1 if percent else 2.5],
            "fixedrange": True,
        },
    )


def plot_schedule(positions: "NDArray[np.float64]", rates: "NDArray[np.float64]", epochs: int) -> go.Figure:
    """Draw how the learning rate will change in the course of a training.

    Args:
        positions: in epochs, rising, (n,).
        rates: the learning rate there, (n,).
        epochs: how many there will be.
    """
    line = go.Scatter(
        x=positions,
        y=rates,
        mode="lines",
        line={"color": TRAINING_COLOR, "width": 2.5},
        hovertemplate="epoch %{x:.1f}: %{y:.3g}<extra></extra>",
        showlegend=False,
    )
    return build_figure(
        line,
        height=180,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis={"title": "epoch", "range": [0, epochs], "tickformat": "~g", "fixedrange": True},
        yaxis={"title": "learning rate", "rangemode": "tozero", "tickformat": "~g", "fixedrange": True},
    )
