"""What the penultimate layer of a network says about all 70,000 items: computed once a run and kept.

`FMNIST_HOME/layers/<run_id>-<when it was tested>/` holds outputs.npy and probabilities.npy, both of float16.
"""

import re
import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core import storage
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.data import Dataset
from fmnist_core.errors import RunNotFoundError
from fmnist_core.fetch import Report, no_report
from fmnist_core.runs import Run
from fmnist_core.splits import ITEMS

if TYPE_CHECKING:
    import keras

_BATCH = 500
_ABANDONED_SECONDS = 3600.0
# float16 knows nothing beyond; only a network that has gone astray gets there.
_LIMIT = float(np.finfo(np.float16).max)


@dataclass(frozen=True, eq=False)
class LayerOutputs:
    """A network's view of all items, memory-mapped.

    Attributes:
        outputs: (70000, d) float16, of the layer before the one that names the classes.
        probabilities: (70000, 10) float16.
    """

    outputs: NDArray[np.float16]
    probabilities: NDArray[np.float16]


def load_layer(run: Run) -> LayerOutputs | None:
    """Return what has been computed for a run, or None if nothing has, or for an earlier state of it only."""
    model, path = run.path / "model.keras", _folder(run) / "outputs.npy"
    try:
        # A run that went on has a new network for a moment before it has been tested.
        if model.is_file() and model.stat().st_mtime > path.stat().st_mtime:
            return None
        outputs = np.load(path, mmap_mode="r")
        probabilities = np.load(path.with_name("probabilities.npy"), mmap_mode="r")
    except (OSError, EOFError, ValueError):
        return None
    if outputs.ndim != 2 or len(outputs) != ITEMS or probabilities.shape != (ITEMS, len(CLASS_NAMES)):
        return None
    return LayerOutputs(outputs, probabilities)


def compute_layer(run: Run, dataset: Dataset, report: Report = no_report) -> LayerOutputs:
    """Ask a run's network about all items and keep what its penultimate layer says.

    Args:
        run: its network must have been saved.
        dataset: the items.
        report: called with a sentence and the share done, 0 to 1; may raise to stop.

    Returns:
        What `load_layer` will return from now on.

    Raises:
        RunNotFoundError: if the run has gone, has no network yet, or one without a layer that can be read.
    """
    folder = _folder(run)
    folder.parent.mkdir(parents=True, exist_ok=True)
    report("Loading the network", 0.0)
    model = load_network(run)
    # A name that `load_layer` never looks at, so that a computation cut short leaves nothing that looks whole.
    temporary = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}")
    temporary.mkdir()
    try:
        _ask(model, dataset, temporary, report)
        if load_layer(run) is None:
            shutil.rmtree(folder, ignore_errors=True)
            # It fails if somebody else has been quicker by a moment, who then has the same.
            with suppress(OSError):
                temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    _remove_older(run)
    kept = load_layer(run)
    if kept is None:
        raise RunNotFoundError(f"What {run.run_id} says about the items cannot be read back from {folder}.")
    return kept


def _folder(run: Run) -> Path:
    return storage.home() / "layers" / f"{run.run_id}-{int(run.tested_at)}"


def load_network(run: Run) -> "keras.Model":
    """Return a run's network, from pixels (n, 28, 28, 1) to what its penultimate layer says and to probabilities.

    Raises:
        RunNotFoundError: if the run has no network yet, or one without a layer that can be read.
    """
    import keras

    if not run.has_model:
        raise RunNotFoundError(f"The run must have ended with a network. Received: {run.run_id}, {run.status}.")
    try:
        model = keras.saving.load_model(run.path / "model.keras", compile=False, safe_mode=True)
        penultimate = next(layer for layer in reversed(model.layers) if isinstance(layer, keras.layers.Dense)).input
        return keras.Model(model.inputs, [penultimate, model.outputs[0]])
    except Exception as error:  # Keras raises whatever zipfile, h5py and its own parser raise
        raise RunNotFoundError(
            f"The network of a run must be one that can be loaded and ends in a dense layer. Received: {run.run_id}."
        ) from error


def _ask(model: "keras.Model", dataset: Dataset, folder: Path, report: Report) -> None:
    width = int(np.prod(model.outputs[0].shape[1:]))
    kept = [
        np.lib.format.open_memmap(folder / name, "w+", np.float16, (ITEMS, columns))
        for name, columns in (("outputs.npy", width), ("probabilities.npy", len(CLASS_NAMES)))
    ]
    for start in range(0, ITEMS, _BATCH):
        report("Asking the network about all items", start / ITEMS)
        answers: Any = model.predict_on_batch(dataset.images[start : start + _BATCH, ..., np.newaxis])
        for array, answer in zip(kept, answers, strict=True):
            array[start : start + _BATCH] = np.clip(answer.reshape(len(answer), -1), -_LIMIT, _LIMIT)
    for array in kept:
        array.flush()
    report("Asking the network about all items", 1.0)


def _remove_older(run: Run) -> None:
    """Remove what earlier states of the run's network said, and what a killed computation has left."""
    current = _folder(run)
    ours = re.compile(rf"\.?{re.escape(run.run_id)}-\d+(?P<unfinished>-.*)?")
    for path in current.parent.iterdir():
        match = ours.fullmatch(path.name)
        if match is None or path == current:
            continue
        is_hidden = path.name.startswith(".")
        is_abandoned = is_hidden and time.time() - path.stat().st_mtime > _ABANDONED_SECONDS
        if is_abandoned or (not is_hidden and match["unfinished"] is None):
            shutil.rmtree(path, ignore_errors=True)
