"""Everything that a report says of a run, read and worked out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from fmnist_core import layers, validation
from fmnist_core.data import Dataset
from fmnist_core.errors import RunNotFoundError
from fmnist_core.evaluation.calibration import Mending, Reliability, compute_reliability, mend
from fmnist_core.evaluation.errors import find_mistakes
from fmnist_core.evaluation.intervals import Estimate
from fmnist_core.evaluation.metrics import ClassScores, compute_class_scores, compute_metrics, count_confusion
from fmnist_core.evaluation.overfitting import Part
from fmnist_core.evaluation.thresholds import (
    ClassCurves,
    compute_precision_recall_curves,
    compute_roc_curves,
)
from fmnist_core.run_data import Predictions, load_evaluation
from fmnist_core.runs import Run


@dataclass(frozen=True, eq=False)
class Report:
    """What a report is written from.

    Attributes:
        run: the run.
        answers: its answers for its test part, n items.
        images: of these items, (n, 28, 28) uint8.
        mistakes: positions among them, the most confident mistake first.
        metrics: figures of merit by name, see `evaluation.metrics.METRICS`.
        classes: precision, recall and F1 by class.
        confusion_matrix: (10, 10) counts, a row for each true class.
        roc, precision_recall: curves by class; None if all items are of one class.
        reliability: how often it is right when it is so and so sure.
        mending: what a temperature makes of that; None without readable answers for validation items.
        parts: how the parts of its split were answered; "test" alone unless its network was asked about all items.
        moment: when the report was made, in local time.
    """

    run: Run
    answers: Predictions
    images: NDArray[np.uint8]
    mistakes: NDArray[np.int64]
    metrics: Mapping[str, Estimate]
    classes: ClassScores
    confusion_matrix: NDArray[np.int64]
    roc: ClassCurves | None
    precision_recall: ClassCurves | None
    reliability: Reliability
    mending: Mending | None
    parts: Mapping[str, Part]
    moment: datetime


def load_report(run: Run, dataset: Dataset) -> Report:
    """Read a run's answers for its test part and work out all that is said of them.

    Args:
        run: it must have been tested.
        dataset: the 70,000 items.

    Raises:
        RunNotFoundError: if it has not been tested, or the file is damaged.
        InvalidSettingError: if no item was tested.
    """
    answers = load_evaluation(run)
    labels, probabilities = answers.labels, answers.probabilities
    metrics = compute_metrics(labels, probabilities)
    confusion_matrix = count_confusion(labels, probabilities.argmax(axis=1))
    return Report(
        run=run,
        answers=answers,
        images=dataset.images[answers.items],
        mistakes=find_mistakes(labels, probabilities),
        metrics=metrics,
        classes=compute_class_scores(confusion_matrix),
        confusion_matrix=confusion_matrix,
        roc=compute_roc_curves(labels, probabilities),
        precision_recall=compute_precision_recall_curves(labels, probabilities),
        reliability=compute_reliability(labels, probabilities),
        mending=_mend(run, answers, dataset.labels),
        parts=validation.count_parts(run, dataset.labels, answers, layers.load_layer(run) if run.has_model else None),
        moment=datetime.now(),
    )


def _mend(run: Run, answers: Predictions, labels: NDArray[np.uint8]) -> Mending | None:
    try:
        validated = validation.load_validation(run, labels)
    except RunNotFoundError:
        return None
    return mend(answers.labels, answers.probabilities, validated.labels, validated.probabilities)
