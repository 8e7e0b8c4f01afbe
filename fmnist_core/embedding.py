"""The methods of projection: arrays in, positions in a plane or in space out.

Each is deterministic: the same features and settings give the same positions on the same machine.
"""

import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import InvalidSettingError
from fmnist_core.fetch import Report, no_report

Features = NDArray[np.float32]
Neighbors = tuple[NDArray[np.int32], NDArray[np.float32]]

# Of UMAP, on two cores of 2025.
_PREPARING_SECONDS = 8.0
_ITEMS_A_SECOND = 4_000

# As in van der Maaten's paper and all programs since: classes first gather, then spread.
_EXAGGERATION = 12
_EARLY_ITERATIONS = 250
# Below, a tree on one processor core beats interpolation on a grid, and threads cost more than they bring.
_FEW = 5_000
_ITERATIONS = 500


def embed_pca(features: Features, dimensions: int = 2) -> Features:
    """Lay items out along their first principal components.

    Args:
        features: (n, d) float32.
        dimensions: how many components.

    Returns:
        (n, dimensions) float32, mean 0, each component with the sign that makes its largest weight positive; 0 where
        the features have fewer dimensions.
    """
    from sklearn.decomposition import PCA

    n_components = min(dimensions, *features.shape)
    solver = "covariance_eigh" if features.shape[0] >= features.shape[1] else "full"
    # Centred before they get to scikit-learn, whose covariance in float32 would lose digits otherwise.
    centred = features - features.mean(axis=0, dtype=np.float64).astype(np.float32)
    scores = np.zeros((len(features), dimensions), np.float32)
    if not centred.any():
        return scores
    vectors = PCA(n_components, svd_solver=solver).fit(centred).components_
    vectors = vectors * np.sign(vectors[np.arange(n_components), np.abs(vectors).argmax(axis=1)])[:, np.newaxis]
    scores[:, :n_components] = centred @ vectors.T
    return scores


def embed_axis(
    features: Features, labels: NDArray[np.uint8], from_class: int, to_class: int, dimensions: int = 2
) -> Features:
    """Lay items out between the mean items of two classes.

    Args:
        features: (n, d) float32.
        labels: (n,) classes of these items.
        from_class: index of the class whose mean is at 0.
        to_class: index of the class whose mean is at 1.
        dimensions: 2 or 3.

    Returns:
        (n, dimensions) float32: along the line from the one mean, at 0, to the other, at 1; then the first principal
        components of what that line leaves over, in the same unit.

    Raises:
        InvalidSettingError: if one of the classes has no items, or both have the same mean.
    """
    for class_index in (from_class, to_class):
        if not (labels == class_index).any():
            raise InvalidSettingError(
                f"A custom axis needs items of both its classes. Received: none of {CLASS_NAMES[class_index]}."
            )
    start, end = (features[labels == index].mean(axis=0, dtype=np.float64) for index in (from_class, to_class))
    length = float(np.linalg.norm(end - start))
    if length < 1e-6:
        names = f"{CLASS_NAMES[from_class]} and {CLASS_NAMES[to_class]}"
        raise InvalidSettingError(f"The two classes of a custom axis must differ in their means. Received: {names}.")
    direction = ((end - start) / length).astype(np.float32)
    along = features @ direction - np.float32(start @ direction)
    rest = features - np.outer(along, direction)
    return (np.column_stack([along, embed_pca(rest, dimensions - 1)]) / length).astype(np.float32)


def embed_umap(
    features: Features,
    neighbors: Neighbors,
    min_dist: float = 0.1,
    dimensions: int = 2,
    seed: int = 0,
    report: Report = no_report,
) -> Features:
    """Lay items out by UMAP.

    Source: McInnes, Healy, Melville, "UMAP: Uniform Manifold Approximation and Projection for Dimension Reduction",
    arXiv 1802.03426. It starts from the principal components, which keeps the families of classes where PCA has them
    (Kobak and Linderman, "Initialization is critical for preserving global data structure", 2021).

    Args:
        features: (n, d) float32.
        neighbors: positions and distances, (n, k) each, of each item's nearest others; what UMAP calls `n_neighbors`
            counts the item itself and is therefore k + 1.
        min_dist: how close items may come to each other, 0 to 0.99.
        dimensions: 2 or 3.
        seed: decides what is random; with one, UMAP works on one processor core.
        report: called with a sentence and the share done, 0 to 1; may raise to stop.

    Returns:
        (n, dimensions) float32.
    """
    # Importing and compiling take some seconds whatever the number of items.
    prepared = _PREPARING_SECONDS / (_PREPARING_SECONDS + len(features) / _ITEMS_A_SECOND)
    report("Preparing UMAP", 0.0)
    umap = _import_umap()
    report("Preparing UMAP", prepared / 3)
    itself = np.arange(len(features), dtype=np.int32)[:, np.newaxis]
    indices = np.hstack([itself, neighbors[0]])
    distances = np.hstack([np.zeros((len(features), 1), np.float32), neighbors[1]])
    start = _spread(embed_pca(features, dimensions), 10.0, seed)
    method = umap.UMAP(
        n_neighbors=indices.shape[1],
        n_components=dimensions,
        min_dist=min_dist,
        init=start,
        precomputed_knn=(indices, distances),
        random_state=seed,
        n_jobs=1,
        tqdm_kwds={"disable": False, "bar_format": "{n}/{total}", "file": _Tape(report, prepared), "miniters": 1},
    )
    with warnings.catch_warnings():
        # It warns that new items cannot be added, which nobody wants to.
        warnings.simplefilter("ignore")
        # The neighbours say all that UMAP needs; of the features it only wants to know how many there are.
        return method.fit_transform(start)


