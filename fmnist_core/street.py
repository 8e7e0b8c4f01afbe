"""Change items at random as photographs change garments, so that a network learns to do without a studio.

A catalogue's garment hangs straight in a studio, worn by nobody and yet filled. One that is photographed at home lies
flat and is wider for it, its sleeves and legs spread; shoes stand in pairs and are seen from above. Light, folds and
prints differ; what is cut out lacks a part or brings some of the bed along. All of that is done to the items here.

Written with `keras.ops` as `augmentation` is, of which it is the second half. Where a pixel of the result comes from is
a chain of plain functions of its place, so that the item itself is sampled only once.
"""

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from fmnist_core.augmentation import SIDE, restore, sample
from fmnist_core.config import TrainingConfig

# By class. Flat on a bed a garment is wider than on a figure, by half at most (a tube's width to its diameter is pi to
# 2); coats are stiffer, bags and shoes stay as they are. The widths are natural logarithms, of the least and the range.
#              T-shirt Trouser Pullover Dress Coat Sandal Shirt Sneaker Bag Boot
_LEAST_WIDTH = (0.10, 0.00, 0.05, 0.05, 0.00, -0.25, 0.05, -0.25, -0.10, -0.25)
_WIDTH_RANGE = (0.50, 0.45, 0.50, 0.45, 0.35, 0.50, 0.40, 0.50, 0.20, 0.50)
_TURNED = (10, 10, 10, 10, 10, 40, 10, 40, 4, 40)  # degrees, to both sides
_LEAST_TAPER = (-0.30, -0.15, -0.30, -0.30, -0.15, -0.15, -0.30, -0.15, -0.05, -0.15)  # below 0: wider at the hem
_TAPER_RANGE = (0.45, 0.30, 0.45, 0.45, 0.22, 0.30, 0.45, 0.30, 0.10, 0.30)
_SLEEVES_SPREAD = (0.60, 0.00, 0.70, 0.35, 0.35, 0.00, 0.50, 0.00, 0.00, 0.00)  # share of items
_LEGS_SPREAD = (0, 0.5, 0, 0, 0, 0, 0, 0, 0, 0)
_IN_PAIRS = (0, 0, 0, 0, 0, 0.6, 0, 0.6, 0, 0.6)
_UPRIGHT = (0, 0, 0, 0, 0, 0.7, 0, 0.7, 0, 0.7)  # in pairs, or else alone but seen from above

# How many random numbers an image has; a few remain, and another number would change them all.
_NUMBERS = 64
_CENTRE = (SIDE - 1) / 2
_NOWHERE = 99.0
_INK = 12 / 255
_SOFTENING = np.outer((1, 2, 1), (1, 2, 1)).astype(np.float32)[..., None, None] / 16

# Where each pixel of the result comes from: rows and columns from the centre, (n, 28, 28) each.
Places = tuple[Any, Any]
Warp = Callable[[Any, Any], Places]


def change(images: Any, labels: Any, seed_generator: keras.random.SeedGenerator, config: TrainingConfig) -> Any:
    """Return images with a share `config.street` of them changed as photographs change garments.

    Args:
        images: (n, 28, 28, 1), 0 to 255.
        labels: (n,) int32.
        seed_generator: decides which and how; it moves on.
        config: the settings.
    """
    if not config.street:
        return images
    values = ops.cast(images[..., 0], "float32") / 255
    chosen = keras.random.uniform((ops.shape(values)[0], 1, 1), dtype="float32", seed=seed_generator) < config.street
    return restore(255 * ops.where(chosen, imitate_photographs(values, labels, seed_generator), values), images)


def imitate_photographs(images: Any, labels: Any, seed_generator: keras.random.SeedGenerator) -> Any:
    """Return items as photographs might show them, cut out and brought to 28×28 again.

    Args:
        images: (n, 28, 28) floats, 0 to 1, bright on black.
        labels: (n,) int32; what happens to a garment depends on its kind.
        seed_generator: decides how; it moves on.

    Returns:
        (n, 28, 28) floats, 0 to 1; the longest side of each garment fills the picture, more or less.
    """
    draw = _Draws(ops.shape(images)[0], seed_generator)
    garments = _close(images)
    down, right = _frame(garments, _choose_layout(labels, draw), draw)
    garments = sample(garments, down, right)
    return _damage(_light(sample(images, down, right), garments, draw), garments, draw)


