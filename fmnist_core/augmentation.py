"""Change images at random while a network trains on them, so that it never sees the same one twice.

Written with `keras.ops` alone, without Python's choices inside a step: every backend can compile it, whereas Keras's
own random layers switch compiling off. Shifts and flips are matrix products, which all devices are good at.
"""

import math
from typing import Any

import keras
from keras import ops

from fmnist_core.config import TrainingConfig

SIDE = 28
# An erased rectangle covers this share of the image and is this much higher than wide, as in the paper
# (Zhong et al., "Random erasing data augmentation", arXiv 1708.04896).
_ERASED_SHARE, _ERASED_ASPECT = (0.02, 0.33), (0.3, 3.3)


def augment(images: Any, seed_generator: keras.random.SeedGenerator, config: TrainingConfig) -> Any:
    """Return images changed as `config` says, each one differently; all but CutMix, see `mix`.

    Args:
        images: (n, 28, 28, 1), 0 to 255, whole numbers or floats.
        seed_generator: decides how; it moves on.
        config: the settings.

    Returns:
        (n, 28, 28, 1), 0 to 255, of the same type; what comes in from outside is 0, the background.
    """
    if not changes_images(config):
        return images
    draws = _draw(ops.shape(images)[0], 12, seed_generator)
    values = ops.cast(images[..., 0], "float32")
    if config.rotate or config.zoom or config.shear:
        zoom = math.log1p(config.zoom)
        values = transform(
            values,
            angle=_between(draws[0], -math.radians(config.rotate), math.radians(config.rotate)),
            scale=ops.exp(_between(draws[1], -zoom, zoom)),
            shear=_between(draws[2], -config.shear, config.shear),
        )
    if config.flip or config.shift:
        steps = ops.floor(_between(draws[3:5], -config.shift, config.shift + 1))
        values = shift_and_flip(values, steps[0], steps[1], draws[5] < (0.5 if config.flip else 0))
    if config.contrast:
        values = values * _between(draws[6], 1 - config.contrast, 1 + config.contrast)[:, None, None]
    if config.erase:
        rectangle = _choose_rectangles(draws[7:11])
        # One draw says both whether and with what: below the share it is spread over all shades.
        chosen = draws[11] < config.erase
        shade = 255 * draws[11] / config.erase
        inside = ops.logical_and(rectangle, chosen[:, None, None])
        values = ops.where(inside, shade[:, None, None], values)
    return restore(values, images)


def mix(images: Any, targets: Any, seed_generator: keras.random.SeedGenerator, config: TrainingConfig) -> Any:
    """Return images and targets after CutMix (Yun et al., arXiv 1905.04899), on a share `config.cutmix` of the calls.

    One rectangle for the whole batch; each image gets that part from the one before it, which is a random one, as
    the order of items is. The target is mixed by the exact share of pixels.

    Args:
        images: (n, 28, 28, 1).
        targets: (n, 10) floats that sum to 1 for each image.
        seed_generator: decides whether and where; it moves on.
        config: the settings.
    """
    if not config.cutmix:
        return images, targets
    draws = _draw(1, 4, seed_generator)
    side = ops.sqrt(draws[0]) * SIDE
    inside = _draw_rectangles(side, side, draws[1] * SIDE, draws[2] * SIDE)
    inside = ops.logical_and(inside, (draws[3] < config.cutmix)[:, None, None])
    share = ops.mean(ops.cast(inside, "float32"))
    mixed = ops.where(inside[..., None], ops.roll(images, 1, axis=0), images)
    return mixed, (1 - share) * targets + share * ops.roll(targets, 1, axis=0)


def changes_images(config: TrainingConfig) -> bool:
    """Tell whether `augment` does anything."""
    kinds = (config.flip, config.shift, config.rotate, config.zoom, config.shear, config.contrast, config.erase)
    return any(kinds)


def shift_and_flip(values: Any, down: Any, right: Any, flipped: Any) -> Any:
    """Return images (n, 28, 28) float32 mirrored left to right where told, then moved by whole pixels (n,)."""
    there = ops.arange(SIDE, dtype="float32")[None, :, None]
    here = ops.arange(SIDE, dtype="float32")[None, None, :]
    rows = there - down[:, None, None] == here
    columns = there - right[:, None, None]
    columns = ops.where(flipped[:, None, None], SIDE - 1 - columns, columns) == here
    # Ones and zeros times whole numbers below 256: exact even where a device multiplies with few bits.
    moved = ops.matmul(ops.cast(rows, "float32"), values)
    return ops.matmul(moved, ops.transpose(ops.cast(columns, "float32"), (0, 2, 1)))


