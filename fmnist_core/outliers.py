"""Pictures that show no garment, drawn by a few lines each: what a network should not be sure about."""

import string
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from fmnist_core.errors import InvalidSettingError

Picture = NDArray[np.uint8]
Generator = np.random.Generator

SIDE = 28
# Drawn four times as large and then shrunk, so that edges are as soft as those of the items.
_LARGE = 4 * SIDE


def draw_outliers(kind: str, n: int, seed: int) -> Picture:
    """Return pictures of one kind, (n, 28, 28) uint8.

    Args:
        kind: key of `OUTLIERS`.
        n: how many.
        seed: decides them.

    Raises:
        InvalidSettingError: for an unknown kind.
    """
    if kind not in OUTLIERS:
        raise InvalidSettingError(f"A kind of outliers must be one of {', '.join(OUTLIERS)}. Received: {kind}.")
    generator = np.random.default_rng((seed, list(OUTLIERS).index(kind)))
    return np.stack([OUTLIERS[kind](generator) for _ in range(n)]) if n else np.zeros((0, SIDE, SIDE), np.uint8)


def _draw_noise(generator: Generator) -> Picture:
    """Every pixel by itself, or patches of one to seven pixels."""
    cells = SIDE // int(generator.choice([1, 1, 2, 4, 7]))
    values = generator.integers(0, 256, (cells, cells), dtype=np.uint8)
    resample = Image.Resampling.BICUBIC if generator.random() < 0.5 else Image.Resampling.NEAREST
    return np.asarray(Image.fromarray(values).resize((SIDE, SIDE), resample))


def _draw_gradient(generator: Generator) -> Picture:
    """From dark to light in any direction, or from a point outwards."""
    rows, columns = np.mgrid[:SIDE, :SIDE] / (SIDE - 1)
    if generator.random() < 0.6:
        angle = generator.uniform(0, 2 * np.pi)
        values = rows * np.sin(angle) + columns * np.cos(angle)
    else:
        values = np.hypot(rows - generator.uniform(0.2, 0.8), columns - generator.uniform(0.2, 0.8))
        values *= generator.choice([-1, 1])
    low, high = np.sort(generator.uniform(0, 255, 2))
    return _scale(values, low, max(high, low + 40))


