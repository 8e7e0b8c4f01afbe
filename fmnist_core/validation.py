"""What the network that a run has kept says about the parts of its split: validation, and training if it was asked."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fmnist_core import run_data
from fmnist_core.config import choose_items
from fmnist_core.errors import RunNotFoundError
from fmnist_core.evaluation.overfitting import Part, count_part
from fmnist_core.layers import LayerOutputs
from fmnist_core.run_data import Predictions
from fmnist_core.runs import STOPPED, Run
from fmnist_core.splits import ITEMS

if TYPE_CHECKING:
    import pandas as pd


def find_kept_epoch(run: Run) -> int:
    """Return the epoch, counted from 1, whose weights the run has kept: the best with early stopping, else the last.

    Of a run that went on after it was tested, it is that of the test.

    Raises:
        RunNotFoundError: if its history cannot be read.
    """
    return pick_kept_epoch(run, run_data.load_history(run))


def pick_kept_epoch(run: Run, history: "pd.DataFrame") -> int:
    """Return what `find_kept_epoch` does, of a history that has been read.

    Raises:
        RunNotFoundError: if it has no epoch from before the test.
    """
    tested = (run.record.get("result") or {}).get("epochs")
    if isinstance(tested, int):
        history = history[history["epoch"] <= tested]
    if history.empty:
        raise RunNotFoundError("This run has kept no readable history of its epochs.")
    accuracies = history["val_accuracy"].to_numpy(dtype=float)
    # As `patience.find_best`, which would bring Keras.
    is_best = run.config.early_stopping and np.isfinite(accuracies).any()
    return int(history["epoch"].iloc[int(np.nanargmax(accuracies)) if is_best else -1])


def is_from_amid_epoch(run: Run) -> bool:
    """Tell whether the network may have been stopped some batches after the last epoch whose answers were kept."""
    return run.status == STOPPED and not run.config.early_stopping


def load_validation(run: Run, labels: NDArray[np.uint8]) -> Predictions:
    """Return what the kept network says about the run's validation items.

    They were kept in half precision: of a probability three digits are exact, and those below 3e-8 are 0.

    Args:
        run: it has ended.
        labels: labels of all items, (70000,).

    Raises:
        RunNotFoundError: if it validates no items, or that epoch cannot be read.
    """
    if not run.config.validates:
        raise RunNotFoundError("This run has no validation items.")
    items, probabilities = run_data.load_epoch_items(run), run_data.load_epoch(run, find_kept_epoch(run))
    n_items = len(items) if items.ndim == 1 and np.issubdtype(items.dtype, np.integer) else 0
    is_whole = probabilities.shape == (n_items, 10) and np.isfinite(probabilities).all()
    if not n_items or not is_whole or items.min() < 0 or items.max() >= ITEMS:
        raise RunNotFoundError("What this run said about its validation items is damaged.")
    return Predictions(items, labels[items], probabilities)


def count_parts(
    run: Run, labels: NDArray[np.uint8], tested: Predictions, layer: LayerOutputs | None
) -> Mapping[str, Part]:
    """Count the right answers on each part of the run's split that has been asked about, by name as in `Split.parts`.

    Args:
        run: it has been tested.
        labels: labels of all items, (70000,).
        tested: its answers for the test part.
        layer: what its network says about all items, for "train" and "validation"; None if it was not asked.

    Raises:
        InvalidSettingError: if `choose_items` does.
    """
    found = {}
    if layer is not None:
        split = choose_items(run.config, labels)
        # Half precision is slow to compare.
        predicted = layer.probabilities[:].astype(np.float32).argmax(axis=1)
        parts = {"train": split.train, "validation": split.validation}
        found = {name: count_part(labels[items], predicted[items]) for name, items in parts.items() if len(items)}
    return found | {"test": count_part(tested.labels, tested.probabilities.argmax(axis=1))}
