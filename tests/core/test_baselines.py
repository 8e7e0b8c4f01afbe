import numpy as np
import pytest

from fmnist_core.baselines import BASELINES, compute_hog, fit_baseline, predict_probabilities
from fmnist_core.errors import InvalidSettingError
from fmnist_core.splits import take_stratified

# Chance is 0.10; with 600 items of training five seeds gave 0.69 (nearest neighbours) to 0.77.
BETTER_THAN = 0.6


@pytest.mark.parametrize("name", BASELINES)
def test_every_baseline_learns_from_a_few_real_items(name, dataset):
    items = take_stratified(np.arange(60_000), dataset.labels, 600, seed=0)
    classifier = fit_baseline(name, dataset.images[items], dataset.labels[items])
    probabilities = predict_probabilities(classifier, dataset.test_images[:500])
    assert probabilities.shape == (500, 10)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert (probabilities.argmax(axis=1) == dataset.test_labels[:500]).mean() > BETTER_THAN


@pytest.mark.parametrize("name", ["random-forest", "hog-svm"])
def test_the_same_seed_gives_the_same_answers(name, dataset):
    images, labels = dataset.images[:300], dataset.labels[:300]
    first, second = (predict_probabilities(fit_baseline(name, images, labels, 3), images) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_a_class_without_items_has_no_probability(dataset):
    items = np.flatnonzero(dataset.labels[:1000] != 8)
    classifier = fit_baseline("k-nearest-neighbors", dataset.images[items], dataset.labels[items])
    assert not predict_probabilities(classifier, dataset.test_images[:20])[:, 8].any()


def test_an_unknown_baseline_is_refused(dataset):
    with pytest.raises(InvalidSettingError, match="`baseline` must be one of logistic-regression"):
        fit_baseline("crystal-ball", dataset.images[:10], dataset.labels[:10])


def ramp(angle):
    """An image that grows brighter in one direction, in radians from the right, downwards."""
    down, right = np.mgrid[:28, :28] / 60
    return (down * np.sin(angle) + right * np.cos(angle)).astype(np.float32).reshape(1, -1)


@pytest.mark.parametrize("orientation", range(9))
def test_a_ramp_votes_for_its_own_orientation_only(orientation):
    angle = np.pi * (orientation + 0.5) / 9
    blocks = compute_hog(ramp(angle)).reshape(9, 4, 9)
    assert (blocks.argmax(axis=2) == orientation).all()
    # Four equal cells of one orientation each, normalised: a half each.
    np.testing.assert_allclose(blocks[:, :, orientation], 0.5, atol=1e-3)
    assert np.delete(blocks, orientation, axis=2).max() < 1e-3


def test_opposite_ramps_and_ramps_between_two_orientations():
    np.testing.assert_allclose(compute_hog(ramp(0.3)), compute_hog(-ramp(0.3)), atol=1e-5)
    between = compute_hog(ramp(np.pi / 9)).reshape(9, 4, 9)
    np.testing.assert_allclose(between[..., 0], between[..., 1], atol=1e-3)
    assert between[..., 2:].max() < 1e-3


def test_a_blank_image_has_no_gradients():
    assert not compute_hog(np.zeros((2, 784), np.float32)).any()
