"""Heat maps over garments as pixels, and what becomes of an answer as the hottest pixels go."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.figures.theme import NEUTRAL, build_figure
from fmnist_core.sheets import ABOVE_ZERO, BELOW_ZERO, paint_signed, to_pixels

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from fmnist_core.interpretation.sanity import Curves

# From faint to hot; each step brighter than the last, so that it reads without colour vision too.
HEAT = ("#3d1a78", "#a02c7d", "#ee5a4d", "#fdb13f", "#ffe14a")
SIGNED = (BELOW_ZERO, ABOVE_ZERO)

# Heat that is this large hides the garment altogether.
_OPAQUE_FROM = 0.8
_RAISED = 0.7


def paint_heat(heatmap: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Paint a heat map, which lets the garment shine through where it is cold.

    Args:
        heatmap: (h, w) in [0, 1].

    Returns:
        (h, w, 4) uint8: red, green, blue and opacity.
    """
    stops = np.array([[int(color[start : start + 2], 16) for start in (1, 3, 5)] for color in HEAT])
    places = np.linspace(0, 1, len(stops))
    channels = [np.interp(heatmap, places, stops[:, channel]) for channel in range(3)]
    return to_pixels(np.stack([*channels, 255 * np.minimum(heatmap / _OPAQUE_FROM, 1)], axis=-1))


def paint_attribution(values: NDArray[np.floating], heatmap: NDArray[np.floating], signed: bool) -> NDArray[np.uint8]:
    """Paint what a method says of one item: values of both signs in two colours, else the heat map.

    Signed values often have a few that dwarf all others, so the colours are full from the 99th percentile of those
    that are not zero on, and faint ones are raised a little.

    Args:
        values: (h, w).
        heatmap: (h, w) in [0, 1].
        signed: whether values below zero mean something.
    """
    if not signed:
        return paint_heat(heatmap)
    magnitudes = np.abs(values[values != 0])
    largest = np.percentile(magnitudes, 99) if len(magnitudes) else 1.0
    raised = np.minimum(np.abs(values) / largest, 1) ** _RAISED
    return paint_signed(np.sign(values) * raised.astype(np.float64))


def lay_over(image: NDArray[np.uint8], painted: NDArray[np.uint8], strength: float = 0.75) -> NDArray[np.uint8]:
    """Lay what was painted over an item.

    Args:
        image: (h, w) uint8.
        painted: (h, w, 4) uint8.
        strength: from 0, the item alone, to 1.

    Returns:
        (h, w, 3) uint8.
    """
    share = painted[..., 3:] / 255 * strength
    return to_pixels(image[..., np.newaxis] * (1 - share) + painted[..., :3] * share)


def plot_curve(curves: "Curves", back: bool, color: str) -> "go.Figure":
    """Draw how a class's probability falls as pixels are taken away, or rises as they are put back, hottest first.

    Args:
        curves: of one item.
        back: whether they are put back.
        color: of the class.
    """
    ordered, random = (curves.insertion, curves.random_insertion) if back else (curves.deletion, curves.random_deletion)
    done = "put back" if back else "taken away"
    edge = {"type": "scatter", "x": curves.shares, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    traces: list[dict[str, Any]] = [
        {**edge, "y": random.min(axis=0)},
        {**edge, "y": random.max(axis=0), "fill": "tonexty", "fillcolor": "rgba(139,134,128,0.22)"},
        {
            "type": "scatter",
            "x": curves.shares,
            "y": random.mean(axis=0),
            "mode": "lines",
            "line": {"color": NEUTRAL, "width": 1.5, "dash": "dot"},
            "hovertemplate": f"%{{x:.0%}} {done} at random: %{{y:.1%}}<extra></extra>",
        },
        {
            "type": "scatter",
            "x": curves.shares,
            "y": ordered,
            "mode": "lines",
            "line": {"color": color, "width": 2.5},
            "hovertemplate": f"%{{x:.0%}} {done}, hottest first: %{{y:.1%}}<extra></extra>",
        },
    ]
    return build_figure(
        *traces,
        height=250,
        margin={"l": 8, "r": 24, "t": 8, "b": 8},
        xaxis={"tickformat": ".0%", "dtick": 0.25, "range": [0, 1], "fixedrange": True, "title": f"pixels {done}"},
        yaxis={"tickformat": ".0%", "range": [0, 1.03], "fixedrange": True},
    )
