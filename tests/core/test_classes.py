from itertools import combinations

import numpy as np
import pytest

from fmnist_core.classes import CLASS_COLORS, CLASS_ICONS, CLASS_NAMES

# Machado, Oliveira, Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency",
# IEEE TVCG 15 (2009), severity 1.0; they act on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear_rgb(color: str) -> np.ndarray:
    srgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def oklab(linear: np.ndarray) -> np.ndarray:
    """Björn Ottosson, "A perceptual color space for image processing" (2020)."""
    to_cones = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    to_lab = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    return to_lab @ np.cbrt(to_cones @ linear)


@pytest.mark.parametrize("entries", [CLASS_NAMES, CLASS_ICONS, CLASS_COLORS])
def test_each_of_the_ten_classes_has_an_entry_of_its_own(entries):
    assert len(entries) == 10
    assert len(set(entries)) == 10


def test_names_are_the_publishers():
    assert CLASS_NAMES[0] == "T-shirt/top"
    assert CLASS_NAMES[5] == "Sandal"
    assert CLASS_NAMES[9] == "Ankle boot"


@pytest.mark.parametrize("color", CLASS_COLORS)
def test_colors_are_six_hexadecimal_digits(color):
    assert color.startswith("#")
    assert len(bytes.fromhex(color[1:])) == 3


def test_oklab_of_white_and_red_are_the_known_ones():
    np.testing.assert_allclose(oklab(linear_rgb("#ffffff")), [1, 0, 0], atol=1e-4)
    np.testing.assert_allclose(oklab(linear_rgb("#ff0000")), [0.62796, 0.22486, 0.12585], atol=1e-4)


@pytest.mark.parametrize("vision", VISION)
def test_any_two_colors_can_be_told_apart(vision):
    seen = [oklab(np.clip(VISION[vision] @ linear_rgb(color), 0, 1)) for color in CLASS_COLORS]
    smallest = min(np.linalg.norm(first - second) for first, second in combinations(seen, 2))
    assert smallest >= 0.12
