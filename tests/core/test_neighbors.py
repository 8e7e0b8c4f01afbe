import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmnist_core.errors import InvalidSettingError
from fmnist_core.neighbors import (
    compute_neighbor_accuracy,
    compute_quality,
    compute_trustworthiness,
    find_nearest,
    find_neighbors,
)
from fmnist_core.projection_config import METRICS

GENERATOR = np.random.default_rng(0)
POINTS = GENERATOR.normal(size=(150, 6)).astype(np.float32)
LABELS = GENERATOR.integers(0, 10, 150).astype(np.uint8)
LINE = np.array([[0.0, 0], [1, 0], [3, 0], [7, 0]], np.float32)


def measure(points, metric):
    """All distances, written down as they are defined."""
    first, second = points[:, np.newaxis].astype(float), points[np.newaxis].astype(float)
    if metric == "manhattan":
        return np.abs(first - second).sum(axis=2)
    if metric == "cosine":
        lengths = np.linalg.norm(first, axis=2) * np.linalg.norm(second, axis=2)
        return 1 - (first * second).sum(axis=2) / lengths
    return np.sqrt(((first - second) ** 2).sum(axis=2))


@pytest.mark.parametrize("metric", METRICS)
def test_neighbors_are_those_of_all_distances(metric):
    distances = measure(POINTS, metric)
    np.fill_diagonal(distances, np.inf)
    expected = np.argsort(distances, axis=1)[:, :7]
    positions, found = find_neighbors(POINTS, 7, metric)
    assert (positions.dtype, found.dtype) == (np.int32, np.float32)
    np.testing.assert_array_equal(positions, expected)
    np.testing.assert_allclose(found, np.take_along_axis(distances, expected, axis=1), atol=1e-5)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("exclude", [None, 3])
def test_what_is_nearest_to_one_is_what_is_nearest_to_all(metric, exclude):
    distances = measure(POINTS, metric)[3]
    if exclude is not None:
        distances[exclude] = np.inf
    positions, found = find_nearest(POINTS, POINTS[3], 9, metric, exclude)
    np.testing.assert_array_equal(positions, np.argsort(distances)[:9])
    np.testing.assert_allclose(found, np.sort(distances)[:9], atol=1e-5)


def test_distances_on_a_line_are_known():
    positions, distances = find_neighbors(LINE, 2)
    assert positions.tolist() == [[1, 2], [0, 2], [1, 0], [2, 1]]
    assert distances.tolist() == [[1, 3], [1, 2], [2, 3], [4, 6]]


def test_chunks_make_no_difference():
    points = GENERATOR.normal(size=(2_300, 2)).astype(np.float32)
    positions, distances = find_neighbors(points, 3)
    for query in (0, 1_999, 2_000, 2_299):
        nearest, apart = find_nearest(points, points[query], 3, exclude=query)
        assert positions[query].tolist() == nearest.tolist()
        np.testing.assert_allclose(distances[query], apart, rtol=1e-4)


def test_no_item_is_its_own_neighbor_among_many_equals():
    points = np.zeros((30, 2), np.float32)
    points[20:] = 1
    positions, distances = find_neighbors(points, 5)
    assert (positions != np.arange(30)[:, np.newaxis]).all()
    assert (distances == 0).all()
    assert ((positions >= 20) == (np.arange(30) >= 20)[:, np.newaxis]).all()


def test_of_equals_the_first_is_nearest():
    assert find_nearest(np.zeros((20, 2), np.float32), np.zeros(2), 4, exclude=1)[0].tolist() == [0, 2, 3, 4]


def test_what_is_zero_is_at_right_angles_to_all():
    points = np.array([[0, 0], [1, 0], [2, 0.1], [0, 0]], np.float32)
    positions, distances = find_neighbors(points, 3, "cosine")
    assert positions[0].tolist()[0] == 3
    np.testing.assert_allclose(distances[0], [0, 1, 1], atol=1e-6)
    assert positions[1].tolist()[0] == 2
    np.testing.assert_allclose(distances[1], [1 - 2 / np.hypot(2, 0.1), 1, 1], atol=1e-6)
    for row in range(4):
        np.testing.assert_allclose(find_nearest(points, points[row], 3, "cosine", row)[1], distances[row], atol=1e-6)


@pytest.mark.parametrize("kind", [np.uint8, np.float16])
@pytest.mark.parametrize("metric", METRICS)
def test_small_numbers_are_read_as_they_lie_on_disk(tmp_path, kind, metric):
    points = GENERATOR.integers(0, 256, (700, 4, 3)).astype(kind)
    np.save(tmp_path / "points.npy", points)
    positions, distances = find_nearest(np.load(tmp_path / "points.npy", mmap_mode="r"), points[600], 5, metric, 600)
    expected = measure(points.reshape(700, 12)[[600, *positions]], metric)[0, 1:]
    np.testing.assert_allclose(distances, expected, atol=1e-3)
    assert find_nearest(points.reshape(700, 12).astype(float), points[600], 5, metric, 600)[0].tolist() == [*positions]


