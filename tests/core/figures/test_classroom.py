import numpy as np

from fmnist_core.figures.classroom import plot_classroom

MEANS = np.array([[0.80, np.nan, 0.90], [np.nan, 0.85, np.nan]])
ACTIVE = np.array([[False, False, True], [True, False, False]])


def draw(means=MEANS, active=ACTIVE):
    texts = [[f"text {row}{column}" for column in range(3)] for row in range(2)]
    hovers = [[f"hover {row}{column}" for column in range(3)] for row in range(2)]
    return plot_classroom(means, texts, hovers, active, (["a", "b"], ["x", "y", "z"]), ("Rows", "Columns"), "#221d1a")


def test_numbers_corners_and_axes_tell_the_cells():
    figure = draw()
    _, _, corners, numbers = figure.data
    assert list(numbers.text) == ["text 00", "text 01", "text 02", "text 10", "text 11", "text 12"]
    assert list(numbers.hovertext)[4] == "hover 11"
    assert list(corners.text) == ["1", "2", "3", "4", "5", "6"]
    assert (list(figure.layout.xaxis.ticktext), list(figure.layout.yaxis.ticktext)) == (["x", "y", "z"], ["a", "b"])
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("Columns", "Rows")
    # The first row stands on top.
    assert list(figure.layout.yaxis.range) == [1.5, -0.5]


def test_the_ground_tells_free_cells_from_those_that_are_trained_and_the_best_is_outlined():
    figure = draw()
    ground, cells, *_ = figure.data
    np.testing.assert_array_equal(ground.z, [[np.nan, 0, 1], [1, np.nan, 0]])
    np.testing.assert_array_equal(cells.z, MEANS)
    assert cells.zmin < 0.80
    assert cells.zmax > 0.90
    (box,) = figure.layout.shapes
    assert (round((box.x0 + box.x1) / 2), round((box.y0 + box.y1) / 2)) == (2, 0)


def test_strong_cells_have_white_text():
    colors = list(draw().data[3].textfont.color)
    assert colors == ["#221d1a", "#221d1a", "#ffffff", "#221d1a", "#221d1a", "#221d1a"]


def test_an_empty_grid_outlines_nothing():
    figure = draw(np.full((2, 3), np.nan), np.zeros((2, 3), bool))
    assert not figure.layout.shapes
    np.testing.assert_array_equal(figure.data[0].z, np.zeros((2, 3)))
