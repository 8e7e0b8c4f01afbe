"""Classical classifiers that the papers compare their networks with, by scikit-learn: fit once, no epochs.

They take the same raw pixels as the networks and answer with probabilities, so that the same figures can be worked
out for them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import InvalidSettingError

if TYPE_CHECKING:
    from sklearn.base import ClassifierMixin

# Dalal and Triggs' choice: 9 orientations; cells of 7 pixels cut 28 into four.
_ORIENTATIONS, _CELL = 9, 7


@dataclass(frozen=True)
class Baseline:
    """A classifier to fit.

    Attributes:
        title: for the user.
        description: one sentence on how it decides.
        build: makes the untrained scikit-learn estimator from a seed; it takes (n, 784) float32, 0 to 1, and has
            predict_proba.
    """

    title: str
    description: str
    build: Callable[[int], "ClassifierMixin"]


def fit_baseline(name: str, images: NDArray[np.uint8], labels: NDArray[np.uint8], seed: int = 0) -> "ClassifierMixin":
    """Fit a baseline.

    Args:
        name: key of `BASELINES`.
        images: (n, 28, 28) uint8.
        labels: (n,) classes.
        seed: handed to scikit-learn as random_state.

    Raises:
        InvalidSettingError: for an unknown name.
    """
    if name not in BASELINES:
        raise InvalidSettingError(f"`baseline` must be one of {', '.join(BASELINES)}. Received: {name}.")
    return BASELINES[name].build(seed).fit(_flatten(images), labels)


def predict_probabilities(classifier: Any, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the probabilities of the ten classes, (n, 10) float32, of images (n, 28, 28) uint8."""
    probabilities = np.zeros((len(images), 10), np.float32)
    probabilities[:, classifier.classes_] = classifier.predict_proba(_flatten(images))
    return probabilities


def compute_hog(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Describe images by histograms of oriented gradients.

    Source: Dalal and Triggs, "Histograms of oriented gradients for human detection", CVPR 2005: unsigned gradients in
    9 orientations, each shared between the two nearest; cells of 7 × 7 pixels; overlapping blocks of 2 × 2 cells,
    each normalised, clipped at 0.2 and normalised again.

    Args:
        pixels: (n, 784) float32, 0 to 1.

    Returns:
        (n, 324) float32: 3 × 3 blocks of 2 × 2 cells of 9 orientations.
    """
    images = pixels.reshape(-1, 28, 28)
    down, right = (np.gradient(images, axis=axis) for axis in (1, 2))
    strength = np.hypot(down, right)
    place = np.arctan2(down, right) % np.pi / np.pi * _ORIENTATIONS - 0.5
    lower = np.floor(place).astype(int)
    share = (place - lower).astype(np.float32)
    cells = np.zeros((len(images), 4, 4, _ORIENTATIONS), np.float32)
    for orientation in range(_ORIENTATIONS):
        votes = strength * (
            (lower % _ORIENTATIONS == orientation) * (1 - share) + ((lower + 1) % _ORIENTATIONS == orientation) * share
        )
        cells[..., orientation] = votes.reshape(-1, 4, _CELL, 4, _CELL).sum(axis=(2, 4))
    windows = np.lib.stride_tricks.sliding_window_view(cells, (2, 2), axis=(1, 2))
    blocks = np.moveaxis(windows, 3, -1).reshape(len(images), 9, -1)
    blocks = np.minimum(_normalize(blocks), 0.2)
    return _normalize(blocks).reshape(len(images), -1)


def _normalize(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return vectors / np.sqrt((vectors**2).sum(axis=-1, keepdims=True) + 1e-6)


def _flatten(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return images.reshape(len(images), -1).astype(np.float32) / np.float32(255)


def _logistic_regression(seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=100, random_state=seed)


def _nearest_neighbors(_seed: int) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(n_neighbors=5, algorithm="brute")


def _random_forest(seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(n_estimators=100, n_jobs=-1, random_state=seed)


def _linear_svm(seed: int) -> Any:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.svm import LinearSVC

    # A support vector machine has no probabilities of its own; Platt's way is learned on three folds.
    return CalibratedClassifierCV(LinearSVC(C=0.1, random_state=seed), cv=3)


def _hog_svm(seed: int) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    return make_pipeline(FunctionTransformer(compute_hog), _linear_svm(seed))


BASELINES: dict[str, Baseline] = {
    "logistic-regression": Baseline(
        "Logistic regression", "Weighs every pixel once for each class and adds up.", _logistic_regression
    ),
    "k-nearest-neighbors": Baseline(
        "k nearest neighbours", "Asks the five training items that differ least in their pixels.", _nearest_neighbors
    ),
    "random-forest": Baseline(
        "Random forest", "Lets a hundred trees of questions about single pixels vote.", _random_forest
    ),
    "linear-svm": Baseline(
        "Linear support vector machine", "Separates each class from the rest by the widest gap.", _linear_svm
    ),
    "hog-svm": Baseline("HOG + linear SVM", "The same, but on the directions of edges instead of pixels.", _hog_svm),
}
