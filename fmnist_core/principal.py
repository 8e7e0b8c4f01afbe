"""Principal components of the items: how much each explains, what it looks like, and items rebuilt from a few.

Source: Pearson, "On lines and planes of closest fit to systems of points in space", 1901; computed by
scikit-learn from the covariance matrix.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES

_CHUNK = 5_000


@dataclass(frozen=True, eq=False)
class PrincipalComponents:
    """The principal components of some images, on pixels / 255.

    Attributes:
        mean: (784,) float64, the mean item.
        deviations: (784,) float64, what each pixel was divided by: 1, or its standard deviation if standardised.
        vectors: (k, 784) float64, components of length 1, the one that explains most first; each with the sign
            that makes its largest weight positive.
        variances: (k,) float64, variance along each.
        total_variance: of all pixels together.
    """

    mean: NDArray[np.float64]
    deviations: NDArray[np.float64]
    vectors: NDArray[np.float64]
    variances: NDArray[np.float64]
    total_variance: float

    @property
    def explained_variance_ratio(self) -> NDArray[np.float64]:
        """Share of the variance along each component, (k,), summing to 1 if there are all 784."""
        return self.variances / self.total_variance

    @property
    def loadings(self) -> NDArray[np.float64]:
        """How strongly each pixel goes with each component, (k, 784): the component times its standard deviation."""
        return self.vectors * np.sqrt(self.variances)[:, np.newaxis]

    @property
    def is_standardised(self) -> bool:
        """Whether the pixels were divided by their standard deviations."""
        return bool((self.deviations != 1).any())


def compute_components(images: NDArray[np.uint8], standardised: bool = False) -> PrincipalComponents:
    """Compute all principal components.

    Args:
        images: (n, 28, 28) uint8, at least two.
        standardised: give every pixel variance 1 first; one that never changes stays as it is.

    Returns:
        min(n, 784) components.
    """
    from sklearn.decomposition import PCA

    pixels = _flatten(images)
    # Centred before they get to scikit-learn, whose covariance in float32 would lose the fourth digit otherwise.
    mean = pixels.mean(axis=0, dtype=np.float64)
    pixels -= mean.astype(np.float32)
    deviations = np.ones(pixels.shape[1])
    if standardised:
        deviations = pixels.std(axis=0, dtype=np.float64)
        # Not by a deviation of 0, which rounding may miss.
        deviations[pixels.min(axis=0) == pixels.max(axis=0)] = 1.0
        pixels = pixels / deviations.astype(np.float32)
    solver = "covariance_eigh" if len(pixels) >= pixels.shape[1] else "full"
    fitted = PCA(svd_solver=solver).fit(pixels)
    vectors = fitted.components_.astype(np.float64)
    largest = np.abs(vectors).argmax(axis=1)
    vectors *= np.sign(vectors[np.arange(len(vectors)), largest])[:, np.newaxis]
    variances = fitted.explained_variance_.astype(np.float64).clip(min=0)
    return PrincipalComponents(mean, deviations, vectors, variances, float(variances.sum()))


def count_components(components: PrincipalComponents, share: float) -> int:
    """Return how many components are needed to explain at least `share` of the variance, 0 < share <= 1."""
    reached = np.cumsum(components.explained_variance_ratio)
    return min(int(np.searchsorted(reached, share - 1e-9)) + 1, len(reached))


def compute_scores(components: PrincipalComponents, images: NDArray[np.uint8], n_components: int) -> NDArray:
    """Return where items lie along the first components.

    Args:
        components: the components.
        images: (n, 28, 28) uint8.
        n_components: how many, 0 to k.

    Returns:
        (n, n_components) float32.
    """
    weights = (components.vectors[:n_components] / components.deviations).T.astype(np.float32)
    offset = (components.mean @ weights).astype(np.float32)
    scores = np.empty((len(images), n_components), np.float32)
    for start in range(0, len(images), _CHUNK):
        scores[start : start + _CHUNK] = _flatten(images[start : start + _CHUNK]) @ weights - offset
    return scores


def reconstruct(components: PrincipalComponents, scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Rebuild items from their first components.

    Args:
        components: the components.
        scores: (n, k) as `compute_scores` returns them; k of 0 gives the mean item.

    Returns:
        (n, 28, 28) float64, 0 to 255 in the main; it may stray beyond, as the components know no bounds.
    """
    pixels = (scores @ components.vectors[: scores.shape[1]]) * components.deviations + components.mean
    return (pixels * 255).reshape(-1, 28, 28)


