"""Pictures with a frame around a part of them."""

import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor

_SCALE, _THICKNESS = 4, 2


def outline(image: NDArray[np.uint8], window: tuple[int, int, int, int], color: str) -> NDArray[np.uint8]:
    """Return a picture four times as large, with a frame just inside a window of it.

    Args:
        image: (h, w) uint8.
        window: (top, left, bottom, right) in pixels of the picture, the last two exclusive.
        color: of the frame, such as "#e8622c".

    Returns:
        (4 h, 4 w, 3) uint8.
    """
    large = np.repeat(np.kron(image, np.ones((_SCALE, _SCALE), np.uint8))[..., np.newaxis], 3, axis=2)
    top, left, bottom, right = (_SCALE * edge for edge in window)
    framed = large[top:bottom, left:right]
    rows, columns = (np.minimum(np.arange(size), np.arange(size)[::-1]) for size in framed.shape[:2])
    framed[np.minimum(rows[:, np.newaxis], columns) < _THICKNESS] = ImageColor.getrgb(color)
    return large
