import numpy as np
import pytest

from fmnist_core.figures.leaderboard import LOWEST, plot_leaderboard
from fmnist_core.papers.leaderboard import CLAIMED, LITERATURE, MEASURED, OWN, Entry, find_front


def make_entry(name, kind, accuracy, parameters=None, spread=None, interval=None, n_seeds=0):
    return Entry(name, kind, accuracy, spread, n_seeds, interval, parameters, None, None, "", "", "", None)


SMALL = make_entry("small", MEASURED, 0.9, 1_000, interval=(0.894, 0.906), n_seeds=1)
WORSE = make_entry("worse", MEASURED, 0.88, 5_000, interval=(0.87, 0.89), n_seeds=1)
BIG = make_entry("big", MEASURED, 0.95, 100_000, spread=0.002, n_seeds=3)
MINE = make_entry("mine", OWN, 0.8, 2_000, interval=(0.79, 0.81), n_seeds=1)
PROMISED = make_entry("promised", CLAIMED, 0.97, 10_000)
CITED = make_entry("cited", LITERATURE, 0.991)
ENTRIES = (SMALL, WORSE, BIG, MINE, PROMISED, CITED)


@pytest.fixture
def board():
    return plot_leaderboard(ENTRIES, find_front(ENTRIES, "parameters"), "parameters")


def by_name(figure):
    return {trace.name: trace for trace in figure.data}


def test_results_are_filled_and_claims_hollow(board):
    symbols = {name: set(trace.marker.symbol) for name, trace in by_name(board).items() if trace.mode == "markers"}
    assert symbols == {
        "Measured here": {"circle"},
        "Your runs": {"star"},
        "Claimed by the papers": {"circle-open"},
        "Claimed elsewhere": {"diamond-open"},
    }
    assert board.layout.showlegend


def test_entries_stand_at_their_size_and_accuracy(board):
    measured = by_name(board)["Measured here"]
    assert list(measured.x) == [1_000, 5_000, 100_000]
    assert list(measured.y) == [0.9, 0.88, 0.95]
    assert board.layout.xaxis.type == "log"


def test_an_interval_reaches_from_its_low_to_its_high_end_and_a_spread_to_both_sides(board):
    bars = by_name(board)["Measured here"].error_y
    np.testing.assert_allclose(bars.array, [0.006, 0.01, 0.002], atol=1e-12)
    np.testing.assert_allclose(bars.arrayminus, [0.006, 0.01, 0.002], atol=1e-12)
    assert by_name(board)["Claimed by the papers"].error_y.array is None


def test_what_is_far_below_stands_at_the_lower_edge_and_tells_its_accuracy():
    fallen = make_entry("fallen", MEASURED, 0.1, 2_000, interval=(0.09, 0.11), n_seeds=1)
    (trace,) = plot_leaderboard((SMALL, fallen), (), "parameters").data
    assert list(trace.y) == [0.9, LOWEST]
    assert list(trace.marker.symbol) == ["circle", "triangle-down"]
    assert trace.customdata[1][1] == "10.00%"
    assert trace.error_y.array[1] == trace.error_y.arrayminus[1] == 0


def test_the_front_joins_what_nothing_measured_beats(board):
    front = next(trace for trace in board.data if trace.mode == "lines")
    assert list(front.x) == [1_000, 100_000]
    assert list(front.y) == [0.9, 0.95]


def test_what_does_not_say_its_size_stands_to_the_right_of_all_that_do(board):
    (place,) = by_name(board)["Claimed elsewhere"].x
    assert place > 100_000
    assert list(board.layout.xaxis.tickvals) == [1_000, 10_000, 100_000]
    assert board.layout.annotations[0].text == "not<br>told"
    assert by_name(board)["Claimed elsewhere"].customdata[0][2] == "Parameters: not told"
    told = plot_leaderboard((SMALL, BIG), (), "parameters")
    assert len(told.layout.annotations) == 0
    assert [trace.name for trace in told.data] == ["Measured here"]


def test_a_hover_tells_name_accuracy_kind_and_size(board):
    name, accuracy, size, kind = by_name(board)["Measured here"].customdata[2]
    assert (name, accuracy, size, kind) == ("big", "95.00 ± 0.20% (3 seeds)", "Parameters: 100,000", "Measured here")


def test_an_empty_leaderboard_can_be_drawn():
    assert len(plot_leaderboard((), (), "seconds").data) == 0
