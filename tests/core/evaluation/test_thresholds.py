import numpy as np
import pytest
from sklearn.metrics import auc, average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from fmnist_core.evaluation.thresholds import (
    MOST_POINTS,
    Curve,
    compute_precision_recall_curves,
    compute_roc_curves,
    thin_out,
)


def make_answers(n_items, digits):
    """Answers in which, with few digits, many probabilities are equal."""
    generator = np.random.default_rng(0)
    labels = generator.permutation(np.arange(n_items) % 10).astype(np.uint8)
    logits = generator.normal(size=(n_items, 10))
    logits[np.arange(n_items), labels] += 1.5
    shares = np.exp(logits)
    return labels, (shares / shares.sum(axis=1, keepdims=True)).round(digits).astype(np.float32)


@pytest.mark.parametrize("digits", [1, 6])
def test_roc_curves_are_those_of_scikit_learn(digits):
    labels, probabilities = make_answers(100, digits)
    curves = compute_roc_curves(labels, probabilities)
    assert list(curves.by_class) == list(range(10))
    for index, curve in curves.by_class.items():
        alarms, finds, thresholds = roc_curve(labels == index, probabilities[:, index], drop_intermediate=False)
        np.testing.assert_allclose(curve.x, alarms)
        np.testing.assert_allclose(curve.y, finds)
        np.testing.assert_allclose(curve.thresholds[1:], thresholds[1:])
        assert curve.area == pytest.approx(roc_auc_score(labels == index, probabilities[:, index]))
    assert curves.macro.area == pytest.approx(np.mean([curve.area for curve in curves.by_class.values()]))


@pytest.mark.parametrize("digits", [1, 6])
def test_precision_recall_curves_are_those_of_scikit_learn(digits):
    labels, probabilities = make_answers(100, digits)
    curves = compute_precision_recall_curves(labels, probabilities)
    for index, curve in curves.by_class.items():
        belongs, scores = labels == index, probabilities[:, index]
        precision, recall, thresholds = precision_recall_curve(belongs, scores)
        np.testing.assert_allclose(curve.x, recall[::-1])
        np.testing.assert_allclose(curve.y, precision[::-1])
        np.testing.assert_allclose(curve.thresholds[1:], thresholds[::-1])
        assert curve.area == pytest.approx(average_precision_score(belongs, scores))
    assert curves.macro.area == pytest.approx(average_precision_score(np.eye(10)[labels], probabilities))


def test_the_mean_curves_have_the_mean_area():
    labels, probabilities = make_answers(60, 6)
    roc = compute_roc_curves(labels, probabilities).macro
    assert auc(roc.x, roc.y) == pytest.approx(roc.area, abs=0.01)
    mean = compute_precision_recall_curves(labels, probabilities).macro
    assert np.diff(mean.x, prepend=0) @ mean.y == pytest.approx(mean.area, abs=0.02)


def test_curves_by_hand():
    # Two of class 0 with 0.9 and 0.5, two of class 1 with 0.7 and 0.1 for class 0.
    probabilities = np.zeros((4, 10), np.float32)
    probabilities[:, 0] = [0.9, 0.7, 0.5, 0.1]
    labels = np.array([0, 1, 0, 1], np.uint8)
    curve = compute_roc_curves(labels, probabilities).by_class[0]
    assert curve.x.tolist() == [0, 0, 0.5, 0.5, 1]
    assert curve.y.tolist() == [0, 0.5, 0.5, 1, 1]
    assert curve.area == 0.75
    curve = compute_precision_recall_curves(labels, probabilities).by_class[0]
    assert curve.x.tolist() == [0, 0.5, 0.5, 1, 1]
    assert curve.y.tolist() == pytest.approx([1, 1, 1 / 2, 2 / 3, 1 / 2])
    assert curve.area == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


def test_a_class_without_items_has_no_curve():
    labels, probabilities = make_answers(50, 6)
    kept = labels < 2
    assert list(compute_roc_curves(labels[kept], probabilities[kept]).by_class) == [0, 1]
    only = labels == 3
    assert compute_roc_curves(labels[only], probabilities[only]) is None
    assert compute_precision_recall_curves(labels[only], probabilities[only]) is None


def test_a_long_curve_is_thinned_out_without_moving():
    labels, probabilities = make_answers(5_000, 6)
    for compute in (compute_roc_curves, compute_precision_recall_curves):
        curves = compute(labels, probabilities)
        for index, curve in curves.by_class.items():
            assert 50 < len(curve.x) <= MOST_POINTS
            whole = (
                roc_auc_score(labels == index, probabilities[:, index])
                if compute is compute_roc_curves
                else average_precision_score(labels == index, probabilities[:, index])
            )
            assert auc(curve.x, curve.y) == pytest.approx(whole, abs=0.005)
        assert len(curves.macro.x) <= MOST_POINTS


def test_thinning_keeps_both_ends_and_short_curves():
    places = np.linspace(0, 1, 1_000)
    curve = thin_out(Curve(places, places**2, places, 0.3), most=20)
    assert len(curve.x) <= 20
    assert (curve.x[0], curve.x[-1], curve.area) == (0, 1, 0.3)
    assert curve.y.tolist() == (curve.x**2).tolist()
    short = Curve(places[:5], places[:5], places[:5], 0.5)
    assert thin_out(short, most=5) is short
