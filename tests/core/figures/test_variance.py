import numpy as np
import pytest

from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.figures import variance
from fmnist_core.sheets import ABOVE_ZERO, BELOW_ZERO

RATIOS = np.array([0.5, 0.25, 0.125, 0.125])
COUNTS = (0, 1, 2, 50, 784)
ERRORS = np.array([70.0, 60.0, 50.0, 20.0, 0.0])


@pytest.mark.parametrize("logarithmic", [True, False])
def test_each_component_and_the_first_ones_together(logarithmic):
    together, scree, points = variance.plot_explained_variance(RATIOS, [2, 3], logarithmic).data
    assert list(together.x) == list(scree.x) == [1, 2, 3, 4]
    assert list(together.y) == [0.5, 0.75, 0.875, 1]
    assert list(scree.y) == RATIOS.tolist()
    assert list(zip(points.x, points.y, points.text, strict=True)) == [(2, 0.75, "<b>2</b>"), (3, 0.875, "<b>3</b>")]


def test_a_line_leads_from_each_mark_down_to_its_number():
    lines = variance.plot_explained_variance(RATIOS, [2, 3]).layout.shapes
    assert [(line.x0, line.x1, line.y0, line.y1) for line in lines] == [(2, 2, 0, 0.75), (3, 3, 0, 0.875)]


def test_the_axis_reaches_from_the_first_to_the_last_component_on_either_scale():
    ratios = np.full(784, 1 / 784)
    logarithmic = variance.plot_explained_variance(ratios, [1]).layout.xaxis
    linear = variance.plot_explained_variance(ratios, [1], logarithmic=False).layout.xaxis
    assert (logarithmic.type, linear.type) == ("log", "linear")
    assert 10 ** logarithmic.range[0] < 1 < 784 < 10 ** logarithmic.range[1]
    assert linear.range[0] < 1 < 784 < linear.range[1]
    assert logarithmic.tickvals[-1] == linear.tickvals[-1] == 784


def test_loadings_have_a_scale_that_is_symmetric_about_zero():
    loadings = np.zeros((28, 28))
    loadings[3, 5], loadings[20, 7] = -8, 2
    figure = variance.plot_loadings(loadings, "grey levels")
    (heatmap,) = figure.data
    np.testing.assert_array_equal(heatmap.z, loadings)
    assert (heatmap.zmin, heatmap.zmax) == (-8, 8)
    assert heatmap.colorscale[0] == (0, BELOW_ZERO)
    assert heatmap.colorscale[-1] == (1, ABOVE_ZERO)
    middle = [color for place, color in heatmap.colorscale if place == 0.5]
    assert all(color.endswith(",0)") for color in middle)
    assert "grey levels" in heatmap.hovertemplate
    # The first row is the top one, and pixels are squares.
    assert figure.layout.yaxis.range == (27.5, -0.5)
    assert figure.layout.yaxis.scaleanchor == "x"


def test_loadings_that_are_all_zero_can_be_drawn():
    (heatmap,) = variance.plot_loadings(np.zeros((28, 28)), "grey levels").data
    assert heatmap.zmin < 0 < heatmap.zmax


def test_classes_are_boxes_in_their_colours_with_the_highest_at_the_top():
    quantiles = np.arange(50, dtype=float).reshape(10, 5)[[3, 1, 2, 0, 4, 5, 6, 7, 9, 8]]
    boxes = variance.plot_class_scores(quantiles).data
    # Plotly draws the last one at the top.
    assert [box.name for box in boxes] == [CLASS_NAMES[index] for index in [3, 1, 2, 0, 4, 5, 6, 7, 9, 8]]
    top = boxes[-1]
    assert [top.lowerfence[0], top.q1[0], top.median[0], top.q3[0], top.upperfence[0]] == [45, 46, 47, 48, 49]
    assert top.line.color == CLASS_COLORS[8]


def test_a_class_without_items_is_left_out():
    quantiles = np.full((10, 5), np.nan)
    quantiles[4] = 1, 2, 3, 4, 5
    assert [box.name for box in variance.plot_class_scores(quantiles).data] == [CLASS_NAMES[4]]


def test_the_error_falls_with_the_count_that_is_chosen_marked():
    figure = variance.plot_reconstruction_errors(COUNTS, ERRORS, 50)
    line, mark = figure.data
    assert list(line.x) == [0, 1, 2, 3, 4]
    assert list(line.y) == ERRORS.tolist()
    assert list(line.customdata) == list(COUNTS)
    assert (mark.x, mark.y, mark.text) == ((3,), (20.0,), ("<b>20.0</b>",))
    ticks = dict(zip(figure.layout.xaxis.tickvals, figure.layout.xaxis.ticktext, strict=True))
    assert ticks == {0: "0", 2: "2", 3: "50", 4: "784"}
