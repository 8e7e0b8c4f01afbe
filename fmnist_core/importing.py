"""Take in what comes from elsewhere: a run that was handed on as one file, or a bare `.keras` network."""

import re
import secrets
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core import run_labels, run_package, storage
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.config import TrainingConfig, choose_items
from fmnist_core.data import Dataset
from fmnist_core.errors import RefusedFileError, RunNotFoundError
from fmnist_core.model_safety import check_model_file
from fmnist_core.model_trial import Verdict, try_model
from fmnist_core.run_data import load_evaluation
from fmnist_core.run_status import FINISHED
from fmnist_core.runs import Run, load_run, runs_folder
from fmnist_core.splits import ITEMS, TRAIN_ITEMS

# Pieces of work as they are reported, with the share that is done when each begins.
_LOOK, _ASK, _KEEP = ("Looking into the file", 0.0), ("Loading and asking the network", 0.1), ("Keeping the run", 0.95)
# Another processor rounds otherwise, so that few answers may turn over.
_ALIKE = 0.97
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")


@dataclass(frozen=True)
class Imported:
    """What came of an import.

    Attributes:
        run: the run, if one was made.
        verdict: what the trial of its network found; None of a classical classifier's run, which has none.
    """

    run: Run | None
    verdict: Verdict | None

    @property
    def wants_scaling(self) -> bool:
        """Whether nothing was kept yet, because the network asks for pixels from 0 to 1."""
        return self.run is None


def import_file(
    path: Path, name: str, dataset: Dataset, scale: bool = False, report: Callable[[str, float], None] | None = None
) -> Imported:
    """Take in a file from elsewhere, which may be a run's package or a `.keras` network, and return what came of it.

    A network that was trained on pixels from 0 to 1 is not kept unless `scale` is true, which puts a layer in front of
    it that makes them so: without it, all that the lab asks it would be wrong.

    Args:
        path: the file.
        name: what it is called where it comes from.
        dataset: all items.
        scale: whether that layer is put in front.
        report: called with what is done now and the share that is done.

    Raises:
        RefusedFileError: if it is neither, or breaks a rule of `run_package`, `model_safety` or `model_trial`.
        StorageError: if the lab's folder cannot be written.
    """
    report = report or (lambda sentence, share: None)
    report(*_LOOK)
    with storage.explained():
        runs_folder().mkdir(parents=True, exist_ok=True)
        # Beside its place, and not seen by who lists runs, until it is whole.
        with tempfile.TemporaryDirectory(prefix=".import-", dir=runs_folder()) as temporary:
            made, trial = Path(temporary) / "run", Path(temporary) / "trial"
            made.mkdir()
            trial.mkdir()
            verdict, run_id = None, None
            if _is_package(path):
                run_id = _take_in_run(path, made, trial, dataset, report)
            else:
                run_id, verdict = _take_in_network(path, name, made, trial, dataset, scale, report)
                if run_id is None:
                    return Imported(None, verdict)
            report(*_KEEP)
            free = _find_free(run_id)
            record = storage.read_json(made / "run.json")
            source = {"kind": "keras" if verdict else "run", "file": _tame(name), "at": datetime.now(UTC).timestamp()}
            storage.write_json(made / "run.json", {"run_id": free, **record, "imported": source})
            load_run(str(made))
            made.replace(runs_folder() / free)
    report("Done", 1.0)
    return Imported(load_run(free), verdict)


