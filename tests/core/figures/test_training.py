import numpy as np
import pandas as pd
import pytest

from fmnist_core import run_data
from fmnist_core.figures.training import TRAINING_COLOR, VALIDATION_COLOR, plot_curve, plot_schedule

HISTORY = pd.DataFrame(
    [(1, 0.6, 0.78, 0.5, 0.82, 0.001, 2.0, 900), (2, 0.4, 0.85, 0.45, 0.84, 0.001, 2.0, 900)],
    columns=list(run_data.HISTORY_COLUMNS),
)
BATCHES = pd.DataFrame(
    [(0.5, 0.8, 0.7, 1.0), (1.0, 0.4, 0.86, 2.0), (1.5, 0.42, 0.84, 3.0), (2.0, 0.38, 0.86, 4.0)],
    columns=list(run_data.BATCH_COLUMNS),
)
NOTHING = pd.DataFrame(columns=list(run_data.HISTORY_COLUMNS), dtype=float)
NO_POINT = pd.DataFrame(columns=list(run_data.BATCH_COLUMNS), dtype=float)


@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_curves_are_the_points_and_the_epochs(metric):
    inside, training, validation = plot_curve(HISTORY, BATCHES, metric, epochs=5).data
    assert list(zip(inside.x, inside.y, strict=True)) == list(zip(BATCHES["epoch"], BATCHES[metric], strict=True))
    assert list(zip(training.x, training.y, strict=True)) == list(zip([1, 2], HISTORY[metric], strict=True))
    assert list(zip(validation.x, validation.y, strict=True)) == list(
        zip([1, 2], HISTORY[f"val_{metric}"], strict=True)
    )


def test_training_and_validation_are_told_apart_by_name_colour_and_mark():
    inside, training, validation = plot_curve(HISTORY, BATCHES, "accuracy", epochs=5).data
    assert (training.name, validation.name, inside.showlegend) == ("training", "validation", False)
    assert inside.line.color == training.line.color == TRAINING_COLOR != VALIDATION_COLOR == validation.line.color
    assert training.marker.symbol != validation.marker.symbol


@pytest.mark.parametrize(("history", "batches"), [(NOTHING, NO_POINT), (NOTHING, BATCHES.head(1)), (HISTORY, BATCHES)])
def test_the_axis_shows_all_planned_epochs_from_the_start(history, batches):
    figure = plot_curve(history, batches, "accuracy", epochs=5)
    low, high = figure.layout.xaxis.range
    assert low == 0
    assert 5 <= high < 5.5


def test_before_the_first_point_the_axes_are_those_of_shares_and_of_a_network_that_guesses():
    accuracy, loss = (plot_curve(NOTHING, NO_POINT, metric, epochs=3).layout.yaxis for metric in ("accuracy", "loss"))
    assert accuracy.range == (0, 1)
    # Guessing among ten classes has a loss of ln 10 = 2.30.
    assert loss.range == (0, 2.5)
    assert plot_curve(HISTORY, BATCHES, "accuracy", epochs=3).layout.yaxis.range is None


def test_accuracies_are_percentages_and_losses_are_not():
    accuracy, loss = (plot_curve(HISTORY, BATCHES, metric, epochs=5).layout for metric in ("accuracy", "loss"))
    assert accuracy.title.text == "Accuracy"
    assert accuracy.yaxis.tickformat == ".0%"
    assert loss.title.text == "Loss"
    assert loss.yaxis.tickformat is None
    assert loss.yaxis.rangemode == "tozero"


def test_zoom_and_choice_outlive_the_next_point():
    first, later = (plot_curve(HISTORY.head(n), BATCHES.head(2 * n), "loss", epochs=5) for n in (1, 2))
    assert first.layout.uirevision == later.layout.uirevision is not None


def test_a_real_run_can_be_drawn(finished_run):
    history, batches = run_data.load_history(finished_run), run_data.load_batches(finished_run)
    inside, training, validation = plot_curve(history, batches, "accuracy", epochs=2).data
    assert len(inside.x) == len(batches) > len(training.x) == len(validation.x) == 2
    assert inside.x[-1] == training.x[-1] == 2


def test_a_schedule_is_drawn_as_it_is_over_all_epochs():
    figure = plot_schedule(np.array([0.0, 1.5, 2.9]), np.array([0.1, 0.05, 0.001]), epochs=3)
    (line,) = figure.data
    assert list(zip(line.x, line.y, strict=True)) == [(0, 0.1), (1.5, 0.05), (2.9, 0.001)]
    assert figure.layout.xaxis.range == (0, 3)
