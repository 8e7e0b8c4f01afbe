import numpy as np
import pytest

from fmnist_core import photos
from fmnist_core.photo_examples import EXAMPLES, draw_example, lay


@pytest.fixture(scope="module")
def drawn(dataset):
    return {key: draw_example(key, dataset.images) for key in EXAMPLES}


def test_examples_are_photographs_and_always_the_same(drawn, dataset):
    for key, picture in drawn.items():
        assert picture.dtype == np.uint8
        assert picture.shape == (480, 420, 3)
        np.testing.assert_array_equal(picture, draw_example(key, dataset.images))


def test_examples_show_test_items(dataset):
    items = {key: example.item for key, example in EXAMPLES.items() if example.item is not None}
    assert all(60_000 <= item < 70_000 for item in items.values())
    classes = {key: int(dataset.labels[item]) for key, item in items.items()}
    assert classes == {"bed": 2, "floor": 1, "shop": 9, "carpet": 8, "paper": 3}


@pytest.mark.parametrize("key", [key for key, example in EXAMPLES.items() if example.item is not None])
def test_the_garment_is_found_where_it_was_laid(drawn, key):
    chain = photos.prepare_photo(drawn[key])
    assert not chain.is_blank
    # On 28 × 28 pixels it fills the height or the width, but not the corners.
    assert (chain.image > 0).any(axis=1).sum() == 28 or (chain.image > 0).any(axis=0).sum() == 28
    assert not chain.image[[0, 0, -1, -1], [0, -1, 0, -1]].all()


def test_a_garment_lies_in_the_middle_in_its_colour():
    item = np.zeros((28, 28), np.uint8)
    item[8:20, 8:20] = 200
    background = np.full((100, 120, 3), 240.0)
    picture = lay(item, background, dye=(200, 40, 40), edge=84, shadow=0)
    red = (picture[..., 0] > 150) & (picture[..., 1] < 100)
    rows, columns = np.nonzero(red)
    assert abs(rows.mean() - 49.5) < 1
    assert abs(columns.mean() - 59.5) < 1
    assert abs(np.ptp(rows) - 36) < 4
    assert (picture[[0, 0, -1, -1], [0, -1, 0, -1]] == 240).all()


def test_a_shadow_is_darker_than_what_it_falls_on():
    item = np.full((28, 28), 200, np.uint8)
    background = np.full((100, 100, 3), 240.0)
    bare, cast = (lay(item, background, dye=(200, 40, 40), edge=50, shadow=shadow) for shadow in (0, 0.5))
    assert cast[78, 50].mean() < bare[78, 50].mean() - 20
