"""Photographs of garments, by the publisher's own steps (Xiao, Rasul, Vollgraf, arXiv 1708.07747).

Their garment lies on plain white; ours has to be found first.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.photos.decoding import Picture
from fmnist_core.photos.pixels import Mask, centre, find_bounds, find_edge_color, sharpen, shrink, to_grey, turn
from fmnist_core.photos.posture import cut_hook, find_tilt
from fmnist_core.photos.settings import AUTO, ChainSettings
from fmnist_core.photos.steps import BLANK, Step

# The mean brightness, after negating, below which a garment is lifted: white ones are next to black otherwise.
PALE = 110

_WHITE = 255


@dataclass(frozen=True, eq=False)
class Prepared:
    """What became of a photograph.

    Attributes:
        steps: from the cut-out to the network's input.
        strategy: key of the way in which the garment was found.
        hangs: whether a hook was cut off above the garment.
    """

    steps: tuple[Step, ...]
    strategy: str
    hangs: bool = False


def prepare_garment(picture: Picture, settings: ChainSettings) -> Prepared:
    """Bring a photograph, (h, w, 3) uint8, to 28 × 28; the last step is blank if nothing stands out."""
    # Late, because it needs SciPy, which a page need not wait for.
    from fmnist_core.photos.segmentation import find_garment

    found = find_garment(picture, settings.strategy, settings.threshold)
    if not found.mask.any():
        blank = Step("item", "28 × 28", "Nothing stands out from the background.", BLANK)
        return Prepared((blank,), found.strategy)
    garment = found.mask
    steps = [
        Step("cut-out", "Cut out", "The garment found, the background made white.", _lay_on_white(picture, garment))
    ]
    hangs = False
    if settings.kind in (AUTO, "hanger"):
        hanger = cut_hook(garment)
        hangs = bool(hanger.hook.any())
        if hangs:
            garment = hanger.garment
            cut_out = _lay_on_white(picture, garment)
            steps.append(Step("unhooked", "Hook cut off", "Without the thin hook above it.", cut_out))
    tilt = find_tilt(garment) if settings.straighten else 0.0
    if tilt:
        picture, garment = _set_upright(picture, garment, tilt)
        way = "clockwise" if tilt > 0 else "counter-clockwise"
        sentence = f"Turned {way} by {abs(tilt):g}°, where its left half matches its right best."
        steps.append(Step("straightened", "Straightened", sentence, _lay_on_white(picture, garment)))
    return Prepared((*steps, *_list_small_steps(picture, garment, settings)), found.strategy, hangs)


def adjust_brightness(item: Picture, brightness: float) -> Picture:
    """Make an item brighter (above 0, up to 1) or darker (below 0, down to -1); black and white stay what they are."""
    if not brightness:
        return item
    return np.rint(255 * (item / 255) ** 2 ** (-1.5 * brightness)).astype(np.uint8)


def _lay_on_white(picture: Picture, garment: Mask) -> Picture:
    return np.where(garment[..., None], picture, np.uint8(_WHITE))


def _set_upright(picture: Picture, garment: Mask, tilt: float) -> tuple[Picture, Mask]:
    turned = turn(picture, tilt, find_edge_color(picture))
    return turned, turn(garment.astype(np.uint8) * 255, tilt, 0) > 127


def _list_small_steps(picture: Picture, garment: Mask, settings: ChainSettings) -> list[Step]:
    """The publisher's own: trim, shrink, sharpen, centre, negate, grey of eight bits."""
    box = find_bounds(garment)
    trimmed = _lay_on_white(picture, garment)[box]
    small = _on_channels(shrink, trimmed)
    steps = [
        Step("trimmed", "Trimmed", "Cut to the garment.", trimmed),
        Step("shrunk", "Shrunk", "Its longest edge brought to 28 pixels, each the mean of an area.", small),
    ]
    if settings.sharpen:
        small = _on_channels(sharpen, small)
        steps.append(Step("sharpened", "Sharpened", "By a Gaussian of one pixel, as the publisher did.", small))
    framed = _on_channels(lambda channel: centre(channel, _WHITE), small)
    steps.append(Step("centred", "Centred", "In the middle of 28 × 28 pixels.", framed))
    coverage = centre(shrink(garment[box].astype(np.uint8) * 255), 0) / np.float64(255)
    is_bright = settings.negate == "no" or (settings.negate == AUTO and _is_bright_on_black(picture, garment))
    return [*steps, _make_item(to_grey(framed), coverage, settings.brightness, is_bright=is_bright)]


def _on_channels(function: Callable[[Picture], Picture], picture: Picture) -> Picture:
    return np.stack([function(np.ascontiguousarray(picture[..., channel])) for channel in range(3)], axis=-1)


def _make_item(framed: Picture, coverage: NDArray[np.float64], brightness: float, *, is_bright: bool) -> Step:
    """Negate, unless the garment is bright on black already; lift what would stay too dark."""
    if is_bright:
        # The white that it was laid on goes black again: remove its share from each pixel.
        values: NDArray[np.float64] = framed - _WHITE * (1 - coverage)
        sentence = "Grey, and not negated: bright on black already."
    else:
        values = _WHITE - framed.astype(np.float64)
        sentence = "Grey and negated: bright on black, as in the data."
    mean = float(values.sum() / coverage.sum())
    if mean < PALE:
        values = values + (PALE - mean) * coverage
        sentence += " Made brighter, since it would be hard to see."
    item = np.clip(values, 0, 255).round().astype(np.uint8)
    if brightness:
        sentence += f" Made {'brighter' if brightness > 0 else 'darker'}, as was set."
    return Step("item", "As in the data", sentence, adjust_brightness(item, brightness))


def _is_bright_on_black(picture: Picture, garment: Mask) -> bool:
    grey = to_grey(picture)
    return not garment.all() and bool(np.percentile(grey[~garment], 90) < 30 and grey[garment].mean() > 60)
