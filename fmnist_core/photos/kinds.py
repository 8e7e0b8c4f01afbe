"""Tell a ready item, a drawing and photographs from each other, by what can be measured and said."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fmnist_core.photos.decoding import Picture, fit_within
from fmnist_core.photos.pixels import EDGE, find_bounds, to_grey

LOOK_EDGE = 256

# Measured on 300 test items, enlarged in four ways, of which all were above 0.965, and on photographs, of which 1%
# were above 0.962, hardly one of them grey, square, or on black.
_ITEM_DETAIL = 0.965
_GREY = 14
_BLACK, _PAPER, _LIGHT = 30, 120, 190
_PLAIN = 0.05
# What is no brighter than this around an item is its background; JPEG leaves that much behind.
NOTHING = 8
# From here on a pixel counts as ink.
CONTRAST = 0.12
_MOST_INK, _LINES = 0.4, 0.8


@dataclass(frozen=True)
class Features:
    """What a picture is recognised by.

    Attributes:
        size: its width and height.
        color: how far from grey it gets, leaving out the most colourful twentieth, 0 to 255.
        border: lightness of its border, 0 to 255.
        unrest: share of the border that differs from it.
        crossed: share of the border that ink crosses.
        detail: share of its variance that 28 pixels along its longest edge can show, 0 to 1; 0 if it is no square and
            not on black.
        ink: share of the picture that differs from what it is drawn on, 0 to 1.
        lines: share of the ink that is in thin lines, 0 to 1.
    """

    size: tuple[int, int]
    color: float
    border: float
    unrest: float
    crossed: float
    detail: float
    ink: float
    lines: float


@dataclass(frozen=True)
class Recognition:
    """What a picture is taken for.

    Attributes:
        kind: key of `settings.KINDS`.
        reason: a sentence.
    """

    kind: str
    reason: str


def recognise(rgb: Picture) -> Recognition:
    """Say what kind of picture this is, (h, w, 3) uint8; whether a garment hangs shows only once it is found."""
    return judge(measure(rgb))


def measure(rgb: Picture) -> Features:
    """Measure what a picture is recognised by, (h, w, 3) uint8."""
    look = np.asarray(fit_within(Image.fromarray(rgb), LOOK_EDGE))
    values = look.astype(np.int16)
    grey = to_grey(look)
    edge = _edge(grey)
    border = float(np.median(edge))
    ink = measure_ink(grey, on_black=border < _BLACK) > CONTRAST
    return Features(
        size=(rgb.shape[1], rgb.shape[0]),
        color=float(np.percentile(values.max(axis=2) - values.min(axis=2), 95)),
        border=border,
        unrest=float(np.mean(np.abs(edge - border) > 30)),
        crossed=float(np.mean(_edge(ink))),
        detail=_measure_item_detail(rgb, is_dark=border < _BLACK),
        ink=float(np.mean(ink)),
        lines=measure_lines(ink),
    )


def judge(features: Features) -> Recognition:
    """Say what kind of picture it is from what was measured."""
    is_plain, is_black = features.unrest < _PLAIN, features.border < _BLACK
    if features.size == (EDGE, EDGE):
        return Recognition("item", "Recognised as a ready item because it has 28 × 28 pixels.")
    if features.color < _GREY and features.detail > _ITEM_DETAIL:
        return Recognition(
            "item", "Recognised as a ready item because it is grey and has no more detail than 28 × 28 pixels can hold."
        )
    is_sheet = features.crossed < _PLAIN and (is_black or features.border > _PAPER)
    if is_sheet and 0 < features.ink < _MOST_INK and features.lines > _LINES:
        sheet = "black" if is_black else "a plain sheet"
        return Recognition("drawing", f"Recognised as a drawing because there are only thin lines, on {sheet}.")
    if is_plain and features.border > _LIGHT:
        return Recognition("catalogue", "Recognised as a catalogue photograph because its border is plain and light.")
    what = "not light" if is_plain else "not plain"
    return Recognition("photo", f"Recognised as a photograph on a bed or a floor because its border is {what}.")


def is_on_black(grey: Picture) -> bool:
    """Tell whether a picture's border, (h, w) uint8, is black."""
    return bool(np.median(_edge(grey)) < _BLACK)


def measure_ink(grey: Picture, *, on_black: bool) -> NDArray[np.float32]:
    """Measure how much each pixel differs from the sheet around it, 0 to 1, whatever light falls on the sheet.

    Args:
        grey: (h, w) uint8.
        on_black: whether ink is what is bright; else it is what is darker than its surroundings.
    """
    from scipy import ndimage

    values: NDArray[np.float32] = (grey / 255).astype(np.float32)
    if on_black:
        return values
    # What a window wider than any line has at its brightest is the sheet; smoothed, as light falls smoothly.
    reach = max(3, max(grey.shape) // 8)
    sheet = ndimage.uniform_filter(ndimage.maximum_filter(values, reach, mode="nearest"), reach, mode="nearest")
    strength: NDArray[np.float32] = np.clip(1 - values / np.maximum(sheet, 0.05), 0, 1).astype(np.float32)
    return strength


def _edge(picture: NDArray[Any]) -> NDArray[np.int16]:
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]]).astype(np.int16)


def measure_lines(ink: NDArray[np.bool_]) -> float:
    """Return the share of ink, (h, w), that vanishes when all that is thinner than a twentieth of the picture does."""
    from scipy import ndimage

    if not ink.any():
        return 0.0
    side = 2 * max(1, round(max(ink.shape) / 40)) + 1
    worn = ndimage.minimum_filter(ink.view(np.uint8), side, mode="constant")
    kept = ndimage.maximum_filter(worn, side, mode="constant")
    return 1 - float(kept.sum() / ink.sum())


def _measure_item_detail(rgb: Picture, *, is_dark: bool) -> float:
    """Measure how much of a picture 28 × 28 pixels can show, if it is square or shows something on black; else 0."""
    grey = to_grey(rgb)
    details = [0.0]
    if abs(grey.shape[0] - grey.shape[1]) <= 0.02 * max(grey.shape):
        details.append(measure_detail(grey)[0])
    bright = grey > NOTHING
    if is_dark and bright.any():
        details.append(measure_detail(grey[find_bounds(bright)])[0])  # a screenshot may show more than the item
    return max(details)


def measure_detail(grey: Picture) -> tuple[float, Picture]:
    """Measure how much of a picture's variance 28 pixels along its longest edge can show, and return those pixels.

    Args:
        grey: (h, w) uint8.

    Returns:
        The share, 0 to 1, and the small picture whose enlargement comes closest.
    """
    image = Image.fromarray(grey)
    scale = EDGE / max(grey.shape)
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    # Averages suit what was enlarged in blocks and photographs; single pixels what was enlarged smoothly.
    found = []
    for reducing in (Image.Resampling.BOX, Image.Resampling.NEAREST):
        small = image.resize(size, reducing)
        for enlarging in (Image.Resampling.NEAREST, Image.Resampling.BICUBIC):
            enlarged = np.asarray(small.resize(image.size, enlarging), np.float32)
            found.append((float(np.square(grey - enlarged).mean()), np.asarray(small)))
    loss, small_pixels = min(found, key=lambda each: each[0])
    variance = float(np.var(grey, dtype=np.float64))
    return (1 - loss / variance if variance > 0 else 0.0), small_pixels
