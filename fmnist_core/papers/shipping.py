"""Runs that come with the lab: a finished run without what it can spare, copied into the repository."""

import re
import shutil
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fmnist_core import storage
from fmnist_core.errors import FmnistError, InvalidSettingError
from fmnist_core.runs import FINISHED, Run, load_run
from fmnist_core.validation import find_kept_epoch

FOLDER = storage.ASSETS / "runs"
# Everything that comes with the lab, together.
MOST_BYTES = 25_000_000
MOST_EPOCHS = 16
# A probability below this is rounded to so many of float16's ten binary digits.
_SMALL, _DIGITS = 0.05, 3

_KEPT = ("history.csv", "batches.csv", "layers.csv", "evaluation.npz", "model.keras")
# Which process of which machine trained it, and what it was doing, is nobody's business.
_FORGOTTEN = ("submitter", "trainer", "paused_at", "stage", "note")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def ship_run(run: Run, name: str | None = None, folder: Path = FOLDER) -> Run:
    """Copy a finished run into those that come with the lab, in place of one of the same name.

    Tables, answers and network are copied as they are; of the answers after each epoch at most `MOST_EPOCHS`, evenly
    spread, the first and the last among them, and those of the weights that were kept. But for these last, answers
    after an epoch are rounded as `round_small` does. The checkpoint, logs, followed pictures and requests stay behind.

    Args:
        run: made here.
        name: of its folder; by default made of the recipe's.
        folder: where shipped runs lie.

    Raises:
        FmnistError: if it has not finished or came with the lab itself.
        InvalidSettingError: if the name is not one of lower-case letters, digits and single dashes.
        StorageError: if the folder cannot be written.
    """
    if run.status != FINISHED or run.shipped or not run.has_evaluation:
        raise FmnistError(f"Only a run that was made here and has finished can be shipped. Received: {run.run_id}.")
    name = re.sub(r"[^a-z0-9]+", "-", run.recipe).strip("-") if name is None else name
    if not _NAME.fullmatch(name):
        raise InvalidSettingError(
            f"`name` must be made of lower-case letters and digits, with single dashes between. Received: {name}."
        )
    with storage.explained():
        folder.mkdir(parents=True, exist_ok=True)
        # Beside its place, and not seen by who lists runs, until it is whole.
        with tempfile.TemporaryDirectory(prefix=".", dir=folder) as temporary:
            made = Path(temporary) / name
            _copy(run, made, name)
            shutil.rmtree(folder / name, ignore_errors=True)
            made.replace(folder / name)
    return load_run(str(folder / name))


def choose_epochs(epochs: list[int], kept: int, most: int = MOST_EPOCHS) -> list[int]:
    """Return at most `most` of some epochs, evenly spread, the first and the last among them, and the kept one.

    Args:
        epochs: those there are answers of, ascending.
        kept: the one whose weights the network ended with; what is said of validation items is worked out from it.
        most: how many, at least 2; the kept one may come to these.
    """
    if len(epochs) <= most:
        return epochs
    spread = {epochs[position] for position in np.linspace(0, len(epochs) - 1, most).round().astype(int)}
    return sorted(spread | ({kept} & set(epochs)))


def round_small(probabilities: NDArray[np.float16]) -> NDArray[np.float16]:
    """Round the probabilities below 5%, so that a file of them shrinks by a third.

    They change by at most 6.25% of themselves, those below 0.00006 by at most 0.000004. Which class is the most
    probable stays, and so do confusion and accuracy.

    Args:
        probabilities: (n, 10), 0 to 1.
    """
    dropped = 10 - _DIGITS
    bits = probabilities.view(np.uint16).astype(np.uint32) + (1 << dropped - 1)
    rounded = (bits >> dropped << dropped).astype(np.uint16).view(np.float16)
    return np.where(probabilities < _SMALL, rounded, probabilities)


def measure_folder(folder: Path) -> int:
    """Return how many bytes the files of a folder hold."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _copy(run: Run, target: Path, name: str) -> None:
    (target / "epochs").mkdir(parents=True)
    record = {key: value for key, value in run.record.items() if key not in _FORGOTTEN}
    storage.write_json(target / "run.json", record | {"run_id": name})
    for file in _KEPT:
        if (run.path / file).is_file():
            shutil.copyfile(run.path / file, target / file)
    if (run.path / "epochs" / "items.npz").is_file():
        shutil.copyfile(run.path / "epochs" / "items.npz", target / "epochs" / "items.npz")
    _copy_epochs(run.path / "epochs", target / "epochs", find_kept_epoch(run))


def _copy_epochs(source: Path, target: Path, kept: int) -> None:
    for epoch in choose_epochs(sorted(int(path.stem) for path in source.glob("[0-9]*.npz")), kept):
        name = f"{epoch:04d}.npz"
        if epoch == kept:
            shutil.copyfile(source / name, target / name)
            continue
        with np.load(source / name) as arrays:
            np.savez_compressed(target / name, probabilities=round_small(arrays["probabilities"]))