def _draw_checkers(generator: Generator) -> Picture:
    """Checkerboards and stripes."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    period, bright = int(generator.integers(2, 9)), generator.integers(120, 256)
    shift = generator.integers(0, period)
    across, down = (columns + shift) // period % 2, rows // period % 2
    pattern = [across ^ down, across, down][int(generator.integers(3))]
    return (pattern * bright).astype(np.uint8)


def _draw_digit(generator: Generator) -> Picture:
    return _draw_text(generator, string.digits)


def _draw_letter(generator: Generator) -> Picture:
    return _draw_text(generator, string.ascii_letters)


def _draw_text(generator: Generator, characters: str) -> Picture:
    """One character, as large as it can be, sometimes slanted; as a drawing would arrive."""
    sheet = Image.new("L", (_LARGE, _LARGE))
    font = ImageFont.load_default(float(generator.uniform(0.7, 1.1) * _LARGE))
    character = str(generator.choice(list(characters)))
    bold = int(generator.integers(0, 4))
    ImageDraw.Draw(sheet).text(
        (_LARGE / 2, _LARGE / 2), character, int(generator.integers(150, 256)), font, "mm", stroke_width=bold
    )
    turned = sheet.rotate(float(generator.normal(0, 10)), Image.Resampling.BILINEAR)
    return _fit(turned)


def _draw_nothing(generator: Generator) -> Picture:
    """A sheet of one grey, perhaps with a little noise."""
    grey, noise = int(generator.choice([0, 0, int(generator.integers(0, 256))])), generator.choice([0, 2, 8])
    return np.clip(grey + generator.normal(0, noise, (SIDE, SIDE)), 0, 255).astype(np.uint8)


def _draw_speck(generator: Generator) -> Picture:
    """A sheet with next to nothing on it: a dot, a short stroke, a few crumbs."""
    sheet = Image.new("L", (_LARGE, _LARGE))
    draw = ImageDraw.Draw(sheet)
    for _ in range(int(generator.integers(1, 4))):
        x, y = generator.uniform(0.1, 0.9, 2) * _LARGE
        to_x, to_y = np.array([x, y]) + generator.normal(0, 14, 2)
        draw.line([x, y, to_x, to_y], int(generator.integers(120, 256)), int(generator.integers(3, 12)))
    return _shrink(sheet)


def _draw_scribble(generator: Generator) -> Picture:
    """A line that wanders about, as somebody tries the pen."""
    sheet = Image.new("L", (_LARGE, _LARGE))
    steps = generator.normal(0, 16, (int(generator.integers(6, 30)), 2)).cumsum(axis=0) + _LARGE / 2
    points = [tuple(point) for point in np.clip(steps, 4, _LARGE - 4)]
    ImageDraw.Draw(sheet).line(points, 255, int(generator.integers(4, 14)), "curve")
    return _fit(sheet)


def _draw_face(generator: Generator) -> Picture:
    """An oval with eyes, brows, nose, mouth and hair, lit from a side."""
    skin, dark = int(generator.integers(110, 230)), int(generator.integers(0, 70))
    sheet = Image.new("L", (_LARGE, _LARGE), int(generator.choice([0, 0, int(generator.integers(0, 200))])))
    draw = ImageDraw.Draw(sheet)
    center, width, height = _LARGE / 2, generator.uniform(34, 46), generator.uniform(44, 54)

    def oval(x: float, y: float, half_width: float, half_height: float, grey: int) -> None:
        draw.ellipse([x - half_width, y - half_height, x + half_width, y + half_height], grey)

    oval(center, center - 8, width + 6, height + 2, int(generator.integers(0, 200)))
    oval(center, center + 4, width, height, skin)
    apart, eye_level = width * generator.uniform(0.4, 0.5), center - generator.uniform(2, 12)
    for side in (-1, 1):
        oval(center + side * apart, eye_level, 9, 5, 235)
        oval(center + side * apart, eye_level, 4, 4, dark)
        brow = [center + side * apart - 10, eye_level - 12, center + side * apart + 10, eye_level - 12]
        draw.line(brow, dark, 4)
    draw.line([center, eye_level + 6, center - 4, center + 16, center + 4, center + 17], max(skin - 60, 0), 4)
    mouth = generator.uniform(10, 20)
    draw.chord([center - mouth, center + 22, center + mouth, center + 38], 0, 180, dark)
    light = np.linspace(1, generator.uniform(0.6, 1), _LARGE)[:: int(generator.choice([-1, 1]))]
    return _shrink(Image.fromarray((np.asarray(sheet) * light).astype(np.uint8)))


def _draw_landscape(generator: Generator) -> Picture:
    """A sky that pales towards hills, a sun, a few trees."""
    horizon = generator.uniform(0.4, 0.7)
    rows = np.linspace(0, 1, _LARGE)[:, np.newaxis] / horizon
    sky = np.broadcast_to(generator.uniform(60, 150) + 80 * np.clip(rows, 0, 1), (_LARGE, _LARGE))
    sheet = Image.fromarray(sky.astype(np.uint8))
    draw = ImageDraw.Draw(sheet)
    x, y, radius = *generator.uniform(10, 45, 2), generator.uniform(5, 11)
    draw.ellipse([x - radius, y - radius, x + radius, y + radius], 250)
    columns = np.arange(_LARGE)
    for layer in range(int(generator.integers(2, 5))):
        waves = [generator.normal(0, 7) * np.sin(columns / 60 * k + generator.uniform(0, 7)) for k in (1, 2, 4)]
        ridge = horizon * _LARGE + 13 * layer + np.sum(waves, axis=0)
        points = [(0.0, float(_LARGE)), *zip(columns.tolist(), ridge.tolist(), strict=True), (float(_LARGE), _LARGE)]
        draw.polygon(points, int(generator.integers(20, 150)))
    for _ in range(int(generator.integers(0, 5))):
        x, y, radius = generator.uniform(0, _LARGE), generator.uniform(0.7, 0.95) * _LARGE, generator.uniform(6, 14)
        draw.line([x, y, x, y - 2 * radius], 30, 4)
        draw.ellipse([x - radius, y - 4 * radius, x + radius, y - 2 * radius], int(generator.integers(20, 110)))
    return _shrink(sheet)


def _draw_ridge(generator: Generator) -> Picture:
    """Hills cut out of a landscape: bands between wavy lines, on black."""
    sheet = Image.new("L", (_LARGE, _LARGE))
    draw = ImageDraw.Draw(sheet)
    columns = np.arange(_LARGE)
    waves = [generator.normal(0, 6) * np.sin(columns / 40 * k + generator.uniform(0, 7)) for k in (1, 2, 3)]
    line = generator.uniform(0.2, 0.5) * _LARGE + np.sum(waves, axis=0)
    for _ in range(int(generator.integers(1, 4))):
        upper = line
        line = (
            upper + generator.uniform(8, 30) + generator.normal(0, 4) * np.sin(columns / 30 + generator.uniform(0, 7))
        )
        outline = [*zip(columns, upper, strict=True), *zip(columns[::-1], line[::-1], strict=True)]
        draw.polygon([(float(x), float(y)) for x, y in outline], int(generator.integers(60, 220)))
    return _shrink(sheet)


def _draw_shape(generator: Generator) -> Picture:
    """A plain geometric figure, filled or in outline."""
    sheet = Image.new("L", (_LARGE, _LARGE))
    draw = ImageDraw.Draw(sheet)
    middle, radius = (_LARGE / 2, _LARGE / 2), generator.uniform(36, 52)
    grey = int(generator.integers(120, 256))
    fill, sides = generator.choice([0, grey]), int(generator.choice([3, 5, 6, 8, 40]))
    if generator.random() < 0.3:
        spikes = 2 * int(generator.integers(5, 9))
        radii, angles = np.resize([radius, radius * 0.45], spikes), np.linspace(0, 2 * np.pi, spikes, endpoint=False)
        points = np.stack([middle[0] + radii * np.sin(angles), middle[1] - radii * np.cos(angles)], axis=1)
        draw.polygon([tuple(point) for point in points], int(fill), grey, 6)
    else:
        draw.regular_polygon((middle, radius), sides, generator.uniform(0, 360), int(fill), grey, 6)
    return _shrink(sheet)


def _scale(values: NDArray[np.floating], low: float, high: float) -> Picture:
    rest = (values - values.min()) / np.ptp(values)
    return (low + rest * (high - low)).round().astype(np.uint8)


def _shrink(sheet: Image.Image) -> Picture:
    return np.asarray(sheet.resize((SIDE, SIDE), Image.Resampling.BOX))


def _fit(sheet: Image.Image) -> Picture:
    """Trim to what is drawn and bring its longest edge to 28 pixels, as a drawing on the canvas is brought there."""
    trimmed = sheet.crop(sheet.getbbox() or (0, 0, _LARGE, _LARGE))
    scale = SIDE / max(trimmed.size)
    small = trimmed.resize([max(1, round(edge * scale)) for edge in trimmed.size], Image.Resampling.BOX)
    framed = Image.new("L", (SIDE, SIDE))
    framed.paste(small, ((SIDE - small.width) // 2, (SIDE - small.height) // 2))
    return np.asarray(framed)


OUTLIERS: Mapping[str, Callable[[Generator], Picture]] = {
    "noise": _draw_noise,
    "gradients": _draw_gradient,
    "checkers": _draw_checkers,
    "digits": _draw_digit,
    "letters": _draw_letter,
    "blank sheets": _draw_nothing,
    "specks": _draw_speck,
    "scribbles": _draw_scribble,
    "faces": _draw_face,
    "landscapes": _draw_landscape,
    "shapes": _draw_shape,
    "ridges": _draw_ridge,
}
