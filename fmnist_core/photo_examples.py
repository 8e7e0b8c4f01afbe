"""Pictures to try without one of one's own: test items, dyed and laid on backgrounds that are drawn here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from fmnist_core.photos import Picture

WIDTH, HEIGHT = 420, 480

Floats = NDArray[np.floating[Any]]
Color = tuple[int, int, int]


@dataclass(frozen=True)
class Example:
    """A picture to try.

    Attributes:
        title: what it shows.
        item: number of the test item on it; None if there is no garment on it.
        draw: makes the picture, (h, w, 3) uint8, from that item, (28, 28) uint8.
    """

    title: str
    item: int | None
    draw: Callable[[Picture], Picture]


def draw_example(key: str, images: NDArray[np.uint8]) -> Picture:
    """Draw one of `EXAMPLES`, always the same way.

    Args:
        key: of `EXAMPLES`.
        images: (70000, 28, 28) uint8, all items.

    Returns:
        (h, w, 3) uint8.
    """
    example = EXAMPLES[key]
    return example.draw(images[example.item or 0])


def lay(
    item: Picture,
    background: Floats,
    *,
    dye: Color,
    edge: int = 340,
    tilt: float = 0,
    seed: int = 0,
    shadow: float = 0.3,
) -> Picture:
    """Lay an item on a background as if it were a photographed garment.

    Args:
        item: (28, 28) uint8, bright on black.
        background: (h, w, 3), 0 to 255.
        dye: colour of the garment where the item is brightest; where it is dark, the garment is paler.
        edge: pixels of its edge in the picture.
        tilt: degrees by which it is turned clockwise.
        seed: of the grain of its cloth.
        shadow: how dark its shadow is, 0 to 1.

    Returns:
        Picture of the background's shape, uint8.
    """
    height, width = background.shape[:2]
    place = ((width - edge) // 2, (height - edge) // 2)
    values, outline = (
        _blur(_enlarge(each, edge, tilt, place, (width, height)), edge / 28 * softness)
        for each, softness in ((_spread(item), 0.3), (_silhouette(item), 0.55))
    )
    alpha = np.clip((outline - 0.42) / 0.12, 0, 1)[..., np.newaxis]
    cloth = _noise((height, width), 1, seed) + _noise((height, width), 12, seed + 1)
    # The publisher negated: what is bright in an item was dark on the photograph.
    light = 1 + 1.8 * (values[alpha[..., 0] > 0].mean() - values) + 0.04 * cloth
    dyed = np.asarray(dye) * light[..., np.newaxis]
    cast = np.roll(_blur(outline, 6), (6, 4), axis=(0, 1))[..., np.newaxis]
    lit = background * (1 - shadow * cast)
    return np.clip(alpha * dyed + (1 - alpha) * lit, 0, 255).round().astype(np.uint8)


def _on_a_bed(item: Picture) -> Picture:
    folds = _noise((HEIGHT, WIDTH), 45, 1) + 0.6 * _noise((HEIGHT, WIDTH), 14, 2)
    sheet = np.array([203, 212, 224]) + 13 * folds[..., np.newaxis] + 2 * _noise((HEIGHT, WIDTH), 1, 3)[..., np.newaxis]
    return lay(item, sheet, dye=(122, 34, 44), tilt=-4)


def _on_a_floor(item: Picture) -> Picture:
    columns, rows = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    plank = columns // 70
    ends = (rows + 170 * (plank % 3)) % 400
    tone = np.random.default_rng(5).normal(0, 9, 7)[plank]
    grain = np.repeat(_noise((HEIGHT // 16, WIDTH), 1.2, 6), 16, axis=0)
    joints = np.where((columns % 70 < 2) | (ends < 2), -38.0, 0.0)
    wood = np.array([186, 142, 98]) + (tone + 6 * grain + joints)[..., np.newaxis]
    return lay(item, wood, dye=(38, 52, 92), edge=400)


def _in_a_shop(item: Picture) -> Picture:
    return lay(item, np.full((HEIGHT, WIDTH, 3), 253.0), dye=(92, 58, 34), edge=360, shadow=0.0)


def _on_a_carpet(item: Picture) -> Picture:
    pile = 20 * _noise((HEIGHT, WIDTH), 1.5, 7) + 5 * _noise((HEIGHT, WIDTH), 25, 8)
    return lay(item, np.array([78, 102, 84]) + pile[..., np.newaxis], dye=(188, 120, 30), tilt=14, edge=320)


def _on_paper(item: Picture) -> Picture:
    """Trace an item's outline with a pencil, as somebody draws who looks at it."""
    outline = _blur(_enlarge(_silhouette(item), 360, 3, (30, 60), (WIDTH, HEIGHT)), 7)
    down, across = np.gradient(outline)
    line = np.clip(np.hypot(down, across) * 45 - 1.2, 0, 1) * (0.9 + 0.1 * _noise((HEIGHT, WIDTH), 1, 9))
    light = _noise((HEIGHT, WIDTH), 120, 10)[..., np.newaxis]
    paper = np.array([243, 240, 232]) + 3 * light + 1.5 * _noise((HEIGHT, WIDTH), 1, 11)[..., np.newaxis]
    return np.clip(paper * (1 - 0.78 * line[..., np.newaxis]), 0, 255).round().astype(np.uint8)


