import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from fmnist_core.errors import InvalidSettingError
from fmnist_core.interpretation.changes import CHANGES, apply, cover

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 28, 28), np.uint8)
PICTURES = arrays(np.uint8, st.tuples(st.integers(0, 3), st.just(28), st.just(28)))


def at(row, column):
    picture = np.zeros((1, 28, 28), np.uint8)
    picture[0, row, column] = 200
    return picture


@pytest.mark.parametrize("key", CHANGES)
@given(images=PICTURES)
def test_the_neutral_strength_changes_nothing(key, images):
    change = CHANGES[key]
    changed = change(images, change.neutral)
    assert np.array_equal(changed, images)
    assert not np.shares_memory(changed, images)


@pytest.mark.parametrize("key", CHANGES)
@given(images=PICTURES, share=st.floats(0, 1))
def test_pictures_stay_pictures_and_the_originals_as_they_were(key, images, share):
    change, before = CHANGES[key], images.copy()
    changed = change(images, change.low + share * (change.high - change.low))
    assert (changed.shape, changed.dtype) == (images.shape, np.uint8)
    assert np.array_equal(images, before)


@pytest.mark.parametrize("key", CHANGES)
def test_strengths_that_are_measured_rise_within_the_range_and_hold_the_neutral_one(key):
    change = CHANGES[key]
    assert list(change.strengths) == sorted(set(change.strengths))
    assert (change.strengths[0], change.strengths[-1]) == (change.low, change.high)
    assert change.neutral in change.strengths
    assert 7 <= len(change.strengths) <= 9


@given(across=st.integers(-8, 8), down=st.integers(-8, 8))
def test_a_shift_moves_every_pixel_and_loses_what_leaves(across, down):
    expected = ndimage.shift(IMAGES, (0, down, across), order=0, cval=0)
    assert np.array_equal(apply(IMAGES, {"across": across, "down": down}), expected)


@pytest.mark.parametrize(("degrees", "turns"), [(90, 1), (180, 2), (-90, 3)])
def test_quarter_turns_go_clockwise_and_are_exact(degrees, turns):
    assert np.array_equal(CHANGES["rotate"](IMAGES, degrees), np.rot90(IMAGES, -turns, axes=(1, 2)))


@given(degrees=st.floats(-180, 180))
def test_a_turn_is_scipys(degrees):
    inner = np.zeros_like(IMAGES)
    inner[:, 7:21, 7:21] = IMAGES[:, 7:21, 7:21]  # at the rim scipy lets nothing shine in from outside
    expected = ndimage.rotate(inner.astype(float), -degrees, axes=(1, 2), reshape=False, order=1)
    assert np.abs(CHANGES["rotate"](inner, degrees).astype(float) - expected).max() <= 0.51


@given(factor=st.floats(0.5, 1.5))
def test_scaling_is_scipys(factor):
    inner = np.zeros_like(IMAGES)
    inner[:, 7:21, 7:21] = IMAGES[:, 7:21, 7:21]
    expected = [
        ndimage.affine_transform(image.astype(float), np.eye(2) / factor, 13.5 - 13.5 / factor, order=1)
        for image in inner
    ]
    assert np.abs(CHANGES["scale"](inner, factor).astype(float) - np.array(expected)).max() <= 0.51


def test_blur_spreads_and_keeps_the_light():
    blurred = CHANGES["blur"](at(14, 14), 1.5)
    assert blurred[0, 14, 14] == blurred.max() < 200
    assert blurred[0, 14, 12] == blurred[0, 14, 16] == blurred[0, 12, 14] > 0
    assert blurred.sum() == pytest.approx(200, abs=25)


def test_brightness_and_contrast_multiply_around_black_and_around_grey():
    greys = np.tile(np.array([0, 50, 100, 200], np.uint8), (1, 28, 7))
    assert CHANGES["brightness"](greys, 2)[0, 0, :4].tolist() == [0, 100, 200, 255]
    assert CHANGES["contrast"](greys, 0.2)[0, 0, :4].tolist() == [102, 112, 122, 142]
    assert np.unique(CHANGES["contrast"](greys, 0)).tolist() == [128]


def test_noise_is_the_same_each_time_and_grows_with_its_strength():
    grey = np.full((20, 28, 28), 128, np.uint8)
    spreads = [CHANGES["noise"](grey, percent).std() for percent in (5, 10)]
    assert spreads == pytest.approx([0.05 * 255, 0.10 * 255], rel=0.02)
    assert np.array_equal(CHANGES["noise"](grey, 5), CHANGES["noise"](grey, 5))


def test_a_patch_covers_a_square_and_is_cut_off_at_the_rim():
    white = np.full((1, 28, 28), 255, np.uint8)
    rows, columns = np.nonzero(CHANGES["patch"](white, 4)[0] == 0)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (12, 15, 12, 15)
    rows, columns = np.nonzero(cover(white, 6, row=0, column=27)[0] == 0)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (0, 2, 24, 27)


def test_changes_follow_each_other_in_their_own_order():
    both = apply(IMAGES, {"patch": 10, "rotate": 45})
    assert np.array_equal(both, CHANGES["patch"](CHANGES["rotate"](IMAGES, 45), 10))


def test_what_is_no_change_is_refused():
    with pytest.raises(InvalidSettingError, match=r"one of scale, rotate.*Received: melt"):
        apply(IMAGES, {"melt": 1})
    with pytest.raises(InvalidSettingError, match=r"Blur must be from 0 to 4. Received: 5"):
        CHANGES["blur"](IMAGES, 5)
    with pytest.raises(InvalidSettingError, match="uint8 of shape"):
        CHANGES["blur"](IMAGES.astype(float), 1)


def test_strengths_are_said_with_their_unit():
    assert CHANGES["scale"].say(0.5) == "0.5 ×"
    assert CHANGES["across"].say(-8) == "\N{MINUS SIGN}8 px"
