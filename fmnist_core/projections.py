"""Compute a projection from its configuration: choose the items, describe them, lay them out, measure the result."""

import platform
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from fmnist_core import embedding
from fmnist_core.data import Dataset
from fmnist_core.errors import FmnistError, InvalidSettingError
from fmnist_core.fetch import Report, no_report
from fmnist_core.layers import load_layer
from fmnist_core.neighbors import compute_quality, find_neighbors
from fmnist_core.projection_config import ProjectionConfig
from fmnist_core.projection_files import Projection, choose_items, name_network
from fmnist_core.runs import load_run
from fmnist_core.spaces import load_features
from fmnist_core.splits import ITEMS

_PACKAGES = {"umap": ("umap-learn", "numba"), "tsne": ("opentsne",)}


def project(config: ProjectionConfig, dataset: Dataset, report: Report = no_report) -> Projection:
    """Compute a projection; nothing is written but what a network's layer says, see `layers`.

    Args:
        config: what to compute.
        dataset: the items.
        report: called with a sentence and the share of the whole that is done, 0 to 1; may raise to stop.

    Returns:
        The projection, with its quality, and in `about` the seconds it took, those of each stage, the date and the
        versions of what computed it.

    Raises:
        InvalidSettingError: if the items are too few or too alike for the settings, or lack a class of an axis.
        ProjectionNotFoundError: if `config.chosen` names no list of items kept here.
        RunNotFoundError: if the run of the space has gone or has no network.
    """
    config = name_network(config)
    items = choose_items(config, dataset.labels)
    labels = np.asarray(dataset.labels[items])
    stages = _Stages(_estimate_stages(config, len(items)), report)

    features = load_features(config, items, dataset, stages.enter("features"))
    n_neighbors = _count_neighbors(config)
    neighbors = None
    if n_neighbors:
        neighbors = find_neighbors(features, n_neighbors, config.metric, stages.enter("neighbors"))
    positions = _lay_out(config, features, labels, neighbors, stages.enter("layout"))
    if not np.isfinite(positions).all():
        raise InvalidSettingError("Items must differ enough to be laid out. Received: items that are too much alike.")
    stages.enter("quality")("Measuring the result", 0.0)
    quality = compute_quality(features, positions, labels, 0, _find_metric(config), neighbors and neighbors[0])
    return Projection(config, items, positions, quality, _describe(config, stages.finish()))


def estimate_seconds(config: ProjectionConfig, n_items: int) -> float:
    """Guess how long `project` will take, roughly: within a factor of two on two cores of 2025.

    Args:
        config: what is to be computed.
        n_items: how many items it projects.
    """
    return sum(_estimate_stages(config, n_items).values())


class _Stages:
    """Turns the share done of each stage into one of the whole, by how long each is expected to take."""

    def __init__(self, expected: Mapping[str, float], report: Report) -> None:
        self._expected = expected
        self._report = report
        self._began: dict[str, float] = {}
        self._reached = 0.0

    def enter(self, stage: str) -> Report:
        """Begin a stage and return what it is to report to."""
        total = sum(self._expected.values())
        names = list(self._expected)
        before = sum(self._expected[name] for name in names[: names.index(stage)]) / total
        width = self._expected[stage] / total
        self._began[stage] = time.perf_counter()
        return lambda sentence, share: self._pass_on(sentence, before + width * share)

    def _pass_on(self, sentence: str, share: float) -> None:
        # Sums of shares may come out a trifle above 1, or below what has been said before.
        self._reached = max(self._reached, min(share, 1.0))
        self._report(sentence, self._reached)

    def finish(self) -> dict[str, float]:
        """Return how long each stage took, and report that all is done."""
        self._report("Done", 1.0)
        times = [*self._began.values(), time.perf_counter()]
        return {name: round(times[place + 1] - times[place], 2) for place, name in enumerate(self._began)}


def _lay_out(
    config: ProjectionConfig,
    features: NDArray[np.float32],
    labels: NDArray[np.uint8],
    neighbors: embedding.Neighbors | None,
    report: Report,
) -> NDArray[np.float32]:
    if config.method == "pca":
        report("Laying the items out", 0.0)
        return embedding.embed_pca(features, config.dimensions)
    if config.method == "axis":
        report("Laying the items out", 0.0)
        return embedding.embed_axis(features, labels, config.from_class, config.to_class, config.dimensions)
    assert neighbors is not None
    if config.method == "umap":
        return embedding.embed_umap(features, neighbors, config.min_dist, config.dimensions, config.seed, report)
    return embedding.embed_tsne(features, neighbors, config.perplexity, config.dimensions, config.seed, report)


def _count_neighbors(config: ProjectionConfig) -> int:
    """Return how many others of each item the method wants to know."""
    # UMAP counts the item itself as one of its `n_neighbors`.
    return {"umap": config.n_neighbors - 1, "tsne": int(3 * config.perplexity)}.get(config.method, 0)


def _find_metric(config: ProjectionConfig) -> str:
    return config.metric if _count_neighbors(config) else "euclidean"


def _describe(config: ProjectionConfig, seconds: Mapping[str, float]) -> dict[str, object]:
    packages = ("numpy", "scikit-learn", *_PACKAGES.get(config.method, ()))
    return {
        "seconds": round(sum(seconds.values()), 2),
        "stages": dict(seconds),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in packages}},
    }


def _estimate_stages(config: ProjectionConfig, n_items: int) -> dict[str, float]:
    """Guess the seconds of each stage, from what they took on two cores."""
    width, features = _estimate_features(config, n_items)
    share = n_items / ITEMS
    # Nanoseconds for each pair of items: a comparison, and each of its numbers.
    pair = (1.5 + 0.012 * width) if _find_metric(config) != "manhattan" else (1 + 0.21 * width)
    stages = {"features": features}
    if _count_neighbors(config):
        stages["neighbors"] = 0.1 + pair * 1e-9 * n_items**2
    spatial = config.dimensions == 3
    stages["layout"] = {
        "pca": 0.05 + (0.1 + 0.003 * width) * share,
        "axis": 0.05 + (0.2 + 0.004 * width) * share,
        "umap": 8 + 20 * share,
        "tsne": 3 + (300 if spatial else 60) * share,
    }[config.method]
    sample = min(n_items, 5_000)
    stages["quality"] = (
        0.1 + pair * 1e-9 * sample * n_items * (0.2 if _count_neighbors(config) else 1) + 2 * (sample / 5_000) ** 2
    )
    return stages


def _estimate_features(config: ProjectionConfig, n_items: int) -> tuple[int, float]:
    """Guess how many numbers describe an item, and the seconds until they are there."""
    share = n_items / ITEMS
    if config.space == "pixels":
        return 784, 0.1 + 0.5 * share
    if config.space == "components":
        return config.n_components, 0.1 + 2 * share
    try:
        layer = load_layer(load_run(config.run_id))
    except FmnistError:
        layer = None
    return (128, 30.0) if layer is None else (layer.outputs.shape[1], 0.1 + 0.2 * share)
