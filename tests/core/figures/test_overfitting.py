import numpy as np
import pytest

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.evaluation.overfitting import FATES, Part, compute_gaps
from fmnist_core.figures.overfitting import plot_epoch_gap, plot_fates, plot_gaps


@pytest.fixture
def parts():
    """Class 3 has the widest gap, class 5 no test items, class 6 the narrowest gap."""
    train = Part(np.full(10, 100), np.full(10, 95))
    hits = np.array([9, 9, 9, 5, 9, 0, 10, 9, 9, 9])
    test = Part(np.where(np.arange(10) == 5, 0, 10), hits)
    return {"train": train, "test": test}


def plot(parts):
    return plot_gaps(parts, compute_gaps(parts["train"], parts["test"]))


def test_each_part_is_a_row_of_dots(parts):
    dots = {trace.name: trace for trace in plot(parts).data if trace.mode == "markers"}
    assert list(dots) == ["training", "test"]
    shares = dict(zip(dots["test"].y, dots["test"].x, strict=True))
    assert shares["Dress"] == 0.5
    assert shares["T-shirt/top"] == 0.9
    assert np.isnan(shares["Sandal"])
    assert set(dots["training"].x) == {0.95}
    assert dots["test"].error_x.visible
    assert not dots["training"].error_x.visible


def test_the_widest_gap_is_at_the_top_and_an_unknown_one_at_the_bottom(parts):
    figure = plot(parts)
    names = next(trace.y for trace in figure.data if trace.mode == "markers")
    assert (names[0], names[-2], names[-1]) == ("Dress", "Shirt", "Sandal")
    assert figure.layout.yaxis.autorange == "reversed"


def test_gaps_are_written_beside_the_lines(parts):
    notes = {note.y: note.text for note in plot(parts).layout.annotations}
    assert (notes["Dress"], notes["Shirt"], notes["Sandal"]) == ("+45.0", "-5.0", "")
    assert len(notes) == 10


def test_a_line_joins_the_dots_of_a_class(parts):
    (line,) = [trace for trace in plot(parts).data if trace.mode == "lines"]
    place = list(line.y).index("Dress")
    assert list(line.x[place : place + 3]) == [0.5, 0.95, None]


def test_the_interval_of_the_worst_class_is_within_the_frame(parts):
    low, high = plot(parts).layout.xaxis.range
    assert low < parts["test"].class_accuracy[1][3]
    assert high > 1


def test_curves_of_training_and_validation_with_the_kept_epoch():
    epochs = np.array([1.0, 2.0, 3.0])
    figure = plot_epoch_gap(epochs, np.array([0.5, 0.7, 0.8]), np.array([0.6, 0.7, 0.65]), 2)
    assert [(line.name, list(line.y)) for line in figure.data] == [
        ("training", [0.5, 0.7, 0.8]),
        ("validation", [0.6, 0.7, 0.65]),
    ]
    assert [note.text for note in figure.layout.annotations] == ["kept: epoch 2"]
    assert figure.layout.yaxis.range[0] < 0.5 < 0.8 < figure.layout.yaxis.range[1]


def test_without_validation_there_is_one_curve():
    figure = plot_epoch_gap(np.array([1.0, 2.0]), np.array([0.5, 0.7]), np.full(2, np.nan), None)
    assert [line.name for line in figure.data] == ["training"]
    assert figure.layout.annotations == ()


def test_the_first_epochs_of_many_do_not_make_the_rest_flat():
    accuracies = np.concatenate([[0.1, 0.3], np.full(28, 0.9)])
    low, high = plot_epoch_gap(np.arange(1.0, 31), accuracies, accuracies, None).layout.yaxis.range
    assert 0.8 < low < 0.9 < high < 0.95


def test_fates_are_shares_of_a_class():
    fates = np.zeros((10, 5), np.int64)
    fates[0], fates[1] = [6, 2, 1, 1, 0], [0, 0, 0, 0, 4]
    bars = plot_fates(fates).data
    assert [bar.name for bar in bars] == list(FATES.values())
    assert list(bars[0].y) == list(CLASS_NAMES)
    assert [bar.x[0] for bar in bars] == [0.6, 0.2, 0.1, 0.1, 0]
    assert [bar.x[1] for bar in bars] == [0, 0, 0, 0, 1]
    assert [bar.customdata[0] for bar in bars] == [6, 2, 1, 1, 0]
    assert {bar.x[2] for bar in bars} == {0}
