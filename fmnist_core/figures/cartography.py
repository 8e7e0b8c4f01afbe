"""The map of confidence against variability: what is easy, ambiguous or hard to learn."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.dynamics import BORDER_CONFIDENCE, BORDER_VARIABILITY
from fmnist_core.figures.strips import RIGHT_COLOR, WRONG_COLOR
from fmnist_core.figures.theme import NEUTRAL, build_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go


def plot_cartography(
    variability: NDArray[np.float64],
    confidence: NDArray[np.float64],
    correctness: NDArray[np.float64],
    items: NDArray[np.int64],
    names: list[str],
) -> "go.Figure":
    """Draw the map of confidence against variability; a selection's customdata is [item].

    Args:
        variability: standard deviation of the true class's probability, (n,), 0 to 0.5.
        confidence: its mean, (n,), 0 to 1.
        correctness: share of the epochs in which an item is right, (n,), 0 to 1.
        items: item numbers, (n,).
        names: what is shown on hover, n texts.
    """
    highest = max(float(variability.max(initial=0)) * 1.05, BORDER_VARIABILITY * 1.6)
    points = {
        "x": variability.round(4),
        "y": confidence.round(4),
        "text": names,
        # A list: plotly would encode an array, and the browser hand back a dictionary of it.
        "customdata": items[:, np.newaxis].tolist(),
        **_draw_points(correctness),
    }
    figure = build_figure(
        points,
        height=460,
        margin={"l": 8, "r": 8, "t": 56, "b": 8},
        dragmode="lasso",
        hovermode="closest",
        xaxis={"title": "variability: how much it wavers", "range": [-0.01, highest], "zeroline": False},
        yaxis={
            "title": "confidence in the true class",
            "range": [-0.1, 1.1],
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "tickformat": ".0%",
            "zeroline": False,
        },
    )
    _draw_borders(figure, highest)
    return figure


def _draw_points(correctness: NDArray[np.float64]) -> dict[str, Any]:
    return {
        "type": "scattergl",
        "mode": "markers",
        "marker": {
            "size": 5,
            "opacity": 0.7,
            "color": correctness.round(3),
            "cmin": 0,
            "cmax": 1,
            "colorscale": [[0, WRONG_COLOR], [0.5, "#b9a38f"], [1, RIGHT_COLOR]],
            "colorbar": {
                "orientation": "h",
                "title": {"text": "right in this share of the epochs", "side": "top", "font_size": 12},
                "thickness": 8,
                "tickformat": ".0%",
                "y": 1.0,
                "yanchor": "bottom",
                "len": 0.6,
            },
        },
        "hovertemplate": "%{text}<br>confidence %{y:.2f}, variability %{x:.2f}<extra></extra>",
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 0.15}},
    }


def _draw_borders(figure: "go.Figure", highest: float) -> None:
    line = {"color": NEUTRAL, "width": 1, "dash": "dot"}
    figure.add_shape(type="line", x0=BORDER_VARIABILITY, x1=BORDER_VARIABILITY, y0=-0.1, y1=1.1, line=line)
    figure.add_shape(type="line", x0=0, x1=BORDER_VARIABILITY, y0=BORDER_CONFIDENCE, y1=BORDER_CONFIDENCE, line=line)
    places = (
        # Above and below the dots, which lie between 0 and 1.
        ("easy", BORDER_VARIABILITY - 0.01, 1.05),
        ("ambiguous", highest - 0.01, 1.05),
        ("hard", BORDER_VARIABILITY - 0.01, -0.05),
    )
    for name, x, y in places:
        figure.add_annotation(text=f"<b>{name}</b>", x=x, y=y, xanchor="right", showarrow=False, font_size=15)
