import numpy as np

from fmnist_core.evaluation.calibration import Reliability
from fmnist_core.figures.calibration import plot_reliability


def make_reliability():
    """Four bins, of which two have items: one over-confident, one under-confident."""
    return Reliability(
        edges=np.linspace(0, 1, 5),
        counts=np.array([0, 20, 0, 4_000]),
        confidence=np.array([np.nan, 0.4, np.nan, 0.9]),
        accuracy=np.array([np.nan, 0.3, np.nan, 0.95]),
        low=np.array([0, 0.2, 0, 0.94]),
        high=np.array([1, 0.5, 1, 0.96]),
        expected_error=0.05,
        maximum_error=0.1,
        mean_confidence=0.9,
        mean_accuracy=0.94,
    )


def find_traces():
    return {trace.name: trace for trace in plot_reliability(make_reliability()).data}


def test_bars_stand_in_the_middle_of_the_bins_that_have_items():
    right = find_traces()["right"]
    assert list(right.x) == [0.375, 0.875]
    assert list(right.y) == [0.3, 0.95]
    np.testing.assert_allclose(right.error_y.array, [0.2, 0.01])
    np.testing.assert_allclose(right.error_y.arrayminus, [0.1, 0.01])


def test_the_gap_reaches_from_the_accuracy_to_the_confidence():
    gap = find_traces()["gap to how sure it is"]
    np.testing.assert_allclose(np.array(gap.base, float) + np.array(gap.y, float), [0.4, 0.9])
    assert list(gap.base) == [0.3, 0.95]


def test_the_items_are_counted_below():
    counts = find_traces()["items"]
    assert list(counts.y) == [20, 4_000]
    assert counts.yaxis == "y2"
    axis = plot_reliability(make_reliability()).layout.yaxis2
    assert axis.type == "log"
    assert 10 ** axis.range[0] < 1 < 4_000 < 10 ** axis.range[1]


def test_a_bin_says_what_it_holds():
    assert "20 items 25% to 50% sure" in find_traces()["right"].hovertemplate[0]
    assert "right: 30.0% (20.0% to 50.0%)" in find_traces()["right"].hovertemplate[0]
