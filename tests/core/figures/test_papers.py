from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from fmnist_core.figures.papers import (
    plot_history,
    plot_optimizer_scores,
    plot_optimizers,
    plot_promises,
    plot_report_difference,
)
from fmnist_core.papers.results import Summary
from fmnist_core.papers.verdicts import FIGURES, Comparison, Line, judge
from fmnist_core.recipes import find_recipe


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
