import numpy as np
import pandas as pd
import pytest

from fmnist_core.figures.search import (
    BEST_COLOR,
    COMPLETE,
    PRUNED,
    TRIAL_COLOR,
    find_range,
    plot_importance,
    plot_trial_curves,
    plot_trials,
)

TABLE = pd.DataFrame(
    {
        "number": [0, 1, 2, 3, 4],
        "state": [COMPLETE, PRUNED, COMPLETE, COMPLETE, "running"],
        "value": [0.80, 0.79, 0.84, 0.82, None],
    }
)
HINTS = ["zero", "one", "two", "three", "four"]


def by_name(figure):
    return {trace.name: trace for trace in figure.data if trace.showlegend is not False}


def test_trials_stand_at_their_number_and_value():
    traces = by_name(plot_trials(TABLE, HINTS))
    complete = traces["trained to its end"]
    assert (list(complete.x), list(complete.y)) == ([1, 3, 4], [0.80, 0.84, 0.82])
    assert list(complete.customdata) == [[0], [2], [3]]
    assert complete.hovertext[1] == "<b>Trial 3: 84.00%</b>, trained to its end<br>two"


def test_pruned_trials_are_marked_apart():
    pruned = by_name(plot_trials(TABLE, HINTS))["pruned"]
    assert (list(pruned.x), list(pruned.y), pruned.marker.symbol) == ([2], [0.79], "x-thin")


def test_the_best_so_far_rises_with_complete_trials_only_and_goes_on_to_the_last():
    figure = plot_trials(TABLE, HINTS)
    line = by_name(figure)["best so far"]
    assert (list(line.x), list(line.y)) == ([1, 3, 4, 5], [0.80, 0.84, 0.84, 0.84])
    (star,) = (trace for trace in figure.data if trace.marker.symbol == "star")
    assert (list(star.x), list(star.y)) == ([3], [0.84])


def test_a_trial_that_learned_nothing_stands_at_the_lower_edge_and_tells_its_value():
    table = pd.DataFrame({"number": range(4), "state": COMPLETE, "value": [0.80, 0.82, 0.84, 0.1]})
    figure = plot_trials(table, HINTS[:4])
    standing, fallen = (trace for trace in figure.data if trace.name == "trained to its end")
    assert (standing.marker.symbol, list(standing.x)) == ("circle", [1, 2, 3])
    assert (fallen.marker.symbol, list(fallen.x), fallen.showlegend) == ("triangle-down", [4], False)
    assert fallen.y[0] > figure.layout.yaxis.range[0] > 0.5
    assert "10.00%" in fallen.hovertext[0]


def test_there_is_room_for_the_trials_to_come():
    assert plot_trials(TABLE, HINTS, n_trials=12).layout.xaxis.range == (0.3, 12.7)
    assert plot_trials(TABLE, HINTS).layout.xaxis.range == (0.3, 5.7)


def test_a_search_without_trials_can_be_drawn():
    assert len(plot_trials(TABLE[:0], []).data) == 0
    assert len(plot_trial_curves(pd.DataFrame({"number": [], "epoch": [], "value": []}), {}).data) == 0
    assert len(plot_importance({}).data[0].x) == 0


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], (0, 1)),
        ([np.nan, 0.5], (0.49, 0.51)),
        ([0.8, 0.85, 0.9], (0.792, 0.908)),
        # Three times as far below the best as the middle one is.
        ([0.1, 0.88, 0.9], (0.84 - 0.0048, 0.9 + 0.0048)),
    ],
)
def test_the_range_shows_the_good_ones(values, expected):
    np.testing.assert_allclose(find_range(values), expected, atol=1e-12)


def test_importance_is_ranked_from_the_bottom_up():
    (bars,) = plot_importance({"Batch size": 0.2, "Learning rate": 0.7, "Optimizer": 0.1}).data
    assert list(bars.x) == [0.1, 0.2, 0.7]
    assert [name.strip() for name in bars.y] == ["Optimizer", "Batch size", "Learning rate"]


def test_curves_of_trials_end_in_a_mark_and_the_best_lies_on_top():
    curves = pd.DataFrame({"number": [2, 2, 0, 0, 1], "epoch": [1, 2, 1, 2, 1], "value": [0.7, 0.84, 0.6, 0.8, 0.5]})
    traces = plot_trial_curves(curves, {0: COMPLETE, 1: PRUNED, 2: COMPLETE}, best=2).data
    assert [trace.name for trace in traces] == ["trial 1", "trial 2", "trial 3"]
    assert [trace.marker.symbol for trace in traces] == ["circle", "x", "star"]
    assert [trace.line.dash for trace in traces] == ["solid", "dot", "solid"]
    assert [trace.line.color for trace in traces][::2] == [TRIAL_COLOR, BEST_COLOR]
    assert (list(traces[2].x), list(traces[2].y), list(traces[2].marker.size)) == ([1, 2], [0.7, 0.84], [0, 8])
