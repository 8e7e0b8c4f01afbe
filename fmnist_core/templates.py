"""What a drawing can be started from: an outline of each class, and items to try the scissors on.

An outline is a few polygons and curves, each in a shade of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import InvalidSettingError

SIDE = 280

# Drawn this many times as large and then averaged, so that edges are smooth.
_FINER = 4
# Points that a curve gets between two of its own.
_STEPS = 8

Point = tuple[float, float]


@dataclass(frozen=True)
class Shape:
    """A patch or a line of one shade.

    Attributes:
        points: (x, y) in pixels of the sheet, from its top left corner.
        shade: 0 to 255; 0 cuts a hole.
        width: of the line through the points; 0 for a patch that they enclose.
        curved: whether the outline swings through the points; a point that is there twice stays a corner.
        twice: whether it is there a second time, mirrored at the sheet's middle.
        half: whether the points are its left half, from top to bottom, and the right half mirrors them.
    """

    points: Sequence[Point]
    shade: int
    width: int = 0
    curved: bool = False
    twice: bool = False
    half: bool = False


def _corner(x: float, y: float) -> tuple[Point, Point]:
    return (x, y), (x, y)


_T_SHIRT = (
    Shape(((98, 4), (72, 12), (34, 60), (60, 92), (86, 70)), 178, twice=True),
    Shape(((98, 4), (85, 30), (83, 242), (140, 244)), 190, half=True),
    Shape(((86, 62), (90, 26)), 140, width=4, twice=True),
    Shape(((104, 0), (140, 30), (176, 0)), 0, curved=True),
    Shape(((102, 3), (112, 20), (140, 32), (168, 20), (178, 3)), 225, width=7, curved=True),
    Shape(((85, 232), (195, 232)), 160, width=4),
)
_TROUSER = (
    Shape(((96, 2), (86, 80), (84, 278), (124, 278), (136, 96), (140, 90)), 188, half=True),
    Shape(((96, 14), (184, 14)), 225, width=10),
    Shape(((140, 14), (140, 84)), 130, width=4),
    Shape(((112, 100), (104, 272)), 215, width=8, twice=True),
    Shape(((98, 30), (112, 34), (118, 18)), 130, width=4, twice=True),
)
_PULLOVER = (
    Shape(((104, 4), (68, 18), (50, 60), (36, 274), (66, 278), (88, 92)), 182, twice=True),
    Shape(((104, 4), (84, 60), (84, 254), (140, 256)), 196, half=True),
    Shape(((83, 88), (78, 150), (76, 200)), 50, width=5, twice=True),
    Shape(((108, 0), (140, 18), (172, 0)), 0, curved=True),
    Shape(((106, 4), (118, 14), (140, 20), (162, 14), (174, 4)), 228, width=9, curved=True),
    Shape(((86, 246), (194, 246)), 150, width=8),
    Shape(((38, 262), (66, 264)), 140, width=6, twice=True),
)
_DRESS = (
    Shape(
        ((112, 2), *_corner(96, 4), (92, 40), (102, 74), (106, 110), (96, 170), *_corner(84, 276), (140, 278)),
        190,
        curved=True,
        half=True,
    ),
    Shape(((114, -4), (140, 40), (166, -4)), 0, curved=True),
    Shape(((106, 110), (174, 110)), 140, width=7),
    Shape(((124, 122), (112, 270)), 160, width=5, twice=True),
    Shape(((140, 122), (140, 270)), 215, width=6),
)
_COAT = (
    Shape(((112, 12), (76, 24), (54, 70), (34, 268), (66, 276), (88, 110)), 176, twice=True),
    Shape(((112, 8), (82, 60), (80, 274), (140, 276)), 190, half=True),
    Shape(((83, 100), (76, 160), (73, 210)), 50, width=5, twice=True),
    Shape(((140, 40), (140, 276)), 60, width=7),
    Shape(((110, 2), (102, 26), (140, 62), (140, 24)), 225, twice=True),
    *(Shape(((152, y), (152, y + 1)), 80, width=9) for y in (100, 150, 200)),
    Shape(((92, 190), (118, 184)), 110, width=6, twice=True),
)
_SANDAL = (
    Shape(((14, 190), (60, 196), (150, 176), (230, 138), (268, 130)), 150, width=16, curved=True),
    Shape(((232, 132), (274, 122), (262, 204), (246, 204)), 165),
    Shape(((20, 186), (44, 150), (84, 148), (96, 182)), 190, width=13, curved=True),
    Shape(((52, 186), (78, 140), (122, 172)), 190, width=11, curved=True),
    Shape(((150, 168), (196, 98), (240, 76), (262, 84)), 170, width=11, curved=True),
    Shape(((268, 124), (262, 80), (258, 54)), 180, width=12, curved=True),
)
_SHIRT = (
    Shape(((108, 8), (76, 20), (58, 70), (38, 266), (66, 274), (92, 96)), 158, twice=True),
    Shape(((108, 6), (88, 60), (86, 110), *_corner(80, 250), (98, 274), (140, 276)), 170, curved=True, half=True),
    Shape(((86, 88), (80, 150), (76, 214)), 30, width=6, twice=True),
    Shape(((102, 74), (102, 250)), 145, width=8, twice=True),
    Shape(((120, 74), (120, 254)), 145, width=8, twice=True),
    Shape(((140, 30), (140, 274)), 210, width=10),
    Shape(((140, 24), (108, 0), (102, 22), (126, 48)), 205, twice=True),
    *(Shape(((140, y), (140, y + 1)), 80, width=8) for y in (68, 110, 152, 194, 236)),
)
_SNEAKER = (
    Shape(
        (
            *_corner(8, 176),
            (30, 160),
            (88, 140),
            *_corner(160, 92),
            (182, 96),
            (226, 106),
            *_corner(264, 84),
            (270, 120),
            *_corner(274, 178),
        ),
        190,
        curved=True,
    ),
    Shape(((6, 182), (276, 180), (274, 194), (140, 198), (20, 196)), 235),
    Shape(((6, 194), (274, 192)), 90, width=8),
    Shape(((168, 106), (258, 112)), 70, width=12),
    Shape(((108, 140), (136, 156)), 240, width=6),
    Shape(((126, 128), (154, 144)), 240, width=6),
    Shape(((144, 116), (170, 130)), 240, width=6),
    Shape(((150, 166), (196, 130), (214, 166)), 110, width=9),
)
_BAG = (
    Shape(((92, 120), (98, 40), (140, 24), (182, 40), (188, 120)), 170, width=12, curved=True),
    Shape(((24, 108), (14, 262), (140, 264)), 182, half=True),
    Shape(((22, 108), (22, 158), (140, 176)), 205, half=True),
    Shape(((22, 160), (140, 178), (258, 160)), 90, width=6),
    Shape(((126, 164), (154, 164), (154, 192), (126, 192)), 245),
    Shape(((16, 258), (264, 258)), 130, width=7),
)
_ANKLE_BOOT = (
    Shape(
        (
            *_corner(134, 8),
            (190, 12),
            *_corner(252, 6),
            (246, 90),
            (260, 170),
            *_corner(264, 236),
            (140, 240),
            *_corner(10, 244),
            (14, 212),
            (56, 188),
            (112, 152),
            (138, 90),
        ),
        188,
        curved=True,
    ),
    Shape(((8, 238), (268, 234), (268, 268), (208, 270), (200, 254), (8, 256)), 110),
    Shape(((8, 238), (268, 234)), 225, width=7),
    Shape(((168, 20), (164, 110), (184, 160)), 130, width=9, curved=True),
    Shape(((136, 16), (250, 14)), 225, width=8),
)

TEMPLATES: Mapping[int, Sequence[Shape]] = dict(
    enumerate((_T_SHIRT, _TROUSER, _PULLOVER, _DRESS, _COAT, _SANDAL, _SHIRT, _SNEAKER, _BAG, _ANKLE_BOOT))
)


@dataclass(frozen=True)
class Example:
    """A test item that becomes another class where something is cut off.

    Attributes:
        title: two words.
        task: what to do, in one sentence.
        item: its number.
    """

    title: str
    task: str
    item: int


EXAMPLES: Sequence[Example] = (
    Example("Sleeves off", "Cut both sleeves off this pullover, from hem to shoulder. What is it now?", 64_239),
    Example("Shaft off", "Cut the shaft off this boot, right across. What is left?", 61_734),
    Example("Hem up", "Cut this dress off at the hips. What is it now?", 60_376),
)


@cache
def draw_template(class_index: int) -> NDArray[np.uint8]:
    """Draw the outline of a class.

    Args:
        class_index: 0 to 9.

    Returns:
        (280, 280) uint8, read-only, bright on black; a shoe points to the left.

    Raises:
        InvalidSettingError: if there is no such class.
    """
    if class_index not in TEMPLATES:
        raise InvalidSettingError(f"`class_index` must be 0 to {len(CLASS_NAMES) - 1}. Received: {class_index}.")
    sheet = Image.new("L", (SIDE * _FINER, SIDE * _FINER))
    for shape in TEMPLATES[class_index]:
        points = complete(shape)
        _draw(sheet, points, shape)
        if shape.twice:
            _draw(sheet, _mirror(points), shape)
    drawing = np.asarray(sheet.resize((SIDE, SIDE), Image.Resampling.BOX)).copy()
    drawing.flags.writeable = False
    return drawing


def complete(shape: Shape) -> NDArray[np.float64]:
    """Return the points that a shape is drawn through, (n, 2): its own, with those of its curves and its other half."""
    points = np.array(shape.points, np.float64)
    if shape.half:
        points = np.concatenate([points, _mirror(points)[::-1]])
    return _swing(points, closed=not shape.width) if shape.curved else points


def _mirror(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([SIDE - points[:, 0], points[:, 1]])


def _swing(points: NDArray[np.float64], closed: bool) -> NDArray[np.float64]:
    """Lead a curve through points, after Catmull and Rom (1974)."""
    if closed:
        around = np.concatenate([points[-1:], points, points[:2]])
    else:
        around = np.concatenate([points[:1], points, points[-1:]])
    before, start, end, after = (around[i : len(around) - 3 + i, None] for i in range(4))
    t = np.linspace(0, 1, _STEPS, endpoint=False)[:, None]
    between = 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )
    # From a corner to itself there is no way to go.
    curve = between[(start != end).any(axis=(1, 2))].reshape(-1, 2)
    return curve if closed else np.concatenate([curve, points[-1:]])


def _draw(sheet: Image.Image, points: NDArray[np.float64], shape: Shape) -> None:
    brush = ImageDraw.Draw(sheet)
    finer = [(x * _FINER, y * _FINER) for x, y in points]
    if not shape.width:
        brush.polygon(finer, fill=shape.shade)
        return
    brush.line(finer, fill=shape.shade, width=shape.width * _FINER, joint="curve")
    radius = shape.width * _FINER / 2
    for x, y in (finer[0], finer[-1]):
        brush.ellipse((x - radius, y - radius, x + radius, y + radius), fill=shape.shade)