def _is_package(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "config.json" not in archive.namelist()
    except Exception as error:  # see archives.open_archive
        raise RefusedFileError(
            "The file must be a run that the lab has exported, or a network as Keras 3 saves it (`.keras`). "
            f"Received: {type(error).__name__} in {path.name}."
        ) from None


def _take_in_run(path: Path, made: Path, trial: Path, dataset: Dataset, report: Callable[[str, float], None]) -> str:
    """Unpack a run and check that its answers are its network's; return the name that it had."""
    run_id = run_package.unpack(path, made)
    try:
        run = load_run(str(made))
        answers = load_evaluation(run)
        split = choose_items(run.config, dataset.labels)
    except RunNotFoundError as error:
        raise RefusedFileError(f"The run must be one that this lab can read. {error}") from None
    if not np.array_equal(answers.items, split.test) or not np.array_equal(answers.labels, dataset.labels[split.test]):
        raise RefusedFileError("A run must have been tested on the test part of its split. Received: other items.")
    if not run.has_model and not run.config.is_baseline:
        raise RefusedFileError("A run must come with its network. Received: none.")
    if run.has_model:
        report(*_ASK)
        verdict = try_model(made / "model.keras", trial, split.test)
        said = _load_answers(trial)
        if np.mean(said.argmax(axis=1) == answers.probabilities.argmax(axis=1)) < _ALIKE:
            raise RefusedFileError("A run's answers must be those of its network. Received: others.")
        if verdict.parameters != run.config.parameters:
            raise RefusedFileError(
                f"A run's network must be the one that its settings describe, of {run.config.parameters:,} parameters. "
                f"Received: {verdict.parameters:,}."
            )
    right = float((answers.probabilities.argmax(axis=1) == answers.labels).mean())
    record = storage.read_json(made / "run.json")
    record["result"] = {**record["result"], "test_accuracy": right}
    record["items"] = {part: len(items) for part, items in split.parts().items()}
    storage.write_json(made / "run.json", record)
    return run_id


def _take_in_network(
    path: Path,
    name: str,
    made: Path,
    trial: Path,
    dataset: Dataset,
    scale: bool,
    report: Callable[[str, float], None],
) -> tuple[str | None, Verdict]:
    """Make a run of a bare network, tested on the official test set; return its name, None if it wants scaling."""
    # Keras goes by the ending, which an uploaded file need not have.
    kept = made / "model.keras"
    shutil.copyfile(path, kept)
    check_model_file(kept)
    report(*_ASK)
    verdict = try_model(kept, trial, np.arange(TRAIN_ITEMS, ITEMS), scale)
    if verdict.wants_scaling and not scale:
        return None, verdict
    if scale:
        shutil.copyfile(trial / "model.keras", kept)
    answers = _load_answers(trial)
    np.savez_compressed(
        made / "evaluation.npz",
        items=np.arange(TRAIN_ITEMS, ITEMS),
        labels=dataset.test_labels,
        probabilities=answers,
    )
    now = datetime.now(UTC)
    stem = re.sub(r"[^A-Za-z0-9]+", "-", Path(name).name.removesuffix(".keras")).strip("-")[:40] or "network"
    record: dict[str, Any] = {
        "recipe": f"imported/{stem}",
        # Nothing is known of how it was trained; these settings say which items test it.
        "config": TrainingConfig(epochs=1, validation_split=0.0).to_dict(),
        "status": FINISHED,
        "created": now.timestamp(),
        "heartbeat": now.timestamp(),
        "parameters": verdict.parameters,
        "items": {"test": ITEMS - TRAIN_ITEMS},
        "result": {"test_accuracy": float((answers.argmax(axis=1) == dataset.test_labels).mean())},
    }
    storage.write_json(made / "run.json", record)
    storage.write_json(made / run_labels.FILE, run_labels.Labels(name=stem, tags=("imported",)).to_dict())
    return f"{now:%Y%m%d-%H%M%S}-imported-{secrets.token_hex(2)}", verdict


def _load_answers(trial: Path) -> NDArray[np.float32]:
    with np.load(trial / "answers.npz") as arrays:
        probabilities: NDArray[np.float32] = arrays["probabilities"]
    if probabilities.ndim != 2 or probabilities.shape[1] != len(CLASS_NAMES):
        raise RefusedFileError("The network must give ten probabilities for each picture.")
    return probabilities


def _find_free(run_id: str) -> str:
    """Return the name that a run had, or one like it if that is taken here or is none."""
    taken = [runs_folder(), storage.ASSETS / "runs"]
    if _RUN_ID.fullmatch(run_id) and not any((folder / run_id).exists() for folder in taken):
        return run_id
    start = run_id if _RUN_ID.fullmatch(run_id) else "imported"
    return f"{start}-{secrets.token_hex(3)}"


def _tame(name: str) -> str:
    return re.sub(r"[^\w .-]", "-", Path(name).name)[:120]
