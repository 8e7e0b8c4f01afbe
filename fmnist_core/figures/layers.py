"""What happens inside a network while it trains: its layers, its learning rate, its speed and memory."""

from typing import TYPE_CHECKING, Any

from fmnist_core.figures.theme import NEUTRAL, build_figure
from fmnist_core.figures.training import TRAINING_COLOR

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import plotly.graph_objects as go
    from numpy.typing import NDArray

# From the first layer to the last; each can be seen on light and on dark paper.
_FIRST, _MIDDLE, _LAST = (138, 92, 196), (31, 148, 150), (214, 138, 28)
_MOST_NAMED = 9
_TICKS = [float(f"{digit}e{power}") for power in range(-9, 7) for digit in (1, 2, 5)]


def plot_layers(layers: "pd.DataFrame", column: str, epochs: int, y_range: tuple[float, float]) -> "go.Figure":
    """Draw one figure of every layer over the epochs, on a logarithmic scale.

    Args:
        layers: one row an epoch and layer, `run_data.LAYER_COLUMNS`.
        column: "gradient_norm", "change" or "weight_norm".
        epochs: how many are planned.
        y_range: the ends of the vertical axis, as logarithms to the base of ten.
    """
    names = list(dict.fromkeys(layers["layer"]))
    traces = []
    for place, name in enumerate(names):
        rows = layers[layers["layer"] == name]
        traces.append(
            {
                "type": "scatter",
                "x": rows["epoch"],
                "y": rows[column],
                "mode": "lines+markers",
                "name": name,
                "line": {"color": color_layer(place, len(names)), "width": 2},
                "marker": {"size": 5},
                "hovertemplate": f"{name}, epoch %{{x}}: %{{y:.3g}}<extra></extra>",
            }
        )
    return build_figure(
        *traces,
        height=340,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        showlegend=len(names) <= _MOST_NAMED,
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"},
        hovermode="closest",
        uirevision=column,
        xaxis={
            "title": "epoch",
            "range": [0.5, epochs + 0.5],
            # Below that plotly would mark parts of epochs.
            "dtick": 1 if epochs < _MOST_NAMED else None,
            "fixedrange": True,
        },
        yaxis={"type": "log", "range": list(y_range), "tickvals": _TICKS, "tickformat": "~g", "fixedrange": True},
    )


def color_layer(place: int, layers: int) -> str:
    """Return the colour of a layer: violet for the first, by way of green to amber for the last."""
    along = 2 * place / max(layers - 1, 1)
    first, last = (_FIRST, _MIDDLE) if along <= 1 else (_MIDDLE, _LAST)
    share = along if along <= 1 else along - 1
    return f"rgb({','.join(str(round(low + (high - low) * share)) for low, high in zip(first, last, strict=True))})"


def plot_rate(
    epochs_done: "NDArray[np.float64]",
    rates: "NDArray[np.float64]",
    epochs: int,
    planned: "tuple[NDArray[np.float64], NDArray[np.float64]] | None" = None,
) -> "go.Figure":
    """Draw the learning rate: what it was when each epoch ended, and behind it what the schedule says.

    Args:
        epochs_done: numbers of the epochs, (n,).
        rates: at their ends, (n,).
        epochs: how many are planned.
        planned: positions in epochs and the rates there, each (m,); None if nobody can foresee them.
    """
    behind: list[dict[str, Any]] = []
    if planned is not None:
        behind = [_thin(*planned, NEUTRAL, "planned, epoch %{x:.1f}: %{y:.3g}<extra></extra>")]
    return _build_small(*behind, _mark(epochs_done, rates, "epoch %{x}: %{y:.3g}"), epochs=epochs, form="~g")


def plot_by_epoch(epochs_done: "NDArray[np.float64]", values: "NDArray[np.float64]", epochs: int) -> "go.Figure":
    """Draw one figure of each epoch, its speed or its memory for example, from zero.

    Args:
        epochs_done: numbers of the epochs, (n,).
        values: (n,).
        epochs: how many are planned.
    """
    return _build_small(_mark(epochs_done, values, "epoch %{x}: %{y:,.0f}"), epochs=epochs, form="~s")


def _mark(x: Any, y: Any, hover: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "mode": "lines+markers",
        "line": {"color": TRAINING_COLOR, "width": 2},
        "marker": {"size": 5},
        "hovertemplate": hover + "<extra></extra>",
    }


def _thin(x: Any, y: Any, color: str, hover: str) -> dict[str, Any]:
    return {"type": "scatter", "x": x, "y": y, "mode": "lines", "line": {"color": color, "width": 1.5}} | {
        "hovertemplate": hover
    }


def _build_small(*traces: dict[str, Any], epochs: int, form: str) -> "go.Figure":
    return build_figure(
        *traces,
        height=170,
        xaxis={"title": "epoch", "range": [0, epochs + 0.5], "tickformat": "~g", "fixedrange": True},
        yaxis={"rangemode": "tozero", "tickformat": form, "fixedrange": True},
    )
