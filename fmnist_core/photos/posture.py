"""How a garment lies in its picture: the hook that it hangs on, and how far it is tilted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.photos.pixels import Mask, find_bounds

# A hook stands at least so high above the garment, and is at most so thick, as shares of the garment's longer side.
_HOOK_HEIGHT = 0.05
_HOOK_THICKNESS = 0.07
# It stands so near to the garment's middle, as a share of its width.
_HOOK_OFF = 0.22

_MOST_TILT = 35
_LEAST_TILT = 4
_TILT_STEP = 2
# Turned by its tilt, a garment must match its mirror image by so much better, as a share of its area.
_LEAST_GAIN = 0.1
_LEAST_MATCH = 0.88
# A mask is looked at on so many pixels.
_LOOK_EDGE = 96


@dataclass(frozen=True, eq=False)
class Hanger:
    """A garment without the hook above it.

    Attributes:
        garment: (h, w) bool.
        hook: (h, w) bool, what was cut off; empty if there is none.
    """

    garment: Mask
    hook: Mask


def cut_hook(mask: Mask) -> Hanger:
    """Cut off a thin upright part in the middle above a garment, (h, w) bool, not empty."""
    from scipy import ndimage

    rows, columns = find_bounds(mask)
    body = mask[rows, columns]
    height, width = body.shape
    longest = max(height, width)
    radius = max(1, round(_HOOK_THICKNESS * longest / 2))
    down, across = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    # The frame keeps a garment that ends at its box from being worn away there.
    thick = ndimage.binary_opening(np.pad(body, radius + 1), np.hypot(down, across) <= radius + 0.5)
    thick = thick[radius + 1 : -radius - 1, radius + 1 : -radius - 1]
    hook = np.zeros_like(mask)
    if not thick.any():
        return Hanger(mask, hook)
    top = int(np.flatnonzero(thick.any(axis=1))[0])
    # The hook's foot, which widens into the garment, goes with it.
    widths = body.sum(axis=1)
    top += int(np.argmax(2 * widths[top : top + radius] >= widths[min(top + radius, height - 1)]))
    head = body[:top]
    if top < _HOOK_HEIGHT * longest or not head.any():
        return Hanger(mask, hook)
    middle = float(np.flatnonzero(thick.any(axis=0)).mean())
    off = abs(float(np.nonzero(head)[1].mean()) - middle)
    is_one = ndimage.label(head, np.ones((3, 3)))[1] == 1
    if not is_one or off > _HOOK_OFF * width or head.sum() > 0.12 * body.sum():
        return Hanger(mask, hook)
    hook[rows, columns][:top] = head
    return Hanger(mask & ~hook, hook)


def find_tilt(mask: Mask) -> float:
    """Return by how many degrees clockwise a garment has to be turned to stand upright; 0 if that is not clear.

    Garments are symmetric, so the angle counts at which a mask matches its own mirror image best; it must do so clearly
    better than as it lies. Trousers that lie on their side or upside down are known by their legs.

    Args:
        mask: (h, w) bool, not empty.

    Returns:
        -90, 90, 180, or an angle from -`_MOST_TILT` to `_MOST_TILT`.
    """
    look = _reduce(mask[find_bounds(mask)])
    for quarters, turn in ((1, -90.0), (2, 180.0), (3, 90.0)):
        if _stands_on_legs(np.rot90(look, quarters)) and not _stands_on_legs(look):
            return turn
    angles = np.arange(-_MOST_TILT + 1, _MOST_TILT, _TILT_STEP, dtype=float)
    matches = np.array([_match_mirror(look, angle) for angle in angles])
    as_it_lies = _match_mirror(look, 0.0)
    best = int(matches.argmax())
    is_clear = matches[best] > max(as_it_lies + _LEAST_GAIN, _LEAST_MATCH) and 0 < best < len(angles) - 1
    return float(angles[best]) if is_clear and abs(angles[best]) >= _LEAST_TILT else 0.0


def _stands_on_legs(mask: Mask) -> bool:
    """Tell whether a mask is one piece above and two long ones side by side below, longer than wide."""
    height, width = mask.shape
    if height < max(1.4 * width, 12):
        return False
    crossings = np.count_nonzero(np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1) == 1, axis=1)
    third, half = height // 3, height // 2
    return bool(np.mean(crossings[:third] == 1) > 0.8 and np.mean(crossings[half:] == 2) > 0.7)


def _match_mirror(mask: Mask, degrees: float) -> float:
    """Return the share of a mask's pixels, turned clockwise about its middle, that lie on its mirror image."""
    down, across = (places.astype(np.float64) for places in np.nonzero(mask))
    angle = np.deg2rad(degrees)
    # Mirrored about the upright line through the middle after turning, then turned back: a single reflection.
    y, x = down - down.mean(), across - across.mean()
    cosine, sine = np.cos(2 * angle), np.sin(2 * angle)
    mirrored_x = np.rint(-cosine * x + sine * y + across.mean()).astype(int)
    mirrored_y = np.rint(sine * x + cosine * y + down.mean()).astype(int)
    inside = (mirrored_y >= 0) & (mirrored_y < mask.shape[0]) & (mirrored_x >= 0) & (mirrored_x < mask.shape[1])
    hits: NDArray[np.bool_] = mask[mirrored_y[inside], mirrored_x[inside]]
    return float(hits.sum() / len(down))


def _reduce(mask: Mask) -> Mask:
    step = -(-max(mask.shape) // _LOOK_EDGE)
    return mask[::step, ::step]
