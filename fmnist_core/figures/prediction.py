"""What a network answers for one item."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLORS, CLASS_ICONS, CLASS_NAMES

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def plot_probabilities(probabilities: NDArray[np.floating], true_class: int | None = None) -> "Figure":
    """Draw ten probabilities as horizontal bars, the predicted class in its colour.

    Args:
        probabilities: shape (10,), summing to 1; all zero for "no answer yet".
        true_class: if given, its name is marked with a tick and its bar outlined in its colour.
    """
    from fmnist_core.figures.theme import NEUTRAL, build_figure

    predicted = int(np.argmax(probabilities)) if np.any(probabilities) else None
    labels = [f"{name} {icon}" for name, icon in zip(CLASS_NAMES, CLASS_ICONS, strict=True)]
    fills = [NEUTRAL] * len(CLASS_NAMES)
    lines = ["rgba(0, 0, 0, 0)"] * len(CLASS_NAMES)
    if predicted is not None:
        fills[predicted] = CLASS_COLORS[predicted]
        labels[predicted] = f"<b>{labels[predicted]}</b>"
    if true_class is not None:
        lines[true_class] = CLASS_COLORS[true_class]
        labels[true_class] = f"✓ {labels[true_class]}"
    # Not a plotly object: these must not be made before `build_figure` has seen to it that pandas is there.
    bars = {
        "type": "bar",
        "x": probabilities,
        "y": list(range(len(CLASS_NAMES))),
        "orientation": "h",
        "marker": {"color": fills, "line": {"color": lines, "width": 2}, "cornerradius": 3},
        "text": [_to_percent(value) for value in probabilities],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": CLASS_NAMES,
        "hovertemplate": "%{customdata}: %{x:.2%}<extra></extra>",
    }
    figure = build_figure(bars, height=320, bargap=0.3, margin={"l": 0, "r": 0, "t": 0, "b": 0})
    # Room beside the longest bar for its number; a fixed range, so that bars compare from one answer to the next.
    figure.update_xaxes(range=[0, 1.25], visible=False, fixedrange=True)
    figure.update_yaxes(
        tickvals=list(range(len(CLASS_NAMES))), ticktext=labels, autorange="reversed", fixedrange=True, showgrid=False
    )
    return figure


def _to_percent(probability: float) -> str:
    if probability < 0.005:
        return ""
    if probability >= 0.995:
        return "> 99%"
    return f"{probability:.0%}"
