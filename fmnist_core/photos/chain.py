"""From any picture to the 28×28 pixels that a network takes, with every step kept.

The steps follow the publisher's own way of making an item (Xiao, Rasul, Vollgraf, arXiv 1708.07747): a garment on
plain white, trimmed, its longest edge brought to 28 pixels, sharpened, centred, negated.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fmnist_core.photos.decoding import Picture, fit_within
from fmnist_core.photos.settings import AUTO, ChainSettings

EDGE = 28
WORK_EDGE = 160
INK = 12
PALE = 110

BLANK = np.zeros((EDGE, EDGE), np.uint8)
BLANK.flags.writeable = False


@dataclass(frozen=True, eq=False)
class Step:
    """One stage on the way.

    Attributes:
        key: which stage it is, whatever it is called: "picture", "turned", "framed", "cut-out", "trimmed", "small"
            or "item".
        name: two or three words.
        explanation: one sentence on what was done.
        image: the picture after this step, (h, w) or (h, w, 3) uint8.
    """

    key: str
    name: str
    explanation: str
    image: Picture


@dataclass(frozen=True)
class Chain:
    """All stages of a picture, from what came in to what the network sees.

    Attributes:
        kind: "drawing", "photo" or "item" (a ready-made 28×28 picture).
        steps: at least one; the last holds the network's input.
        strategy: key of the way in which the garment was found; empty where none had to be.
    """

    kind: str
    steps: tuple[Step, ...]
    strategy: str = ""

    @property
    def image(self) -> Picture:
        """What the network sees: (28, 28) uint8, bright garment on black."""
        return self.steps[-1].image

    @property
    def is_blank(self) -> bool:
        """Whether nothing was found that could be classified."""
        return not self.image.any()


def prepare_drawing(canvas: Picture) -> Chain:
    """Bring a drawing to 28×28: trim to the ink, longest edge to 28, centre.

    Args:
        canvas: ink on black, (h, w) uint8.

    Returns:
        A chain of kind "drawing"; blank if nothing on the canvas is brighter than `INK`.
    """
    drawing = Step("picture", "Drawing", "Ink on black, as in the data.", canvas)
    ink = canvas > INK
    if not ink.any():
        return Chain("drawing", (drawing, Step("item", "28 × 28", "Nothing is drawn yet.", BLANK)))
    trimmed = canvas[_bounds(ink)]
    item = Step("item", "28 × 28", "Longest edge to 28 pixels, the rest centred.", _centre(_shrink(trimmed), 0))
    return Chain("drawing", (drawing, Step("trimmed", "Trimmed", "Cut to the ink.", trimmed), item))


def prepare_photo(rgb: Picture, settings: ChainSettings = ChainSettings()) -> Chain:  # noqa: B008 - it is frozen
    """Bring a photograph to 28×28: find the garment, lay it on white, trim, shrink, sharpen, centre, negate.

    A picture that has 28×28 pixels already is only negated, and only if it is dark on light.

    Args:
        rgb: picture of shape (h, w, 3), uint8.
        settings: what is not left to the chain's own judgement.

    Returns:
        A chain of kind "photo" or "item"; blank if nothing stands out from the background.
    """
    if settings.kind == "item" or (settings.kind == AUTO and rgb.shape[:2] == (EDGE, EDGE)):
        return _prepare_item(rgb, settings)
    # Late, because it needs SciPy, which a page need not wait for.
    from fmnist_core.photos.segmentation import find_garment

    picture = np.asarray(fit_within(Image.fromarray(rgb), WORK_EDGE))
    steps = [Step("picture", "Picture", "As it came in, upright.", picture)]
    if settings.rotate:
        picture = _turn(picture, settings.rotate)
        steps.append(Step("turned", "Turned", f"By {settings.rotate:g}° clockwise.", picture))
    if settings.box is not None:
        picture = picture[_find_box(picture, settings.box)]
        steps.append(Step("framed", "Framed", "Cut to the frame that was set.", picture))
    found = find_garment(picture, settings.strategy, settings.threshold)
    garment = found.mask
    if not garment.any():
        steps.append(Step("item", "28 × 28", "Nothing stands out from the background.", BLANK))
        return Chain("photo", tuple(steps), found.strategy)
    cut_out = np.where(garment[..., None], picture, np.uint8(255))
    steps.append(Step("cut-out", "Cut out", "The background made white.", cut_out))
    box = _bounds(garment)
    steps.append(Step("trimmed", "Trimmed", "Cut to the garment.", cut_out[box]))
    grey = _shrink(_to_grey(cut_out[box]))
    if settings.sharpen:
        grey = _sharpen(grey)
    how = "sharpened, centred" if settings.sharpen else "centred"
    sentence = f"Grey, longest edge to 28 pixels, {how}."
    steps.append(Step("small", "On 28 × 28", sentence, _centre(grey, 255)))
    steps.append(_as_in_the_data(picture, garment, grey, settings))
    return Chain("photo", tuple(steps), found.strategy)


def _prepare_item(rgb: Picture, settings: ChainSettings) -> Chain:
    grey = _to_grey(rgb)
    if grey.shape != (EDGE, EDGE):
        grey = np.asarray(Image.fromarray(grey).resize((EDGE, EDGE), Image.Resampling.BOX))
    picture = Step("picture", "Picture", "Has 28 × 28 pixels already.", rgb)
    # All 70,000 items and their negatives are told apart by this mean.
    is_light = bool(grey[:: EDGE - 1, :: EDGE - 1].mean() >= 128)
    if settings.negate == "no" or (settings.negate == AUTO and not is_light):
        return Chain("item", (picture, Step("item", "Taken as it is", "Bright on black already.", grey)))
    return Chain("item", (picture, Step("item", "Negated", "Bright on black, as in the data.", 255 - grey)))


def _turn(picture: Picture, degrees: float) -> Picture:
    """Turn a picture clockwise; the corners get the border's colour."""
    edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    fill = tuple(int(value) for value in np.median(edge, axis=0))
    turned = Image.fromarray(picture).rotate(-degrees, Image.Resampling.BILINEAR, expand=True, fillcolor=fill)
    return np.asarray(turned)


