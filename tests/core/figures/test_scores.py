import numpy as np
import pytest

from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.evaluation.metrics import ClassScores
from fmnist_core.evaluation.thresholds import ClassCurves, Curve
from fmnist_core.figures.scores import plot_class_scores, plot_precision_recall_curves, plot_roc_curves


@pytest.fixture
def curves():
    line = Curve(np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.75, 1.0]), np.array([np.nan, 0.625, 0.1]), 0.75)
    mean = Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([np.nan, np.nan]), 0.5)
    return ClassCurves({2: line, 6: line}, mean)


def test_bars_are_the_scores_with_the_ends_of_their_intervals():
    values = np.linspace(0.5, 0.9, 30).reshape(10, 3)
    bars = plot_class_scores(ClassScores(values, values - 0.1, values + 0.05, np.full(10, 7))).data
    assert [bar.name for bar in bars] == ["Precision", "Recall", "F1"]
    for column, bar in enumerate(bars):
        assert list(bar.x) == list(CLASS_NAMES)
        np.testing.assert_allclose(bar.y, values[:, column], atol=1e-4)
        np.testing.assert_allclose(bar.error_y.array, 0.05, atol=1e-4)
        np.testing.assert_allclose(bar.error_y.arrayminus, 0.1, atol=1e-4)
    assert bars[0].customdata[0] == "40.0% to 55.0%"


@pytest.mark.parametrize("plot", [plot_roc_curves, plot_precision_recall_curves])
def test_each_class_has_a_line_in_its_colour_and_the_mean_one_of_its_own(curves, plot):
    lines = [trace for trace in plot(curves).data if trace.showlegend is not False]
    assert [line.name for line in lines] == ["Pullover 0.7500", "Shirt 0.7500", "mean 0.5000"]
    assert [line.line.color for line in lines[:2]] == [CLASS_COLORS[2], CLASS_COLORS[6]]
    assert (list(lines[0].x), list(lines[0].y)) == ([0, 0.5, 1], [0, 0.75, 1])
    assert list(lines[0].customdata) == [1, 0.625, 0.1]
    assert "from a probability of %{customdata} on" in lines[0].hovertemplate
    assert "%{customdata}" not in lines[2].hovertemplate
    assert lines[2].line.dash == "dash"


def test_the_corner_is_where_good_networks_differ(curves):
    roc, precision_recall = plot_roc_curves(curves, True).layout, plot_precision_recall_curves(curves, True).layout
    assert list(roc.xaxis.range) == pytest.approx([0, 0.2], abs=0.01)
    for axis in (roc.yaxis, precision_recall.xaxis, precision_recall.yaxis):
        assert list(axis.range) == pytest.approx([0.8, 1], abs=0.01)
    assert list(plot_roc_curves(curves).layout.xaxis.range) == pytest.approx([0, 1], abs=0.02)


def test_what_is_put_out_stays_out_when_the_corner_is_enlarged(curves):
    assert plot_roc_curves(curves, True).layout.uirevision == plot_roc_curves(curves).layout.uirevision
