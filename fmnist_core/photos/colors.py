"""Colours as the eye tells them apart."""

import numpy as np
from numpy.typing import NDArray


def to_oklab(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Convert to OKLab, where distances are about as large as they look (Ottosson 2020).

    Args:
        rgb: picture of shape (h, w, 3), uint8.

    Returns:
        Array of shape (h, w, 3), float32: lightness 0..1, green to red and blue to yellow about -0.4..0.4.
    """
    cones = np.cbrt(_LINEAR[rgb] @ np.array(_RGB_TO_CONES, np.float32).T)
    return cones @ np.array(_CONES_TO_LAB, np.float32).T


_VALUES = np.arange(256, dtype=np.float32) / 255
_LINEAR = np.where(_VALUES <= 0.04045, _VALUES / 12.92, ((_VALUES + 0.055) / 1.055) ** 2.4).astype(np.float32)

_RGB_TO_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_CONES_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
