"""From any picture to the 28×28 pixels that a network takes, with every step kept."""

import numpy as np
from PIL import Image

from fmnist_core.photos import garments, items, kinds, sketches
from fmnist_core.photos.decoding import Picture, fit_within
from fmnist_core.photos.kinds import Recognition
from fmnist_core.photos.pixels import find_edge_color, turn
from fmnist_core.photos.settings import AUTO, KINDS, ChainSettings
from fmnist_core.photos.sketches import INK
from fmnist_core.photos.steps import BLANK, Chain, Step

WORK_EDGE = 160
# Thin lines have to survive.
DRAWING_EDGE = 320

_HANGS = Recognition("hanger", "Recognised as a garment on a hanger because a thin hook stands above it.")


def prepare_drawing(canvas: Picture) -> Chain:
    """Bring a drawing to 28×28: fill outlines, trim to the ink, longest edge to 28, centre.

    Args:
        canvas: ink on black, (h, w) uint8.

    Returns:
        A chain of kind "drawing"; blank if nothing on the canvas is brighter than `INK`.
    """
    drawing = Step("picture", "Drawing", "Ink on black, as in the data.", canvas)
    if not (canvas > INK).any():
        return Chain("drawing", (drawing, Step("item", "28 × 28", "Nothing is drawn yet.", BLANK)))
    return Chain("drawing", (drawing, *sketches.list_ink_steps(canvas)))


def prepare_photo(rgb: Picture, settings: ChainSettings = ChainSettings()) -> Chain:  # noqa: B008 - it is frozen
    """Bring any picture to 28×28, each kind of picture on its own way.

    A photograph's garment is found, laid on white, set upright, trimmed, shrunk, sharpened, centred and negated; a
    drawing is filled; a ready item is only brought back to its own pixels.

    Args:
        rgb: picture of shape (h, w, 3), uint8.
        settings: what is not left to the chain's own judgement.

    Returns:
        A chain of any kind of `settings.KINDS` but `AUTO`; blank if nothing stands out from the background.

    Raises:
        InvalidSettingError: if no strategy of the settings' name exists.
    """
    recognition = _recognise(rgb, settings)
    kind = recognition.kind
    edge = {"item": max(rgb.shape[:2]), "drawing": DRAWING_EDGE}.get(kind, WORK_EDGE)
    picture = np.asarray(fit_within(Image.fromarray(rgb), edge))
    steps = [Step("picture", "Picture", recognition.reason, picture)]
    if settings.rotate:
        picture = turn(picture, settings.rotate, find_edge_color(picture))
        steps.append(Step("turned", "Turned", f"By {settings.rotate:g}° clockwise, as was set.", picture))
    if settings.box is not None:
        picture = picture[_find_box(picture, settings.box)]
        steps.append(Step("framed", "Framed", "Cut to the frame that was set.", picture))
    if kind in ("item", "drawing"):
        more = (items.list_item_steps if kind == "item" else sketches.list_sheet_steps)(picture, settings)
        return Chain(kind, (*steps, *more[:-1], _adjust(more[-1], settings)), reason=recognition.reason)
    prepared = garments.prepare_garment(picture, settings)
    if settings.kind == AUTO and prepared.hangs:
        recognition = _HANGS
        steps[0] = Step("picture", "Picture", recognition.reason, steps[0].image)
    return Chain(recognition.kind, (*steps, *prepared.steps), prepared.strategy, recognition.reason)


def _recognise(rgb: Picture, settings: ChainSettings) -> Recognition:
    if settings.kind == AUTO:
        return kinds.recognise(rgb)
    return Recognition(settings.kind, f"Taken for what was set: {KINDS[settings.kind].lower()}.")


def _adjust(step: Step, settings: ChainSettings) -> Step:
    if not settings.brightness:
        return step
    sentence = f"{step.explanation} Made {'brighter' if settings.brightness > 0 else 'darker'}, as was set."
    return Step(step.key, step.name, sentence, garments.adjust_brightness(step.image, settings.brightness))


def _find_box(picture: Picture, box: tuple[float, float, float, float]) -> tuple[slice, slice]:
    height, width = picture.shape[:2]
    left, top, right, bottom = box
    first, above = min(int(left * width), width - 1), min(int(top * height), height - 1)
    return slice(above, max(round(bottom * height), above + 1)), slice(first, max(round(right * width), first + 1))
