import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmnist_core import run_data
from fmnist_core.curves import (
    Tables,
    View,
    build_chart,
    compute_band,
    compute_seconds,
    frame_norms,
    frame_y,
    load_tables,
    round_down,
    round_up,
    smooth,
)
from fmnist_core.errors import InvalidSettingError


def tables(accuracies, validation=None, batches=(), steps=10, epochs=5, label=""):
    """A run with these accuracies at the ends of its epochs, and points (epoch, accuracy, seconds) inside them."""
    history = pd.DataFrame(dict.fromkeys(run_data.HISTORY_COLUMNS, np.nan), index=range(len(accuracies)))
    history["epoch"] = np.arange(1, len(accuracies) + 1)
    history["accuracy"], history["loss"] = accuracies, 1 - np.array(accuracies)
    history["val_accuracy"] = history["val_loss"] = accuracies if validation is None else validation
    history["seconds"] = 4.0
    points = pd.DataFrame(
        [(epoch, 1 - accuracy, accuracy, seconds) for epoch, accuracy, seconds in batches],
        columns=list(run_data.BATCH_COLUMNS),
        dtype=float,
    )
    return Tables(history, points, steps, epochs, label)


# Smoothing


def test_smoothing_is_the_debiased_average_worked_out_by_hand():
    # Each value weighs twice as much as the one before it.
    assert smooth(np.array([8.0, 2.0, 6.0]), 0.5).tolist() == pytest.approx(
        [8, (2 * 2 + 8) / 3, (6 * 4 + 2 * 2 + 8) / 7]
    )


def test_no_smoothing_leaves_values_as_they_are_and_keeps_them_apart():
    values = np.array([1.0, np.nan, 3.0])
    smoothed = smooth(values, 0.0)
    np.testing.assert_array_equal(smoothed, values)
    assert smoothed is not values


def test_what_is_missing_is_passed_over():
    smoothed = smooth(np.array([np.nan, 8.0, np.nan, 2.0, np.inf]), 0.5)
    assert smoothed[[1, 3]].tolist() == pytest.approx([8, 4])
    assert np.isnan(smoothed[[0, 2]]).all()
    assert smoothed[4] == np.inf


@settings(deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(0, 0.99))
def test_a_smoothed_curve_stays_among_its_values_and_starts_with_the_first(values, strength):
    smoothed = smooth(np.array(values), strength)
    assert smoothed[0] == pytest.approx(values[0])
    assert min(values) - 1e-3 <= smoothed.min() <= smoothed.max() <= max(values) + 1e-3


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=20), st.floats(0.01, 0.99))
def test_it_is_the_weighted_mean_of_all_values_so_far(values, strength):
    weights = strength ** np.arange(len(values))[::-1]
    assert smooth(np.array(values), strength)[-1] == pytest.approx(np.average(values, weights=weights), abs=1e-9)


# Along the axis


def test_the_clock_of_a_run_that_went_on_is_set_on():
    run = tables([0.5], batches=[(0.5, 0.4, 3.0), (1.0, 0.5, 5.0), (1.5, 0.6, 2.0), (2.0, 0.7, 4.0)])
    assert compute_seconds(run, np.array([0.0, 0.5, 1.0, 1.5, 1.75, 2.0])).tolist() == [0, 3, 5, 7, 8, 9]


def test_without_points_the_epochs_tell_the_time():
    assert compute_seconds(tables([0.5, 0.6]), np.array([1.0, 1.5, 2.0])).tolist() == [4, 6, 8]


@pytest.mark.parametrize(
    ("axis", "ends", "inside", "last"),
    [("epochs", [1, 2], [0.5], 5.05), ("batches", [10, 20], [5], 50.5), ("seconds", [6, 6], [3], 40)],
)
def test_all_lines_are_along_the_axis_that_is_asked_for(axis, ends, inside, last):
    run = tables([0.5, 0.6], batches=[(0.5, 0.4, 3.0), (1.0, 0.5, 6.0)])
    chart = build_chart("accuracy", View(axis=axis), run, seconds=33.0)
    assert chart.training.x.tolist() == chart.validation.x.tolist() == ends
    assert chart.inside.x.tolist()[:1] == inside
    assert chart.x_range == pytest.approx((0, last))


def test_an_earlier_run_has_batches_of_its_own():
    earlier = tables([0.5, 0.6], steps=100, label="before")
    chart = build_chart("accuracy", View(axis="batches"), tables([0.5]), earlier=[earlier])
    (line,) = chart.earlier
    assert (line.label, line.x.tolist(), line.y.tolist()) == ("before", [100, 200], [0.5, 0.6])
    # The axis is that of the run that is watched.
    assert chart.x_range == pytest.approx((0, 50.5))


def test_earlier_runs_show_their_validation_or_else_their_training():
    behind = [tables([0.5, 0.6], validation=[0.4, 0.45]), tables([0.5, 0.6], validation=[np.nan, np.nan])]
    chart = build_chart("accuracy", View(), tables([0.5]), earlier=behind)
    assert [line.y.tolist() for line in chart.earlier] == [[0.4, 0.45], [0.5, 0.6]]


# Repeats


def test_the_band_holds_those_that_have_got_that_far():
    histories = [tables(accuracies).history for accuracies in ([0.5, 0.6, 0.9], [0.7, 0.8], [0.9])]
    band = compute_band(histories, "accuracy")
    assert band.epochs.tolist() == [1, 2, 3]
    assert band.mean.tolist() == pytest.approx([0.7, 0.7, 0.9])
    assert band.low.tolist() == [0.5, 0.6, 0.9]
    assert band.high.tolist() == [0.9, 0.8, 0.9]
    assert band.runs.tolist() == [3, 2, 1]


