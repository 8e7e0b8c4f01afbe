"""The drawing of a histogram of oriented gradients: in each cell a stroke for each direction of edges."""

from math import cos, pi, sin
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from fmnist_core.sheets import encode_data_url

_EDGE = 24  # of a cell, in units of the drawing
_COLOR = "#d0662f"  # can be seen on light and dark paper
_STYLE = "width: min(224px, 46%); aspect-ratio: 1; border: 1px solid var(--st-border-color); border-radius: 0.375rem"


def draw_hog(image: NDArray[np.uint8], cells: NDArray[np.float32]) -> str:
    """Draw an item and its histograms side by side, as HTML.

    Args:
        image: (28, 28) uint8.
        cells: (r, c, k), how much of the gradients of each cell points in each of k orientations, as
            `hog.compute_cells` gives it. Strokes lie along the edges, at right angles to the gradients.
    """
    rows, columns, orientations = cells.shape
    strongest = max(float(cells.max()), 1e-9)
    strokes = []
    for row, column, orientation in np.argwhere(cells > 0.05 * strongest):
        share = float(cells[row, column, orientation]) / strongest
        angle = pi * (orientation + 0.5) / orientations + pi / 2
        x, y = (column + 0.5) * _EDGE, (row + 0.5) * _EDGE
        right, down = (0.5 * _EDGE * part for part in (cos(angle), sin(angle)))
        strokes.append(
            f'<line x1="{x - right:.1f}" y1="{y - down:.1f}" x2="{x + right:.1f}" y2="{y + down:.1f}" '
            f'opacity="{share:.2f}"/>'
        )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {columns * _EDGE} {rows * _EDGE}">'
        f'<g stroke="{_COLOR}" stroke-width="2.5" stroke-linecap="round">{"".join(strokes)}</g></svg>'
    )
    return (
        '<div style="display: flex; gap: 1rem">'
        f'<img src="{encode_data_url(image)}" alt="An item" style="{_STYLE}; image-rendering: pixelated">'
        f'<img src="data:image/svg+xml,{quote(svg)}" alt="Its edges, cell by cell" style="{_STYLE}"></div>'
    )
