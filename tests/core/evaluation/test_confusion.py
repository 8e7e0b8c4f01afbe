from itertools import pairwise, permutations

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import InvalidSettingError
from fmnist_core.evaluation import (
    NORMALIZATIONS,
    compute_confusion_matrix,
    find_cell,
    find_confused_pairs,
    normalize_confusion,
    normalize_rows,
    order_classes,
    say_column,
    say_confusion,
    say_row,
    tabulate_classes,
)
from tests.core.evaluation.small_answers import LABELS, PREDICTED, PROBABILITIES, TINY, TINY_LABELS, answers

COUNTS = arrays.arrays(np.int64, (10, 10), elements=st.integers(0, 50))


def test_rows_are_divided_by_their_sums_and_an_empty_one_stays_empty():
    counts = np.zeros((10, 10), dtype=np.int64)
    counts[0, :3] = 6, 3, 1
    counts[4, 9] = 7
    expected = np.zeros((10, 10))
    expected[0, :3] = 0.6, 0.3, 0.1
    expected[4, 9] = 1.0
    np.testing.assert_allclose(normalize_rows(counts), expected)


@pytest.mark.parametrize(("normalization", "theirs"), [("counts", None), ("rows", "true"), ("columns", "pred")])
def test_normalising_is_scikit_learn_s(normalization, theirs):
    expected = sklearn.metrics.confusion_matrix(LABELS, PREDICTED, normalize=theirs)
    counts = compute_confusion_matrix(LABELS, PREDICTED)
    np.testing.assert_allclose(normalize_confusion(counts, normalization), expected)
    assert normalization in NORMALIZATIONS


def test_an_unknown_normalization_is_refused():
    with pytest.raises(InvalidSettingError, match=r"must be one of counts, rows, columns\. Received: all\."):
        normalize_confusion(np.eye(10, dtype=np.int64), "all")


def test_classes_that_are_confused_come_to_stand_side_by_side():
    counts = np.diag(np.full(10, 100))
    for first, second in [(0, 6), (2, 4), (5, 9), (9, 7), (4, 6)]:
        counts[first, second] = counts[second, first] = 20
    order = order_classes(counts)
    assert sorted(order) == list(range(10))
    side_by_side = {frozenset(pair) for pair in pairwise(order)}
    for first, second in [(0, 6), (2, 4), (5, 9), (9, 7), (4, 6)]:
        assert frozenset((first, second)) in side_by_side


def test_confusion_in_one_direction_counts_as_well_as_in_the_other():
    counts = np.diag(np.full(10, 100))
    counts[1, 8] = 30
    order = order_classes(counts)
    assert abs(order.index(1) - order.index(8)) == 1
    assert order_classes(counts.T) == order


def test_without_errors_the_classes_stay_as_they_are():
    assert order_classes(np.diag(np.arange(10))) == list(range(10))
    assert order_classes(np.zeros((10, 10), np.int64)) == list(range(10))


@given(COUNTS)
def test_an_order_has_every_class_once_and_always_the_same_direction(counts):
    order = order_classes(counts)
    assert sorted(order) == list(range(10))
    assert order[0] < order[-1]


def test_of_four_classes_no_order_with_the_same_pairs_is_shorter():
    # A chain 3 - 1 - 0 - 2 with falling strength; all other classes are never confused.
    counts = np.diag(np.full(10, 100))
    for first, second, count in [(3, 1, 40), (1, 0, 30), (0, 2, 20)]:
        counts[first, second] = counts[second, first] = count
    places = [place for place in order_classes(counts) if place < 4]
    nearness = counts + counts.T

    def measure(order):
        return sum(nearness[a, b] for a, b in pairwise(order))

    assert measure(places) == max(measure(order) for order in permutations(range(4)))


def test_the_table_of_classes_is_scikit_learn_s():
    table = tabulate_classes(compute_confusion_matrix(LABELS, PREDICTED))
    precision, recall, f1, support = sklearn.metrics.precision_recall_fscore_support(LABELS, PREDICTED)
    assert table["class"].tolist() == list(CLASS_NAMES)
    np.testing.assert_allclose(table["precision"], precision)
    np.testing.assert_allclose(table["recall"], recall)
    np.testing.assert_allclose(table["f1-score"], f1)
    assert table["support"].tolist() == support.tolist()