def test_a_band_of_what_nobody_measured_is_empty():
    histories = [tables([0.5], validation=[np.nan]).history] * 2
    band = compute_band(histories, "val_accuracy")
    assert [len(values) for values in (band.epochs, band.mean, band.low, band.high, band.runs)] == [0] * 5


def test_a_chart_of_repeats_shows_their_mean_and_room():
    seeds = [tables([0.5, 0.6]), tables([0.7])]
    chart = build_chart("accuracy", View(), seeds[1], repeats=seeds)
    assert chart.training.x.tolist() == [1, 2]
    assert chart.training.y.tolist() == pytest.approx([0.6, 0.6])
    for x, low, high in chart.bands:
        assert (x.tolist(), low.tolist(), high.tolist()) == ([1, 2], [0.5, 0.6], [0.7, 0.6])


def test_one_seed_alone_has_no_band():
    seeds = [tables([0.5, 0.6]), tables([])]
    chart = build_chart("accuracy", View(), seeds[0], repeats=seeds)
    assert chart.bands is None
    assert chart.training.y.tolist() == [0.5, 0.6]


# The view


def test_smoothing_changes_the_lines_and_keeps_what_they_were():
    run = tables([0.2, 0.8], batches=[(0.5, 0.1, 1), (1, 0.3, 2)])
    chart = build_chart("accuracy", View(smoothing=0.5), run)
    for line, first, second in ((chart.training, 0.2, 0.8), (chart.inside, 0.1, 0.3)):
        assert line.raw.tolist() == [first, second]
        assert line.y.tolist() == pytest.approx([first, (first + 2 * second) / 3])


def test_the_inside_of_the_epochs_can_be_left_out():
    run = tables([0.5], batches=[(0.5, 0.1, 1), (1, 0.3, 2)])
    assert len(build_chart("loss", View(), run).inside.x) == 2
    chart = build_chart("loss", View(inside=False), run)
    assert len(chart.inside.x) == 0
    assert chart.training.y.tolist() == [0.5]


def test_only_the_loss_is_logarithmic():
    run = tables([0.5, 0.99], validation=[0.5, 0.02])
    assert not build_chart("accuracy", View(log_loss=True), run).log
    chart = build_chart("loss", View(log_loss=True), run)
    assert chart.log
    low, high = (10**end for end in chart.y_range)
    assert (low, high) == pytest.approx((0.01, 0.5))


@pytest.mark.parametrize("settings", [{"smoothing": 1.0}, {"smoothing": -0.1}, {"axis": "weeks"}])
def test_a_view_is_checked(settings):
    with pytest.raises(InvalidSettingError):
        View.from_dict(settings)


# Frames


def test_before_the_first_point_the_axes_are_those_of_shares_and_of_a_network_that_guesses():
    nothing = np.array([])
    assert frame_y("accuracy", nothing)[0] == 0
    assert frame_y("loss", nothing) == (0, 2.5)
    low, high = frame_y("loss", nothing, log=True)
    assert low < high == pytest.approx(math.log10(2.5))
    chart = build_chart("accuracy", View(axis="seconds"), tables([]))
    assert chart.x_range == (0, 1)


def test_an_axis_moves_seldom():
    frames = {frame_y("accuracy", np.linspace(0.31, end, 20)) for end in np.linspace(0.32, 0.99, 100)}
    assert frames == {(0.3, 1.005)}
    frames = [frame_y("loss", np.array([end])) for end in np.linspace(1.01, 2.49, 200)]
    assert len(set(frames)) == 4


@settings(deadline=None)
@given(st.floats(1e-9, 1e9))
def test_round_numbers_hold_a_value_and_are_near(value):
    assert value <= round_up(value) * (1 + 1e-6)
    assert round_up(value) <= value * 1.35
    assert round_down(value) <= value * (1 + 1e-6)
    assert round_down(value) >= value / 1.35


@settings(deadline=None)
@given(st.lists(st.floats(1e-6, 1e3) | st.just(math.nan) | st.just(math.inf), max_size=8), st.booleans())
def test_a_frame_holds_all_finite_losses(values, log):
    low, high = frame_y("loss", np.array(values), log)
    assert low < high
    finite = [value for value in values if math.isfinite(value)]
    shown = np.log10(finite) if log else np.array(finite)
    assert (shown <= high + 1e-6).all()
    assert (shown >= low - 1e-6).all()


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [([0.3, 0.6], 0.2, 1), ([0.011, 40, np.nan, 0], 0.01, 50), ([2], 1, 2), ([], 0.1, 1), ([np.inf], 0.1, 1)],
)
def test_the_axis_of_norms_ends_at_marks(values, low, high):
    ends = frame_norms(np.array(values, dtype=float))
    assert [10**end for end in ends] == pytest.approx([low, high])


def test_a_real_run_has_curves(finished_run):
    run = load_tables(finished_run, "it")
    assert (run.steps, run.epochs, run.label) == (94, 2, "it")
    chart = build_chart("accuracy", View(axis="batches"), run)
    assert chart.training.x.tolist() == [94, 188]
    assert chart.inside.x[-1] == pytest.approx(188)
    seconds = build_chart("accuracy", View(axis="seconds"), run)
    assert (np.diff(seconds.inside.x) > 0).all()
    assert seconds.x_range[1] >= seconds.training.x[-1]
