import numpy as np
import pandas as pd
import pytest

from fmnist_core import run_data
from fmnist_core.curves import Tables, View, build_chart
from fmnist_core.figures.training import (
    EARLIER_COLORS,
    TRAINING_COLOR,
    VALIDATION_COLOR,
    plot_curve,
    plot_schedule,
)

HISTORY = pd.DataFrame(
    [(1, 0.6, 0.78, 0.5, 0.82, 0.001, 2.0, 900), (2, 0.4, 0.85, 0.45, 0.84, 0.001, 2.0, 900)],
    columns=list(run_data.HISTORY_COLUMNS[:8]),
)
BATCHES = pd.DataFrame(
    [(0.5, 0.8, 0.7, 1.0), (1.0, 0.4, 0.86, 2.0), (1.5, 0.42, 0.84, 3.0), (2.0, 0.38, 0.86, 4.0)],
    columns=list(run_data.BATCH_COLUMNS),
)
RUN = Tables(HISTORY, BATCHES, steps=10, epochs=5)
BEGUN = Tables(HISTORY.head(0), BATCHES.head(1), steps=10, epochs=5)


def draw(metric="accuracy", run=RUN, view=View(), **more):  # noqa: B008
    return plot_curve(build_chart(metric, view, run, **more))


def points(trace):
    return list(zip(trace.x, trace.y, strict=True))


@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_curves_are_the_points_and_the_epochs(metric):
    inside, training, validation = draw(metric).data
    assert points(inside) == list(zip(BATCHES["epoch"], BATCHES[metric], strict=True))
    assert points(training) == list(zip([1, 2], HISTORY[metric], strict=True))
    assert points(validation) == list(zip([1, 2], HISTORY[f"val_{metric}"], strict=True))


def test_training_and_validation_are_told_apart_by_name_colour_and_mark():
    inside, training, validation = draw().data
    assert (training.name, validation.name) == ("training", "validation")
    assert inside.line.color == training.line.color == TRAINING_COLOR != VALIDATION_COLOR == validation.line.color
    assert training.marker.symbol != validation.marker.symbol


def test_a_single_point_can_be_seen():
    (inside, *_) = draw(run=BEGUN).data
    assert (inside.mode, len(inside.x)) == ("markers", 1)
    assert draw().data[0].mode == "lines"


def test_the_axes_are_those_of_the_chart():
    for metric in ("accuracy", "loss"):
        chart = build_chart(metric, View(axis="batches", log_loss=True), RUN)
        layout = plot_curve(chart).layout
        assert layout.xaxis.range == chart.x_range
        assert layout.yaxis.range == chart.y_range
        assert layout.xaxis.title.text == "batch"
        assert layout.xaxis.unifiedhovertitle.text.startswith("batch ")
        assert layout.yaxis.type == ("log" if metric == "loss" else "linear")
        assert layout.uirevision == metric


def test_accuracies_are_percentages_and_losses_are_not():
    accuracy, loss = (draw(metric).layout for metric in ("accuracy", "loss"))
    assert (accuracy.title.text, loss.title.text) == ("Accuracy", "Loss")
    assert accuracy.yaxis.tickformat == ".0%"
    assert "%" not in loss.yaxis.tickformat


def test_what_is_smoothed_stays_faintly_visible():
    traces = draw(view=View(smoothing=0.5)).data
    raw_inside, inside, raw_training, training, _raw_validation, validation = traces
    assert list(raw_inside.y) == BATCHES["accuracy"].tolist() != list(inside.y)
    assert list(raw_training.y) == HISTORY["accuracy"].tolist()
    assert training.y[1] == pytest.approx((0.78 + 2 * 0.85) / 3)
    assert raw_training.opacity < 0.5
    assert training.opacity is None
    assert (training.name, validation.name) == ("training", "validation")


def test_a_band_is_filled_from_its_lower_to_its_upper_edge():
    other = Tables(HISTORY.assign(accuracy=[0.7, 0.9]), BATCHES, steps=10, epochs=5)
    low, high, *_, training, validation = draw(repeats=[RUN, other]).data
    assert points(low) == [(1, 0.7), (2, 0.85)]
    assert points(high) == [(1, 0.78), (2, 0.9)]
    assert (low.fill, high.fill) == (None, "tonexty")
    assert high.fillcolor == "rgba(63,134,198,0.22)"
    assert training.y == pytest.approx([0.74, 0.875])
    assert (training.name, validation.name) == ("mean training", "mean validation")


def test_earlier_runs_lie_behind_in_colours_of_their_own():
    behind = [Tables(HISTORY, BATCHES, steps=10, epochs=5, label=f"run {number}") for number in range(6)]
    traces = draw(earlier=behind).data
    assert [trace.name for trace in traces[:6]] == [f"run {number}" for number in range(6)]
    assert [trace.line.color for trace in traces[:6]] == list(EARLIER_COLORS)
    assert {trace.line.dash for trace in traces[:6]} == {"dot"}
    assert traces[-1].name == "validation"
    assert len(set(EARLIER_COLORS) | {TRAINING_COLOR, VALIDATION_COLOR}) == 8


def test_a_long_training_has_lines_without_marks():
    epochs = np.arange(1, 101)
    long = HISTORY.iloc[[0] * 100].assign(epoch=epochs)
    assert draw(run=Tables(long, BATCHES, steps=10, epochs=100)).data[-1].mode == "lines"
    assert draw().data[-1].mode == "lines+markers"


def test_a_schedule_is_drawn_as_it_is_over_all_epochs():
    figure = plot_schedule(np.array([0.0, 1.5, 2.9]), np.array([0.1, 0.05, 0.001]), epochs=3)
    (line,) = figure.data
    assert points(line) == [(0, 0.1), (1.5, 0.05), (2.9, 0.001)]
    assert figure.layout.xaxis.range == (0, 3)