def test_a_class_that_does_not_occur_has_zeros():
    table = tabulate_classes(compute_confusion_matrix(TINY_LABELS, TINY.argmax(axis=1)))
    rows = {name: values for name, *values in table.itertuples(index=False)}
    assert rows["T-shirt/top"] == pytest.approx([1 / 3, 1 / 2, 2 / 5, 2])
    assert rows["Bag"] == [0, 0, 0, 0]


def test_a_cell_has_the_items_of_one_class_that_were_given_to_another():
    assert find_cell(TINY_LABELS, TINY, 0, 6).tolist() == [1]
    assert find_cell(TINY_LABELS, TINY, 1, 1).tolist() == [3]
    assert find_cell(TINY_LABELS, TINY, 6, 1).tolist() == []


def test_a_cell_s_items_come_most_confident_first():
    labels = np.zeros(4, dtype=np.uint8)
    probabilities = answers({2: 0.6, 0: 0.4}, {2: 0.9, 0: 0.1}, {0: 0.7, 2: 0.3}, {2: 0.7, 0: 0.3})
    assert find_cell(labels, probabilities, 0, 2).tolist() == [1, 3, 0]


def test_a_row_has_all_items_of_a_class_and_a_column_all_that_were_called_so_mistakes_first():
    # Of the six tiny items 0 and 1 are T-shirts; 0, 2 and 4 were called T-shirts.
    assert find_cell(TINY_LABELS, TINY, 0, None).tolist() == [1, 0]
    assert find_cell(TINY_LABELS, TINY, None, 0).tolist() == [4, 2, 0]
    # Anything at all: the mistakes from the surest to the least sure, then what is right.
    assert find_cell(TINY_LABELS, TINY, None, None).tolist() == [1, 4, 2, 3, 0, 5]


def test_all_cells_together_have_every_item_once():
    matrix = compute_confusion_matrix(LABELS, PREDICTED)
    found = []
    for true, predicted in np.ndindex(10, 10):
        cell = find_cell(LABELS, PROBABILITIES, true, predicted)
        assert len(cell) == matrix[true, predicted]
        found += cell.tolist()
    assert sorted(found) == list(range(500))
    for index in range(10):
        assert len(find_cell(LABELS, PROBABILITIES, index, None)) == matrix[index].sum()
        assert len(find_cell(LABELS, PROBABILITIES, None, index)) == matrix[:, index].sum()


def test_the_most_confused_pairs_come_first_and_hits_are_none():
    matrix = np.zeros((10, 10), dtype=np.int64)
    matrix[6, 0], matrix[0, 6], matrix[2, 4], matrix[1, 1] = 5, 3, 3, 100
    before = matrix.copy()
    assert find_confused_pairs(matrix, n=2) == [(6, 0, 5), (0, 6, 3)]
    assert find_confused_pairs(matrix, n=10) == [(6, 0, 5), (0, 6, 3), (2, 4, 3)]
    assert find_confused_pairs(np.diag(np.arange(10))) == []
    np.testing.assert_array_equal(matrix, before)


@pytest.mark.parametrize(
    ("cell", "count", "sentence"),
    [
        ((6, 0), 170, "170 shirts were called T-shirts"),
        ((6, 0), 1, "1 shirt was called a T-shirt"),
        ((7, 9), 1, "1 sneaker was called an ankle boot"),
        ((1, 3), 2, "2 trousers were called dresses"),
        ((3, 1), 1, "1 dress was called a pair of trousers"),
        ((8, 8), 1_000, "1,000 bags were rightly called bags"),
        ((5, 7), 0, "0 sandals were called sneakers"),
    ],
)
def test_a_cell_in_words(cell, count, sentence):
    assert say_confusion(*cell, count) == sentence


def test_a_row_and_a_column_in_words():
    counts = np.zeros((10, 10), np.int64)
    counts[6, 6], counts[6, 0], counts[0, 0] = 752, 248, 1_000
    assert say_row(6, counts) == "1,000 shirts, 752 of them called rightly"
    assert say_column(0, counts) == "1,248 items called T-shirts, 1,000 of them rightly"
    counts[9, 8] = 1
    assert say_row(9, counts) == "1 ankle boot, 0 of them called rightly"
    assert say_column(8, counts) == "1 item called a bag, 0 of them rightly"
