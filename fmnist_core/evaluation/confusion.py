"""Which classes are taken for which: the confusion matrix read, ordered and put into words."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import InvalidSettingError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Normalization:
    """A way to write a confusion matrix, with a title and, for shares, what they are shares of."""

    title: str
    axis: int | None


NORMALIZATIONS: dict[str, Normalization] = {
    "counts": Normalization("Counts", None),
    "rows": Normalization("% of true class", 1),
    "columns": Normalization("% of predicted class", 0),
}

# As one speaks of several; the data call a pair of trousers "Trouser".
_PLURALS = (
    "T-shirts",
    "trousers",
    "pullovers",
    "dresses",
    "coats",
    "sandals",
    "shirts",
    "sneakers",
    "bags",
    "ankle boots",
)
_SINGULARS = (
    "T-shirt",
    "pair of trousers",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)


def normalize_rows(confusion_matrix: NDArray[np.int64]) -> NDArray[np.float64]:
    """Divide each row by its sum, so that it shows where the items of a class go; an empty row stays 0."""
    return normalize_confusion(confusion_matrix, "rows")


def normalize_confusion(confusion_matrix: NDArray[np.int64], normalization: str) -> NDArray[np.float64]:
    """Write a confusion matrix as a key of `NORMALIZATIONS` says; a row or column without items stays 0.

    Raises:
        InvalidSettingError: for an unknown key.
    """
    if normalization not in NORMALIZATIONS:
        raise InvalidSettingError(
            f"`normalization` must be one of {', '.join(NORMALIZATIONS)}. Received: {normalization}."
        )
    axis = NORMALIZATIONS[normalization].axis
    if axis is None:
        return confusion_matrix.astype(np.float64)
    return confusion_matrix / np.maximum(confusion_matrix.sum(axis=axis, keepdims=True), 1)


def order_classes(confusion_matrix: NDArray[np.int64]) -> list[int]:
    """Return the ten classes in an order in which those that are confused stand side by side.

    Classes are joined by average linkage, as far apart as they are seldom confused in either direction; the leaves
    of that tree are then turned so that neighbours are as close as they can be (Bar-Joseph et al., "Fast optimal leaf
    ordering for hierarchical clustering", 2001).

    Args:
        confusion_matrix: (10, 10) counts; without any error the classes stay as they are.
    """
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    shares = normalize_rows(confusion_matrix)
    nearness = (shares + shares.T) / 2
    np.fill_diagonal(nearness, 0)
    if not nearness.any():
        return list(range(len(CLASS_NAMES)))
    distances = 1 - nearness / nearness.max()
    np.fill_diagonal(distances, 0)
    order = leaves_list(linkage(squareform(distances), "average", optimal_ordering=True)).tolist()
    # Read backwards it is as good: take the direction that begins with the class of the lower number.
    return order if order[0] < order[-1] else order[::-1]


def tabulate_classes(confusion_matrix: NDArray[np.int64]) -> "pd.DataFrame":
    """Return precision, recall, f1-score and support of each class, a row each; 0 where nothing was to be divided."""
    import pandas as pd

    hits = np.diag(confusion_matrix)
    support, called = confusion_matrix.sum(axis=1), confusion_matrix.sum(axis=0)
    return pd.DataFrame(
        {
            "class": CLASS_NAMES,
            "precision": hits / np.maximum(called, 1),
            "recall": hits / np.maximum(support, 1),
            "f1-score": 2 * hits / np.maximum(support + called, 1),
            "support": support,
        }
    )


def find_cell(
    labels: NDArray[np.uint8],
    probabilities: NDArray[np.float32],
    class_index: int | None,
    predicted_index: int | None,
) -> NDArray[np.int64]:
    """Return the positions of items of one class that were given to another: mistakes first, the most confident first.

    Args:
        labels: true classes, (n,).
        probabilities: (n, 10).
        class_index: the true class; None for any, a whole column of the matrix.
        predicted_index: what they were taken for; None for anything, a whole row.
    """
    predicted = probabilities.argmax(axis=1)
    held = np.ones(len(labels), dtype=bool)
    if class_index is not None:
        held &= labels == class_index
    if predicted_index is not None:
        held &= predicted == predicted_index
    members = np.flatnonzero(held)
    right = predicted[members] == labels[members]
    return members[np.lexsort((-probabilities[members].max(axis=1), right))]


def find_confused_pairs(confusion_matrix: NDArray[np.int64], n: int = 3) -> list[tuple[int, int, int]]:
    """Return the `n` most frequent confusions as (true class, predicted class, count)."""
    errors = confusion_matrix.copy()
    np.fill_diagonal(errors, 0)
    order = np.argsort(-errors, axis=None, kind="stable")[:n]
    pairs = [divmod(int(position), len(CLASS_NAMES)) for position in order]
    return [(true, predicted, int(errors[true, predicted])) for true, predicted in pairs if errors[true, predicted]]


def say_confusion(class_index: int, predicted_index: int, count: int) -> str:
    """Return a cell of the matrix in words, such as "170 shirts were called T-shirts"."""
    rightly = "rightly " if class_index == predicted_index else ""
    if count == 1:
        return f"{_count(class_index, 1)} was {rightly}called {_say_one(predicted_index)}"
    return f"{_count(class_index, count)} were {rightly}called {_PLURALS[predicted_index]}"


def say_row(class_index: int, confusion_matrix: NDArray[np.int64]) -> str:
    """Return what became of the items of a class, such as "1,000 shirts, 752 of them called rightly"."""
    row = confusion_matrix[class_index]
    return f"{_count(class_index, int(row.sum()))}, {row[class_index]:,} of them called rightly"


def say_column(predicted_index: int, confusion_matrix: NDArray[np.int64]) -> str:
    """Return what is behind an answer, such as "980 items called shirts, 752 of them rightly"."""
    column = confusion_matrix[:, predicted_index]
    count, hits = int(column.sum()), int(column[predicted_index])
    items = (
        f"1 item called {_say_one(predicted_index)}"
        if count == 1
        else f"{count:,} items called {_PLURALS[predicted_index]}"
    )
    return f"{items}, {hits:,} of them rightly"


def _count(class_index: int, count: int) -> str:
    return f"1 {_SINGULARS[class_index]}" if count == 1 else f"{count:,} {_PLURALS[class_index]}"


def _say_one(class_index: int) -> str:
    name = _SINGULARS[class_index]
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