class _Draws:
    """Random numbers, one for each image, (n, 1, 1) as the arithmetic below wants them."""

    def __init__(self, n: Any, seed_generator: keras.random.SeedGenerator) -> None:
        self.n = n
        self.seed_generator = seed_generator
        # All in one go, which is quickest.
        values = keras.random.uniform((_NUMBERS, n, 1, 1), dtype="float32", seed=seed_generator)
        self._values = iter(ops.split(values, _NUMBERS))

    def between(self, lowest: Any, highest: Any) -> Any:
        """Even numbers."""
        return lowest + next(self._values)[0] * (highest - lowest)

    def rarely_far(self, highest: float) -> Any:
        """Numbers from 0 on, most of them small."""
        return highest * self.between(0, 1) * self.between(0, 1)

    def chance(self, share: Any) -> Any:
        """True for about that share of the images."""
        return self.between(0, 1) < share

    def waves(self, cells: int) -> Any:
        """Smooth surfaces, (n, 28, 28), that pass through -1 to 1 at `cells` × `cells` places."""
        values = keras.random.uniform((self.n, cells, cells), -1, 1, dtype="float32", seed=self.seed_generator)
        return _enlarge(values)

    def grain(self, cells: int) -> Any:
        """Rough surfaces, (n, 28, 28), of standard deviation 1 at `cells` × `cells` places."""
        return _enlarge(keras.random.normal((self.n, cells, cells), dtype="float32", seed=self.seed_generator))


def _choose_layout(labels: Any, draw: _Draws) -> Warp:
    steps = (_lie_flat(labels, draw), _spread_sleeves(labels, draw), _spread_legs(labels, draw), _pair(labels, draw))

    def layout(down: Any, right: Any) -> Places:
        for step in steps:
            down, right = step(down, right)
        return down, right

    return layout


def _lie_flat(labels: Any, draw: _Draws) -> Warp:
    """Turn, slant, taper, widen and ripple; lift what is far from the middle, as an arm that is not stretched out."""
    angle = draw.between(-1, 1) * _by_class([math.radians(degrees) for degrees in _TURNED], labels)
    cos, sin = ops.cos(angle), ops.sin(angle)
    width = ops.exp(_by_class(_LEAST_WIDTH, labels) + draw.between(0, 1) * _by_class(_WIDTH_RANGE, labels))
    height = ops.exp(draw.between(-0.12, 0.12))
    slant = draw.between(-0.12, 0.12)
    taper = _by_class(_LEAST_TAPER, labels) + draw.between(0, 1) * _by_class(_TAPER_RANGE, labels)
    lifted = ops.where(draw.chance(0.6), draw.between(-0.1, 0.35), 0.0)
    widened, arm = draw.between(-0.02, 0.09), draw.between(4, 8)
    ripple = draw.rarely_far(2)
    ripple_down, ripple_right = ripple * draw.waves(4), ripple * draw.waves(4)

    def lie_flat(down: Any, right: Any) -> Places:
        down, right = cos * down - sin * right, cos * right + sin * down
        right = right + slant * down
        right = right * (1 + taper * down / _CENTRE) / width
        beyond = ops.maximum(ops.abs(right) - arm, 0)
        return down / height + lifted * beyond + ripple_down, right - ops.sign(right) * widened * beyond + ripple_right

    return lie_flat


def _spread_sleeves(labels: Any, draw: _Draws) -> Warp:
    """Cut beside the body, turn what is outside about the shoulder and make it thicker."""
    chosen = draw.chance(_by_class(_SLEEVES_SPREAD, labels))
    cut, shoulder, thickness = draw.between(5.5, 9), draw.between(-12, -8), draw.between(1, 2)
    turn = draw.between(-0.1, 1.2)

    def spread(down: Any, right: Any) -> Places:
        outside, along = ops.abs(right) - cut, down - shoulder
        across = ops.cos(turn) * outside - ops.sin(turn) * along
        across = ops.where(across >= 0, across / thickness + cut, _NOWHERE)
        hit = ops.logical_and(chosen, outside > 0)
        turned = ops.sin(turn) * outside + ops.cos(turn) * along + shoulder
        return ops.where(hit, turned, down), ops.where(hit, ops.sign(right) * across, right)

    return spread


