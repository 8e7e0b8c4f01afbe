"""The ways to tell a garment from what it lies or hangs on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from fmnist_core.photos.regions import Mask, mark_border, measure_from_centre, tidy
from fmnist_core.photos.view import View

PLAIN_DISTANCE = 0.05
# A shadow is smaller than what casts it.
_MOST_SHADOW = 0.35
# GrabCut draws its first clusters at random.
_SEED = 0
_BACKGROUND, _GARMENT, _RATHER_BACKGROUND, _RATHER_GARMENT = range(4)


@dataclass(frozen=True)
class Strategy:
    """A way to find the garment.

    Attributes:
        title: what it is called.
        description: one sentence on how it works.
        function: takes a `View` of a picture and returns a mask (h, w), all False where nothing stands out.
    """

    title: str
    description: str
    function: Callable[[View], Mask]


def find_on_plain(view: View) -> Mask:
    """Take what differs from the border's colour, by the publisher's own rule: 5%."""
    return tidy(view.distance > PLAIN_DISTANCE)


def find_by_color(view: View) -> Mask:
    """Take colours that are common in the middle and rare at the border."""
    edge = np.maximum(*measure_from_centre(view.height, view.width))
    chances = np.select([edge > 0.9, edge < 0.6], [0.02, 0.75], 0.4)
    return tidy(view.weigh_colors(chances, 6) > 0.5)


def find_by_cut(view: View) -> Mask:
    """Let GrabCut start from the middle."""
    down, across = measure_from_centre(view.height, view.width)
    return tidy(_grab(view, np.maximum(down, across) < 0.9, np.hypot(down, across) < 0.15, 3))


def find_by_narrow_cut(view: View) -> Mask:
    """Let GrabCut start from four fifths of the picture, with nothing taken for certain but the border."""
    start = np.maximum(*measure_from_centre(view.height, view.width)) < 0.8
    return tidy(_grab(view, start, np.zeros_like(start), 3))


def find_by_cut_and_color(view: View) -> Mask:
    """Spread GrabCut's result to all of the same colours: its cut is short and likes to lose sleeves."""
    mask = find_by_cut(view)
    return tidy(view.spread(mask, 2) > 0.5) if mask.any() else mask


def find_by_color_and_cut(view: View) -> Mask:
    """Let GrabCut draw the contour of what the colours found."""
    mask = find_by_color(view)
    if not mask.any():
        return mask
    depth = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    far = ndimage.distance_transform_edt(~mask) > 0.08 * max(mask.shape)
    return tidy(_grab(view, mask, depth > 0.25 * depth.max(), 1, far))


def _grab(view: View, start: Mask, certain: Mask, rounds: int, excluded: Mask | None = None) -> Mask:
    """Run OpenCV's GrabCut.

    Args:
        view: the picture.
        start: what is taken for the garment at first.
        certain: what belongs to it for certain.
        rounds: how often mixtures and cut are renewed.
        excluded: what does not for certain; the picture's border if None.
    """
    if excluded is None:
        excluded = mark_border(view.height, view.width, 0.01)
    marks = np.where(start, _RATHER_GARMENT, _RATHER_BACKGROUND)
    marks = np.select([certain, excluded], [_GARMENT, _BACKGROUND], marks).astype(np.uint8)
    is_garment = marks % 2 == 1
    # Each mixture has five colours, and needs a pixel for each.
    if min(is_garment.sum(), (~is_garment).sum()) < 5:
        return start & ~excluded
    import cv2

    cv2.setRNGSeed(_SEED)
    background, garment = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(view.eight_bits, marks, (0, 0, 0, 0), background, garment, rounds, cv2.GC_INIT_WITH_MASK)
    return marks % 2 == 1


STRATEGIES: dict[str, Strategy] = {
    "plain": Strategy(
        "Plain background", "Takes all that differs from the border's colour by more than 5%.", find_on_plain
    ),
    "colors": Strategy(
        "Colours", "Tells colours common in the middle from those common at the border, in a few rounds.", find_by_color
    ),
    "cut": Strategy(
        "GrabCut", "Two mixtures of colours and the shortest contour along edges between them.", find_by_cut
    ),
    "narrow-cut": Strategy(
        "GrabCut from a frame", "GrabCut that starts from four fifths of the picture.", find_by_narrow_cut
    ),
    "cut-colors": Strategy(
        "GrabCut, then colours", "Spreads what GrabCut found to all of the same colours.", find_by_cut_and_color
    ),
    "colors-cut": Strategy(
        "Colours, then GrabCut", "GrabCut redraws the contour of what the colours found.", find_by_color_and_cut
    ),
}


def drop_shadow(view: View, mask: Mask) -> Mask:
    """Drop what a mask holds of the garment's shadow: a few pieces at its rim, of the background's colour but darker.

    A garment that is itself of such colours, like a grey one on white, is left as it is.
    """
    parts, n_parts = ndimage.label(ndimage.binary_opening(mask & view.shade))
    if n_parts == 0:
        return mask
    sizes = np.bincount(parts.ravel())[1:]
    large = 1 + np.flatnonzero(sizes >= 0.15 * sizes.sum())
    shadow = np.isin(parts, large)
    rim = ndimage.binary_dilation(~mask, iterations=2)
    at_rim = all((parts[rim] == number).any() for number in large)
    if not at_rim or shadow.sum() < 0.7 * sizes.sum() or not 0.01 < shadow.sum() / mask.sum() < _MOST_SHADOW:
        return mask
    return tidy(mask & ~ndimage.binary_dilation(shadow))


def adjust(rgb: NDArray[np.uint8], mask: Mask, threshold: float) -> Mask:
    """Take away from a mask what its colours say least for, or add what they say most for.

    Args:
        rgb: picture of shape (h, w, 3), uint8.
        mask: shape (h, w).
        threshold: -1..1; above 0 takes away, below 0 adds, 0 changes nothing.
    """
    if threshold == 0 or not mask.any():
        return mask
    chances = View(rgb).spread(mask, 1) > 0.5 + 0.45 * threshold
    return tidy(mask & chances if threshold > 0 else mask | chances)
