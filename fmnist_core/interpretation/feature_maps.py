"""Feature maps and filters as small pictures: which ones are shown, and on what scale."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Larger maps are drawn smaller, each pixel of the picture the strongest of those it stands for.
LARGEST_SIDE = 32
_STEPS = 127


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures of some channels, on one scale.

    Attributes:
        pixels: (n, height, width) int8, from -127 to 127: values divided by `largest`.
        channels: which these are, (n,), in order.
        peaks: the value of each that is largest in magnitude, (n,) float32.
        total: how many channels there are.
        largest: the largest magnitude of all channels, those left out among them.
    """

    pixels: NDArray[np.int8]
    channels: NDArray[np.int64]
    peaks: NDArray[np.float32]
    total: int
    largest: float


def draw_maps(maps: NDArray[np.float32], limit: int | None = None) -> Pictures:
    """Make pictures of maps, all on the same scale.

    Args:
        maps: (height, width, channels), or units (channels,), which become pictures of one pixel.
        limit: how many at most: those with the largest magnitudes; None for all.
    """
    cells = np.moveaxis(np.atleast_3d(maps.reshape(1, 1, -1) if maps.ndim == 1 else maps), -1, 0)
    flat = cells.reshape(len(cells), -1)
    peaks = flat[np.arange(len(flat)), np.abs(flat).argmax(axis=1)]
    channels = np.arange(len(cells))
    if limit is not None and len(cells) > limit:
        channels = np.sort(np.argsort(-np.abs(peaks), kind="stable")[:limit])
    largest = float(np.abs(peaks).max())
    shown = _shrink(cells[channels])
    pixels = np.rint(shown * (_STEPS / largest if largest > 0 else 0.0)).astype(np.int8)
    return Pictures(pixels, channels, peaks[channels], len(cells), largest)


def draw_filters(filters: NDArray[np.float32], limit: int | None = None) -> Pictures:
    """Make a picture of each filter, the mean over its input channels.

    Args:
        filters: (filters, height, width, input channels).
        limit: see `draw_maps`.
    """
    return draw_maps(np.moveaxis(filters.mean(axis=3), 0, -1), limit)


def find_strongest(maps: NDArray[np.float32]) -> int:
    """Return the channel of (height, width, channels) or (channels,) with the largest value."""
    return int(maps.reshape(-1, maps.shape[-1]).max(axis=0).argmax())


def _shrink(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    count, height, width = cells.shape
    step = -(-max(height, width) // LARGEST_SIDE)
    if step == 1:
        return cells
    padded = np.pad(cells, ((0, 0), (0, -height % step), (0, -width % step)), mode="edge")
    blocks = padded.reshape(count, padded.shape[1] // step, step, padded.shape[2] // step, step).swapaxes(2, 3)
    blocks = blocks.reshape(*blocks.shape[:3], -1)
    strongest = np.abs(blocks).argmax(axis=-1)[..., np.newaxis]
    return np.take_along_axis(blocks, strongest, axis=-1)[..., 0]
