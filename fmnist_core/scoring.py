"""Score a run on the official test set, whatever split it was trained with."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

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


def score_officially(run: Run, dataset: Dataset, mirrored: bool = False) -> dict[str, Any]:
    """Return accuracy, log loss, report and confusion matrix of a run on the 10,000 official test items.

    A split of a paper's own may have trained on some of them: `items_trained_on` says on how many, and
    `accuracy_on_unseen` is the honest figure then.

    Args:
        run: which has been tested, or has a network.
        dataset: the data.
        mirrored: whether an item's probabilities are the mean of those for it and for its mirror image; that takes
            the network.

    Raises:
        RunNotFoundError: if the run has no network that can be loaded, or is a classical classifier's and did not test
            on these items, or is to be asked about mirror images.
    """
    split = choose_items(run.config, dataset.labels)
    official = np.arange(TRAIN_ITEMS, len(dataset.labels))
    probabilities = _ask(run, dataset, mirrored, tested=np.array_equal(split.test, official))
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


def _ask(run: Run, dataset: Dataset, mirrored: bool, tested: bool) -> NDArray[np.float32]:
    """Return the probabilities of the official test items, (10000, 10); those left behind if they were `tested`."""
    if run.config.is_baseline and mirrored:
        raise RunNotFoundError(
            "A classical classifier keeps its answers and not itself, so it cannot be asked about mirror images. "
            f"Received: {run.run_id}."
        )
    if run.has_evaluation and tested and not mirrored:
        return load_evaluation(run).probabilities
    if run.config.is_baseline:
        raise RunNotFoundError(
            "A classical classifier keeps its answers and not itself, so it can be scored on the official test items "
            f"only where its split tests on them. Received: {run.run_id}, {run.config.split}."
        )
    from fmnist_core.prediction import Predictor

    network = Predictor(run.path / "model.keras")
    seen = [dataset.test_images, dataset.test_images[:, :, ::-1]] if mirrored else [dataset.test_images]
    return np.mean([network(images) for images in seen], axis=0, dtype=np.float32)
