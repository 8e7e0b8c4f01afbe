"""The ways to tell a garment from what it lies or hangs on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from fmnist_core.photos.colors import to_oklab
from fmnist_core.photos.regions import Mask, keep_main_parts, mark_border, measure_from_centre

# Colours are told apart in this many steps of lightness, and twice as many of each of the other two axes.
_BINS = 14
_ROUNDS = 6
_PLAIN_DISTANCE = 0.05


@dataclass(frozen=True)
class Strategy:
    """A way to find the garment.

    Attributes:
        title: what it is called.
        description: one sentence on how it works.
        function: takes a picture (h, w, 3) uint8 and a threshold -1..1, above 0 for less garment, and returns a mask
            (h, w), all False where nothing stands out.
    """

    title: str
    description: str
    function: Callable[[NDArray[np.uint8], float], Mask]


def find_on_plain(rgb: NDArray[np.uint8], threshold: float = 0.0) -> Mask:
    """Take what differs from the border's colour, by the publisher's own rule: 5 %."""
    colors = to_oklab(rgb)
    common = np.median(colors[mark_border(*rgb.shape[:2])], axis=0)
    return keep_main_parts(np.linalg.norm(colors - common, axis=-1) > _PLAIN_DISTANCE * 4**threshold)


def find_by_color(rgb: NDArray[np.uint8], threshold: float = 0.0) -> Mask:
    """Alternate between two colour histograms and each pixel's chance to belong to the garment.

    Much like GrabCut without its graph cut (Rother, Kolmogorov, Blake, SIGGRAPH 2004): histograms in the place of
    Gaussian mixtures, blurring in the place of the cut.
    """
    height, width, _ = rgb.shape
    shape = (_BINS, 2 * _BINS, 2 * _BINS)
    cells = ((to_oklab(rgb) - [0, -0.25, -0.25]) / [1, 0.5, 0.5] * shape).astype(int)
    cells = np.ravel_multi_index(np.clip(cells, 0, np.array(shape) - 1).reshape(-1, 3).T, shape)

    down, across = measure_from_centre(height, width)
    edge, radius = np.maximum(down, across), np.hypot(down, across)
    # Garments lie in the middle; a weak opinion, so that the colours decide.
    opinion = np.clip(6 * (0.85 - radius), -3.9, 2.2)
    garment = np.select([edge > 0.9, edge < 0.6], [0.02, 0.75], 0.4)
    for _ in range(_ROUNDS):
        evidence = np.log(_histogram(cells, garment, shape) / _histogram(cells, 1 - garment, shape))
        evidence = np.clip(evidence.ravel()[cells].reshape(height, width), -3, 3)
        garment = 1 / (1 + np.exp(-ndimage.gaussian_filter(evidence, 1) - 0.05 * opinion))
    return keep_main_parts(garment > 0.5 + 0.4 * threshold)


def _histogram(cells: NDArray[np.int64], weights: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    counts = np.bincount(cells, weights.ravel(), minlength=int(np.prod(shape))).reshape(shape)
    counts = ndimage.gaussian_filter(counts, 0.7) + 0.05 * weights.sum() / counts.size
    return counts / counts.sum()


STRATEGIES: dict[str, Strategy] = {
    "plain": Strategy("Plain background", "Takes all that differs from the border's colour.", find_on_plain),
    "colors": Strategy(
        "Colours", "Tells colours common in the middle from those common at the border, in a few rounds.", find_by_color
    ),
}
