import numpy as np
import pytest

from fmnist_core import principal
from fmnist_core.principal import PrincipalComponents, compute_components, compute_scores, reconstruct


def some_images(n=900, seed=0):
    """Blends of a few patterns with some noise; one pixel never changes."""
    generator = np.random.default_rng(seed)
    patterns = generator.integers(0, 60, (4, 28, 28))
    blends = np.tensordot(generator.random((n, 4)), patterns, axes=1)
    images = (blends + generator.integers(0, 20, (n, 28, 28))).astype(np.uint8)
    images[:, 0, 0] = 7
    return images


def some_components(variances=(5.0, 3.0, 2.0)):
    """Components that are single pixels: the first is the first pixel, and so on."""
    k = len(variances)
    return PrincipalComponents(
        np.zeros(784), np.ones(784), np.eye(k, 784), np.array(variances), float(np.sum(variances))
    )


@pytest.fixture(scope="module", params=[False, True], ids=["as they are", "standardised"])
def fitted(request):
    images = some_images()
    return images, compute_components(images, standardised=request.param)


@pytest.mark.parametrize("standardised", [False, True], ids=["as they are", "standardised"])
@pytest.mark.parametrize("n", [40, 900], ids=["fewer items than pixels", "more"])
def test_components_are_eigenvectors_of_the_covariance_matrix(n, standardised):
    images = some_images(n)
    pixels = images.reshape(n, 784) / 255
    mean = pixels.mean(axis=0)
    found = compute_components(images, standardised)
    assert found.is_standardised == standardised
    if standardised:
        deviations = pixels.std(axis=0)
        # The first pixel never changes; it stays as it is.
        deviations[0] = 1
        np.testing.assert_allclose(found.deviations, deviations, rtol=1e-5)
        pixels = pixels / deviations
    covariance = np.cov(pixels, rowvar=False)
    first = found.vectors[:5]
    assert found.vectors.shape == (min(n, 784), 784)
    np.testing.assert_allclose(first @ first.T, np.eye(5), atol=1e-5)
    np.testing.assert_allclose(covariance @ first.T, first.T * found.variances[:5], atol=1e-4 * found.variances[0])
    np.testing.assert_allclose(found.variances[:5], np.diag(first @ covariance @ first.T), rtol=1e-5)
    assert found.total_variance == pytest.approx(np.trace(covariance), rel=1e-5)
    assert (np.diff(found.variances) <= 0).all()
    np.testing.assert_allclose(found.mean, mean, atol=1e-6)
    assert found.explained_variance_ratio.sum() == pytest.approx(1)


def test_the_largest_weight_of_each_component_is_positive(fitted):
    vectors = fitted[1].vectors[:50]
    assert (vectors[np.arange(50), np.abs(vectors).argmax(axis=1)] > 0).all()


@pytest.mark.parametrize(("share", "expected"), [(0.1, 1), (0.5, 1), (0.51, 2), (0.8, 2), (0.81, 3), (1.0, 3)])
def test_as_many_components_are_counted_as_reach_the_share(share, expected):
    assert principal.count_components(some_components(), share) == expected


def test_scores_are_distances_from_the_mean_along_the_components(fitted):
    images, components = fitted
    centred = (images.reshape(len(images), 784) / 255 - components.mean) / components.deviations
    expected = centred @ components.vectors[:6].T
    np.testing.assert_allclose(compute_scores(components, images, 6), expected, atol=1e-3)
    for number in (1, 6):
        along = principal.compute_scores_along(components, images, number)
        assert along.shape == (len(images),)
        np.testing.assert_allclose(along, expected[:, number - 1], atol=1e-3)


def test_errors_are_those_of_the_items_rebuilt(fitted):
    images, components = fitted
    counts = [30, 0, 784, 3]
    errors = principal.compute_reconstruction_errors(components, images[:20], counts)
    scores = compute_scores(components, images[:20], 784)
    for position, count in enumerate(counts):
        rebuilt = reconstruct(components, scores[:, :count])
        expected = np.sqrt(((rebuilt - images[:20]) ** 2).mean(axis=(1, 2)))
        np.testing.assert_allclose(errors[:, position], expected, atol=1e-3)


