import numpy as np
import pytest

from fmnist_core.evaluation.several import PairTest
from fmnist_core.figures.run_comparison import COLORS, assign_colors, plot_classes, plot_pairs, plot_runs
from fmnist_core.run_comparison import ClassTable, CompareView, GroupLine


def make_line(name="a", part="validation", seeds=1, heights=(0.5, 0.8, 0.9)):
    mean = np.array(heights)
    n_epochs = len(mean)
    spread = np.full(n_epochs, 0.02 if seeds > 1 else 0.0)
    epochs = np.arange(1.0, n_epochs + 1)
    return GroupLine(
        name,
        f"run {name}",
        part,
        epochs,
        epochs,
        mean,
        mean,
        spread,
        mean - 0.03,
        mean + 0.03,
        np.full(n_epochs, seeds),
    )


def test_colours_stay_with_their_runs():
    before = assign_colors(["a", "b", "c"])
    assert list(before.values()) == list(COLORS[:3])
    after = assign_colors(["c", "d", "b"], before)
    assert (after["c"], after["b"], after["d"]) == (COLORS[2], COLORS[1], COLORS[0])
    assert len(set(assign_colors(list("abcdefghij")).values())) == 10


def test_a_single_run_is_one_line():
    figure = plot_runs([make_line()], CompareView(), {"a": "#112233"})
    (trace,) = figure.data
    assert list(trace.y) == [0.5, 0.8, 0.9]
    assert trace.line.color == "#112233"
    assert figure.layout.xaxis.title.text == "epoch"
    assert figure.layout.yaxis.range == (0.5, 1.005)


def test_few_epochs_are_marked_whole():
    few, many = (make_line(heights=heights) for heights in ((0.5, 0.8), np.linspace(0.5, 0.9, 40)))
    assert plot_runs([few], CompareView(), {"a": "#112233"}).layout.xaxis.dtick == 1
    assert plot_runs([few, many], CompareView(), {"a": "#112233"}).layout.xaxis.dtick is None
    assert plot_runs([few], CompareView(axis="seconds"), {"a": "#112233"}).layout.xaxis.dtick is None


def test_seeds_have_a_band_of_a_deviation_within_one_of_extremes():
    figure = plot_runs([make_line(seeds=3)], CompareView(), {"a": "#112233"})
    *edges, line = figure.data
    assert [edge.y[0] for edge in edges] == pytest.approx([0.47, 0.53, 0.48, 0.52])
    assert edges[1].fillcolor == "rgba(17,34,51,0.1)"
    assert edges[3].fillcolor == "rgba(17,34,51,0.22)"
    assert "3 seeds" in line.hovertemplate.replace("%{customdata[2]}", str(int(line.customdata[0][2])))


def test_training_is_dotted_beside_validation():
    lines = [make_line(part="training"), make_line()]
    figure = plot_runs(lines, CompareView(part="both"), {"a": "#112233"})
    assert [trace.line.dash for trace in figure.data] == ["dot", "solid"]


def test_what_was_smoothed_stays_faintly():
    figure = plot_runs([make_line()], CompareView(smoothing=0.5), {"a": "#112233"})
    assert [trace.opacity for trace in figure.data] == [0.25, None]


def test_logarithmic_axes():
    view = CompareView(metric="loss", log_x=True, log_y=True, align="start", axis="operations")
    figure = plot_runs([make_line(heights=(2.0, 0.5, 0.25))], view, {"a": "#112233"})
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "log")
    assert figure.layout.yaxis.range == pytest.approx(np.log10([0.25, 2.0]))
    aligned = plot_runs([make_line()], CompareView(log_x=True, align="end"), {"a": "#112233"})
    assert aligned.layout.xaxis.type == "linear"
    assert aligned.layout.xaxis.title.text == "epoch, counted from the end"


@pytest.mark.parametrize("log_y", [False, True])
def test_a_close_up_shows_the_second_halves(log_y):
    line = make_line(heights=(0.1, 0.2, 0.8, 0.9))
    figure = plot_runs([line], CompareView(metric="error", log_y=log_y), {"a": "#112233"}, close=True)
    low, high = np.power(10, figure.layout.yaxis.range) if log_y else figure.layout.yaxis.range
    assert 0.75 < low < 0.8
    assert 0.9 < high < 0.95


def test_nothing_to_draw_is_an_empty_chart():
    assert len(plot_runs([], CompareView(), {}).data) == 0


def test_classes_stand_in_the_order_that_is_wished():
    values = np.array([np.linspace(0.5, 0.95, 10), np.full(10, 0.9)])
    table = ClassTable(("a", "b"), values, values - 0.1, values + 0.05, 100)
    order = [9, *range(9)]
    figure = plot_classes(table, order, {"a": "A", "b": "B"}, {"a": "#111111", "b": "#222222"})
    assert list(figure.data[0].x[:2]) == ["Ankle boot", "T-shirt/top"]
    assert list(figure.data[0].y[:2]) == pytest.approx([0.95, 0.5])
    assert figure.data[0].error_y.arrayminus[0] == pytest.approx(0.1)
    assert [trace.name for trace in figure.data] == ["A", "B"]
    assert figure.layout.yaxis.range == pytest.approx((0.37, 1.0))


def test_pairs_are_signed_from_the_row_to_the_column():
    tests = [PairTest(0, 1, 1000, 30, 10, 0.002, 0.006), PairTest(0, 2, 1000, 5, 10, 0.3, 0.6)]
    figure = plot_pairs(tests, ["A", "B", "C"], "#000000")
    cells = figure.data[1].text
    assert list(cells) == ["", "<b>+2.00</b>", "−0.50", "<b>−2.00</b>", "", "", "+0.50", "", ""]
    assert figure.data[0].z[0][1:].tolist() == [1.0, -0.25]
    assert "corrected 0.006" in figure.data[1].hovertext[1]
    assert list(figure.layout.yaxis.ticktext) == ["A  1", "B  2", "C  3"]
    assert list(figure.layout.xaxis.ticktext) == [1, 2, 3]


def test_many_pairs_have_one_digit_and_short_names():
    labels = [f"a network with a long name, seed {seed}" for seed in range(6)]
    tests = [PairTest(0, 1, 1000, 30, 10, 0.3, 0.6), PairTest(0, 2, 10_000, 0, 4, 0.3, 0.6)]
    figure = plot_pairs(tests, labels, "#000000")
    assert figure.data[1].text[1:3] == ("+2.0", "0")
    assert figure.layout.yaxis.ticktext[1] == "a network…me, seed 1  2"
