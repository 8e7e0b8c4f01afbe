"""The story of one picture: its ten probabilities over the epochs, as a picture for the page."""

from itertools import pairwise
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES

# The colours of hits and errors in the confusion matrix.
RIGHT_COLOR, WRONG_COLOR = "#2f70b0", "#cd541c"

# Units of the drawing, which is stretched to the width that it is given.
_WIDTH, _HEIGHT, _BAND, _GAP = 2000, 400, 46, 14


def draw_strip(probabilities: NDArray[np.float32], lowest: int, judged: bool = True) -> str:
    """Return the address (a data URL) of a drawing of one picture's answers: ten shares stacked over the epochs.

    Each epoch is a column, its ten probabilities lie above each other in the classes' colours; one of zeros stays
    empty. An SVG picture and no chart: many of them stand on a page.

    Args:
        probabilities: (e, 10).
        lowest: the class at the bottom, the true one if there is one.
        judged: whether a band below tells if that class was the answer.
    """
    n_epochs = len(probabilities)
    order = [lowest, *(index for index in range(len(CLASS_NAMES)) if index != lowest)]
    shares = probabilities[:, order].astype(np.float64)
    tops = np.cumsum(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-9), axis=1)
    edges = np.linspace(0, _WIDTH, n_epochs + 1).round().astype(int)
    heights = (_HEIGHT * (1 - tops)).round().astype(int)
    # From the top down: each area reaches to the ground, and the next one covers what is not its own.
    areas = "".join(
        f"<path fill='{CLASS_COLORS[order[layer]]}' d='{_outline(edges, heights[:, layer])}'/>"
        for layer in reversed(range(len(order)))
        if shares[:, layer].max() >= 0.005
    )
    band = _draw_band(probabilities.argmax(axis=1) == lowest, edges) if judged else ""
    total = _HEIGHT + (_GAP + _BAND if judged else 0)
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {total}' preserveAspectRatio='none' "
        f"shape-rendering='crispEdges'>{areas}{band}</svg>"
    )
    return "data:image/svg+xml," + quote(svg, safe=" '=/:,;")


def _draw_band(right: NDArray[np.bool_], edges: NDArray[np.int64]) -> str:
    return "".join(
        f"<rect x='{edges[start]}' y='{_HEIGHT + _GAP}' width='{edges[end] - edges[start]}' height='{_BAND}' "
        f"fill='{RIGHT_COLOR if right[start] else WRONG_COLOR}'/>"
        for start, end in _find_spans(right)
    )


def _outline(edges: NDArray[np.int64], tops: NDArray[np.int64]) -> str:
    """Return the path around columns that stand on the ground."""
    steps = "".join(f"V{top}H{right}" for top, right in zip(tops, edges[1:], strict=True))
    return f"M{edges[0]} {_HEIGHT}{steps}V{_HEIGHT}Z"


def _find_spans(values: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return where equal neighbours begin, and where they end (exclusive)."""
    borders = [0, *(np.flatnonzero(values[1:] != values[:-1]) + 1).tolist(), len(values)]
    return list(pairwise(borders))
