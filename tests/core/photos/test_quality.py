import numpy as np
import pytest

from fmnist_core.photos.quality import judge
from tests.core.photos.scenes import outline, paint, stripes

SHIRT = outline()
PICTURE = paint(stripes(), (40, 60, 150), SHIRT, noise=4)


def holed(mask):
    spoilt = mask.copy()
    spoilt[np.random.default_rng(0).random(mask.shape) < 0.15] = False
    return spoilt


@pytest.mark.parametrize(
    "worse",
    [
        np.roll(SHIRT, 12, axis=1),
        np.roll(SHIRT, 14, axis=0),
        SHIRT & (np.arange(100) < 50),
        SHIRT | (np.arange(120)[:, None] > 80),
        holed(SHIRT),
        np.arange(100 * 120).reshape(120, 100) < 6000,
    ],
    ids=["beside", "below", "half", "with floor", "holes", "upper half"],
)
def test_the_right_mask_is_better_than_a_wrong_one(worse):
    assert judge(PICTURE, SHIRT).score > judge(PICTURE, worse).score + 0.05


def test_nothing_and_everything_have_no_quality():
    assert judge(PICTURE, np.zeros_like(SHIRT)).score == 0
    assert judge(PICTURE, np.ones_like(SHIRT)).score == 0


def test_each_part_lies_between_nought_and_one():
    for mask in (SHIRT, holed(SHIRT), np.roll(SHIRT, 40, axis=1)):
        assert all(0 <= value <= 1 for value in judge(PICTURE, mask).parts.values())


def test_the_parts_of_a_square_are_known():
    square = np.zeros((40, 40), bool)
    square[10:30, 10:30] = True
    parts = judge(np.where(square[..., None], np.uint8(0), np.uint8(255)).repeat(3, -1), square).parts
    expected = {"contrast", "colours", "clear of the border", "size", "smoothness", "symmetry"}
    assert all(parts[name] == pytest.approx(1, abs=1e-6) for name in expected)


def test_symmetry_counts_what_lies_on_the_mirror_image():
    half = np.zeros((20, 21), bool)
    half[:10, 5:16] = True
    half[10:, 10:16] = True
    # Its middle is column 11: ten rows share columns 7 to 15 with their mirror image, ten rows columns 10 to 12.
    parts = judge(np.where(half[..., None], np.uint8(0), np.uint8(255)).repeat(3, -1), half).parts
    assert parts["symmetry"] == pytest.approx(120 / (170 + 170 - 120))
