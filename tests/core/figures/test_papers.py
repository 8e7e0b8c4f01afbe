from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from fmnist_core.figures.papers import (
    plot_history,
    plot_leaderboard,
    plot_optimizer_scores,
    plot_optimizers,
    plot_promises,
    plot_report_difference,
)
from fmnist_core.papers.leaderboard import CLAIMED, LITERATURE, MEASURED, OWN, Entry, find_front
from fmnist_core.papers.results import Summary
from fmnist_core.papers.verdicts import FIGURES, Comparison, Line, judge
from fmnist_core.recipes import find_recipe


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
    symbols = {name: trace.marker.symbol for name, trace in by_name(board).items() if trace.mode == "markers"}
    assert symbols == {
        "Measured here": "circle",
        "Your runs": "star",
        "Claimed by the papers": "circle-open",
        "Claimed elsewhere": "diamond-open",
    }
    assert board.layout.showlegend


def test_entries_stand_at_their_size_and_at_the_errors_that_are_left(board):
    measured = by_name(board)["Measured here"]
    assert list(measured.x) == [1_000, 5_000, 100_000]
    np.testing.assert_allclose(measured.y, [0.1, 0.12, 0.05])
    assert board.layout.xaxis.type == board.layout.yaxis.type == "log"
    # More accurate is higher: the range begins with the most errors.
    assert board.layout.yaxis.range[0] > board.layout.yaxis.range[1]
    labels = dict(zip(board.layout.yaxis.ticktext, board.layout.yaxis.tickvals, strict=True))
    assert labels["90%"] == pytest.approx(0.1)


def test_an_interval_reaches_from_its_low_to_its_high_end_and_a_spread_to_both_sides(board):
    bars = by_name(board)["Measured here"].error_y
    # The lower end of an accuracy means more errors, so it is the upper end of the bar.
    np.testing.assert_allclose(bars.array, [0.006, 0.01, 0.002], atol=1e-12)
    np.testing.assert_allclose(bars.arrayminus, [0.006, 0.01, 0.002], atol=1e-12)
    assert by_name(board)["Claimed by the papers"].error_y.array is None


def test_the_front_joins_what_nothing_measured_beats(board):
    front = next(trace for trace in board.data if trace.mode == "lines")
    assert list(front.x) == [1_000, 100_000]
    np.testing.assert_allclose(front.y, [0.1, 0.05])


def test_what_does_not_say_its_size_stands_to_the_right_of_all_that_do(board):
    (place,) = by_name(board)["Claimed elsewhere"].x
    assert place > 100_000
    assert board.layout.annotations[0].text == "not<br>told"
    assert by_name(board)["Claimed elsewhere"].customdata[0][2] == "Parameters: not told"
    told = plot_leaderboard((SMALL, BIG), (), "parameters")
    assert len(told.layout.annotations) == 0
    assert [trace.name for trace in told.data] == ["Measured here"]


def test_a_hover_tells_name_accuracy_kind_and_size(board):
    name, accuracy, size, kind = by_name(board)["Measured here"].customdata[2]
    assert (name, accuracy, size, kind) == ("big", "95.00 ± 0.20 % (3 seeds)", "Parameters: 100,000", "Measured here")


def test_an_empty_leaderboard_can_be_drawn():
    assert len(plot_leaderboard((), (), "seconds").data) == 0


def make_line(recipe, claimed, measured):
    summary = None if measured is None else Summary(measured, None, 1)
    figures = {name: Comparison(None, None, "unknown") for name in FIGURES}
    figures["test"] = Comparison(claimed, summary, judge(claimed, summary))
    return Line(find_recipe(recipe), (), MappingProxyType(figures), figures["test"].verdict, None)


def test_who_promised_most_too_much_stands_first():
    lines = [
        make_line("fitch/model-1", 0.90, 0.91),
        make_line("fitch/model-2", 0.95, 0.90),
        make_line("fitch/model-3", 0.90, None),
        make_line("threads/ann", None, 0.88),
        make_line("fitch/model-4", 0.92, 0.91),
    ]
    joints, claimed, measured = plot_promises(lines).data
    assert [name.strip() for name in claimed.y] == ["fitch/model-2", "fitch/model-4", "fitch/model-1"]
    assert list(claimed.x) == [0.95, 0.92, 0.90]
    assert list(measured.x) == [0.90, 0.91, 0.91]
    np.testing.assert_allclose([row[0] for row in measured.customdata], [-5, -1, 1])
    assert list(joints.x[:3]) == [0.95, 0.90, None]
    assert (claimed.marker.symbol, measured.marker.symbol) == ("circle-open", "circle")


def test_a_history_has_both_accuracies_on_the_given_axis():
    history = pd.DataFrame({"epoch": [1, 2], "accuracy": [0.8, 0.9], "val_accuracy": [0.82, 0.85]})
    figure = plot_history(history, (0.7, 1.0))
    assert {trace.name: list(trace.y) for trace in figure.data} == {"training": [0.8, 0.9], "validation": [0.82, 0.85]}
    assert list(figure.layout.yaxis.range) == [0.7, 1.0]
    without = plot_history(history.assign(val_accuracy=np.nan).head(1), (0.7, 1.0))
    assert [(trace.name, trace.mode) for trace in without.data] == [("training", "markers")]


def test_optimizers_have_a_line_each_and_their_ends_in_order():
    history = pd.DataFrame({"epoch": [1, 2], "accuracy": [0.8, 0.9], "val_accuracy": [0.82, 0.85]})
    lines = plot_optimizers({"Adam": history, "SGD": history * 0.5}).data
    assert [(line.name, list(line.y)) for line in lines] == [("Adam", [0.82, 0.85]), ("SGD", [0.41, 0.425])]
    assert lines[0].line.color != lines[1].line.color
    (ends,) = plot_optimizer_scores({"Adam": (0.93, 0.001), "SGD": (0.91, None), "Adadelta": (0.6, None)}).data
    # The last one is drawn at the top.
    assert (list(ends.y), list(ends.x)) == (["Adadelta", "SGD", "Adam"], [0.6, 0.91, 0.93])
    assert list(ends.error_x.array) == [0, 0, 0.001]


def test_a_report_is_coloured_by_what_was_measured_less_what_was_printed():
    printed, measured = np.full((10, 3), 0.8), np.full((10, 3), 0.9)
    measured[6, 1] = 0.5
    cells, texts = plot_report_difference(printed, measured, "#123456").data
    difference = np.asarray(cells.z)
    assert difference.shape == (11, 3)
    assert difference[0, 0] == pytest.approx(0.1)
    assert difference[6, 1] == pytest.approx(-0.3)
    # The last row is the mean of the ten classes.
    assert difference[10, 1] == pytest.approx(0.06)
    assert (cells.zmin, cells.zmax) == pytest.approx((-0.3, 0.3))
    assert texts.text[6 * 3 + 1] == "0.80 → <b>0.50</b>"
    assert texts.text[10 * 3 + 1] == "0.80 → <b>0.86</b>"
    assert texts.textfont.color[6 * 3 + 1] == "#ffffff"
    assert texts.textfont.color[0] == "#123456"
