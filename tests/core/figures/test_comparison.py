import numpy as np
import pytest

from fmnist_core.figures.comparison import plot_confusion_difference

INK = "#123456"
DIFFERENCE = np.zeros((10, 10), int)
DIFFERENCE[0, 0], DIFFERENCE[6, 6] = 4, -20
DIFFERENCE[6, 0], DIFFERENCE[0, 6] = 8, -4


def read_colors(figure):
    diagonal, beside, _ = figure.data
    return np.where(np.eye(10, dtype=bool), np.asarray(diagonal.z, float), np.asarray(beside.z, float))


def test_the_colour_says_for_whom_a_cell_speaks():
    # More hits speak for the first, more mistakes against it.
    favour = read_colors(plot_confusion_difference(DIFFERENCE, INK))
    assert (favour[0, 0], favour[6, 6]) == (4, -20)
    assert (favour[6, 0], favour[0, 6]) == (-8, 4)
    assert np.count_nonzero(favour) == 4


def test_hits_and_mistakes_have_scales_of_their_own_around_zero():
    diagonal, beside, _ = plot_confusion_difference(DIFFERENCE, INK).data
    assert (diagonal.zmin, diagonal.zmax) == (-20, 20)
    assert (beside.zmin, beside.zmax) == (-8, 8)


def test_each_cell_has_its_number_with_a_sign_and_says_who_has_more():
    numbers = plot_confusion_difference(DIFFERENCE, INK, "A", "B").data[2]
    texts = np.array(numbers.text).reshape(10, 10)
    said = np.array(numbers.hovertext).reshape(10, 10)
    assert (texts[6, 6], texts[6, 0], texts[1, 1]) == ("−20", "+8", "")
    assert said[6, 0] == "Shirt called T-shirt/top: 8 more by A than by B"
    assert said[6, 6] == "Shirt rightly called Shirt: 20 more by B than by A"
    assert said[1, 2] == "Trouser called Pullover: as often by both"
    colors = np.array(numbers.textfont.color).reshape(10, 10)
    assert colors[6, 6] == colors[6, 0] == "#ffffff"
    assert colors[0, 0] == INK


@pytest.mark.parametrize("value", [0, 1])
def test_next_to_nothing_can_be_drawn(value):
    diagonal, _, numbers = plot_confusion_difference(np.full((10, 10), value), INK).data
    assert diagonal.zmax == 1
    assert set(numbers.text) == {"+1" if value else ""}
