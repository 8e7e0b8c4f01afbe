"""What all ways to 28×28 pixels do: make grey, trim, shrink, sharpen, centre."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fmnist_core.photos.decoding import Picture

EDGE = 28

Mask = NDArray[np.bool_]


def to_grey(picture: Picture) -> Picture:
    """Make a picture (h, w, 3) or (h, w) grey, (h, w)."""
    return np.asarray(Image.fromarray(picture).convert("L"))


def find_bounds(mask: Mask) -> tuple[slice, slice]:
    """Return the rows and columns of the smallest box that holds a mask, which must not be empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def shrink(grey: Picture) -> Picture:
    """Bring the longest edge to 28 by averaging over areas; a smaller picture grows in whole blocks."""
    height, width = grey.shape
    scale = EDGE / max(height, width)
    # Half rounds up, as in the browser, so that the canvas's own preview agrees.
    size = (max(1, int(width * scale + 0.5)), max(1, int(height * scale + 0.5)))
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BOX))


def sharpen(grey: Picture) -> Picture:
    """Sharpen by a Gaussian of sigma 1.0, as the publisher did."""
    from scipy import ndimage

    values = grey.astype(np.float32)
    blurred = ndimage.gaussian_filter(values, sigma=1.0, mode="nearest")
    return np.clip(values + 0.6 * (values - blurred), 0, 255).round().astype(np.uint8)


def centre(grey: Picture, background: int) -> Picture:
    """Frame a picture of at most 28 × 28 pixels by a background, so that it has 28 × 28."""
    height, width = grey.shape
    framed = np.full((EDGE, EDGE), background, np.uint8)
    top, left = (EDGE - height) // 2, (EDGE - width) // 2
    framed[top : top + height, left : left + width] = grey
    return framed


def turn(picture: NDArray[np.uint8], degrees: float, fill: tuple[int, ...] | int) -> NDArray[np.uint8]:
    """Turn a picture clockwise; it grows until it holds all, and its new corners are filled."""
    turned = Image.fromarray(picture).rotate(-degrees, Image.Resampling.BILINEAR, expand=True, fillcolor=fill)
    return np.asarray(turned)


def find_edge_color(picture: Picture) -> tuple[int, ...]:
    """Return the median colour of a picture's outermost pixels, (h, w, 3)."""
    edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    return tuple(int(value) for value in np.median(edge, axis=0))
