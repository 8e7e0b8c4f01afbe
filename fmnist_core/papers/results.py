"""What was measured of the papers' recipes: one row a run, kept in the repository and written by `papers run`."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core import storage
from fmnist_core.errors import RunNotFoundError
from fmnist_core.recipes import load_recipes

if TYPE_CHECKING:
    import pandas as pd

FOLDER = storage.ASSETS / "papers"
HISTORY_COLUMNS = ("run_hash", "epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds")


@dataclass(frozen=True)
class Result:
    """A run of a recipe, as it is recorded.

    Attributes:
        recipe: its name, for example "fitch/model-7".
        seed: of the run.
        split: key of `splits.SPLITS`; its test part is what was tested on.
        test_accuracy: on the test part, 0 to 1.
        test_loss: mean cross-entropy on the test part.
        f1: mean F1 score of the ten classes on the test part, 0 to 1.
        train_accuracy: highest of all epochs, 0 to 1, as Keras reports it: averaged while the weights change.
        val_accuracy: highest of all epochs, 0 to 1; None without validation items.
        epochs: how many were trained.
        epochs_planned: how many the recipe asks for at most.
        seconds: of training, test not included; of one that went on after a break those of its whole epochs.
        parameters: of the network, or of what a classical classifier learned.
        device: for example "CPU AMD EPYC, 2 cores".
        precision: "bfloat16" or "float32".
        versions: of Python, Keras and its backend, for example "python 3.11.7, keras 3.15.1, tensorflow 2.21.0".
        date: the day on which it was finished, ISO.
        run_hash: 12 hexadecimal digits that settings and answers determine, see `records.compute_run_hash`.
        note: how it was cut short; empty if it was not.
    """

    recipe: str
    seed: int
    split: str
    test_accuracy: float
    test_loss: float
    f1: float
    train_accuracy: float | None
    val_accuracy: float | None
    epochs: int
    epochs_planned: int
    seconds: float
    parameters: int
    device: str
    precision: str
    versions: str
    date: str
    run_hash: str
    note: str = ""

    @property
    def complete(self) -> bool:
        """Whether it had all its epochs, or its recipe stops early and did so by itself."""
        recipe = load_recipes().get(self.recipe)
        stops_early = recipe is not None and bool(recipe.config.early_stopping)
        return self.epochs >= self.epochs_planned or (stops_early and not self.note)


COLUMNS = tuple(field.name for field in fields(Result))
_WHOLE = ("seed", "epochs", "epochs_planned", "parameters")
_REAL = ("test_accuracy", "test_loss", "f1", "train_accuracy", "val_accuracy", "seconds")


def load_results(folder: Path = FOLDER) -> tuple[Result, ...]:
    """Read what was measured, in the order of the table; empty if nothing was.

    Raises:
        ValueError: if a row cannot be read; the file belongs to the lab.
    """
    path = folder / "results.csv"
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(_read_row(row) for row in csv.DictReader(lines))


def find_results(results: Iterable[Result], recipe: str) -> tuple[Result, ...]:
    """Return those of a recipe, by seed."""
    return tuple(sorted((result for result in results if result.recipe == recipe), key=lambda result: result.seed))


def load_histories(folder: Path = FOLDER) -> "pd.DataFrame":
    """Return one row an epoch and run, with `HISTORY_COLUMNS`."""
    import pandas as pd

    path = folder / "histories.csv"
    if not path.is_file():
        return pd.DataFrame(columns=list(HISTORY_COLUMNS))
    return pd.read_csv(path, dtype={"run_hash": str})


def load_predicted(run_hash: str, folder: Path = FOLDER) -> NDArray[np.uint8]:
    """Return the class that a run answered for each item of its split's test part, (n,), in the split's order.

    Raises:
        RunNotFoundError: if the run is not recorded.
    """
    try:
        with np.load(folder / "predictions.npz") as arrays:
            predicted: NDArray[np.uint8] = arrays[run_hash]
            return predicted
    except (FileNotFoundError, KeyError):
        raise RunNotFoundError(f"There must be recorded answers of that run. Received: {run_hash}.") from None


@dataclass(frozen=True)
class Summary:
    """A figure over the seeds of a recipe.

    Attributes:
        mean: over the seeds.
        spread: sample standard deviation; None for one seed.
        n: number of seeds.
    """

    mean: float
    spread: float | None
    n: int


def summarize(values: Sequence[float | None]) -> Summary | None:
    """Return mean and spread of what is known; None if nothing is."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    spread = float(np.std(known, ddof=1)) if len(known) > 1 else None
    return Summary(float(np.mean(known)), spread, len(known))


def _read_row(row: dict[str, str]) -> Result:
    values: dict[str, Any] = {name: row[name] for name in COLUMNS}
    values |= {name: int(row[name]) for name in _WHOLE}
    values |= {name: float(row[name]) if row[name] else None for name in _REAL}
    return Result(**values)
