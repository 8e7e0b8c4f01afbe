"""How much a mask looks like a garment's."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.photos.regions import Mask, mark_border


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
    """Judge a mask.

    Args:
        rgb: picture of shape (h, w, 3), uint8.
        mask: shape (h, w).

    Returns:
        Its quality.
    """
    if not mask.any():
        return Quality(0.0, {})
    parts = {"clear of the border": 1 - float(mask[mark_border(*mask.shape)].mean())}
    return Quality(float(np.prod(list(parts.values()))), parts)
