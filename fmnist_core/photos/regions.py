"""Places and pieces of a picture: its border, its middle, and the parts of a mask."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]


def mark_border(height: int, width: int, share: float = 0.02) -> Mask:
    """Mark the picture's outermost pixels, `share` of its shorter side thick and at least one pixel."""
    thickness = max(1, round(share * min(height, width)))
    border = np.ones((height, width), bool)
    border[thickness:-thickness, thickness:-thickness] = False
    return border


def measure_from_centre(height: int, width: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each pixel's distance from the middle, down and across, as shares of half the picture."""
    down = np.abs((np.arange(height) + 0.5) / height * 2 - 1)
    across = np.abs((np.arange(width) + 0.5) / width * 2 - 1)
    return np.broadcast_to(down[:, None], (height, width)), np.broadcast_to(across, (height, width))


def tidy(mask: Mask) -> Mask:
    """Drop specks, close hairline gaps and holes, and keep the parts that matter most.

    Args:
        mask: shape (h, w).

    Returns:
        A mask of the same shape; empty only if `mask` is.
    """
    return ndimage.binary_fill_holes(_keep_main_parts(mask))


def _keep_main_parts(mask: Mask) -> Mask:
    """Keep the largest part, counted from the middle, and those that are at least a quarter of it."""
    if not mask.any():
        return mask
    without_specks = ndimage.binary_opening(mask)
    closed = ndimage.binary_closing(np.pad(without_specks, 1))[1:-1, 1:-1]
    parts, n_parts = ndimage.label(closed if closed.any() else mask)
    weights = np.exp(-np.square(np.hypot(*measure_from_centre(*mask.shape))))
    shares = ndimage.sum_labels(weights, parts, np.arange(1, n_parts + 1))
    return np.isin(parts, 1 + np.flatnonzero(shares >= 0.25 * shares.max()))
