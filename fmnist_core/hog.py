"""Histograms of oriented gradients: in which directions the edges of an image run, region by region.

Source: Dalal and Triggs, "Histograms of oriented gradients for human detection", CVPR 2005: unsigned gradients in
9 orientations, each shared between the two nearest; overlapping blocks of 2 × 2 cells, each normalised, clipped at 0.2
and normalised again. Their cells had 8 × 8 pixels of pictures of 64 × 128; here they have 4 × 4.
"""

import numpy as np
from numpy.typing import NDArray

ORIENTATIONS = 9
CELL, CELLS = 4, 7  # pixels of a cell's edge; cells along an edge of the image
BLOCKS = CELLS - 1
_AT_ONCE = 2_000  # the gradients of 60,000 images would fill gigabytes


def compute_hog(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Describe images by histograms of oriented gradients.

    Args:
        pixels: (n, 784) float32, 0 to 1.

    Returns:
        (n, 1296) float32: 6 × 6 blocks of 2 × 2 cells of 9 orientations.
    """
    descriptors = np.empty((len(pixels), BLOCKS**2 * 4 * ORIENTATIONS), np.float32)
    for start in range(0, len(pixels), _AT_ONCE):
        cells = compute_cells(pixels[start : start + _AT_ONCE])
        windows = np.lib.stride_tricks.sliding_window_view(cells, (2, 2), axis=(1, 2))
        blocks = np.moveaxis(windows, 3, -1).reshape(len(cells), BLOCKS**2, -1)
        blocks = np.minimum(_normalize(blocks), 0.2)
        descriptors[start : start + _AT_ONCE] = _normalize(blocks).reshape(len(cells), -1)
    return descriptors


def compute_cells(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sum the gradients of each cell by orientation.

    Args:
        pixels: (n, 784) float32, 0 to 1.

    Returns:
        (n, 7, 7, 9) float32: orientation k is about a gradient at 180° · (k + 0.5) / 9, downwards from the right.
    """
    images = pixels.reshape(-1, 28, 28)
    down, right = (np.gradient(images, axis=axis) for axis in (1, 2))
    strength = np.hypot(down, right)
    place = np.arctan2(down, right) % np.pi / np.pi * ORIENTATIONS - 0.5
    lower = np.floor(place).astype(int)
    share = (place - lower).astype(np.float32)
    cells = np.zeros((len(images), CELLS, CELLS, ORIENTATIONS), np.float32)
    for orientation in range(ORIENTATIONS):
        votes = strength * (
            (lower % ORIENTATIONS == orientation) * (1 - share) + ((lower + 1) % ORIENTATIONS == orientation) * share
        )
        cells[..., orientation] = votes.reshape(-1, CELLS, CELL, CELLS, CELL).sum(axis=(2, 4))
    return cells


def _normalize(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return vectors / np.sqrt((vectors**2).sum(axis=-1, keepdims=True) + 1e-6)
