"""Where a training goes on: its checkpoint, its best epoch, and the tables cut to what these know."""

import shutil

import keras
from numpy.typing import NDArray

from fmnist_core import run_data, storage, watched
from fmnist_core.config import choose_items
from fmnist_core.data import Dataset
from fmnist_core.optimizers import averaged_weights
from fmnist_core.patience import find_best
from fmnist_core.runs import Run
from fmnist_core.training import Checkpoint


def load_checkpoint(run: Run, dataset: Dataset) -> Checkpoint | None:
    """Return where to go on, and cut the tables to what the checkpoint has seen."""
    path = run.path / "checkpoint.keras"
    if not path.exists():
        forget_tables(run)
        return None
    model = keras.models.load_model(path)
    steps = run.config.count_steps(len(choose_items(run.config, dataset.labels).train))
    epochs = int(keras.ops.convert_to_numpy(model.optimizer.iterations)) // steps
    tables = {
        "history.csv": run_data.load_history(run),
        "batches.csv": run_data.load_batches(run),
        "layers.csv": run_data.load_layers(run),
    }
    for name, table in tables.items():
        with storage.written_whole(run.path / name) as temporary:
            table[table["epoch"] <= epochs].to_csv(temporary, index=False)
    watched.cut_stories(run, epochs)
    accuracies = run_data.load_history(run)["val_accuracy"].dropna().tolist()
    return Checkpoint(model, epochs, accuracies, _load_best(run, model, epochs))


def forget_tables(run: Run) -> None:
    """Remove what an earlier attempt wrote down, for a run that begins anew."""
    for name in ("history.csv", "batches.csv", "layers.csv", "watched.csv"):
        (run.path / name).unlink(missing_ok=True)


def keep_best(run: Run, epoch: int) -> None:
    """Keep the checkpoint of the best epoch beside the newest one, for stopping early after a break."""
    if find_best(run_data.load_history(run)["val_accuracy"].tolist()) + 1 == epoch:
        with storage.written_whole(run.path / "best.keras", suffix=".keras") as temporary:
            shutil.copyfile(run.path / "checkpoint.keras", temporary)


def _load_best(run: Run, newest: keras.Model, epochs: int) -> list[NDArray] | None:
    """Return the best epoch's weights; the newest one's checkpoint was written before it was copied."""
    accuracies = run_data.load_history(run)["val_accuracy"].tolist()
    if not run.config.early_stopping or not accuracies:
        return None
    path = run.path / "best.keras"
    if find_best(accuracies) + 1 == epochs:
        model = newest
    elif path.exists():
        model = keras.models.load_model(path)
    else:  # of an older version
        return None
    with averaged_weights(model):
        return model.get_weights()
