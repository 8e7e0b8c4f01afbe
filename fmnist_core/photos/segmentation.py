"""Where the garment is in a photograph, by classical means: no network, nothing trained."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.photos.quality import Quality, judge
from fmnist_core.photos.regions import Mask, mark_border
from fmnist_core.photos.settings import AUTO
from fmnist_core.photos.strategies import PLAIN_DISTANCE, STRATEGIES, Strategy, adjust, drop_shadow
from fmnist_core.photos.view import View
from fmnist_core.settings import check_choice, check_real

__all__ = ["STRATEGIES", "Found", "Mask", "Quality", "Strategy", "find_garment", "judge"]

# A border of one colour: nearly all of it is closer to the commonest than a camera's noise.
_PLAIN_SHARE = 0.97
_NOISE = 0.03
# Less than the look of a mask, as two cuts that both lose the sleeves agree with one another.
_WEIGHT_OF_AGREEMENT = 0.5


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
        rgb: picture of shape (h, w, 3), uint8; about 160 pixels across are enough and quick.
        strategy: key of `STRATEGIES`, or `AUTO` for the one that does best on this picture.
        threshold: above 0 takes less for garment, below 0 more, -1 to 1.

    Returns:
        What was found, with a mask that is all False if nothing stands out.

    Raises:
        InvalidSettingError: for an unknown strategy or a threshold outside its range.
    """
    check_choice("strategy", strategy, [AUTO, *STRATEGIES])
    check_real("threshold", threshold, -1, 1)
    view = View(rgb)
    if not (view.distance > PLAIN_DISTANCE).any():
        nothing = np.zeros(rgb.shape[:2], bool)
        return Found(nothing, "plain" if strategy == AUTO else strategy, judge(rgb, nothing))
    if strategy == AUTO:
        found = _find_best(view)
    else:
        mask = drop_shadow(view, STRATEGIES[strategy].function(view))
        found = Found(mask, strategy, judge(rgb, mask))
    if threshold == 0:
        return found
    mask = adjust(rgb, found.mask, threshold)
    return Found(mask, found.strategy, judge(rgb, mask))


def _find_best(view: View) -> Found:
    border = view.distance[mark_border(view.height, view.width)]
    keys = ["plain"] if np.mean(border < _NOISE) >= _PLAIN_SHARE else [key for key in STRATEGIES if key != "plain"]
    masks = {key: drop_shadow(view, STRATEGIES[key].function(view)) for key in keys}
    qualities = {key: judge(view.rgb, mask) for key, mask in masks.items()}
    agreements = _measure_agreement(masks)
    best = max(keys, key=lambda key: qualities[key].score + _WEIGHT_OF_AGREEMENT * agreements[key])
    return Found(masks[best], best, qualities[best])


def _measure_agreement(masks: Mapping[str, Mask]) -> dict[str, float]:
    """Return how much each mask has in common with the others: the mean of intersection over union."""
    shared = {
        key: [(mask & other).sum() / max(1, (mask | other).sum()) for name, other in masks.items() if name != key]
        for key, mask in masks.items()
    }
    return {key: float(np.mean(values)) if values else 1.0 for key, values in shared.items()}
