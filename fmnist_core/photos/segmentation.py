"""Where the garment is in a photograph, by classical means: no network, nothing trained."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.photos.quality import Quality, judge
from fmnist_core.photos.regions import Mask, mark_border
from fmnist_core.photos.settings import AUTO
from fmnist_core.photos.strategies import STRATEGIES, Strategy
from fmnist_core.settings import check_choice, check_real

__all__ = ["STRATEGIES", "Found", "Mask", "Quality", "Strategy", "find_garment", "judge"]


@dataclass(frozen=True, eq=False)
class Found:
    """A garment in a picture.

    Attributes:
        mask: (h, w) bool, all False if nothing stands out.
        strategy: key of `STRATEGIES`, what found it.
        quality: how much the mask looks like a garment's.
    """

    mask: Mask
    strategy: str
    quality: Quality


def find_garment(rgb: NDArray[np.uint8], strategy: str = AUTO, threshold: float = 0.0) -> Found:
    """Separate a garment from what it lies or hangs on.

    Args:
        rgb: picture of shape (h, w, 3), uint8; a few hundred pixels across are enough and quick.
        strategy: key of `STRATEGIES`, or `AUTO` for the one that does best on this picture.
        threshold: above 0 takes less for garment, below 0 more, -1 to 1.

    Returns:
        What was found, with a mask that is all False if nothing stands out.

    Raises:
        InvalidSettingError: for an unknown strategy or a threshold outside its range.
    """
    check_choice("strategy", strategy, [AUTO, *STRATEGIES])
    check_real("threshold", threshold, -1, 1)
    if strategy == AUTO:
        plain = STRATEGIES["plain"].function(rgb, threshold)
        is_plain = not plain.any() or plain[mark_border(*plain.shape)].mean() < 0.03
        strategy = "plain" if is_plain else "colors"
    mask = STRATEGIES[strategy].function(rgb, threshold)
    return Found(mask, strategy, judge(rgb, mask))