def embed_tsne(
    features: Features,
    neighbors: Neighbors,
    perplexity: float = 30.0,
    dimensions: int = 2,
    seed: int = 0,
    report: Report = no_report,
) -> Features:
    """Lay items out by t-SNE.

    Sources: van der Maaten and Hinton, "Visualizing data using t-SNE", 2008; Linderman et al., "Fast
    interpolation-based t-SNE", 2019, for many items in two dimensions; van der Maaten, "Accelerating t-SNE using
    tree-based algorithms", 2014, for the others; computed by openTSNE.

    Args:
        features: (n, d) float32.
        neighbors: positions and distances, (n, int(3 * perplexity)) each, of each item's nearest others.
        perplexity: how many neighbours count, more or less.
        dimensions: 2 or 3.
        seed: decides what is random.
        report: called with a sentence and the share done, 0 to 1; may raise to stop.

    Returns:
        (n, dimensions) float32.
    """
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    report("Preparing t-SNE", 0.0)
    n_jobs = 1 if len(features) < _FEW else -1
    knn_index = PrecomputedNeighbors(*neighbors)
    affinities = PerplexityBasedNN(perplexity=perplexity, knn_index=knn_index, n_jobs=n_jobs)
    embedding = TSNEEmbedding(
        _spread(embed_pca(features, dimensions), 1e-4, seed).astype(np.float64),
        affinities,
        negative_gradient_method="bh" if dimensions == 3 or len(features) < _FEW else "fft",
        n_jobs=n_jobs,
        random_state=seed,
    )
    done = 0
    for n_iterations, settings in (
        (_EARLY_ITERATIONS, {"exaggeration": _EXAGGERATION, "momentum": 0.5}),
        (_ITERATIONS, {"momentum": 0.8}),
    ):
        embedding.optimize(
            n_iterations, inplace=True, callbacks=_listen(report, done), callbacks_every_iters=5, **settings
        )
        done += n_iterations
    return np.asarray(embedding, np.float32)


def _listen(report: Report, done: int) -> Callable[[int, float, Any], None]:
    def listen(iteration: int, _error: float, _embedding: Any) -> None:
        report("Optimising the layout", (done + iteration) / (_EARLY_ITERATIONS + _ITERATIONS))

    return listen


def _spread(positions: Features, size: float, seed: int) -> Features:
    """Scale positions to a standard deviation of `size` along the first axis, and part those that coincide."""
    noise = np.random.default_rng(seed).normal(0, 1e-3 * size, positions.shape)
    return (positions / positions[:, 0].std() * size + noise).astype(np.float32)


def _import_umap() -> Any:
    # UMAP's package imports all of TensorFlow for a variant of it that nobody asks for here: ten seconds.
    # An entry of None makes an import fail, which the package is prepared for.
    variant = "umap.parametric_umap"
    if "umap" not in sys.modules:
        sys.modules[variant] = None  # type: ignore[assignment]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import umap
        finally:
            sys.modules.pop(variant, None)
    import umap

    return umap


class _Tape:
    """Where UMAP writes its progress bar, and where it is read as numbers."""

    def __init__(self, report: Report, already_done: float) -> None:
        self._report = report
        self._already_done = already_done
        self._stopped = False

    def write(self, text: str) -> None:
        """Read "12/200"; what `report` raises ends the computation."""
        done, slash, total = text.strip().partition("/")
        if not slash or self._stopped:
            return
        share = int(done) / int(total)
        # Should the report raise, it stays so: the bar writes once more while it is taken down.
        self._stopped = True
        self._report("Optimising the layout", self._already_done * (1 - share) + share)
        self._stopped = False

    def flush(self) -> None:
        """Do nothing: what is written has been read."""
