"""Where the garment is in a photograph, by classical means: no network, nothing trained."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]

# Colours are told apart in this many steps of lightness, and twice as many of each of the other two axes.
_BINS = 14
_ROUNDS = 6
_PLAIN_DISTANCE = 0.05


def find_garment(rgb: NDArray[np.uint8]) -> Mask:
    """Separate a garment from what it lies or hangs on.

    On a plain background everything counts that differs from the border's colour, by the publisher's own rule (5 %).
    Otherwise colours that are common in the middle and rare at the border are told from the others, in a few rounds.

    Args:
        rgb: picture of shape (h, w, 3), uint8; a few hundred pixels across are enough and quick.

    Returns:
        Mask of shape (h, w), all False if nothing stands out.
    """
    colors = _to_oklab(rgb)
    border = _border(colors)
    distance = np.linalg.norm(colors - np.median(colors[border], axis=0), axis=-1)
    differs = distance > _PLAIN_DISTANCE
    if not differs.any():
        return differs
    if np.mean(differs[border]) < 0.03:
        return _keep_main_parts(differs)
    return _keep_main_parts(_separate_by_color(colors))


def _separate_by_color(colors: NDArray[np.float32]) -> Mask:
    """Alternate between two colour histograms and each pixel's chance to belong to the garment.

    Much like GrabCut without its graph cut (Rother, Kolmogorov, Blake, SIGGRAPH 2004): histograms in the place of
    Gaussian mixtures, blurring in the place of the cut.
    """
    height, width, _ = colors.shape
    shape = (_BINS, 2 * _BINS, 2 * _BINS)
    cells = ((colors - [0, -0.25, -0.25]) / [1, 0.5, 0.5] * shape).astype(int)
    cells = np.ravel_multi_index(np.clip(cells, 0, np.array(shape) - 1).reshape(-1, 3).T, shape)

    down, across = _from_centre(height, width)
    edge, radius = np.maximum(down, across), np.hypot(down, across)
    # Garments lie in the middle; a weak opinion, so that the colours decide.
    opinion = np.clip(6 * (0.85 - radius), -3.9, 2.2)
    garment = np.select([edge > 0.9, edge < 0.6], [0.02, 0.75], 0.4)
    for _ in range(_ROUNDS):
        evidence = np.log(_histogram(cells, garment, shape) / _histogram(cells, 1 - garment, shape))
        evidence = np.clip(evidence.ravel()[cells].reshape(height, width), -3, 3)
        garment = 1 / (1 + np.exp(-ndimage.gaussian_filter(evidence, 1) - 0.05 * opinion))
    return garment > 0.5


def _histogram(cells: NDArray[np.int64], weights: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    counts = np.bincount(cells, weights.ravel(), minlength=int(np.prod(shape))).reshape(shape)
    counts = ndimage.gaussian_filter(counts, 0.7) + 0.05 * weights.sum() / counts.size
    return counts / counts.sum()


def _keep_main_parts(mask: Mask) -> Mask:
    """Drop specks, close hairline gaps and holes, and keep the parts that matter most, counted from the middle."""
    tidy = ndimage.binary_opening(mask)
    tidy = ndimage.binary_closing(np.pad(tidy, 1))[1:-1, 1:-1]
    parts, n_parts = ndimage.label(tidy if tidy.any() else mask)
    weights = np.exp(-np.square(np.hypot(*_from_centre(*mask.shape))))
    shares = ndimage.sum_labels(weights, parts, np.arange(1, n_parts + 1))
    main = 1 + np.flatnonzero(shares >= 0.25 * shares.max())
    return ndimage.binary_fill_holes(np.isin(parts, main))


def _from_centre(height: int, width: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each pixel's distance from the middle, down and across, as shares of half the picture."""
    down = np.abs((np.arange(height) + 0.5) / height * 2 - 1)
    across = np.abs((np.arange(width) + 0.5) / width * 2 - 1)
    return np.broadcast_to(down[:, None], (height, width)), np.broadcast_to(across, (height, width))


def _border(colors: NDArray[np.float32]) -> Mask:
    height, width, _ = colors.shape
    thickness = max(1, round(0.02 * min(height, width)))
    border = np.ones((height, width), bool)
    border[thickness:-thickness, thickness:-thickness] = False
    return border


def _to_oklab(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Convert to OKLab, where distances are about as large as they look (Ottosson 2020)."""
    values = rgb.astype(np.float32) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    cones = np.cbrt(linear @ np.array(_RGB_TO_CONES, np.float32).T)
    return cones @ np.array(_CONES_TO_LAB, np.float32).T


_RGB_TO_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_CONES_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