@pytest.mark.parametrize("metric", METRICS)
def test_the_nearest_of_all_items_are_others_in_order(dataset, metric):
    for item in (0, 4_998, 69_999):
        positions, distances = find_nearest(dataset.images, dataset.images[item], 12, metric, item)
        assert item not in positions
        assert (np.diff(distances) >= 0).all()


def test_a_known_pair_of_near_duplicates_is_found(dataset):
    positions, distances = find_nearest(dataset.images, dataset.test_images[4_998], 1, exclude=64_998)
    assert positions.tolist() == [13_360]
    apart = dataset.images[13_360].astype(float) - dataset.test_images[4_998]
    assert distances[0] == pytest.approx(np.sqrt((apart**2).sum()))


@pytest.mark.parametrize("n_neighbors", [0, 4, -1])
def test_too_few_items_are_named(n_neighbors):
    with pytest.raises(InvalidSettingError, match=rf"from 1 to 3 among so few items\. Received: {n_neighbors}"):
        find_neighbors(LINE, n_neighbors)
    with pytest.raises(InvalidSettingError, match=rf"from 1 to 3 among so few items\. Received: {n_neighbors}"):
        find_nearest(LINE, LINE[0], n_neighbors, exclude=0)


def test_an_unknown_metric_is_named():
    with pytest.raises(InvalidSettingError, match="`metric` must be one of euclidean, cosine, manhattan"):
        find_neighbors(LINE, 2, "chebyshev")
    with pytest.raises(InvalidSettingError, match="Received: chebyshev"):
        find_nearest(LINE, LINE[0], 2, "chebyshev")


def test_progress_rises_to_one_and_an_error_ends_the_search():
    shares = []
    find_neighbors(np.zeros((5_000, 1), np.float32), 1, report=lambda sentence, share: shares.append(share))
    assert shares == [0, 0.4, 0.8, 1]

    def stop(sentence, share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        find_neighbors(LINE, 1, report=stop)


# Quality


def test_neighbor_accuracy_of_a_line_is_known():
    # The nearest other of each: 1, 0, 1, 2.
    assert compute_neighbor_accuracy(LINE, np.array([5, 5, 5, 6], np.uint8), 1) == 0.75
    assert compute_neighbor_accuracy(LINE, np.array([5, 5, 6, 6], np.uint8), 1) == 0.75
    assert compute_neighbor_accuracy(LINE, np.array([5, 5, 6, 6], np.uint8), 1, np.array([2])) == 0


@pytest.mark.parametrize("metric", METRICS)
def test_neighbor_accuracy_is_that_of_scikit_learn(metric):
    from sklearn.model_selection import LeaveOneOut, cross_val_score
    from sklearn.neighbors import KNeighborsClassifier

    judge = KNeighborsClassifier(4, metric=metric, algorithm="brute")
    expected = cross_val_score(judge, POINTS, LABELS, cv=LeaveOneOut()).mean()
    assert compute_neighbor_accuracy(POINTS, LABELS, 4, metric=metric) == pytest.approx(expected)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("n_neighbors", [1, 5, 74])
def test_trustworthiness_is_that_of_scikit_learn(metric, n_neighbors):
    from sklearn.manifold import trustworthiness

    expected = trustworthiness(POINTS, POINTS[:, :2], n_neighbors=n_neighbors, metric=metric)
    assert compute_trustworthiness(POINTS, POINTS[:, :2], n_neighbors, metric) == pytest.approx(expected, abs=1e-9)


@settings(deadline=None, max_examples=15)
@given(st.integers(3, 40), st.integers(0, 1_000))
def test_quality_of_any_few_items_is_within_its_bounds(n_items, seed):
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(n_items, 3)).astype(np.float32)
    labels = generator.integers(0, 3, n_items).astype(np.uint8)
    quality = compute_quality(features, features[:, :2], labels)
    assert quality.pop("sample") == n_items
    assert all(0 <= value <= 1 for value in quality.values())
    assert compute_quality(features, features, labels)["trustworthiness"] == 1


def test_quality_of_many_is_measured_on_a_sample():
    generator = np.random.default_rng(1)
    features = generator.normal(size=(5_400, 3)).astype(np.float32)
    labels = (features[:, 0] > 0).astype(np.uint8)
    quality = compute_quality(features, features[:, :2], labels, seed=3)
    sample = np.sort(np.random.default_rng(3).choice(5_400, 5_000, replace=False))
    assert quality["sample"] == 5_000
    assert quality["trustworthiness"] == compute_trustworthiness(features[sample], features[sample, :2])
    assert quality["neighbor_accuracy"] == compute_neighbor_accuracy(features[:, :2], labels, 10, sample)
    # The vote of neighbours that are known already is the same.
    known = find_neighbors(features, 12)[0]
    assert compute_quality(features, features[:, :2], labels, seed=3, neighbors=known) == quality
