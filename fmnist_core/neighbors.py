"""Who lies next to whom, in the space that a projection starts from and in the projection; and how well they agree.

All of it is exact: every item is compared with every other, without an index.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import InvalidSettingError
from fmnist_core.fetch import Report, no_report
from fmnist_core.projection_config import METRICS

# Queries compared at once: many enough for matrix products, few enough to report and to be stopped often.
_QUERIES = 2_000
# Items turned into floats at once: their differences then stay within a processor's cache.
_ITEMS = 500
_SAMPLE = 5_000


def find_neighbors(
    features: NDArray[np.float32], n_neighbors: int, metric: str = "euclidean", report: Report = no_report
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Find the nearest neighbours of every item among all others.

    Args:
        features: (n, d) float32.
        n_neighbors: how many of each, without the item itself, 1 to n - 1.
        metric: key of `METRICS`; an item that is zero throughout has cosine distance 1 to all others.
        report: called with a sentence and the share done, 0 to 1; may raise to stop.

    Returns:
        Positions (n, n_neighbors) int32, nearest first, and distances of the same shape, float32.

    Raises:
        InvalidSettingError: for an unknown metric or if there are too few items.
    """
    return _find_neighbors_of(np.arange(len(features)), features, n_neighbors, metric, report)


def find_nearest(
    features: NDArray[Any], query: NDArray[Any], n_neighbors: int, metric: str = "euclidean", exclude: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find what lies nearest to one item.

    Args:
        features: (n, d) or (n, h, w), of any kind of number and possibly memory-mapped: it is read piece by piece.
        query: (d,) or (h, w), in the same units.
        n_neighbors: how many, 1 to n, or n - 1 if one is excluded.
        metric: key of `METRICS`; what is zero throughout has cosine distance 1 to all that is not.
        exclude: position that is not to be found, that of the item itself.

    Returns:
        Positions (n_neighbors,), nearest first and of equals the first, and distances in the units of `features`
        (cosine: 0 to 2).

    Raises:
        InvalidSettingError: for an unknown metric or if there are too few items.
    """
    _check(metric, n_neighbors, len(features) - (exclude is not None))
    wanted = query.astype(np.float32).ravel()
    distances = np.empty(len(features), np.float32)
    for start in range(0, len(features), _ITEMS):
        part = features[start : start + _ITEMS].astype(np.float32).reshape(-1, len(wanted))
        distances[start : start + _ITEMS] = _measure(part, wanted, metric)
    if exclude is not None:
        distances[exclude] = np.inf
    positions = np.argsort(distances, kind="stable")[:n_neighbors]
    return positions, distances[positions]


def compute_neighbor_accuracy(
    features: NDArray[np.float32],
    labels: NDArray[np.uint8],
    n_neighbors: int = 10,
    sample: NDArray[np.int64] | None = None,
    metric: str = "euclidean",
) -> float:
    """Return how often the nearest others know an item's class by majority, 0 to 1.

    Args:
        features: (n, d) float32, positions in any space.
        labels: (n,) their classes.
        n_neighbors: how many vote, 1 to n - 1; of classes with as many votes the first of the ten wins.
        sample: positions that are asked about, by default all; all n vote.
        metric: key of `METRICS`.

    Raises:
        InvalidSettingError: for an unknown metric or if there are too few items.
    """
    asked = np.arange(len(features)) if sample is None else sample
    neighbors, _ = _find_neighbors_of(asked, features, n_neighbors, metric, no_report)
    return float((_vote(labels[neighbors]) == labels[asked]).mean())


def compute_trustworthiness(
    features: NDArray[np.float32], embedding: NDArray[np.float32], n_neighbors: int = 5, metric: str = "euclidean"
) -> float:
    """Return how far neighbours in a projection are neighbours in the original space, 0 to 1.

    Source: Venna and Kaski, "Neighborhood preservation in nonlinear projection methods: an experimental study",
    2001. The same figure as scikit-learn's, but counted without sorting.

    Args:
        features: (n, d) float32, the original space.
        embedding: (n, 2 or 3) float32, the same items projected.
        n_neighbors: how many neighbours in the projection are looked at, 1 to (n - 1) // 2.
        metric: key of `METRICS`, for the original space.

    Raises:
        InvalidSettingError: for an unknown metric or if there are too few items.
    """
    n_items = len(features)
    _check(metric, n_neighbors, (n_items - 1) // 2)
    neighbors, _ = find_neighbors(embedding, n_neighbors)
    points, base_metric = _as_points(features, metric)
    excess = 0.0
    for start in range(0, n_items, _ITEMS):
        rows = np.arange(start, min(start + _ITEMS, n_items))
        distances = _compute_distances(points[rows], points, base_metric)
        distances[np.arange(len(rows)), rows] = -np.inf
        for column in neighbors[rows].T:
            reached = distances[np.arange(len(rows)), column]
            # The item itself is counted among the nearer ones, so that this is the rank from 1.
            rank = np.count_nonzero(distances < reached[:, np.newaxis], axis=1)
            excess += float(np.maximum(rank - n_neighbors, 0).sum())
    return 1 - excess * 2 / (n_items * n_neighbors * (2 * n_items - 3 * n_neighbors - 1))


def compute_quality(
    features: NDArray[np.float32],
    embedding: NDArray[np.float32],
    labels: NDArray[np.uint8],
    seed: int = 0,
    metric: str = "euclidean",
    neighbors: NDArray[np.int32] | None = None,
) -> dict[str, float]:
    """Measure how good a projection is.

    Args:
        features: (n, d) float32, where it started from; n at least 3.
        embedding: (n, 2 or 3) float32.
        labels: (n,) classes of these items.
        seed: decides which items are measured if there are more than 5,000.
        metric: key of `METRICS`, for the starting space.
        neighbors: (n, at least 10) what `find_neighbors` has found there already.

    Returns:
        "trustworthiness": of 5 neighbours, among the sample alone; "neighbor_accuracy": how often the 10 nearest
        others of all n know an item's class in the projection; "neighbor_accuracy_original": the same in the
        starting space; "sample": how many items were measured.
    """
    n_items = len(features)
    sample = np.arange(n_items)
    if n_items > _SAMPLE:
        sample = np.sort(np.random.default_rng(seed).choice(n_items, _SAMPLE, replace=False))
    voters = min(10, n_items - 1)
    if neighbors is not None and neighbors.shape[1] >= voters:
        original = float((_vote(labels[neighbors[sample, :voters]]) == labels[sample]).mean())
    else:
        original = compute_neighbor_accuracy(features, labels, voters, sample, metric)
    return {
        "trustworthiness": compute_trustworthiness(
            features[sample], embedding[sample], min(5, (len(sample) - 1) // 2), metric
        ),
        "neighbor_accuracy": compute_neighbor_accuracy(embedding, labels, voters, sample),
        "neighbor_accuracy_original": original,
        "sample": len(sample),
    }


def _find_neighbors_of(
    queries: NDArray[np.int64], features: NDArray[np.float32], n_neighbors: int, metric: str, report: Report
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    from sklearn.neighbors import NearestNeighbors

    _check(metric, n_neighbors, len(features) - 1)
    points, base_metric = _as_points(features, metric)
    # One more, as the nearest of all is the item itself.
    index = NearestNeighbors(n_neighbors=n_neighbors + 1, algorithm="brute", metric=base_metric).fit(points)
    positions = np.empty((len(queries), n_neighbors), np.int32)
    distances = np.empty((len(queries), n_neighbors), np.float32)
    for start in range(0, len(queries), _QUERIES):
        report("Finding each item's neighbours", start / len(queries))
        asked = queries[start : start + _QUERIES]
        near, far = index.kneighbors(points[asked])[::-1]
        others = near != asked[:, np.newaxis]
        # Among many equals the item itself need not be among those found; the last one goes instead.
        others[others.all(axis=1), -1] = False
        positions[start : start + _QUERIES] = near[others].reshape(len(asked), n_neighbors)
        distances[start : start + _QUERIES] = far[others].reshape(len(asked), n_neighbors)
    report("Finding each item's neighbours", 1.0)
    if metric == "cosine":
        distances = (distances**2 / 2).astype(np.float32)
    return positions, distances


def _check(metric: str, n_neighbors: int, available: int) -> None:
    if metric not in METRICS:
        raise InvalidSettingError(f"`metric` must be one of {', '.join(METRICS)}. Received: {metric}.")
    if not 1 <= n_neighbors <= available:
        raise InvalidSettingError(
            f"`n_neighbors` must be from 1 to {available:,} among so few items. Received: {n_neighbors:,}."
        )


def _as_points(features: NDArray[np.float32], metric: str) -> tuple[NDArray[np.float32], str]:
    """Return points and a metric that order the items as `metric` does, and that scikit-learn is quick with."""
    if metric != "cosine":
        return features, metric
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    is_zero = lengths == 0
    points = (features / np.where(is_zero, 1, lengths)).astype(np.float32)
    if is_zero.any():
        # What points nowhere gets a direction of its own, at right angles to all others.
        points = np.hstack([points, is_zero.astype(np.float32)])
    return points, "euclidean"


def _compute_distances(some: NDArray[np.float32], points: NDArray[np.float32], metric: str) -> NDArray[np.float64]:
    from sklearn.metrics import pairwise_distances

    return pairwise_distances(some, points, metric=metric).astype(np.float64)


def _measure(part: NDArray[np.float32], query: NDArray[np.float32], metric: str) -> NDArray[np.float32]:
    if metric == "cosine":
        lengths = np.linalg.norm(part, axis=1) * np.linalg.norm(query)
        alike = ~part.any(axis=1) & ~query.any()
        cosines = np.where(lengths > 0, part @ query / np.where(lengths > 0, lengths, 1), alike)
        return np.clip(1 - cosines, 0, 2)
    differences = part - query
    if metric == "manhattan":
        return np.abs(differences).sum(axis=1)
    return np.sqrt(np.einsum("ij,ij->i", differences, differences))


def _vote(labels: NDArray[np.uint8]) -> NDArray[np.int64]:
    return np.stack([(labels == class_index).sum(axis=1) for class_index in range(10)], axis=1).argmax(axis=1)
