"""Projections of all items against the obvious way: the same method of scikit-learn or umap-learn, as it comes.

Ours start from 50 principal components and use exact neighbours; the obvious way starts from the pixels. Both are
timed in one process, in turn, after each has run once on few items, so that nothing is compiled or imported meanwhile.
"""

import time
import warnings
from collections.abc import Callable

import numpy as np

# scikit-learn's t-SNE of all 70,000 items takes the better part of an hour.
TSNE_ITEMS = 10_000
PCA_ROUNDS = 5
WARM_UP_ITEMS = 500


def run() -> None:
    """Print the seconds of both ways, their ratio, and how good their maps are."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    from fmnist_core import neighbors, principal, projections
    from fmnist_core.data import load_dataset
    from fmnist_core.projection_config import ProjectionConfig

    warnings.simplefilter("ignore")
    dataset = load_dataset()
    pixels = dataset.images.reshape(70_000, -1).astype(np.float32) / 255

    def ours(config: ProjectionConfig) -> Callable[[], np.ndarray]:
        return lambda: projections.project(config, dataset).embedding

    _compare(
        f"PCA, 70,000 items, all 784 components, best of {PCA_ROUNDS}",
        lambda: principal.compute_components(dataset.images).variances,
        lambda: PCA().fit(pixels).explained_variance_,
        PCA_ROUNDS,
    )
    import umap  # now, as it brings TensorFlow

    ours(ProjectionConfig(method="umap", per_class=WARM_UP_ITEMS // 10))()
    umap.UMAP(random_state=0).fit_transform(pixels[: 10 * WARM_UP_ITEMS])
    maps = _compare(
        "UMAP, 70,000 items, seed 0; ours with its quality measured",
        ours(ProjectionConfig(method="umap")),
        lambda: umap.UMAP(random_state=0).fit_transform(pixels),
    )
    _print_quality(pixels, maps, dataset.labels, neighbors.compute_quality)
    few = ProjectionConfig(method="tsne", per_class=TSNE_ITEMS // 10)
    items = projections.project(ProjectionConfig(method="pca", per_class=TSNE_ITEMS // 10), dataset).items
    ours(ProjectionConfig(method="tsne", per_class=WARM_UP_ITEMS // 10))()
    maps = _compare(
        f"t-SNE, {TSNE_ITEMS:,} items, seed 0; ours with its quality measured",
        ours(few),
        lambda: TSNE(random_state=0, n_jobs=-1).fit_transform(pixels[items]),
    )
    _print_quality(pixels[items], maps, dataset.labels[items], neighbors.compute_quality)


def _compare(name: str, ours: Callable, obvious: Callable, rounds: int = 1) -> list[np.ndarray]:
    seconds: list[list[float]] = [[], []]
    results = [np.zeros(0), np.zeros(0)]
    for _ in range(rounds):
        for way, compute in enumerate((ours, obvious)):
            began = time.perf_counter()
            results[way] = compute()
            seconds[way].append(time.perf_counter() - began)
    best = [min(times) for times in seconds]
    print(f"{name}: ours {best[0]:.2f} s, the obvious way {best[1]:.2f} s, ratio {best[1] / best[0]:.1f}", flush=True)
    return results


def _print_quality(pixels: np.ndarray, maps: list[np.ndarray], labels: np.ndarray, compute: Callable) -> None:
    for who, embedding in zip(("ours", "obvious"), maps, strict=True):
        quality = compute(pixels, np.asarray(embedding, np.float32), labels)
        print(
            f"  {who}, against the pixels: trustworthiness {quality['trustworthiness']:.3f}, neighbours' vote "
            f"{quality['neighbor_accuracy']:.1%} on the map, {quality['neighbor_accuracy_original']:.1%} in the pixels",
            flush=True,
        )
