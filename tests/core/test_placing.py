import numpy as np
import pytest

from fmnist_core import placing, runs
from fmnist_core.classes import CLASS_COLORS
from fmnist_core.errors import ProjectionNotFoundError
from fmnist_core.projection_config import ProjectionConfig
from fmnist_core.projection_files import Projection


def make_projection(items, embedding):
    return Projection(ProjectionConfig(), np.array(items), np.array(embedding, np.float32), {}, {})


def test_a_picture_lands_in_the_middle_of_its_neighbors():
    projection = make_projection([2, 5, 9, 11], [[0, 0], [1, 8], [3, 4], [100, 100]])
    place = placing.find_place(projection, np.array([9, 2, 5]))
    # The median along each axis, so that one neighbour far away changes little.
    np.testing.assert_array_equal(place.position, [1, 4])
    np.testing.assert_array_equal(place.items, [9, 2, 5])
    np.testing.assert_array_equal(place.neighbors, [[3, 4], [0, 0], [1, 8]])


def test_neighbors_that_are_not_on_the_map_are_left_out():
    projection = make_projection([2, 5], [[0, 0], [1, 8]])
    place = placing.find_place(projection, np.array([3, 5, 60_000]))
    np.testing.assert_array_equal(place.items, [5])
    with pytest.raises(ProjectionNotFoundError, match="none of them"):
        placing.find_place(projection, np.array([3, 60_000]))


def test_a_map_is_painted_in_the_colors_of_the_classes():
    picture = placing.paint_map(np.array([[0, 0], [4, 4], [4, 4]], np.float32), np.array([3, 7, 7], np.uint8), side=5)
    assert (picture.shape, picture.dtype) == ((5, 5, 4), np.uint8)
    # The second axis points up: the origin is at the bottom.
    for place, label in (((4, 0), 3), ((0, 4), 7)):
        assert "#{:02x}{:02x}{:02x}".format(*picture[place][:3]) == CLASS_COLORS[label].lower()
    assert np.count_nonzero(picture[..., 3]) == 2
    assert picture[0, 4, 3] > picture[4, 0, 3] > 0


def test_the_map_of_a_runs_own_layer_comes_first(fmnist_home):
    assert placing.find_map(runs.load_run("mcnn-proposed")).space == "layer"


def test_without_one_it_is_the_labs_map(copied_run):
    assert placing.find_map(copied_run) == ProjectionConfig()
