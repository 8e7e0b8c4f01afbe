import numpy as np
import pytest

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.figures.evaluation import plot_confusion_matrix

INK = "#123456"
VALUES = np.diag(np.full(10, 900))
VALUES[6, 0], VALUES[2, 4], VALUES[5, 7] = 100, 90, 10
TEXTS = [[str(value) if value else "" for value in row] for row in VALUES]


def plot(**arguments):
    return plot_confusion_matrix(VALUES, TEXTS, INK, **arguments)


def cells(targets):
    """What stands in the invisible squares, by true and predicted class."""
    return {tuple(cell): text for cell, text in zip(targets.customdata, targets.text, strict=True)}


def test_hits_and_errors_are_coloured_apart_each_in_its_own_scale():
    right, wrong, _ = plot().data
    diagonal = np.eye(10, dtype=bool)
    np.testing.assert_array_equal(np.asarray(right.z)[diagonal], np.full(10, 900))
    assert np.isnan(np.asarray(right.z, dtype=float)[~diagonal]).all()
    np.testing.assert_array_equal(np.asarray(wrong.z)[~diagonal], VALUES[~diagonal])
    assert np.isnan(np.asarray(wrong.z, dtype=float)[diagonal]).all()
    assert (right.zmin, right.zmax) == (0, 900)
    assert (wrong.zmin, wrong.zmax) == (0, 100)
    assert right.colorscale != wrong.colorscale


def test_every_cell_can_be_picked_and_tells_true_and_predicted_class():
    *maps, targets = plot().data
    # A heat map would swallow the click.
    assert all(one.hoverinfo == "skip" for one in maps)
    assert len(targets.customdata) == 100
    for (true, predicted), x, y in zip(targets.customdata, targets.x, targets.y, strict=True):
        assert (x, y) == (predicted, true)
    assert cells(targets)[6, 0] == "100"
    assert cells(targets)[0, 6] == ""
    assert cells(targets)[9, 9] == "900"
    assert {type(cell) for cell in targets.customdata} <= {list, tuple}


def test_hovering_says_which_garment_was_called_what():
    targets = plot().data[2]
    said = dict(zip(map(tuple, targets.customdata), targets.hovertext, strict=True))
    assert said[6, 0] == "Shirt called T-shirt/top"
    assert said[0, 6] == "T-shirt/top called Shirt"


def test_text_is_white_on_strong_cells_and_ink_on_pale_ones():
    targets = plot().data[2]
    colors = dict(zip(map(tuple, targets.customdata), targets.textfont.color, strict=True))
    assert {colors[index, index] for index in range(10)} == {"#ffffff"}
    assert colors[6, 0] == colors[2, 4] == "#ffffff"
    assert colors[5, 7] == colors[0, 1] == INK


def test_a_picked_cell_fades_no_other():
    targets = plot().data[2]
    assert targets.selected.marker.opacity == targets.unselected.marker.opacity == 1


def test_true_classes_run_down_and_predicted_ones_to_the_right():
    layout = plot().layout
    assert (layout.xaxis.title.text, layout.yaxis.title.text) == ("predicted", "true")
    assert tuple(layout.xaxis.ticktext) == tuple(layout.yaxis.ticktext) == CLASS_NAMES
    assert layout.xaxis.range == (-0.5, 9.5)
    assert layout.yaxis.range == (9.5, -0.5)


def test_the_picked_cell_is_outlined():
    assert plot().layout.shapes == ()
    (outline,) = plot(picked=(6, 0)).layout.shapes
    assert (outline.x0, outline.x1, outline.y0, outline.y1) == (-0.5, 0.5, 5.5, 6.5)


def test_in_another_order_every_cell_keeps_its_class_its_text_and_its_colour():
    order = [9, 6, 0, 1, 2, 3, 4, 5, 7, 8]
    figure = plot(order=order, picked=(6, 0))
    right, wrong, targets = figure.data
    assert figure.layout.xaxis.ticktext == figure.layout.yaxis.ticktext == tuple(CLASS_NAMES[index] for index in order)
    assert cells(targets) == cells(plot().data[2])
    assert np.asarray(wrong.z)[1, 2] == 100
    np.testing.assert_array_equal(np.diag(np.asarray(right.z)), np.full(10, 900))
    said = dict(zip(map(tuple, targets.customdata), targets.hovertext, strict=True))
    assert said[6, 0] == "Shirt called T-shirt/top"
    (outline,) = figure.layout.shapes
    assert (outline.x0, outline.y0) == (1.5, 0.5)


@pytest.mark.parametrize("values", [np.zeros((10, 10)), np.diag(np.ones(10))], ids=["nothing", "no error"])
def test_a_matrix_without_errors_or_without_anything_can_be_drawn(values):
    right, wrong, targets = plot_confusion_matrix(values, [[""] * 10] * 10, INK).data
    assert right.zmax > 0
    assert wrong.zmax > 0
    off_diagonal = [
        color
        for (true, called), color in zip(targets.customdata, targets.textfont.color, strict=True)
        if true != called
    ]
    assert set(off_diagonal) == {INK}