def transform(values: Any, angle: Any, scale: Any, shear: Any) -> Any:
    """Return images (n, 28, 28) float32 turned, scaled and sheared about their centre, sampled bilinearly.

    Args:
        values: the images.
        angle: counter-clockwise, in radians, (n,).
        scale: above 1 enlarges, (n,).
        shear: pixels to the side for each row, (n,).
    """
    centre = (SIDE - 1) / 2
    axis = ops.arange(SIDE, dtype="float32") - centre
    down, right = axis[None, :, None], axis[None, None, :]
    angle, scale, shear = (value[:, None, None] for value in (angle, scale, shear))
    # For every pixel of the result, where it comes from: the three changes undone, the last one first.
    right = right - shear * down
    source_right = (ops.cos(angle) * right - ops.sin(angle) * down) / scale + centre
    source_down = (ops.sin(angle) * right + ops.cos(angle) * down) / scale + centre
    return sample(values, source_down, source_right)


def sample(values: Any, down: Any, right: Any) -> Any:
    """Return images (n, 28, 28) float32 at other places, bilinearly; (n, 28, 28) rows and columns, from the first.

    What lies outside is 0.
    """
    # A border of zeros answers for all that lies outside.
    width = SIDE + 2
    padded = ops.reshape(ops.pad(values, ((0, 0), (1, 1), (1, 1))), (-1,))
    down, right = ops.clip(down + 1, 0, width - 1), ops.clip(right + 1, 0, width - 1)
    top, left = ops.minimum(ops.floor(down), width - 2), ops.minimum(ops.floor(right), width - 2)
    below, beside = down - top, right - left
    starts = ops.arange(ops.shape(values)[0], dtype="int32")[:, None, None] * width * width
    first = starts + ops.cast(top * width + left, "int32")
    corners = [ops.take(padded, first + offset) for offset in (0, 1, width, width + 1)]
    upper = corners[0] * (1 - beside) + corners[1] * beside
    lower = corners[2] * (1 - beside) + corners[3] * beside
    return upper * (1 - below) + lower * below


def _choose_rectangles(draws: Any) -> Any:
    share = _between(draws[0], *_ERASED_SHARE)
    aspect = ops.exp(_between(draws[1], math.log(_ERASED_ASPECT[0]), math.log(_ERASED_ASPECT[1])))
    height = ops.minimum(ops.sqrt(share * aspect) * SIDE, SIDE)
    width = ops.minimum(ops.sqrt(share / aspect) * SIDE, SIDE)
    return _draw_rectangles(
        height, width, height / 2 + draws[2] * (SIDE - height), width / 2 + draws[3] * (SIDE - width)
    )


def _draw_rectangles(height: Any, width: Any, down: Any, right: Any) -> Any:
    """Return masks (n, 28, 28) of the pixels whose centres lie in rectangles of a size about a centre, each (n,)."""
    centres = ops.arange(SIDE, dtype="float32")[None, :] + 0.5
    rows = ops.abs(centres - down[:, None]) < height[:, None] / 2
    columns = ops.abs(centres - right[:, None]) < width[:, None] / 2
    return ops.logical_and(rows[:, :, None], columns[:, None, :])


def _draw(images: Any, numbers: int, seed_generator: keras.random.SeedGenerator) -> Any:
    """Return even random numbers from 0 to below 1, (numbers, images): all of a batch in one go, which is quickest."""
    return keras.random.uniform((numbers, images), dtype="float32", seed=seed_generator)


def _between(draw: Any, lowest: float, highest: float) -> Any:
    return lowest + draw * (highest - lowest)


def restore(values: Any, images: Any) -> Any:
    """Return values (n, 28, 28), 0 to 255, in the shape and of the type of images (n, 28, 28, 1)."""
    kind = keras.backend.standardize_dtype(images.dtype)
    clipped = ops.clip(values, 0, 255)
    return ops.cast(clipped if kind.startswith("float") else ops.round(clipped), kind)[..., None]
