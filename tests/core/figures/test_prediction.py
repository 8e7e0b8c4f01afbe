import numpy as np

from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.figures.prediction import plot_probabilities
from fmnist_core.figures.theme import NEUTRAL

PROBABILITIES = np.array([0, 0, 0.004, 0.006, 0.2, 0, 0.79, 0, 0, 0])


def test_the_bars_are_the_probabilities():
    figure = plot_probabilities(PROBABILITIES)
    (bars,) = figure.data
    np.testing.assert_array_equal(bars.x, PROBABILITIES)
    assert list(bars.text) == ["", "", "", "1%", "20%", "", "79%", "", "", ""]
    assert all(name in label for name, label in zip(CLASS_NAMES, figure.layout.yaxis.ticktext, strict=True))


def test_the_predicted_class_has_its_colour():
    figure = plot_probabilities(PROBABILITIES)
    assert [color for color in figure.data[0].marker.color if color != NEUTRAL] == [CLASS_COLORS[6]]
    assert figure.layout.yaxis.ticktext[6].startswith("<b>Shirt")


def test_the_true_class_is_ticked_and_outlined():
    figure = plot_probabilities(PROBABILITIES, true_class=4)
    assert figure.layout.yaxis.ticktext[4].startswith("✓ Coat")
    assert figure.data[0].marker.line.color[4] == CLASS_COLORS[4]
    assert figure.data[0].marker.color[4] == NEUTRAL


def test_no_answer_highlights_nothing():
    figure = plot_probabilities(np.zeros(10))
    assert set(figure.data[0].marker.color) == {NEUTRAL}
    assert not any(figure.data[0].text)