def _flatten(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return images.reshape(len(images), -1).astype(np.float32) / np.float32(255)


def compute_scores_along(
    components: PrincipalComponents, images: NDArray[np.uint8], component: int
) -> NDArray[np.float32]:
    """Return where items lie along one component.

    Args:
        components: the components.
        images: (n, 28, 28) uint8.
        component: its number, counted from 1.

    Returns:
        (n,) float32.
    """
    alone = replace(components, vectors=components.vectors[component - 1 : component])
    return compute_scores(alone, images, 1)[:, 0]


def compute_score_quantiles(
    scores: NDArray[np.float32], labels: NDArray[np.uint8], shares: Sequence[float]
) -> NDArray[np.float64]:
    """Return how each class spreads along a component.

    Args:
        scores: (n,) scores along it.
        labels: (n,) class indices.
        shares: of the class's items that lie below, each from 0 to 1.

    Returns:
        (10, len(shares)) scores; NaN for a class without items.
    """
    return np.stack(
        [
            np.quantile(members, shares) if len(members) else np.full(len(shares), np.nan)
            for members in (scores[labels == class_index] for class_index in range(len(CLASS_NAMES)))
        ]
    ).astype(np.float64)


def draw_loadings(components: PrincipalComponents, component: int) -> NDArray[np.float64]:
    """Return the loadings of one component as a picture.

    Args:
        components: the components.
        component: its number, counted from 1.

    Returns:
        (28, 28) float64. On pixels as they are: the grey levels, of 255, by which a pixel grows when an item moves one
        standard deviation along the component. Standardised: the correlation of the pixel with the component.
    """
    unit = 1.0 if components.is_standardised else 255.0
    return components.loadings[component - 1].reshape(28, 28) * unit


def compute_reconstruction_errors(
    components: PrincipalComponents, images: NDArray[np.uint8], counts: Sequence[int]
) -> NDArray[np.float64]:
    """Return how far items are from what their first components make of them.

    Args:
        components: the components.
        images: (n, 28, 28) uint8.
        counts: numbers of components, each 0 to k.

    Returns:
        (n, len(counts)) float64: the root of the mean squared difference of a pixel, in grey levels of 255.
    """
    pixels = _flatten(images).astype(np.float64)
    scores = compute_scores(components, images, max(counts))
    rebuilt = np.tile(components.mean, (len(images), 1))
    errors = np.empty((len(images), len(counts)))
    done = 0
    # From few to many, so that each component is added once.
    for position in np.argsort(counts):
        added = slice(done, counts[position])
        rebuilt += (scores[:, added] @ components.vectors[added]) * components.deviations
        errors[:, position] = 255 * np.sqrt(np.mean((pixels - rebuilt) ** 2, axis=1))
        done = counts[position]
    return errors


def compute_kept_shares(scores: NDArray[np.float32], n_components: int) -> NDArray[np.float64]:
    """Return how much of each item's squared distance from the mean its first components hold.

    Args:
        scores: (n, k) along all components.
        n_components: how many are kept, 0 to k.

    Returns:
        (n,) from 0 to 1; 1 for an item that is the mean.
    """
    squares = np.square(scores.astype(np.float64))
    whole = squares.sum(axis=1)
    return np.divide(squares[:, :n_components].sum(axis=1), whole, out=np.ones(len(whole)), where=whole > 0)


def walk_along(components: PrincipalComponents, component: int, deviations: Sequence[float]) -> NDArray[np.float64]:
    """Move the mean item along one component.

    Args:
        components: the components.
        component: its number, counted from 1.
        deviations: how far, n multiples of the standard deviation along it.

    Returns:
        (n, 28, 28) float64, 0 to 255 in the main.
    """
    scores = np.zeros((len(deviations), component), np.float32)
    scores[:, -1] = np.asarray(deviations) * np.sqrt(components.variances[component - 1])
    return reconstruct(components, scores)
