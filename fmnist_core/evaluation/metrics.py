"""The usual figures of merit, each with its interval and with what it means in a sentence."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import InvalidSettingError
from fmnist_core.evaluation.intervals import (
    Estimate,
    Floats,
    compute_wilson,
    estimate_share,
    find_ends,
    resample_confusion,
    resample_means,
)

# A probability of 0 counts as this, as in Keras and in `compute_log_loss`.
LEAST_PROBABILITY = 1e-7


@dataclass(frozen=True)
class Metric:
    """A figure of merit.

    Attributes:
        title: what it is called.
        meaning: what it says, in a sentence.
        is_share: whether it is shown in per cent.
    """

    title: str
    meaning: str
    is_share: bool = True


METRICS: dict[str, Metric] = {
    "accuracy": Metric("Accuracy", "Of all items, the share whose most probable class is the right one."),
    "top_2": Metric("Top-2 accuracy", "The share whose right class is among the two most probable ones."),
    "macro_precision": Metric(
        "Precision, macro", "How far one can trust an answer: precision of each class, and the mean of the ten."
    ),
    "macro_recall": Metric(
        "Recall, macro", "How much of a class is found: recall of each class, and the mean of the ten."
    ),
    "macro_f1": Metric("F1, macro", "Precision and recall in one, low if either is low; the mean of the ten classes."),
    "weighted_precision": Metric(
        "Precision, weighted", "Precision of each class, and the mean with each counting for as much as it has items."
    ),
    "weighted_recall": Metric(
        "Recall, weighted", "Weighted by the number of items, recall is accuracy: the same sum in another order."
    ),
    "weighted_f1": Metric(
        "F1, weighted", "F1 of each class, and the mean with each counting for as much as it has items."
    ),
    "log_loss": Metric(
        "Log loss", "Surprise at the truth: 0 is never surprised, 2.3 is guessing; sure and wrong costs most.", False
    ),
    "brier": Metric(
        "Brier score",
        "Squared distance of the ten probabilities from the truth: 0 is perfect, 0.9 guessing, 2 the worst.",
        False,
    ),
}


def compute_metrics(
    labels: NDArray[np.uint8], probabilities: NDArray[np.float32], seed: int = 0
) -> dict[str, Estimate]:
    """Return every one of `METRICS` with its 95% interval, by name.

    Args:
        labels: true classes, (n,), n at least 1.
        probabilities: (n, 10).
        seed: decides what the bootstrap draws.

    Raises:
        InvalidSettingError: if there are no items.
    """
    n_items = len(labels)
    if n_items == 0:
        raise InvalidSettingError("The number of items must be at least 1. Received: 0.")
    confusion = count_confusion(labels, probabilities.argmax(axis=1))
    found = {
        "accuracy": estimate_share(int(np.trace(confusion)), n_items),
        "top_2": estimate_share(int(is_among(labels, probabilities, 2).sum()), n_items),
    }
    means, resampled = _average(confusion[np.newaxis])[0], _average(resample_confusion(confusion, seed))
    found |= _estimate_all(tuple(METRICS)[2:8], means, resampled)
    values = np.column_stack([compute_log_losses(labels, probabilities), compute_brier_scores(labels, probabilities)])
    found |= _estimate_all(("log_loss", "brier"), values.mean(axis=0), resample_means(values, seed))
    return found


def _estimate_all(names: tuple[str, ...], values: Floats, resampled: Floats) -> dict[str, Estimate]:
    ends = zip(*find_ends(resampled), strict=True)
    return {
        name: Estimate(float(value), float(low), float(high))
        for name, value, (low, high) in zip(names, values, ends, strict=True)
    }


def count_confusion(labels: NDArray[np.uint8], predicted: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return counts (10, 10), a row for each true class."""
    n_classes = len(CLASS_NAMES)
    cells = np.asarray(labels, np.int64) * n_classes + predicted
    return np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)


