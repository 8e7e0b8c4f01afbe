import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import InvalidSettingError
from fmnist_core.evaluation import (
    compute_accuracy,
    compute_classification_report,
    compute_confusion_matrix,
    compute_log_loss,
    compute_scores,
    tabulate_report,
)
from tests.core.evaluation.small_answers import LABELS, PREDICTED, PROBABILITIES, TINY, TINY_LABELS, answers


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [
        # (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n) with z = 1.959964
        (8, 10, 0.490162, 0.943318),
        (0, 10, 0.0, 0.277533),
        (10, 10, 0.722467, 1.0),
        (1, 1, 0.206549, 1.0),
        (9_000, 10_000, 0.893966, 0.905727),
    ],
)
def test_the_interval_of_an_accuracy_is_wilson_s(right, n, low, high):
    labels = np.array([0] * right + [1] * (n - right), dtype=np.uint8)
    accuracy = compute_accuracy(labels, answers({0: 1.0}).repeat(n, axis=0))
    assert accuracy.value == right / n
    assert accuracy.low == pytest.approx(low, abs=1e-6)
    assert accuracy.high == pytest.approx(high, abs=1e-6)


@given(st.integers(0, 200), st.integers(0, 200))
def test_an_interval_holds_its_value_and_follows_the_formula(right, wrong):
    n = right + wrong
    labels = np.array([0] * right + [1] * wrong, dtype=np.uint8)
    if n == 0:
        with pytest.raises(InvalidSettingError, match=r"The number of items must be at least 1\. Received: 0\."):
            compute_accuracy(labels, np.zeros((0, 10)))
        return
    accuracy = compute_accuracy(labels, answers({0: 1.0}).repeat(n, axis=0))
    z, p = 1.959963984540054, right / n
    middle, reach = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert accuracy.low == pytest.approx((middle - reach) / (1 + z**2 / n), abs=1e-9)
    assert accuracy.high == pytest.approx((middle + reach) / (1 + z**2 / n), abs=1e-9)
    assert 0 <= accuracy.low <= accuracy.value <= accuracy.high <= 1


def test_log_loss_is_scikit_learn_s():
    exact = PROBABILITIES.astype(np.float64)
    expected = sklearn.metrics.log_loss(LABELS, exact / exact.sum(axis=1, keepdims=True), labels=range(10))
    assert compute_log_loss(LABELS, PROBABILITIES) == pytest.approx(expected, rel=1e-5)


def test_log_loss_by_hand_and_a_probability_of_zero_counts_as_keras_counts_it():
    labels = np.array([3, 4], dtype=np.uint8)
    assert compute_log_loss(labels, answers({3: 0.5}, {4: 0.25})) == pytest.approx((np.log(2) + np.log(4)) / 2)
    assert compute_log_loss(labels, answers({3: 1.0}, {5: 1.0})) == pytest.approx(-np.log(1e-7) / 2)


def test_the_confusion_matrix_is_scikit_learn_s_and_always_ten_by_ten():
    np.testing.assert_array_equal(
        compute_confusion_matrix(LABELS, PREDICTED), sklearn.metrics.confusion_matrix(LABELS, PREDICTED)
    )
    tiny = compute_confusion_matrix(TINY_LABELS, TINY.argmax(axis=1))
    expected = np.zeros((10, 10), dtype=int)
    for true, predicted in [(0, 0), (0, 6), (1, 0), (1, 1), (6, 0), (9, 9)]:
        expected[true, predicted] += 1
    np.testing.assert_array_equal(tiny, expected)


def test_precision_recall_and_f1_are_scikit_learn_s():
    report = compute_classification_report(LABELS, PREDICTED)
    expected = sklearn.metrics.precision_recall_fscore_support(LABELS, PREDICTED, labels=range(10), zero_division=0)
    for class_index, name in enumerate(CLASS_NAMES):
        row = [report[name][figure] for figure in ("precision", "recall", "f1-score", "support")]
        assert row == pytest.approx([figures[class_index] for figures in expected])
    assert report["accuracy"] == pytest.approx((PREDICTED == LABELS).mean())
    assert report["macro avg"]["recall"] == pytest.approx(sklearn.metrics.balanced_accuracy_score(LABELS, PREDICTED))


def test_a_report_by_hand_with_classes_that_do_not_occur():
    table = tabulate_report(compute_classification_report(TINY_LABELS, TINY.argmax(axis=1)))
    assert list(table.columns) == ["class", "precision", "recall", "f1-score", "support"]
    assert table["class"].tolist() == list(CLASS_NAMES)
    rows = {name: values for name, *values in table.itertuples(index=False)}
    # Of three items called T-shirt one is; of two T-shirts one is called so.
    assert rows["T-shirt/top"] == pytest.approx([1 / 3, 1 / 2, 2 / 5, 2])
    assert rows["Trouser"] == pytest.approx([1, 1 / 2, 2 / 3, 2])
    assert rows["Shirt"] == [0, 0, 0, 1]
    assert rows["Ankle boot"] == [1, 1, 1, 1]
    assert rows["Bag"] == [0, 0, 0, 0]
    assert table["support"].dtype.kind == "i"


def test_scores_hold_all_figures_of_the_same_answers():
    scores = compute_scores(TINY_LABELS, TINY)
    assert (scores.items, scores.mistakes, scores.accuracy.value) == (6, 3, 0.5)
    assert scores.log_loss == compute_log_loss(TINY_LABELS, TINY)
    assert scores.confusion_matrix.trace() == 3
    assert scores.report["support"].sum() == 6


def test_scores_of_nothing_are_refused():
    with pytest.raises(InvalidSettingError, match=r"The number of items must be at least 1\. Received: 0\."):
        compute_scores(np.zeros(0, dtype=np.uint8), np.zeros((0, 10), dtype=np.float32))
