import pytest

from fmnist_core.figures.repeats import plot_strips
from fmnist_core.repeats import Spread

POINTS = {"ann": {"seed 0": 0.80, "seed 1": 0.84}, "model-3": {"seed 0": 0.90}, "empty": {}}
SPREADS = {"ann": Spread(0.82, 0.03, 2), "model-3": Spread(0.90, 0.0, 1), "empty": None}


def test_each_run_is_a_point_on_the_line_of_its_group():
    figure = plot_strips(POINTS, SPREADS, "Test accuracy")
    dots, means = figure.data
    assert list(dots.x) == [0.80, 0.84, 0.90]
    assert [round(y) for y in dots.y] == [0, 0, 1]
    assert len(set(dots.y)) == 3
    assert list(dots.hovertext) == ["seed 0: 80.00%", "seed 1: 84.00%", "seed 0: 90.00%"]
    assert list(figure.layout.yaxis.ticktext) == ["ann", "model-3", "empty"]
    assert figure.layout.xaxis.title.text == "Test accuracy"
    assert (list(means.x), list(means.y), list(means.error_x.array)) == ([0.82, 0.90], [0, 1], [0.03, 0.0])


def test_the_axis_holds_points_and_deviations():
    low, high = plot_strips(POINTS, SPREADS, "Test accuracy").layout.xaxis.range
    assert low < 0.79
    assert 0.90 < high < 1.01


def test_nothing_to_draw_is_drawn():
    figure = plot_strips({"empty": {}}, {"empty": None}, "Test accuracy")
    assert list(figure.layout.yaxis.ticktext) == ["empty"]
    assert figure.layout.xaxis.range[0] == pytest.approx(-0.08)
