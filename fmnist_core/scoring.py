"""Score a run on the official test set, whatever split it was trained with."""

from typing import Any

import numpy as np

from fmnist_core.config import choose_items
from fmnist_core.data import Dataset
from fmnist_core.errors import RunNotFoundError
from fmnist_core.evaluation import (
    compute_accuracy,
    compute_classification_report,
    compute_confusion_matrix,
    compute_log_loss,
)
from fmnist_core.run_data import load_evaluation
from fmnist_core.runs import Run
from fmnist_core.splits import TRAIN_ITEMS


def score_officially(run: Run, dataset: Dataset) -> dict[str, Any]:
    """Return accuracy, log loss, report and confusion matrix of a run on the 10,000 official test items.

    A split of a paper's own may have trained on some of them: `items_trained_on` says on how many, and
    `accuracy_on_unseen` is the honest figure then.

    Raises:
        RunNotFoundError: if the run has no network that can be loaded, or is a classical classifier's and did not test
            on these items.
    """
    split = choose_items(run.config, dataset.labels)
    official = np.arange(TRAIN_ITEMS, len(dataset.labels))
    if run.has_evaluation and np.array_equal(split.test, official):
        probabilities = load_evaluation(run).probabilities
    elif run.config.is_baseline:
        raise RunNotFoundError(
            "A classical classifier keeps its answers and not itself, so it can be scored on the official test items "
            f"only where its split tests on them. Received: {run.run_id}, {run.config.split}."
        )
    else:
        from fmnist_core.prediction import Predictor

        probabilities = Predictor(run.path / "model.keras")(dataset.test_images)
    seen = np.isin(official, split.train)
    labels, predicted = dataset.test_labels, probabilities.argmax(axis=1)
    return {
        "run_id": run.run_id,
        "accuracy": compute_accuracy(labels, probabilities).value,
        "log_loss": compute_log_loss(labels, probabilities),
        "items_trained_on": int(seen.sum()),
        "accuracy_on_unseen": compute_accuracy(labels[~seen], probabilities[~seen]).value,
        "classification_report": compute_classification_report(labels, predicted),
        "confusion_matrix": compute_confusion_matrix(labels, predicted).tolist(),
    }
