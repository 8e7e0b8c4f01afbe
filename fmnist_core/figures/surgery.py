"""What silencing channels of a network does to its answers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.figures.theme import NEUTRAL, build_figure

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_HARM, _SILENT = "#cd541c", "#2f70b0"


def plot_before_and_after(
    before: NDArray[np.floating], after: NDArray[np.floating], height: int = 330, marked: int | None = None
) -> "Figure":
    """Draw for each class a share before, as an empty bar, and after, as a filled one.

    Args:
        before: (10,), 0 to 1; NaN for a class of which nothing is known.
        after: (10,), likewise.
        height: in screen pixels.
        marked: a class whose name gets a tick.
    """
    places = list(range(len(CLASS_NAMES)))
    names = [f"✓ <b>{name}</b>" if index == marked else name for index, name in enumerate(CLASS_NAMES)]
    hints = [
        f"{name}: {_say(one)} before, {_say(other)} after"
        for name, one, other in zip(CLASS_NAMES, before, after, strict=True)
    ]
    was, now = np.nan_to_num(before), np.nan_to_num(after)
    empty = {"color": "rgba(0,0,0,0)", "line": {"color": NEUTRAL, "width": 1.5}, "cornerradius": 3}
    full = {"color": list(CLASS_COLORS), "cornerradius": 3}
    numbers = {
        "type": "scatter",
        "mode": "text",
        "x": np.maximum(was, now),
        "y": places,
        # Only what has changed gets its number.
        "text": [
            f" {other:.0%}" if abs(other - one) >= 0.005 else "" for one, other in zip(before, after, strict=True)
        ],
        "textposition": "middle right",
        "hoverinfo": "skip",
        "cliponaxis": False,
    }
    figure = build_figure(
        _draw_bars(was, 0.78, empty, hints),
        _draw_bars(now, 0.44, full, hints),
        numbers,
        height=height,
        barmode="overlay",
        hovermode="closest",
    )
    figure.update_xaxes(range=[0, 1.18], tickvals=[0, 0.5, 1], tickformat=".0%", fixedrange=True, zeroline=False)
    figure.update_yaxes(tickvals=places, ticktext=names, autorange="reversed", fixedrange=True, showgrid=False)
    return figure


def _draw_bars(shares: NDArray[np.floating], width: float, marker: dict[str, Any], hints: list[str]) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "x": shares,
        "y": list(range(len(shares))),
        "width": width,
        "marker": marker,
        "hovertext": hints,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def plot_ablation(losses: NDArray[np.floating], silenced: Sequence[int] = (), height: int = 260) -> "Figure":
    """Draw what each channel's silence costs as bars, the dearest first; a selection's customdata is [channel].

    Args:
        losses: (channels,), accuracy lost by silencing each alone; below 0 where it gains.
        silenced: channels, counted from 0, that are drawn in another colour.
        height: in screen pixels.
    """
    order = np.argsort(-losses, kind="stable")
    colors = np.where(np.isin(order, list(silenced)), _SILENT, np.where(losses[order] > 0, _HARM, NEUTRAL))
    bars = {
        "type": "bar",
        "x": list(range(len(order))),
        "y": 100 * losses[order],
        "marker": {"color": colors, "line": {"width": 0}},
        # A list: plotly would encode an array, and the browser hand back a dictionary of it.
        "customdata": [[int(channel)] for channel in order],
        "hovertext": [f"Channel {channel}: {-100 * losses[channel]:+.2f} points" for channel in order],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
    }
    figure = build_figure(bars, height=height, bargap=0.12, hovermode="closest")
    few = len(order) <= 40
    figure.update_xaxes(
        title="channels, the most important first",
        tickvals=list(range(len(order))) if few else [],
        ticktext=[str(channel) for channel in order] if few else [],
        tickangle=0,
        fixedrange=True,
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(title="points of accuracy lost", fixedrange=True, zeroline=True)
    return figure


def _say(share: float) -> str:
    return "unknown" if np.isnan(share) else f"{share:.1%}"
