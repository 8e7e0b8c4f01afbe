"""From any picture to the 28×28 pixels that a network takes, with every step kept.

The steps follow the publisher's own way of making an item (Xiao, Rasul, Vollgraf, arXiv 1708.07747): a garment on
plain white, trimmed, its longest edge brought to 28 pixels, sharpened, centred, negated.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fmnist_core.photos.decoding import Picture, fit_within

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
        name: two or three words.
        explanation: one sentence on what was done.
        image: the picture after this step, (h, w) or (h, w, 3) uint8.
    """

    name: str
    explanation: str
    image: Picture


@dataclass(frozen=True)
class Chain:
    """All stages of a picture, from what came in to what the network sees.

    Attributes:
        kind: "drawing", "photo" or "item" (a ready-made 28×28 picture).
        steps: at least one; the last holds the network's input.
    """

    kind: str
    steps: tuple[Step, ...]

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
    drawing = Step("Drawing", "Ink on black, as in the data.", canvas)
    ink = canvas > INK
    if not ink.any():
        return Chain("drawing", (drawing, Step("28 × 28", "Nothing is drawn yet.", BLANK)))
    trimmed = canvas[_bounds(ink)]
    return Chain(
        "drawing",
        (
            drawing,
            Step("Trimmed", "Cut to the ink.", trimmed),
            Step("28 × 28", "Longest edge to 28 pixels, the rest centred.", _centre(_shrink(trimmed), 0)),
        ),
    )


def prepare_photo(rgb: Picture) -> Chain:
    """Bring a photograph to 28×28: find the garment, lay it on white, trim, shrink, sharpen, centre, negate.

    A picture that has 28×28 pixels already is only negated, and only if it is dark on light.

    Args:
        rgb: picture of shape (h, w, 3), uint8.

    Returns:
        A chain of kind "photo" or "item"; blank if nothing stands out from the background.
    """
    if rgb.shape[:2] == (EDGE, EDGE):
        return _prepare_item(rgb)
    # Late, because it needs SciPy, which a page need not wait for.
    from fmnist_core.photos.segmentation import find_garment

    picture = np.asarray(fit_within(Image.fromarray(rgb), WORK_EDGE))
    garment = find_garment(picture).mask
    steps = [Step("Picture", "As it came in, upright.", picture)]
    if not garment.any():
        return Chain("photo", (*steps, Step("28 × 28", "Nothing stands out from the background.", BLANK)))
    cut_out = np.where(garment[..., None], picture, np.uint8(255))
    steps.append(Step("Cut out", "The background, judged by the picture's border, made white.", cut_out))
    box = _bounds(garment)
    steps.append(Step("Trimmed", "Cut to the garment.", cut_out[box]))
    grey = _sharpen(_shrink(_to_grey(cut_out[box])))
    steps.append(Step("On 28 × 28", "Grey, longest edge to 28 pixels, sharpened, centred.", _centre(grey, 255)))
    steps.append(_as_in_the_data(picture, garment, grey))
    return Chain("photo", tuple(steps))


def _prepare_item(rgb: Picture) -> Chain:
    grey = _to_grey(rgb)
    picture = Step("Picture", "Has 28 × 28 pixels already.", grey)
    # All 70,000 items and their negatives are told apart by this mean.
    if grey[:: EDGE - 1, :: EDGE - 1].mean() < 128:
        return Chain("item", (picture,))
    return Chain("item", (picture, Step("Negated", "Bright on black, as in the data.", 255 - grey)))


def _as_in_the_data(picture: Picture, garment: NDArray[np.bool_], grey: Picture) -> Step:
    """Make the last step: negate, unless the garment is bright on black already; lift what would stay too dark."""
    box = _bounds(garment)
    coverage = _centre(_shrink(garment[box].astype(np.uint8) * 255), 0) / np.float64(255)
    if _is_bright_on_black(picture, garment):
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
    return Step("As in the data", sentence, np.clip(values, 0, 255).round().astype(np.uint8))


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