def _landscape(_: Picture) -> Picture:
    sky = np.linspace(0, 1, HEIGHT)[:, np.newaxis, np.newaxis]
    picture = Image.fromarray(
        np.broadcast_to((1 - sky) * [104, 160, 220] + sky * [240, 226, 204], (HEIGHT, WIDTH, 3)).astype(np.uint8)
    )
    draw = ImageDraw.Draw(picture)
    draw.ellipse((290, 60, 350, 120), fill=(255, 236, 150))
    across = np.arange(WIDTH)
    for number, color in enumerate([(118, 140, 158), (88, 122, 96), (58, 92, 60)]):
        ridge = 250 + 75 * number + 30 * np.sin(across / (38 + 17 * number) + 2 * number) + 8 * np.sin(across / 11)
        draw.polygon([(0, HEIGHT), *zip(across.tolist(), ridge.tolist(), strict=True), (WIDTH, HEIGHT)], fill=color)
    grain = 4 * _noise((HEIGHT, WIDTH), 1, 12)[..., np.newaxis]
    return np.clip(np.asarray(picture) + grain, 0, 255).round().astype(np.uint8)


def _silhouette(item: Picture) -> Picture:
    return np.where(item > 20, 255, 0).astype(np.uint8)


def _spread(item: Picture) -> Picture:
    """Continue a garment beyond its outline, so that nothing of the black around it is mixed into its edge."""
    from scipy import ndimage

    inner = ndimage.binary_erosion(item > 20)
    nearest = ndimage.distance_transform_edt(
        ~(inner if inner.any() else item > 20), return_distances=False, return_indices=True
    )
    return np.asarray(item[tuple(nearest)])


def _enlarge(item: Picture, edge: int, tilt: float, place: tuple[int, int], size: tuple[int, int]) -> Floats:
    large = (
        Image.fromarray(item).resize((edge, edge), Image.Resampling.BICUBIC).rotate(-tilt, Image.Resampling.BILINEAR)
    )
    sheet = Image.new("L", size)
    sheet.paste(large, place)
    return np.asarray(sheet, np.float32) / 255


def _noise(shape: tuple[int, int], sigma: float, seed: int) -> Floats:
    """Return smooth noise with mean 0 and standard deviation 1; `sigma` is the size of its patches in pixels."""
    # Wide patches need few pixels; those that are left out are interpolated.
    step = max(1, int(sigma / 2))
    few = np.random.default_rng(seed).standard_normal([-(-length // step) + 1 for length in shape], np.float32)
    few = _blur(few, sigma / step)
    noise = np.asarray(Image.fromarray(few).resize(shape[::-1], Image.Resampling.BILINEAR))
    return (noise - noise.mean()) / noise.std()


def _blur(values: Floats, sigma: float) -> Floats:
    from scipy import ndimage

    return np.asarray(ndimage.gaussian_filter(values, sigma, truncate=3))


EXAMPLES = {
    "bed": Example("A pullover on a bed", 60_020, _on_a_bed),
    "floor": Example("Trousers on a floor", 60_041, _on_a_floor),
    "shop": Example("A boot in a shop", 60_185, _in_a_shop),
    "carpet": Example("A bag on a carpet", 60_030, _on_a_carpet),
    "paper": Example("A dress on paper", 60_215, _on_paper),
    "landscape": Example("No garment at all", None, _landscape),
}
