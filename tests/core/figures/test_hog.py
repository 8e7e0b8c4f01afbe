import re
from urllib.parse import unquote

import numpy as np
import pytest

from fmnist_core.figures.hog import draw_hog


def strokes(html):
    """Return each stroke as (x1, y1, x2, y2, opacity)."""
    pattern = r'<line x1="(.*?)" y1="(.*?)" x2="(.*?)" y2="(.*?)" opacity="(.*?)"/>'
    return [tuple(map(float, found)) for found in re.findall(pattern, unquote(html))]


@pytest.mark.parametrize("orientation", [0, 1])
def test_strokes_lie_along_the_edges_and_are_as_strong_as_these(orientation):
    cells = np.zeros((2, 3, 2), np.float32)
    # With two orientations gradients point at 45° and 135°, downwards from the right.
    cells[0, 1, orientation] = 4
    cells[1, 2, orientation] = 1
    (x1, y1, x2, y2, strong), (*_, weak) = strokes(draw_hog(np.zeros((28, 28), np.uint8), cells))
    assert ((x1 + x2) / 2, (y1 + y2) / 2) == (36, 12)
    assert (strong, weak) == (1, 0.25)
    slope = (y2 - y1) / (x2 - x1)
    # Orientation 0 is a gradient down to the right, so its edge runs up to the right.
    assert slope == pytest.approx(-1 if orientation == 0 else 1, abs=0.02)


def test_a_blank_item_has_no_strokes():
    html = draw_hog(np.zeros((28, 28), np.uint8), np.zeros((7, 7, 9), np.float32))
    assert strokes(html) == []
    assert html.count("<img ") == 2
