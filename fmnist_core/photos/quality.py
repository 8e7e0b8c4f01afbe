"""How much a mask looks like a garment's."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from fmnist_core.photos.colors import to_oklab
from fmnist_core.photos.regions import Mask, mark_border

# Colours this far apart are plainly different; on the way to it they count in part.
_PLAIN_CONTRAST = 0.12
_REACH = 2.0
_BINS = 10
# How much each part says about the share of the mask that is right (a logistic regression's weights, rounded).
_WEIGHTS = {
    "contrast": 2.0,
    "edges": 1.5,
    "colours": 2.5,
    "clear of the border": 1.75,
    "size": 0.5,
    "smoothness": 0.75,
    "symmetry": 1.75,
}
_DOUBT = 7.0


@dataclass(frozen=True)
class Quality:
    """How much a mask looks like a garment's.

    Attributes:
        score: 0..1, above is better; 0 for an empty mask.
        parts: what it is made of, by name, each 0..1.
    """

    score: float
    parts: Mapping[str, float]


def judge(rgb: NDArray[np.uint8], mask: Mask) -> Quality:
    """Judge a mask by its contour, its colours, its place and its shape.

    Args:
        rgb: picture of shape (h, w, 3), uint8.
        mask: shape (h, w).

    Returns:
        Its quality.
    """
    if not mask.any() or mask.all():
        return Quality(0.0, {})
    colors = to_oklab(rgb)
    parts = {
        "contrast": _compare_along_contour(colors, mask),
        "edges": _rank_edges(colors, mask),
        "colours": _compare_colors(colors, mask),
        "clear of the border": 1 - float(mask[mark_border(*mask.shape)].mean()),
        "size": _judge_size(mask),
        "smoothness": _measure_smoothness(mask),
        "symmetry": _measure_symmetry(mask),
    }
    evidence = sum(_WEIGHTS[name] * value for name, value in parts.items())
    return Quality(float(1 / (1 + np.exp(_DOUBT - evidence))), parts)


def _contour(mask: Mask) -> Mask:
    """Mark the mask's outermost pixels, those at the picture's border left out."""
    return mask & ~ndimage.binary_erosion(mask, border_value=1)


def _compare_along_contour(colors: NDArray[np.float32], mask: Mask) -> float:
    """Return how much the colours close to the contour differ between inside and outside."""
    inside = mask.astype(np.float32)
    sides = []
    for weights in (inside, 1 - inside):
        total = ndimage.gaussian_filter(weights, _REACH) + 1e-6
        sides.append([ndimage.gaussian_filter(colors[..., c] * weights, _REACH) / total for c in range(3)])
    contour = _contour(mask)
    distance = np.linalg.norm(np.subtract(sides[0], sides[1]), axis=0)[contour]
    return float(np.minimum(distance / _PLAIN_CONTRAST, 1).mean()) if contour.any() else 0.0


def _rank_edges(colors: NDArray[np.float32], mask: Mask) -> float:
    """Return the share of the picture whose edges are weaker than those along the contour."""
    slopes = [ndimage.gaussian_gradient_magnitude(colors[..., c], 1.0) for c in range(3)]
    strength = ndimage.maximum_filter(np.linalg.norm(slopes, axis=0), 3)
    contour = _contour(mask)
    if not contour.any():
        return 0.0
    return float(np.searchsorted(np.sort(strength, axis=None), strength[contour]).mean() / strength.size)


def _compare_colors(colors: NDArray[np.float32], mask: Mask) -> float:
    """Return how little the colours inside and outside have in common (1 minus Bhattacharyya's coefficient)."""
    cells = np.clip(((colors - [0, -0.25, -0.25]) / [1, 0.5, 0.5] * _BINS).astype(int), 0, _BINS - 1)
    cells = np.ravel_multi_index(np.moveaxis(cells, -1, 0), (_BINS,) * 3)
    inside, outside = (np.bincount(cells[side], minlength=_BINS**3) / side.sum() for side in (mask, ~mask))
    return float(1 - np.sqrt(inside * outside).sum())


def _judge_size(mask: Mask) -> float:
    share = float(mask.mean())
    return min(1.0, share / 0.12, (1 - share) / 0.15)


def _measure_smoothness(mask: Mask) -> float:
    """Return how short the contour is for the bounding box that the mask fills: 1 for as short as the box's own."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = 2 * (rows[-1] - rows[0] + 1 + columns[-1] - columns[0] + 1)
    padded = np.pad(mask, 1)
    length = (padded[1:] != padded[:-1]).sum() + (padded[:, 1:] != padded[:, :-1]).sum()
    return min(1.0, float(box / length))


def _measure_symmetry(mask: Mask) -> float:
    """Return how much of the mask and its mirror image, left to right about its middle, is common to both."""
    columns = np.arange(mask.shape[1])
    source = round(2 * float((columns * mask.sum(axis=0)).sum() / mask.sum())) - columns
    seen = (source >= 0) & (source < mask.shape[1])
    common = int((mask[:, seen] & mask[:, source[seen]]).sum())
    return common / (2 * int(mask.sum()) - common)