def _spread_legs(labels: Any, draw: _Draws) -> Warp:
    """Turn both halves below the waist outwards."""
    chosen = draw.chance(_by_class(_LEGS_SPREAD, labels))
    waist, turn = draw.between(-13, -6), draw.between(0, 0.45)

    def spread(down: Any, right: Any) -> Places:
        along = down - waist
        across = ops.cos(turn) * ops.abs(right) - ops.sin(turn) * along
        # What lies just inside the cut is the inner seam, what lies farther inside is the gap between the legs.
        across = ops.where(across >= 0, across, ops.where(across > -1.2, 0.0, _NOWHERE))
        hit = ops.logical_and(chosen, along > 0)
        turned = ops.sin(turn) * ops.abs(right) + ops.cos(turn) * along + waist
        return ops.where(hit, turned, down), ops.where(hit, ops.sign(right) * across, right)

    return spread


def _pair(labels: Any, draw: _Draws) -> Warp:
    """Stand shoes upright in the picture: two beside each other, or one; most of the pairs as if seen from above.

    The side view of a shoe folded along its sole is about as wide as the shoe seen from above, and as long.
    """
    which = draw.between(0, 1)
    paired = which < _by_class(_IN_PAIRS, labels)
    upright = which < _by_class(_UPRIGHT, labels)
    mirrored, from_above = draw.chance(0.6), draw.chance(0.7)
    toes = ops.where(draw.chance(0.5), 1.0, -1.0)
    apart, splay, flatness = draw.between(5, 7.5), draw.between(-0.3, 0.3), draw.between(0.7, 1.3)
    sole, core, slope = draw.between(3, 6), draw.between(2, 4), draw.between(1.8, 3.2)

    def pair(down: Any, right: Any) -> Places:
        across = ops.abs(right) - apart
        across = ops.where(mirrored, across, across * ops.where(right >= 0, 1.0, -1.0)) + splay * down
        height = ops.where(from_above, sole - slope * ops.maximum(ops.abs(across) - core, 0), -flatness * across)
        height = ops.where(paired, height, -right)
        return ops.where(upright, height, down), ops.where(upright, toes * down, right)

    return pair


def _frame(garments: Any, layout: Warp, draw: _Draws) -> Places:
    """Return where each pixel comes from so that the garment, laid out, fills the picture as after trimming."""
    down, right = _axes()
    # A first look from twice as far away shows where the garment has come to lie.
    far = 2.0
    found = sample(garments, *_from_corner(layout(far * down, far * right)))
    (top, height), (left, width) = (_measure(ops.max(found, axis=axis)) for axis in (2, 1))
    scale = far / SIDE * ops.maximum(height, width) * ops.exp(draw.between(-0.03, 0.1))
    middle_down = far * (top + (height - 1) / 2 - _CENTRE) + draw.between(-1, 1)
    middle_right = far * (left + (width - 1) / 2 - _CENTRE) + draw.between(-1, 1)
    return _from_corner(layout(scale * down + middle_down, scale * right + middle_right))


def _from_corner(places: Places) -> Places:
    return places[0] + _CENTRE, places[1] + _CENTRE


def _measure(profile: Any) -> tuple[Any, Any]:
    """Return the first place above 0.4 of each profile (n, 28), and how many there are up to the last, (n, 1, 1)."""
    here = profile > 0.4
    places = ops.arange(SIDE, dtype="float32")
    first = ops.min(ops.where(here, places, float(SIDE)), axis=1)[:, None, None]
    last = ops.max(ops.where(here, places, -1.0), axis=1)[:, None, None]
    # An empty picture stays as it is.
    empty = last < first
    return ops.where(empty, 7.0, first), ops.where(empty, 14.0, last - first + 1)


