import numpy as np
import pytest

from fmnist_core.figures.robustness import FIRST_COLOR, SECOND_COLOR, plot_robustness
from fmnist_core.interpretation.robustness import Curve

STRENGTHS = np.array([0.0, 1.0, 2.0])
CURVE = Curve(STRENGTHS, np.array([0.9, 0.7, 0.2]), np.array([0.88, 0.66, 0.1]), np.array([0.92, 0.75, 0.3]))


def test_line_and_band_are_the_curves():
    figure = plot_robustness(CURVE, neutral=0, unit=" px", now=0)
    band, line = figure.data
    assert list(line.x) == [0, 1, 2]
    assert list(line.y) == [0.9, 0.7, 0.2]
    assert list(band.y) == [0.88, 0.66, 0.1, 0.3, 0.75, 0.92]
    assert [shape.y0 for shape in figure.layout.shapes] == [0.9]
    assert line.hovertemplate.startswith("%{x} px: ")


def test_a_strength_that_changes_something_is_marked():
    shapes = plot_robustness(CURVE, neutral=0, unit="", now=1.5).layout.shapes
    assert [(shape.xref, shape.x0) for shape in shapes] == [("paper", 0), (None, 1.5)]
    assert shapes[0].y0 == 0.9


def test_another_run_lies_behind_in_another_colour():
    other = Curve(STRENGTHS, CURVE.accuracy / 2, CURVE.low / 2, CURVE.high / 2)
    figure = plot_robustness(CURVE, neutral=0, unit="", now=0, other=other)
    assert [trace.line.color for trace in figure.data[1::2]] == [SECOND_COLOR, FIRST_COLOR]
    assert list(figure.data[1].y) == pytest.approx([0.45, 0.35, 0.1])