def test_nothing_is_lost_with_all_components_and_all_but_the_mean_with_none(fitted):
    images, components = fitted
    errors = principal.compute_reconstruction_errors(components, images[:20], [784, 0])
    np.testing.assert_allclose(errors[:, 0], 0, atol=1e-2)
    from_mean = images[:20] - components.mean.reshape(28, 28) * 255
    np.testing.assert_allclose(errors[:, 1], np.sqrt((from_mean**2).mean(axis=(1, 2))), rtol=1e-5)


def test_more_components_never_do_worse():
    images = some_images()
    errors = principal.compute_reconstruction_errors(compute_components(images), images[:50], range(0, 785, 7))
    assert (np.diff(errors, axis=1) <= 1e-6).all()


def test_a_pixel_left_out_is_the_error():
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 0, :3] = 28, 56, 84
    errors = principal.compute_reconstruction_errors(some_components(), image, [0, 1, 2, 3])
    squares = np.square([28, 56, 84])
    np.testing.assert_allclose(errors[0] ** 2 * 784, [squares.sum(), squares[1:].sum(), squares[2], 0], atol=1e-4)


def test_kept_is_the_share_of_the_squared_distance_from_the_mean():
    scores = np.array([[3, 4], [0, 0]], np.float32)
    assert principal.compute_kept_shares(scores, 1).tolist() == [9 / 25, 1]
    assert principal.compute_kept_shares(scores, 0).tolist() == [0, 1]
    assert principal.compute_kept_shares(scores, 2).tolist() == [1, 1]


def test_kept_and_error_say_the_same_on_pixels_as_they_are():
    images = some_images()
    components = compute_components(images)
    errors = principal.compute_reconstruction_errors(components, images[:20], [0, 10])
    kept = principal.compute_kept_shares(compute_scores(components, images[:20], 784), 10)
    np.testing.assert_allclose(kept, 1 - (errors[:, 1] / errors[:, 0]) ** 2, atol=1e-4)


def test_quantiles_are_those_of_each_class():
    scores = np.array([1, 2, 3, 10, 30], np.float32)
    labels = np.array([4, 4, 4, 9, 9], np.uint8)
    quantiles = principal.compute_score_quantiles(scores, labels, (0, 0.5, 1))
    assert quantiles.shape == (10, 3)
    assert quantiles[4].tolist() == [1, 2, 3]
    assert quantiles[9].tolist() == [10, 20, 30]
    assert np.isnan(quantiles[[0, 1, 2, 3, 5, 6, 7, 8]]).all()


def test_loadings_are_what_a_pixel_grows_by_or_how_it_correlates(fitted):
    images, components = fitted
    pixels = images.reshape(len(images), 784).astype(float)
    for number in (1, 4):
        scores = principal.compute_scores_along(components, images, number).astype(float)
        covariances = (scores - scores.mean()) @ (pixels - pixels.mean(axis=0)) / (len(images) - 1)
        expected = covariances / scores.std(ddof=1)
        if components.is_standardised:
            expected = np.divide(expected, pixels.std(axis=0), out=np.zeros(784), where=pixels.std(axis=0) > 0)
        found = principal.draw_loadings(components, number)
        np.testing.assert_allclose(found, expected.reshape(28, 28), atol=5e-3 * np.abs(expected).max())


def test_a_walk_leads_through_the_mean_in_steps_of_the_standard_deviation():
    components = some_components((4 / 255**2, 1 / 255**2))
    walk = principal.walk_along(components, 1, (-1, 0, 2.5))
    assert walk.shape == (3, 28, 28)
    np.testing.assert_allclose(walk[:, 0, 0], [-2, 0, 5], atol=1e-6)
    assert np.count_nonzero(walk) == 2


def test_the_known_numbers_of_all_items(dataset):
    components = compute_components(dataset.images)
    assert [principal.count_components(components, share) for share in (0.8, 0.9, 0.95, 0.99)] == [24, 84, 188, 459]
    assert components.explained_variance_ratio[:2].round(3).tolist() == [0.291, 0.177]
