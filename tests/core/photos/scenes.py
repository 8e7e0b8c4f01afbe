"""Garments drawn on all sorts of backgrounds, with the mask that is right."""

import numpy as np
from PIL import Image, ImageDraw

SIZE = (120, 100)  # rows, columns
SHIRT = (
    (30, 25),
    (42, 20),
    (58, 20),
    (70, 25),
    (88, 45),
    (78, 54),
    (70, 47),
    (70, 98),
    (30, 98),
    (30, 47),
    (22, 54),
    (12, 45),
)


def outline(points=SHIRT, size=SIZE):
    """A polygon, points as (x, y), as a mask."""
    canvas = Image.new("1", size[::-1])
    ImageDraw.Draw(canvas).polygon(points, fill=1)
    return np.array(canvas)


def paint(background, garment, mask, noise=0, seed=0):
    """A garment laid on a background, each a colour or a picture, with a camera's noise on both."""
    rgb = np.where(mask[..., None], garment, background) + np.zeros((*mask.shape, 3))
    rgb = rgb + np.random.default_rng(seed).normal(0, noise, rgb.shape) if noise else rgb
    return np.clip(rgb, 0, 255).round().astype(np.uint8)


def gradient(dark=150, light=235, size=SIZE):
    """Light that falls in from the left."""
    return np.broadcast_to(np.linspace(light, dark, size[1])[None, :, None], (*size, 3))


def stripes(one=(200, 170, 120), other=(150, 105, 60), width=6, size=SIZE):
    """Boards of a floor."""
    chosen = (np.arange(size[1]) // width % 2).astype(bool)[None, :, None]
    return np.where(chosen, one, other) + np.zeros((*size, 3))


def tiles(side=24, size=SIZE):
    """Pale tiles with dark joints."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    joints = (rows % side < 2) | (columns % side < 2)
    return np.where(joints[..., None], (120, 115, 110), (225, 220, 210)) + np.zeros((*size, 3))


def share(mask, truth):
    """Intersection over union."""
    return (mask & truth).sum() / (mask | truth).sum()
