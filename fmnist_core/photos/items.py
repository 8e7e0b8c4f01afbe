"""Ready items: 28×28 pixels of either polarity, as they are, enlarged, or in a screenshot."""

import numpy as np

from fmnist_core.photos.decoding import Picture
from fmnist_core.photos.kinds import NOTHING, measure_detail
from fmnist_core.photos.pixels import EDGE, centre, find_bounds, to_grey
from fmnist_core.photos.settings import AUTO, ChainSettings
from fmnist_core.photos.steps import Step

# An item reaches along its longest edge from one side of its picture to the other, or nearly.
_LEAST_REACH = 0.85
# Trimming must show so much more of a picture's variance to be preferred.
_BETTER = 0.005


def list_item_steps(picture: Picture, settings: ChainSettings) -> list[Step]:
    """Bring a ready item, (h, w, 3) or (h, w) uint8, back to its 28 × 28 pixels."""
    grey = to_grey(picture)
    is_negated = settings.negate == "yes" or (settings.negate == AUTO and _is_dark_on_light(grey))
    bright = 255 - grey if is_negated else grey
    sentence = (
        "Negated: bright on black, as in the data." if is_negated else "Bright on black already, so left as it is."
    )
    name = "Negated" if is_negated else "As it is"
    if grey.shape == (EDGE, EDGE):
        return [Step("item", name, sentence, bright)]
    steps = [Step("negated", name, sentence, bright)] if is_negated else []
    detail, small = measure_detail(bright)
    ink = bright > NOTHING
    if ink.any():
        trimmed = bright[find_bounds(ink)]
        fills = max(trimmed.shape) >= _LEAST_REACH * max(bright.shape) and bright.shape[0] == bright.shape[1]
        detail_trimmed, small_trimmed = measure_detail(trimmed)
        if not fills or detail_trimmed > detail + _BETTER:
            steps.append(Step("trimmed", "Trimmed", "Cut to what is not black.", trimmed))
            small = small_trimmed
    item = centre(small, 0)
    return [*steps, Step("item", "28 × 28", "Brought to 28 × 28 pixels, which hold all of its detail.", item)]


def _is_dark_on_light(grey: Picture) -> bool:
    # All 70,000 items and their negatives are told apart by this mean.
    return bool(grey[[0, 0, -1, -1], [0, -1, 0, -1]].mean() >= np.float64(128))
