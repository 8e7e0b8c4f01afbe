import numpy as np

from fmnist_core.classes import CLASS_COLORS
from fmnist_core.figures.placement import plot_placement


def test_a_star_stands_among_its_neighbors_over_the_map():
    figure = plot_placement(
        "data:image/png;base64,AA==",
        np.array([-1.0, -2.0]),
        np.array([3.0, 4.0]),
        np.array([0.5, 1.5]),
        np.array([[0, 1], [1, 2]]),
        np.array([3, 7]),
        ["Dress, train item 1", "Sneaker, train item 2"],
    )
    star, dots = figure.data
    assert (star.x, star.y, star.marker.symbol) == ((0.5,), (1.5,), "star")
    assert (dots.x, dots.y) == ((0.0, 1.0), (1.0, 2.0))
    assert list(dots.marker.color) == [CLASS_COLORS[3], CLASS_COLORS[7]]
    assert list(dots.customdata) == ["Dress, train item 1", "Sneaker, train item 2"]
    (picture,) = figure.layout.images
    # The picture covers the map from corner to corner.
    assert (picture.x, picture.y, picture.sizex, picture.sizey) == (-1, 4, 4, 6)
    assert picture.source == "data:image/png;base64,AA=="
    assert figure.layout.yaxis.scaleanchor == "x"
