"""Drawings: outlines become silhouettes, since the items of the data are filled, while most people draw lines."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fmnist_core.photos.decoding import Picture
from fmnist_core.photos.kinds import CONTRAST, is_on_black, measure_ink, measure_lines
from fmnist_core.photos.pixels import Mask, centre, find_bounds, shrink, to_grey
from fmnist_core.photos.settings import AUTO, ChainSettings
from fmnist_core.photos.steps import BLANK, Step

# What is brighter than this on the canvas is ink; an eraser leaves fainter remains.
INK = 12

# The garment becomes as bright as its lines were, and they become this share of it, like the seams of a real one. Of
# 600 test items drawn as outlines, networks knew 19% as they were, 69% filled with four fifths of the lines'
# brightness, and 71 to 79% like this.
SEAM = 0.7

# On this many pixels it is decided what is filled; it takes 5 ms.
_EDGE = 140
_LEAST_LINES = 0.8
# The filled part must be so many times as large as the lines, or there is nothing to speak of between them.
_LEAST_GAIN = 1.0
# Gaps up to this share of the picture are closed.
_REACHES = (0, 0.01, 0.02, 0.04)


def fill_outlines(ink: Picture, faintest: int) -> Picture | None:
    """Fill what lines enclose.

    Args:
        ink: lines on black, (h, w) uint8.
        faintest: brightness above which a pixel is ink.

    Returns:
        The drawing, filled; None if it is not made of thin lines, or they enclose nothing.
    """
    small = _reduce(ink > faintest)
    if measure_lines(small) < _LEAST_LINES:
        return None
    inside = _find_inside(small)
    if inside is None:
        return None
    height, width = ink.shape
    grown = np.asarray(Image.fromarray(inside).resize((width, height), Image.Resampling.NEAREST))
    lines = ink > faintest
    tone = np.uint8(np.median(ink[lines]))
    return np.where(grown & ~lines, tone, np.maximum(ink * SEAM, np.minimum(ink, faintest + 1)).astype(np.uint8))


def _reduce(mask: Mask) -> Mask:
    """Reduce a mask so that no line breaks: a pixel is set if any of those that it stands for is."""
    height, width = mask.shape
    factor = -(-max(height, width) // _EDGE)
    padded = np.pad(mask, ((0, -height % factor), (0, -width % factor)))
    blocks = padded.reshape(padded.shape[0] // factor, factor, padded.shape[1] // factor, factor)
    return np.asarray(blocks.any(axis=(1, 3)))


def _find_inside(lines: Mask) -> Mask | None:
    """Return what lies inside the lines, closing gaps no wider than needed; None if that is next to nothing."""
    from scipy import ndimage

    for reach in _REACHES:
        radius = round(reach * max(lines.shape))
        frame = np.pad(lines, radius + 1)
        if radius:
            down, across = np.mgrid[-radius : radius + 1, -radius : radius + 1]
            frame = ndimage.binary_closing(frame, np.hypot(down, across) <= radius + 0.5)
        filled = ndimage.binary_fill_holes(frame)[radius + 1 : -radius - 1, radius + 1 : -radius - 1]
        inside: NDArray[np.bool_] = filled & ~lines
        if inside.sum() >= _LEAST_GAIN * lines.sum():
            return inside
    return None


def list_sheet_steps(picture: Picture, settings: ChainSettings) -> list[Step]:
    """Bring a drawing on a sheet of paper or on black, (h, w, 3) uint8, to 28 × 28.

    The last step is blank if nothing is drawn.
    """
    grey = to_grey(picture)
    on_black = settings.negate == "no" or (settings.negate == AUTO and is_on_black(grey))
    strength = measure_ink(grey, on_black=on_black)
    lines: Mask = np.asarray(strength > CONTRAST)
    if not lines.any():
        return [Step("item", "28 × 28", "Nothing is drawn on it.", BLANK)]
    strength = np.where(lines, strength / np.percentile(strength[lines], 75), 0)
    ink = np.rint(255 * np.clip(strength, 0, 1)).astype(np.uint8)
    where = "The lines, bright on black already." if on_black else "The lines, made bright, and the sheet, made black."
    return [Step("ink", "Lines", where, ink), *list_ink_steps(ink)]


def list_ink_steps(ink: Picture) -> list[Step]:
    """Fill what lines enclose, trim, bring the longest edge to 28 pixels, centre.

    Args:
        ink: bright on black, (h, w) uint8; something must be brighter than `INK`.
    """
    steps = []
    filled = fill_outlines(ink, INK)
    if filled is not None:
        ink = filled
        steps.append(Step("filled", "Filled", "Between the lines, since the data's garments are filled.", ink))
    trimmed = ink[find_bounds(ink > INK)]
    return [
        *steps,
        Step("trimmed", "Trimmed", "Cut to the ink.", trimmed),
        Step("item", "28 × 28", "Longest edge to 28 pixels, the rest centred.", centre(shrink(trimmed), 0)),
    ]