def _light(images: Any, garments: Any, draw: _Draws) -> Any:
    """Change the tones within the garments: another fabric, another light, folds, stripes, a print."""
    images = ops.power(ops.clip(images, 1e-4, 1), ops.exp(draw.between(-0.5, 0.5)))
    images = ops.where(draw.chance(0.1), ops.maximum(garments - images, 0), images)
    mean = ops.sum(images * garments, axis=(1, 2), keepdims=True)
    mean = mean / (ops.sum(garments, axis=(1, 2), keepdims=True) + 1e-3)
    images = draw.between(0.2, 0.95) + draw.between(0.5, 1.3) * (images - mean)
    images = images + draw.rarely_far(0.08) * draw.grain(SIDE) + draw.rarely_far(0.15) * draw.grain(SIDE // 2)
    images = images + draw.rarely_far(0.25) * draw.waves(7)
    down, right = _axes()
    # Across, as most stripes are; a line from top to bottom shall go on to mean an open front.
    angle = math.pi / 2 + draw.between(-0.3, 0.3)
    phase = draw.between(0.4, 2.2) * (right * ops.cos(angle) + down * ops.sin(angle)) + draw.between(0, 2 * math.pi)
    images = images + ops.where(draw.chance(0.2), draw.between(0.05, 0.25), 0.0) * ops.sin(phase)
    printed = ops.logical_and(
        ops.abs(right - draw.between(-3, 3)) < draw.between(2, 6),
        ops.abs(down - draw.between(-5, 4)) < draw.between(2, 6),
    )
    printed = ops.logical_and(printed, draw.chance(0.25))
    images = images + ops.where(printed, draw.between(-0.5, 0.5), 0.0)
    shade = draw.between(-0.25, 0.25) * right / _CENTRE + draw.between(-0.25, 0.25) * down / _CENTRE
    return ops.clip(garments * images * (1 + shade), 0, 1)


def _damage(images: Any, garments: Any, draw: _Draws) -> Any:
    """Add some of the background, take parts away, blur or sharpen."""
    left = ops.logical_and(draw.waves(7) > draw.between(0.45, 0.8), draw.chance(0.2))
    images = images + ops.where(left, (1 - garments) * draw.between(0.2, 0.9), 0.0)
    lost = ops.logical_and(draw.waves(4) > draw.between(0.5, 0.8), draw.chance(0.15))
    images = ops.where(lost, 0.0, images)
    blurred = _soften(images)
    images = ops.where(draw.chance(0.08), _soften(blurred), images + draw.between(-0.9, 0.7) * (images - blurred))
    return ops.clip(images, 0, 1)


def _close(images: Any) -> Any:
    """Return 1 where a garment is, small gaps in it included, else 0; (n, 28, 28)."""
    here = ops.cast(images > _INK, "float32")[..., None]
    grown = ops.max_pool(here, 5, 1, "same")
    return -ops.max_pool(-grown, 5, 1, "same")[..., 0]


def _soften(images: Any) -> Any:
    return ops.conv(images[..., None], ops.convert_to_tensor(_SOFTENING), padding="same")[..., 0]


def _axes() -> Places:
    axis = ops.arange(SIDE, dtype="float32") - _CENTRE
    return axis[None, :, None], axis[None, None, :]


def _by_class(values: Any, labels: Any) -> Any:
    return ops.take(ops.convert_to_tensor(np.array(values, np.float32)), labels)[:, None, None]


def _enlarge(values: Any) -> Any:
    """Bring surfaces (n, k, k) to (n, 28, 28), bilinearly."""
    cells = values.shape[1]
    if cells == SIDE:
        return values
    places = np.clip((np.arange(SIDE) + 0.5) / SIDE * cells - 0.5, 0, cells - 1)
    weights = np.maximum(1 - np.abs(places[:, None] - np.arange(cells)), 0).astype(np.float32)
    matrix = ops.convert_to_tensor(weights)
    return ops.matmul(ops.matmul(matrix, values), ops.transpose(matrix))
