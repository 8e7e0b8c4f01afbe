"""Overfitting: how much better a network knows the items that it was trained on than those that it never saw."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.dynamics import Dynamics
from fmnist_core.evaluation.intervals import Estimate, Floats, compute_wilson, estimate_difference, estimate_share


@dataclass(frozen=True, eq=False)
class Part:
    """How one part of a split was answered: all of it and by class.

    Attributes:
        items: how many of each class, (10,).
        hits: how many of these were answered rightly, (10,).
    """

    items: NDArray[np.int64]
    hits: NDArray[np.int64]

    @property
    def accuracy(self) -> Estimate:
        """Share of right answers among all its items, of which there must be one."""
        return estimate_share(int(self.hits.sum()), int(self.items.sum()))

    @property
    def class_accuracy(self) -> tuple[Floats, Floats, Floats]:
        """Share of right answers by class with the ends of its interval, (10,) each; NaN, 0, 1 without items."""
        value, low, high = compute_wilson(self.hits, self.items)
        return value, np.where(self.items > 0, low, 0.0), np.where(self.items > 0, high, 1.0)


def count_part(labels: NDArray[np.uint8], predicted: NDArray[np.integer]) -> Part:
    """Count right answers by class; both arrays are (n,), and n may be 0."""
    n_classes = len(CLASS_NAMES)
    return Part(np.bincount(labels, minlength=n_classes), np.bincount(labels[labels == predicted], minlength=n_classes))


@dataclass(frozen=True, eq=False)
class Gaps:
    """Accuracy on training items less accuracy on test items, as shares.

    Attributes:
        overall: of all items.
        by_class: of each class, (10,), in the classes' order; None for a class that one of the parts lacks.
    """

    overall: Estimate
    by_class: tuple[Estimate | None, ...]


def compute_gaps(train: Part, test: Part) -> Gaps:
    """Return how much better the items of one part are known than those of another; both have items."""
    pairs = zip(train.hits, train.items, test.hits, test.items, strict=True)
    by_class = tuple(
        estimate_difference(estimate_share(int(hit), int(total)), estimate_share(int(other), int(of)))
        if total and of
        else None
        for hit, total, other, of in pairs
    )
    return Gaps(estimate_difference(train.accuracy, test.accuracy), by_class)


# What becomes of an item, from the best to the worst; every item has one of these fates.
FATES: dict[str, str] = {
    "at_once": "right in every epoch",
    "learned": "learned later, never forgotten",
    "relearned": "forgotten, learned again",
    "lost": "forgotten, wrong at the end",
    "never": "never right",
}


def count_fates(dynamics: Dynamics, labels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return how many items of each class have each of the `FATES`, (10, 5).

    Args:
        dynamics: of n items.
        labels: their true classes, (n,).
    """
    right_at_end, forgotten = dynamics.learned_at > 0, dynamics.forgotten > 0
    at_once, never = dynamics.correctness == 1, dynamics.correctness == 0
    fates = (
        at_once,
        right_at_end & ~forgotten & ~at_once,
        right_at_end & forgotten,
        ~right_at_end & ~never,
        never,
    )
    counts = [np.bincount(labels[fate], minlength=len(CLASS_NAMES)) for fate in fates]
    return np.stack(counts, axis=1)


def find_turn(epochs: Floats, losses: Mapping[str, Floats]) -> int | None:
    """Return the epoch of the lowest validation loss if the training loss fell on after it, else None.

    From there on the network learns what holds for the training items only.

    Args:
        epochs: their numbers, (e,).
        losses: "train" and "validation", (e,) each; NaN where one is not known.
    """
    known = np.isfinite(losses["train"]) & np.isfinite(losses["validation"])
    if known.sum() < 2:
        return None
    numbers, train, validation = epochs[known], losses["train"][known], losses["validation"][known]
    best = int(validation.argmin())
    falls_on = best < len(numbers) - 1 and train[-1] < train[best]
    return int(numbers[best]) if falls_on else None