def is_among(labels: NDArray[np.uint8], probabilities: NDArray[np.float32], n: int) -> NDArray[np.bool_]:
    """Return whether the true class is among the `n` most probable, (n_items,); of equals the first class wins."""
    of_label = np.take_along_axis(probabilities, np.asarray(labels, np.int64)[:, np.newaxis], axis=1)
    before = np.arange(probabilities.shape[1]) < np.asarray(labels)[:, np.newaxis]
    return ((probabilities > of_label) | ((probabilities == of_label) & before)).sum(axis=1) < n


def compute_log_losses(labels: NDArray[np.uint8], probabilities: NDArray[np.floating]) -> Floats:
    """Return the cross-entropy of each item in nats, (n,)."""
    of_label = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return -np.log(np.clip(of_label, LEAST_PROBABILITY, 1.0))


def compute_brier_scores(labels: NDArray[np.uint8], probabilities: NDArray[np.floating]) -> Floats:
    """Return each item's squared distance from the truth, (n,), 0 to 2 (Brier, Monthly Weather Review 78, 1950)."""
    errors = probabilities.astype(np.float64)
    errors[np.arange(len(labels)), labels] -= 1
    return (errors**2).sum(axis=1)


@dataclass(frozen=True, eq=False)
class ClassScores:
    """Precision, recall and F1 of each class with the ends of their intervals.

    A class that is never named has a precision of 0, as scikit-learn would have it, and an interval from 0 to 1.

    Attributes:
        values, low, high: (10, 3), the columns in that order.
        support: items of each class, (10,).
    """

    values: Floats
    low: Floats
    high: Floats
    support: NDArray[np.int64]


CLASS_METRICS: dict[str, str] = {
    "Precision": "Of the items given this class, how many belong to it",
    "Recall": "Of the items of this class, how many were found",
    "F1": "Harmonic mean of the two: high only if both are",
}


def compute_class_scores(confusion_matrix: NDArray[np.int64], seed: int = 0) -> ClassScores:
    """Return how well each class is told from the others.

    Args:
        confusion_matrix: (10, 10) counts, a row for each true class, at least one item.
        seed: decides what the bootstrap draws, for F1; the others are shares.
    """
    values = _score_classes(confusion_matrix[np.newaxis])[0]
    hits = np.diag(confusion_matrix)
    support, named = confusion_matrix.sum(axis=1), confusion_matrix.sum(axis=0)
    ends = [compute_wilson(hits, named)[1:], compute_wilson(hits, support)[1:]]
    ends.append(find_ends(_score_classes(resample_confusion(confusion_matrix, seed))[..., 2]))
    low, high = (np.column_stack(columns) for columns in zip(*ends, strict=True))
    unknown = np.column_stack([named == 0, support == 0, support + named == 0])
    return ClassScores(values, np.where(unknown, 0.0, low), np.where(unknown, 1.0, high), support)


def _score_classes(confusion: NDArray[np.int64]) -> Floats:
    """Return precision, recall and F1, (r, 10, 3), of r confusion matrices; 0 where nothing was counted."""
    hits = np.einsum("rcc->rc", confusion)
    support, named = confusion.sum(axis=2), confusion.sum(axis=1)
    return np.stack(
        [hits / np.maximum(named, 1), hits / np.maximum(support, 1), 2 * hits / np.maximum(support + named, 1)], axis=2
    )


def _average(confusion: NDArray[np.int64]) -> Floats:
    """Return the six averages of r confusion matrices, (r, 6): three of them macro, three weighted."""
    scores, support = _score_classes(confusion), confusion.sum(axis=2)
    occurs = (support + confusion.sum(axis=1) > 0)[..., np.newaxis]
    macro = (scores * occurs).sum(axis=1) / occurs.sum(axis=1)
    weighted = np.einsum("rcm,rc->rm", scores, support / support.sum(axis=1, keepdims=True))
    return np.hstack([macro, weighted])
