import numpy as np
import pytest
from scipy.special import softmax

from fmnist_core.errors import InvalidSettingError
from fmnist_core.evaluation.calibration import (
    TEMPERATURES,
    apply_temperature,
    compute_reliability,
    fit_temperature,
    mend,
    say_temperature,
)
from fmnist_core.evaluation.metrics import compute_log_losses


def make_answers(confidences, right):
    """Answers with these confidences in class 0, the rest spread over the others; class 0 is right or not."""
    probabilities = np.repeat((1 - np.array(confidences, float)) / 9, 10).reshape(-1, 10)
    probabilities[:, 0] = confidences
    return np.where(right, 0, 1).astype(np.uint8), probabilities


def draw_answers(n_items, temperature, seed=0):
    """Answers of a network whose logits are `temperature` times those that the truth was drawn with."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(scale=2.0, size=(n_items, 10))
    chances = softmax(logits, axis=1)
    labels = (chances.cumsum(axis=1) < generator.random((n_items, 1))).sum(axis=1).astype(np.uint8)
    return labels, softmax(logits * temperature, axis=1)


def test_calibration_errors_by_hand():
    # Four bins: two items in (0.25, 0.5], three in (0.75, 1].
    labels, probabilities = make_answers([0.3, 0.5, 0.8, 0.9, 1.0], [True, False, True, True, False])
    found = compute_reliability(labels, probabilities, n_bins=4)
    assert found.counts.tolist() == [0, 2, 0, 3]
    assert found.edges.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert found.confidence[[1, 3]] == pytest.approx([0.4, 0.9])
    assert found.accuracy[[1, 3]] == pytest.approx([1 / 2, 2 / 3])
    assert np.isnan(found.confidence[[0, 2]]).all()
    assert np.isnan(found.accuracy[[0, 2]]).all()
    assert found.expected_error == pytest.approx((2 * 0.1 + 3 * (0.9 - 2 / 3)) / 5)
    assert found.maximum_error == pytest.approx(0.9 - 2 / 3)
    assert (found.mean_confidence, found.mean_accuracy) == pytest.approx((0.7, 0.6))
    assert found.low[1] == pytest.approx(0.0945, abs=1e-4)  # Wilson: one of two


def test_fifteen_bins_are_those_of_the_paper():
    labels, probabilities = make_answers([0.2, 0.201, 1.0], [True, True, True])
    assert np.flatnonzero(compute_reliability(labels, probabilities).counts).tolist() == [2, 3, 14]


def test_a_network_that_is_as_often_right_as_it_is_sure_has_hardly_an_error():
    found = compute_reliability(*draw_answers(40_000, 1.0))
    assert found.expected_error < 0.01
    assert found.mean_confidence == pytest.approx(found.mean_accuracy, abs=0.01)


def test_no_items_have_no_calibration():
    labels, probabilities = np.zeros(0, np.uint8), np.zeros((0, 10))
    for judge in (compute_reliability, fit_temperature):
        with pytest.raises(InvalidSettingError, match=r"at least 1\. Received: 0"):
            judge(labels, probabilities)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1.4, 3.0])
def test_the_temperature_is_found_again(temperature):
    labels, probabilities = draw_answers(20_000, temperature)
    assert fit_temperature(labels, probabilities) == pytest.approx(temperature, rel=0.03)


def test_half_precision_will_do():
    labels, probabilities = draw_answers(20_000, 1.4)
    found = fit_temperature(labels, probabilities.astype(np.float16))
    assert (probabilities.astype(np.float16) == 0).any()
    assert found == pytest.approx(fit_temperature(labels, probabilities), rel=0.01)


def test_no_other_temperature_makes_the_truth_more_probable():
    labels, probabilities = draw_answers(500, 2.0)
    found = fit_temperature(labels, probabilities)

    def compute_loss(temperature):
        return compute_log_losses(labels, apply_temperature(probabilities, temperature)).mean()

    for other in np.geomspace(*TEMPERATURES, 60):
        assert compute_loss(found) <= compute_loss(other) + 1e-7


def test_a_network_that_is_always_right_or_always_wrong_ends_at_the_edge():
    labels, probabilities = make_answers([0.6, 0.7], [True, True])
    # So far below 1 the loss is 0 everywhere.
    assert TEMPERATURES[0] <= fit_temperature(labels, probabilities) < 0.1
    labels, probabilities = make_answers([0.6, 0.7], [False, False])
    assert fit_temperature(labels, probabilities) == pytest.approx(TEMPERATURES[1], rel=0.01)


def test_a_temperature_divides_the_logits():
    logits = np.array([[1.0, -2.0, 0.5, 3.0, 0, 0, 0, 0, 0, -1.0]])
    for temperature in (0.5, 1.0, 2.5):
        np.testing.assert_allclose(
            apply_temperature(softmax(logits, axis=1), temperature), softmax(logits / temperature, axis=1)
        )


def test_a_probability_of_zero_stays_a_number():
    shares = apply_temperature(np.eye(10, dtype=np.float32)[:1], 1.0)
    assert np.isfinite(shares).all()
    assert shares.sum() == pytest.approx(1)
    assert shares[0, 0] == pytest.approx(1, abs=1e-6)


def test_mending_makes_test_items_believable_and_changes_no_answer():
    validation, test = draw_answers(5_000, 1.8, seed=1), draw_answers(5_000, 1.8, seed=2)
    found = mend(*test, *validation)
    assert found.temperature == fit_temperature(*validation)
    assert (found.probabilities.argmax(axis=1) == test[1].argmax(axis=1)).all()
    assert found.after.mean_accuracy == found.before.mean_accuracy
    assert found.before.expected_error > 0.05
    assert found.after.expected_error < 0.02
    assert found.loss_after < found.loss_before
    assert found.loss_before == pytest.approx(compute_log_losses(*test).mean())


@pytest.mark.parametrize(
    ("temperature", "words"),
    [(1.27, "over-confident"), (0.7, "under-confident"), (1.01, "about as sure as it may be")],
)
def test_a_temperature_is_said_in_words(temperature, words):
    assert say_temperature(temperature) == words
