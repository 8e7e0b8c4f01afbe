import numpy as np
import pytest

from fmnist_core.photos.segmentation import find_garment


def scene(background, garment, size=96):
    """A disc of one colour on another; returns picture and the disc's mask."""
    down, across = np.mgrid[:size, :size] - size / 2
    disc = np.hypot(down, across) < size / 3
    return np.where(disc[..., None], np.array(garment, np.uint8), np.array(background, np.uint8)), disc


@pytest.mark.parametrize(
    ("background", "garment"),
    [((253, 253, 253), (20, 20, 20)), ((10, 10, 10), (230, 230, 230)), ((120, 120, 120), (120, 80, 160))],
)
def test_a_plain_garment_on_a_plain_background_is_found_exactly(background, garment):
    picture, disc = scene(background, garment)
    assert (find_garment(picture).mask == disc).all()


def test_nothing_is_found_where_nothing_differs():
    picture, _ = scene((90, 90, 90), (92, 91, 90))
    assert not find_garment(picture).mask.any()


def test_holes_in_the_garment_belong_to_it():
    picture, disc = scene((250, 250, 250), (30, 60, 90))
    picture[46:50, 46:50] = 250
    assert (find_garment(picture).mask == disc).all()


def test_specks_beside_the_garment_do_not():
    picture, disc = scene((250, 250, 250), (30, 60, 90))
    picture[4, 40] = picture[90:92, 10:12] = 0
    assert (find_garment(picture).mask == disc).all()


def test_a_garment_on_stripes_is_found_by_its_colours():
    picture, disc = scene((250, 220, 200), (40, 60, 160))
    stripes = (np.arange(96) // 4 % 2).astype(bool)[:, None] & ~disc
    picture[stripes] = (150, 100, 60)
    assert (find_garment(picture).mask == disc).mean() > 0.97


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 3), (3, 200)])
def test_slivers_do_no_harm(shape):
    picture = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert find_garment(picture).mask.shape == shape
