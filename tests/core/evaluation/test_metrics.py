import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from fmnist_core.errors import InvalidSettingError
from fmnist_core.evaluation import compute_confusion_matrix, compute_log_loss
from fmnist_core.evaluation.metrics import (
    METRICS,
    compute_brier_scores,
    compute_class_scores,
    compute_log_losses,
    compute_metrics,
    count_confusion,
    is_among,
)


@pytest.fixture(scope="module")
def answers():
    """500 items of uneven classes, about two thirds of which are answered rightly."""
    generator = np.random.default_rng(0)
    labels = generator.choice(10, 500, p=np.arange(1, 11) / 55).astype(np.uint8)
    logits = generator.normal(size=(500, 10))
    logits[np.arange(500), labels] += 2.2
    shares = np.exp(logits)
    return labels, (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)


def test_every_metric_is_that_of_scikit_learn(answers):
    labels, probabilities = answers
    predicted, exact = probabilities.argmax(axis=1), probabilities.astype(np.float64)
    exact /= exact.sum(axis=1, keepdims=True)  # scikit-learn is strict about it
    expected = {
        "accuracy": sklearn_metrics.accuracy_score(labels, predicted),
        "top_2": sklearn_metrics.top_k_accuracy_score(labels, probabilities, k=2),
        "log_loss": sklearn_metrics.log_loss(labels, exact),
        "brier": sklearn_metrics.brier_score_loss(labels, exact, scale_by_half=False),
    }
    for average in ("macro", "weighted"):
        found = sklearn_metrics.precision_recall_fscore_support(labels, predicted, average=average)
        expected |= {
            f"{average}_{name}": value for name, value in zip(("precision", "recall", "f1"), found[:3], strict=True)
        }
    measured = compute_metrics(labels, probabilities)
    assert set(measured) == set(METRICS) == set(expected)
    assert {name: estimate.value for name, estimate in measured.items()} == pytest.approx(expected, rel=1e-5)


def test_a_class_that_never_occurs_is_left_out_of_the_mean_as_in_scikit_learn(answers):
    labels, probabilities = answers
    few = labels < 4
    shares = np.zeros_like(probabilities[few])
    shares[:, :4] = probabilities[few, :4]
    expected = sklearn_metrics.f1_score(labels[few], shares.argmax(axis=1), average="macro")
    assert compute_metrics(labels[few], shares)["macro_f1"].value == pytest.approx(expected)


def compute_f1(labels, predicted, class_index):
    hits = ((labels == class_index) & (predicted == class_index)).sum()
    return 2 * hits / ((labels == class_index).sum() + (predicted == class_index).sum())


def test_intervals_are_those_of_a_plain_bootstrap(answers):
    labels, probabilities = answers
    generator = np.random.default_rng(3)
    resamples = {"macro_f1": [], "log_loss": [], "brier": []}
    for _ in range(1_000):
        drawn = generator.integers(0, 500, 500)
        truth, shares = labels[drawn], probabilities[drawn]
        predicted = shares.argmax(axis=1)
        resamples["macro_f1"].append(np.mean([compute_f1(truth, predicted, index) for index in range(10)]))
        resamples["log_loss"].append(compute_log_losses(truth, shares).mean())
        resamples["brier"].append(compute_brier_scores(truth, shares).mean())
    measured = compute_metrics(labels, probabilities)
    for name, values in resamples.items():
        low, high = np.quantile(values, [0.025, 0.975])
        assert measured[name].low == pytest.approx(low, abs=0.12 * (high - low)), name
        assert measured[name].high == pytest.approx(high, abs=0.12 * (high - low)), name


def test_every_interval_holds_its_figure(answers):
    for name, estimate in compute_metrics(*answers).items():
        assert estimate.low < estimate.value < estimate.high, name


def test_intervals_shrink_with_the_number_of_items(answers):
    labels, probabilities = answers
    few, many = (compute_metrics(np.tile(labels, n), np.tile(probabilities, (n, 1))) for n in (1, 4))
    for name in METRICS:
        assert many[name].value == pytest.approx(few[name].value)
        assert (many[name].high - many[name].low) / (few[name].high - few[name].low) == pytest.approx(0.5, abs=0.08)


def test_no_items_have_no_metrics():
    with pytest.raises(InvalidSettingError, match=r"at least 1\. Received: 0"):
        compute_metrics(np.zeros(0, np.uint8), np.zeros((0, 10), np.float32))


def test_log_losses_are_those_of_the_log_loss_above(answers):
    labels, probabilities = answers
    assert compute_log_losses(labels, probabilities).mean() == pytest.approx(compute_log_loss(labels, probabilities))
    assert compute_log_losses(np.array([1]), np.eye(10)[[0]])[0] == pytest.approx(-np.log(1e-7))


def test_brier_scores_by_hand():
    shares = np.zeros((3, 10))
    shares[0, 4] = shares[1, 0] = 1
    shares[2] = 0.1
    assert compute_brier_scores(np.array([4, 1, 7]), shares) == pytest.approx([0, 2, 0.9])


def test_of_equal_probabilities_the_first_class_comes_first():
    shares = np.full((3, 10), 0.1, np.float32)
    assert is_among(np.array([0, 1, 2]), shares, 2).tolist() == [True, True, False]
    assert is_among(np.array([0, 1, 2]), shares, 1).tolist() == [True, False, False]


def test_confusion_is_that_of_scikit_learn(answers):
    labels, probabilities = answers
    predicted = probabilities.argmax(axis=1)
    assert (count_confusion(labels, predicted) == compute_confusion_matrix(labels, predicted)).all()


def test_class_scores_are_those_of_scikit_learn(answers):
    labels, probabilities = answers
    predicted = probabilities.argmax(axis=1)
    *expected, support = sklearn_metrics.precision_recall_fscore_support(labels, predicted)
    found = compute_class_scores(count_confusion(labels, predicted))
    np.testing.assert_allclose(found.values.T, expected)
    assert (found.support == support).all()
    assert (found.low <= found.values).all()
    assert (found.values <= found.high).all()


def test_of_a_class_without_items_or_answers_nothing_is_known():
    matrix = np.zeros((10, 10), np.int64)
    matrix[0, 0], matrix[1, 0] = 8, 2  # class 1 is never named, 2 to 9 do not occur
    found = compute_class_scores(matrix)
    np.testing.assert_allclose(found.values[:3], [[0.8, 1, 16 / 18], [0, 0, 0], [0, 0, 0]])
    assert (found.low[1, 0], found.high[1, 0]) == (0, 1)
    assert found.high[1, 1] == pytest.approx(0.6576, abs=1e-4)  # Wilson: none of two
    assert found.low[2].tolist() == [0, 0, 0]
    assert found.high[2].tolist() == [1, 1, 1]
