import numpy as np
import pandas as pd
import pytest

from fmnist_core.figures.search import BEST_COLOR, COMPLETE, PRUNED
from fmnist_core.figures.search_scales import Scale, say_value
from fmnist_core.figures.search_space import plot_cells, plot_parallel, plot_slice, plot_surface

RATE = Scale("learning_rate", "Learning rate", log=True)
BATCH = Scale("batch_size", "Batch size", choices=(16, 64))
OPTIMIZER = Scale("optimizer", "Optimizer", choices=("adam", "sgd"))
TABLE = pd.DataFrame(
    {
        "number": [0, 1, 2, 3],
        "state": [COMPLETE, COMPLETE, PRUNED, COMPLETE],
        "value": [0.80, 0.84, 0.70, 0.82],
        "learning_rate": [0.001, 0.01, 0.1, 0.1],
        "batch_size": [16, 64, 16, 64],
        "optimizer": ["adam", "sgd", "adam", "adam"],
    }
)


def test_a_logarithmic_scale_places_by_powers_of_ten_and_tells_the_values():
    np.testing.assert_allclose(RATE.place([0.001, 0.1]), [-3, -1])
    places, texts = RATE.ticks([0.1, 0.001, 0.1])
    np.testing.assert_allclose(places, [-3, -1])
    assert texts == ["0.001", "0.1"]


def test_choices_have_places_of_their_own_whatever_was_tried():
    assert OPTIMIZER.place(["sgd", "adam", "gone"]).tolist()[:2] == [1, 0]
    assert np.isnan(OPTIMIZER.place(["gone"])[0])
    assert OPTIMIZER.ticks(["sgd"]) == ([0, 1], ["adam", "sgd"])


def test_of_many_values_a_few_are_told():
    places, texts = Scale("dropout", "Dropout").ticks(np.linspace(0, 1, 50))
    assert texts == ["0", "0.2", "0.4", "0.6", "0.8", "1"]
    np.testing.assert_allclose(places, np.arange(6) / 5)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (np.geomspace(0.00009, 0.013, 30), ["0.0001", "0.001", "0.01"]),
        (np.geomspace(0.0001, 0.1, 30), ["0.0001", "0.001", "0.01", "0.1"]),
        (np.geomspace(0.00013, 0.012, 30), ["0.0002", "0.0005", "0.001", "0.002", "0.005", "0.01"]),
        (range(17, 300, 7), ["32", "64", "128", "256"]),
    ],
)
def test_a_logarithmic_axis_tells_powers_of_ten_or_of_two(values, told):
    places, texts = Scale("x", "X", log=True).ticks(list(values))
    assert texts == told
    np.testing.assert_allclose(places, np.log10([float(text) for text in told]))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "default"),
        (True, "yes"),
        (False, "no"),
        (0.00123456, "0.00123"),
        ("mcnn/optimizer-sgd", "optimizer-sgd"),
        (32, "32"),
    ],
)
def test_values_are_said_briefly(value, said):
    assert say_value(value) == said


def test_parallel_axes_have_the_complete_trials_with_the_value_at_last():
    (lines,) = plot_parallel(TABLE, [RATE, OPTIMIZER], "#123456").data
    assert [axis.label for axis in lines.dimensions] == ["Learning rate", "Optimizer", "value"]
    np.testing.assert_allclose(lines.dimensions[0]["values"], [-3, -2, -1])
    assert list(lines.dimensions[1]["values"]) == [0, 1, 0]
    assert list(lines.dimensions[1]["ticktext"]) == ["adam", "sgd"]
    assert list(lines.line.color) == list(lines.dimensions[2]["values"]) == [0.80, 0.84, 0.82]
    assert lines.labelfont.color == "#123456"


def test_a_slice_has_a_setting_against_the_value():
    figure = plot_slice(TABLE, RATE)
    (points,) = figure.data
    np.testing.assert_allclose(points.x, [-3, -2, -1])
    assert (list(points.y), list(points.marker.color)) == ([0.80, 0.84, 0.82], [0, 1, 3])
    assert points.hovertext[1] == "Trial 2: 84.00%<br>Learning rate 0.01"
    assert list(figure.layout.xaxis.ticktext) == ["0.001", "0.01", "0.1"]


def test_cells_have_their_numbers_and_the_best_is_outlined():
    means, counts = np.array([[0.80, 0.82], [np.nan, 0.84]]), np.array([[1, 1], [0, 2]])
    figure = plot_cells(means, counts, BATCH, OPTIMIZER, "#000000")
    untried, heat, numbers = figure.data
    np.testing.assert_equal(np.asarray(untried.z), [[np.nan, np.nan], [1, np.nan]])
    np.testing.assert_equal(np.asarray(heat.z), means)
    assert list(numbers.text) == ["80.0", "82.0", "", "84.0"]
    assert numbers.hovertext[2] == "Batch size 16, Optimizer sgd<br>not tried"
    assert numbers.hovertext[3] == "Batch size 64, Optimizer sgd<br>84.00%, mean of 2"
    (box,) = figure.layout.shapes
    assert (box.x0, box.x1, box.y0, box.y1, box.line.color) == (0.5, 1.5, 0.5, 1.5, BEST_COLOR)
    assert list(figure.layout.xaxis.ticktext) == ["16", "64"]


def test_a_surface_has_the_trials_above_it_and_a_star_at_the_best():
    across, upward = np.array([-3.0, -1.0]), np.array([0.0, 1.0])
    heights = np.array([[0.8, 0.81], [0.82, np.nan]])
    figure = plot_surface(heights, across, upward, TABLE, (RATE, BATCH), "#123456")
    bands, points = figure.data
    np.testing.assert_equal(np.asarray(bands.z), heights)
    np.testing.assert_allclose(points.x, [-3, -2, -1])
    assert list(points.y) == [0, 1, 1]
    assert list(points.marker.symbol) == ["circle", "star", "circle"]


def test_where_nothing_is_complete_the_charts_are_empty():
    nothing = TABLE[:0]
    assert len(plot_slice(nothing, RATE).data[0].x) == 0
    assert len(plot_parallel(nothing, [RATE, BATCH], "#000").data[0].dimensions) == 3
    empty = np.zeros(0)
    assert len(plot_surface(np.zeros((0, 0)), empty, empty, nothing, (RATE, BATCH), "#123456").data[1].x) == 0
    plot_cells(np.full((2, 2), np.nan), np.zeros((2, 2), int), BATCH, OPTIMIZER, "#000")
