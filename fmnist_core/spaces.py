"""Where a projection starts from: the numbers that describe each item."""

import numpy as np
from numpy.typing import NDArray

from fmnist_core import layers, runs
from fmnist_core.data import Dataset
from fmnist_core.errors import InvalidSettingError
from fmnist_core.fetch import Report, no_report
from fmnist_core.principal import compute_components, compute_scores
from fmnist_core.projection_config import ProjectionConfig
from fmnist_core.splits import Indices


def load_features(
    config: ProjectionConfig, items: Indices, dataset: Dataset, report: Report = no_report
) -> NDArray[np.float32]:
    """Describe items by their pixels, by their principal components or by what a network's layer says.

    Args:
        config: its `space`, `n_components`, `run_id` and `standardised` are looked at.
        items: n item numbers; components and standard deviations are those of these items alone.
        dataset: the items.
        report: called with a sentence and the share done, 0 to 1; may raise to stop.

    Returns:
        (n, d) float32: pixels 0 to 1 (d = 784), scores of the first components (d = `n_components`), or outputs of
        the penultimate layer; standardised, each pixel or output has mean 0 and variance 1, or is 0 if it never
        changes, and components are those of standardised pixels.

    Raises:
        RunNotFoundError: if the run or its network has gone.
        InvalidSettingError: if all these items are the same, or a network's outputs are no finite numbers.
    """
    report("Reading the items", 0.0)
    features = _LOADERS[config.space](config, items, dataset, report)
    if not np.isfinite(features).all():
        raise InvalidSettingError(f"`run_id` must name a network whose outputs are finite. Received: {config.run_id}.")
    if not np.ptp(features, axis=0).any():
        raise InvalidSettingError(
            f"The items must differ in the space that the projection starts from. Received: {len(items):,} equal ones."
        )
    report("Reading the items", 1.0)
    return features


def standardise(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give each column mean 0 and variance 1; one that never changes becomes 0.

    Args:
        features: (n, d) float32; changed in place.
    """
    constant = features.min(axis=0) == features.max(axis=0)
    features -= features.mean(axis=0, dtype=np.float64).astype(np.float32)
    deviations = features.std(axis=0, dtype=np.float64)
    features /= np.where(constant, 1, deviations).astype(np.float32)
    features[:, constant] = 0
    return features


def _load_pixels(config: ProjectionConfig, items: Indices, dataset: Dataset, _report: Report) -> NDArray[np.float32]:
    features = dataset.images[items].reshape(len(items), -1).astype(np.float32)
    features /= np.float32(255)
    return standardise(features) if config.standardised else features


def _load_components(config: ProjectionConfig, items: Indices, dataset: Dataset, report: Report) -> NDArray[np.float32]:
    images = dataset.images[items]
    if (images == images[0]).all():
        return np.zeros((len(items), config.n_components), np.float32)
    report("Computing principal components", 0.1)
    components = compute_components(images, config.standardised)
    return compute_scores(components, images, config.n_components)


def _load_layer(config: ProjectionConfig, items: Indices, dataset: Dataset, report: Report) -> NDArray[np.float32]:
    run = runs.load_run(config.run_id)
    layer = layers.load_layer(run) or layers.compute_layer(run, dataset, report)
    features = layer.outputs[items].astype(np.float32)
    return standardise(features) if config.standardised else features


_LOADERS = {"pixels": _load_pixels, "components": _load_components, "layer": _load_layer}
