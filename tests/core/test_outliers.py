import numpy as np
import pytest

from fmnist_core.errors import InvalidSettingError
from fmnist_core.outliers import OUTLIERS, draw_outliers


@pytest.mark.parametrize("kind", OUTLIERS)
def test_outliers_follow_from_their_seed(kind):
    pictures = draw_outliers(kind, 6, seed=3)
    assert (pictures.shape, pictures.dtype) == ((6, 28, 28), np.uint8)
    np.testing.assert_array_equal(pictures, draw_outliers(kind, 6, seed=3))
    np.testing.assert_array_equal(pictures[:2], draw_outliers(kind, 2, seed=3))
    assert not np.array_equal(draw_outliers(kind, 30, seed=3), draw_outliers(kind, 30, seed=4))


@pytest.mark.parametrize("kind", [kind for kind in OUTLIERS if kind != "blank sheets"])
def test_something_is_on_them(kind):
    assert (np.ptp(draw_outliers(kind, 50, seed=0), axis=(1, 2)) > 10).all()


def test_blank_sheets_are_nearly_of_one_grey():
    assert draw_outliers("blank sheets", 50, seed=0).std(axis=(1, 2)).max() < 10


def test_specks_cover_next_to_nothing():
    assert (draw_outliers("specks", 50, seed=0) > 20).mean(axis=(1, 2)).max() < 0.15


def test_none_are_none():
    assert draw_outliers("noise", 0, seed=0).shape == (0, 28, 28)


def test_another_kind_is_refused():
    with pytest.raises(InvalidSettingError, match=r"must be one of noise, .*Received: cats"):
        draw_outliers("cats", 1, seed=0)
