"""Principal components of the items: how much each explains, what it looks like, and items rebuilt from a few.

Source: Pearson, "On lines and planes of closest fit to systems of points in space", 1901; computed by
scikit-learn from the covariance matrix.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    deviations = np.ones(pixels.shape[1])
    if standardised:
        deviations = pixels.std(axis=0, dtype=np.float64)
        deviations[deviations == 0] = 1.0
        pixels = pixels / deviations.astype(np.float32)
    solver = "covariance_eigh" if len(pixels) >= pixels.shape[1] else "full"
    fitted = PCA(svd_solver=solver).fit(pixels)
    vectors = fitted.components_.astype(np.float64)
    largest = np.abs(vectors).argmax(axis=1)
    vectors *= np.sign(vectors[np.arange(len(vectors)), largest])[:, np.newaxis]
    variances = fitted.explained_variance_.astype(np.float64).clip(min=0)
    return PrincipalComponents(
        fitted.mean_.astype(np.float64) * deviations, deviations, vectors, variances, float(variances.sum())
    )


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