def _find_box(picture: Picture, box: tuple[float, float, float, float]) -> tuple[slice, slice]:
    height, width = picture.shape[:2]
    left, top, right, bottom = box
    first, above = min(int(left * width), width - 1), min(int(top * height), height - 1)
    return slice(above, max(round(bottom * height), above + 1)), slice(first, max(round(right * width), first + 1))


def _as_in_the_data(picture: Picture, garment: NDArray[np.bool_], grey: Picture, settings: ChainSettings) -> Step:
    """Make the last step: negate, unless the garment is bright on black already; lift what would stay too dark."""
    box = _bounds(garment)
    coverage = _centre(_shrink(garment[box].astype(np.uint8) * 255), 0) / np.float64(255)
    if settings.negate == "no" or (settings.negate == AUTO and _is_bright_on_black(picture, garment)):
        # The white that it was laid on goes black again: remove its share from each pixel.
        values: NDArray[np.float64] = _centre(grey, 255) - 255 * (1 - coverage)
        sentence = "Bright on black already, so not negated."
    else:
        values = 255 - _centre(grey, 255).astype(np.float64)
        sentence = "Negated: bright on black, as in the data."
    mean = float(values.sum() / coverage.sum())
    if mean < PALE:
        values = values + (PALE - mean) * coverage
        sentence += " Made brighter, since it would be hard to see."
    values = np.clip(values, 0, 255)
    if settings.brightness:
        values = 255 * (values / 255) ** 2 ** (-1.5 * settings.brightness)
        sentence += f" Made {'brighter' if settings.brightness > 0 else 'darker'} as was set."
    return Step("item", "As in the data", sentence, values.round().astype(np.uint8))


def _is_bright_on_black(picture: Picture, garment: NDArray[np.bool_]) -> bool:
    grey = _to_grey(picture)
    return not garment.all() and bool(np.percentile(grey[~garment], 90) < 30 and grey[garment].mean() > 60)


def _to_grey(rgb: Picture) -> Picture:
    return np.asarray(Image.fromarray(rgb).convert("L"))


def _bounds(mask: NDArray[np.bool_]) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _shrink(grey: Picture) -> Picture:
    """Bring the longest edge to 28 by averaging over areas; a smaller picture grows in whole blocks."""
    height, width = grey.shape
    scale = EDGE / max(height, width)
    # Half rounds up, as in the browser, so that the canvas's own preview agrees.
    size = (max(1, int(width * scale + 0.5)), max(1, int(height * scale + 0.5)))
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BOX))


def _sharpen(grey: Picture) -> Picture:
    from scipy import ndimage

    values = grey.astype(np.float32)
    blurred = ndimage.gaussian_filter(values, sigma=1.0, mode="nearest")
    return np.clip(values + 0.6 * (values - blurred), 0, 255).round().astype(np.uint8)


def _centre(grey: Picture, background: int) -> Picture:
    height, width = grey.shape
    framed = np.full((EDGE, EDGE), background, np.uint8)
    top, left = (EDGE - height) // 2, (EDGE - width) // 2
    framed[top : top + height, left : left + width] = grey
    return framed
