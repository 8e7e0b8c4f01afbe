"""What a run's folder holds beside run.json: the tables of its training and its network's answers."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import RunNotFoundError
from fmnist_core.runs import Run

if TYPE_CHECKING:
    import pandas as pd

HISTORY_COLUMNS = (
    "epoch",
    "loss",
    "accuracy",
    "val_loss",
    "val_accuracy",
    "learning_rate",
    "seconds",
    "images_per_second",
    # Of the process that trains and of its GPU, in MB; older runs have not measured them.
    "memory",
    "device_memory",
)
BATCH_COLUMNS = ("epoch", "loss", "accuracy", "seconds")
LAYER_COLUMNS = ("epoch", "layer", "weight_norm", "change", "gradient_norm")

_LATER_COLUMNS = 2


def load_history(run: Run) -> "pd.DataFrame":
    """Return one row an epoch, with `HISTORY_COLUMNS`; empty before the first epoch ends."""
    path = run.path / "history.csv"
    table = _read_table(path, HISTORY_COLUMNS)
    if table.empty:
        table = _read_table(path, HISTORY_COLUMNS[:-_LATER_COLUMNS]).reindex(columns=list(HISTORY_COLUMNS))
    return table


def load_curves(folder: Path, *names: str) -> dict[str, list[float]]:
    """Return some of `HISTORY_COLUMNS` as lists, NaN where nothing was measured; a lot quicker than `load_history`.

    Args:
        folder: the run's.
        names: of the columns.
    """
    path = folder / "history.csv"
    for columns in (HISTORY_COLUMNS, HISTORY_COLUMNS[:-_LATER_COLUMNS]):
        rows = [row.split(",") for row in _read_rows(path, columns)[1:]]
        if rows:
            return {name: [_number(row, columns, name) for row in rows] for name in names}
    return {name: [] for name in names}


def load_batches(run: Run) -> "pd.DataFrame":
    """Return the points inside the epochs, with `BATCH_COLUMNS`."""
    return _read_table(run.path / "batches.csv", BATCH_COLUMNS)


def load_layers(run: Run) -> "pd.DataFrame":
    """Return one row an epoch and layer with weights, with `LAYER_COLUMNS`, "layer" as text; see `layer_norms`."""
    return _read_table(run.path / "layers.csv", LAYER_COLUMNS, texts=("layer",))


def stamp_tables(run: Run) -> tuple[int, ...]:
    """Return what changes whenever a table of the run does."""
    stamps = []
    for name in ("history.csv", "batches.csv", "layers.csv"):
        path = run.path / name
        stamps += [path.stat().st_mtime_ns, path.stat().st_size] if path.is_file() else [0, 0]
    return tuple(stamps)


def _read_table(path: Path, columns: tuple[str, ...], texts: tuple[str, ...] = ()) -> "pd.DataFrame":
    import csv
    import io

    import pandas as pd

    rows = _read_rows(path, columns)
    if not rows:
        return pd.DataFrame(columns=list(columns), dtype=float)
    table = pd.read_csv(io.StringIO("\n".join(rows)), index_col=False, quoting=csv.QUOTE_NONE)
    numbers = [name for name in columns if name not in texts]
    table[numbers] = table[numbers].apply(pd.to_numeric, errors="coerce")
    return table[np.isfinite(table["epoch"])]


def _read_rows(path: Path, columns: tuple[str, ...]) -> list[str]:
    """Return the heading and the whole rows of a table; nothing unless there is a row below that heading."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""
    # The writer may be in the middle of its last line.
    whole = text[: text.rfind("\n") + 1]
    rows = [line for line in whole.splitlines() if line.count(",") == len(columns) - 1]
    return rows if len(rows) > 1 and tuple(rows[0].split(",")) == columns else []


def _number(row: list[str], columns: tuple[str, ...], name: str) -> float:
    try:
        return float(row[columns.index(name)])
    except ValueError:  # no number, or not measured at all
        return float("nan")


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a network answered for known items.

    Attributes:
        items: item numbers, (n,).
        labels: their true classes, (n,) uint8.
        probabilities: (n, 10) float32.
    """

    items: NDArray[np.int64]
    labels: NDArray[np.uint8]
    probabilities: NDArray[np.float32]


def load_evaluation(run: Run) -> Predictions:
    """Return the answers for the test part of the run's split.

    Raises:
        RunNotFoundError: if the run has not been tested or the file is damaged.
    """
    path = run.path / "evaluation.npz"
    try:
        with np.load(path) as arrays:
            return Predictions(
                arrays["items"].astype(np.int64), arrays["labels"], arrays["probabilities"].astype(np.float32)
            )
    except FileNotFoundError:
        raise RunNotFoundError(f"{run.run_id} has not been tested yet.") from None
    except Exception as error:  # numpy raises whatever zipfile, zlib and its own parser raise
        raise RunNotFoundError(f"The evaluation of {run.run_id} is damaged.") from error


def load_epoch(run: Run, epoch: int) -> NDArray[np.float32]:
    """Return the validation items' probabilities after an epoch, (n, 10), in the order of `load_epoch_items`.

    Raises:
        RunNotFoundError: if that epoch was not kept.
    """
    return _load_array(run, f"{epoch:04d}.npz", "probabilities").astype(np.float32)


def load_epoch_items(run: Run) -> NDArray[np.int64]:
    """Return the numbers of the items that were validated after each epoch, (n,).

    Raises:
        RunNotFoundError: if the run validated none.
    """
    return _load_array(run, "items.npz", "items")


def _load_array(run: Run, name: str, key: str) -> NDArray[Any]:
    try:
        with np.load(run.path / "epochs" / name) as arrays:
            return arrays[key]
    except Exception as error:  # see load_evaluation
        raise RunNotFoundError(f"{run.run_id} has kept no readable {name}.") from error
