"""The answers as a whole: figures of merit and the confusion matrix."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import InvalidSettingError

if TYPE_CHECKING:
    import pandas as pd

_CLASSES = list(range(len(CLASS_NAMES)))


@dataclass(frozen=True)
class Proportion:
    """A share with its 95% interval, all in [0, 1]."""

    value: float
    low: float
    high: float


def compute_accuracy(labels: NDArray[np.uint8], probabilities: NDArray[np.float32]) -> Proportion:
    """Return the share of items whose most probable class is the true one, with its 95% interval.

    The interval is Wilson's (JASA 22, 1927), which stays within [0, 1] and holds for small n.

    Args:
        labels: true classes, (n,), n at least 1.
        probabilities: (n, 10).

    Raises:
        InvalidSettingError: if there are no items.
    """
    from scipy.stats import binomtest

    if len(labels) == 0:
        raise InvalidSettingError("The number of items must be at least 1. Received: 0.")
    correct = int((probabilities.argmax(axis=1) == labels).sum())
    interval = binomtest(correct, len(labels)).proportion_ci(0.95, method="wilson")
    return Proportion(correct / len(labels), float(interval.low), float(interval.high))


def compute_log_loss(labels: NDArray[np.uint8], probabilities: NDArray[np.float32]) -> float:
    """Return the mean cross-entropy in nats; a probability of 0 counts as 1e-7, as in Keras."""
    of_label = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.clip(of_label, 1e-7, 1.0)).mean(dtype=np.float64))


def compute_confusion_matrix(labels: NDArray[np.uint8], predicted: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return counts of shape (10, 10): a row for each true class, a column for each predicted one."""
    from sklearn.metrics import confusion_matrix

    return confusion_matrix(labels, predicted, labels=_CLASSES)


def compute_classification_report(labels: NDArray[np.uint8], predicted: NDArray[np.integer]) -> dict[str, Any]:
    """Return scikit-learn's report: by class name precision, recall, f1-score, support, then the averages."""
    from sklearn.metrics import classification_report

    return classification_report(
        labels, predicted, labels=_CLASSES, target_names=CLASS_NAMES, output_dict=True, zero_division=0
    )


def tabulate_report(report: dict[str, Any]) -> "pd.DataFrame":
    """Return the classes' rows of a report as a table with the columns of scikit-learn's printed form."""
    import pandas as pd

    table = pd.DataFrame.from_dict({name: report[name] for name in CLASS_NAMES}, orient="index")
    table["support"] = table["support"].astype(int)
    return table.rename_axis("class").reset_index()


@dataclass(frozen=True, eq=False)
class Scores:
    """All that is said of a network's answers as a whole.

    Attributes:
        items: how many were answered.
        mistakes: how many of them wrongly.
        accuracy: share of right answers, with its interval.
        log_loss: mean cross-entropy in nats.
        report: precision, recall, f1-score and support by class, a row each.
        confusion_matrix: (10, 10) counts, a row for each true class.
    """

    items: int
    mistakes: int
    accuracy: Proportion
    log_loss: float
    report: "pd.DataFrame"
    confusion_matrix: NDArray[np.int64]


def compute_scores(labels: NDArray[np.uint8], probabilities: NDArray[np.float32]) -> Scores:
    """Compute all scores of the answers (n, 10) for items whose true classes are `labels`, (n,).

    Raises:
        InvalidSettingError: if there are no items.
    """
    accuracy = compute_accuracy(labels, probabilities)
    predicted = probabilities.argmax(axis=1)
    return Scores(
        items=len(labels),
        mistakes=int((predicted != labels).sum()),
        accuracy=accuracy,
        log_loss=compute_log_loss(labels, probabilities),
        report=tabulate_report(compute_classification_report(labels, predicted)),
        confusion_matrix=compute_confusion_matrix(labels, predicted),
    )
