import numpy as np
import pytest

from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.errors import InvalidSettingError
from fmnist_core.map_colors import COLORS, UNKNOWN, Answers, compute_coloring

ITEMS = np.array([3, 59_999, 60_000, 69_999])
LABELS = np.zeros(70_000, np.uint8)
LABELS[ITEMS] = [2, 9, 4, 6]


def answers(*rows):
    """Answers for the first items of ITEMS: (class, confidence) each."""
    probabilities = np.zeros((len(rows), 10), np.float32)
    for row, (class_index, confidence) in zip(probabilities, rows, strict=True):
        row[:] = (1 - confidence) / 9
        row[class_index] = confidence
    return Answers.of(ITEMS[: len(rows)], probabilities)


def titles(coloring):
    return [coloring.categories[code].title for code in coloring.codes]


def test_classes_have_their_colours_and_counts():
    coloring = compute_coloring("class", ITEMS, LABELS)
    assert coloring.codes.tolist() == [2, 9, 4, 6]
    assert [category.color for category in coloring.categories] == list(CLASS_COLORS)
    assert [category.count for category in coloring.categories] == [0, 0, 1, 0, 1, 0, 1, 0, 0, 1]


def test_the_official_split_is_told_apart():
    assert titles(compute_coloring("split", ITEMS, LABELS)) == ["Training item"] * 2 + ["Test item"] * 2


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("predicted", ["Pullover", "Sneaker", "Coat", UNKNOWN]),
        ("correctness", ["Right", "Wrong", "Right", UNKNOWN]),
        ("confidence", ["99% and more", "below 50%", "70 to 90%", UNKNOWN]),
    ],
)
def test_what_a_network_answers_and_for_whom_it_was_not_asked(kind, expected):
    coloring = compute_coloring(kind, ITEMS, LABELS, answers((2, 0.995), (7, 0.4), (4, 0.75)))
    assert titles(coloring) == expected
    assert coloring.categories[-1].count == 1


@pytest.mark.parametrize(
    ("confidence", "title"),
    [(0.5, "50 to 70%"), (0.7, "70 to 90%"), (0.9, "90 to 99%"), (0.99, "99% and more"), (1.0, "99% and more")],
)
def test_a_confidence_on_the_border_belongs_to_the_higher_category(confidence, title):
    # What single precision makes of 0.7 lies just below it: half precision and rounding decide nothing here.
    coloring = compute_coloring("confidence", ITEMS[:1], LABELS, answers((2, confidence + 1e-6)))
    assert titles(coloring) == [title]


@pytest.mark.parametrize("kind", COLORS)
def test_every_kind_counts_every_item_once(kind):
    coloring = compute_coloring(kind, ITEMS, LABELS, answers((2, 0.9), (3, 0.2)))
    assert sum(category.count for category in coloring.categories) == len(ITEMS)
    assert len(coloring.categories) <= 12


def test_some_of_the_items_keep_their_colours():
    coloring = compute_coloring("class", ITEMS, LABELS).at(np.array([3, 0]))
    assert titles(coloring) == [CLASS_NAMES[6], CLASS_NAMES[2]]


def test_a_kind_that_there_is_not_or_that_lacks_its_answers_is_refused():
    with pytest.raises(InvalidSettingError, match="`color` must be one of class, split"):
        compute_coloring("taste", ITEMS, LABELS)
    with pytest.raises(InvalidSettingError, match="`run` must be given to colour by predicted"):
        compute_coloring("predicted", ITEMS, LABELS)
