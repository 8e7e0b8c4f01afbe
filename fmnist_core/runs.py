"""The run folder: what a training leaves behind, written piece by piece and read at any time.

    run.json            recipe, settings, status, heartbeat, device, versions, timings, result
    history.csv         one row an epoch
    batches.csv         points inside the epochs
    layers.csv          one row an epoch and layer: norms of weights, change and gradient
    epochs/NNNN.npz     the validation items' probabilities after each epoch, float16
    epochs/items.npz    which items these are
    watched/<name>.npy  pictures that somebody wants to follow
    watched.csv         what the network said of them after each epoch
    checkpoint.keras    the model after the last whole epoch, with its optimizer's state
    model.keras         the model that the run ended with
    evaluation.npz      item numbers and probabilities of the test part
    labels.json         what people have written on it: name, tags, note, whether it is put aside
    log.txt             what went wrong, for developers
    stop, pause, step   requests to the training: to end, to hold, to train so many batches and hold again

A run that cannot be read is reported, never an error: folders may be foreign, damaged or half-written.
"""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fmnist_core import processes, storage
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import InvalidSettingError, RunNotFoundError
from fmnist_core.run import Run
from fmnist_core.run_labels import Labels, load_labels, save_labels
from fmnist_core.run_requests import (
    STEPS,
    abandon_run,
    extend_run,
    request_go_on,
    request_pause,
    request_step,
    request_stop,
    requeue_run,
    withdraw_run,
)
from fmnist_core.run_status import (
    FAILED,
    FINISHED,
    INTERRUPTED,
    QUEUED,
    RUNNING,
    STATUSES,
    STOPPED,
    judge_status,
)
from fmnist_core.run_trash import delete_run, restore_run

__all__ = [
    "FAILED",
    "FINISHED",
    "INTERRUPTED",
    "QUEUED",
    "RUNNING",
    "STATUSES",
    "STEPS",
    "STOPPED",
    "Labels",
    "Listing",
    "Run",
    "abandon_run",
    "create_run",
    "delete_run",
    "extend_run",
    "find_answering_run",
    "list_runs",
    "load_run",
    "request_go_on",
    "request_pause",
    "request_step",
    "request_stop",
    "requeue_run",
    "restore_run",
    "runs_folder",
    "save_labels",
    "withdraw_run",
]

# The run that came with the lab to answer about pictures from outside; the others are for looking into.
ANSWERING_RUN = "street"

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")


@dataclass(frozen=True)
class Listing:
    """All runs, newest first and shipped ones last, oldest first, and what stands in their folder but is none."""

    runs: tuple[Run, ...]
    unreadable: Mapping[str, str]

    def with_evaluation(self) -> tuple[Run, ...]:
        """Return those whose mistakes can be looked at."""
        return tuple(run for run in self.runs if run.has_evaluation)

    def with_model(self) -> tuple[Run, ...]:
        """Return those whose network can be asked."""
        return tuple(run for run in self.runs if run.has_model and not run.active)


def runs_folder() -> Path:
    """Return the folder of the runs that were made here."""
    return storage.home() / "runs"


def create_run(
    config: TrainingConfig, recipe: str, status: str = QUEUED, marks: Mapping[str, Any] | None = None
) -> Run:
    """Make the folder of a new run and return it.

    Args:
        config: its settings.
        recipe: name of the recipe that it starts from.
        status: one of `STATUSES`.
        marks: what else run.json holds: on whose behalf it is trained.

    Raises:
        StorageError: if the lab's folder cannot be written.
    """
    now = datetime.now(UTC)
    name = re.sub(r"[^A-Za-z0-9]+", "-", recipe).strip("-")
    run_id = f"{now:%Y%m%d-%H%M%S}-{name}-{secrets.token_hex(2)}"
    record = {
        **(marks or {}),
        "run_id": run_id,
        "recipe": recipe,
        "config": config.to_dict(),
        "status": status,
        "created": now.timestamp(),
        "heartbeat": now.timestamp(),
        "submitter": processes.describe_this_process(),
        "parameters": config.parameters,
    }
    if status == RUNNING:
        # Whoever makes it so is about to train it: nobody need wait to see whether another process does.
        record["trainer"] = processes.describe_this_process()
    with storage.explained():
        storage.write_json(runs_folder() / run_id / "run.json", record)
    return load_run(run_id)


def load_run(run_id: str) -> Run:
    """Read a run by its name, or by the path of its folder.

    Raises:
        RunNotFoundError: if there is none, or its run.json cannot be read.
    """
    folders = [runs_folder() / run_id, storage.ASSETS / "runs" / run_id]
    if os.sep in run_id:
        folders = [Path(run_id)]
    elif not _RUN_ID.fullmatch(run_id):
        folders = []
    for folder in folders:
        if (folder / "run.json").is_file():
            return _read_run(folder)
    raise RunNotFoundError(f"There must be a run of that name. Received: {run_id}.")


def list_runs() -> Listing:
    """Read all runs: those made here, newest first, then those that came with the lab, oldest first."""
    runs: list[Run] = []
    unreadable: dict[str, str] = {}
    for parent in (runs_folder(), storage.ASSETS / "runs"):
        if not parent.is_dir():
            continue
        found = []
        for folder in parent.iterdir():
            if folder.name.startswith("."):
                continue
            try:
                _check_name(folder.name)
                found.append(_read_run(folder))
            except RunNotFoundError as error:
                unreadable[folder.name] = str(error)
        runs += sorted(found, key=lambda run: run.created, reverse=parent == runs_folder())
    return Listing(tuple(runs), unreadable)


def find_answering_run(run_id: str | None = None) -> Run:
    """Return the run whose network is to be asked about pictures: the one named, else the lab's own, else the newest.

    Raises:
        RunNotFoundError: if there is none with a network.
    """
    if run_id is not None:
        run = load_run(run_id)
        if run.has_model:
            return run
        raise RunNotFoundError(f"The run must have ended with a network. Received: {run_id}, {run.status}.")
    usable = list_runs().with_model()
    if not usable:
        raise RunNotFoundError("There must be a run with a network to ask; train one first.")
    return next((run for run in usable if run.shipped and run.run_id == ANSWERING_RUN), usable[0])


def _check_name(name: str) -> None:
    if not _RUN_ID.fullmatch(name):
        raise RunNotFoundError(f"{name}: its name is not a run's: letters, digits, dots, dashes and underscores.")


def _read_run(folder: Path) -> Run:
    shipped = folder.parent == storage.ASSETS / "runs"
    try:
        record = storage.read_json(folder / "run.json")
        for name in ("result", "items"):
            _check_figures(record.get(name))
        return Run(
            run_id=folder.name,
            path=folder,
            recipe=str(record["recipe"]),
            config=TrainingConfig.from_dict(record["config"]),
            status=judge_status(record),
            created=datetime.fromtimestamp(record["created"], UTC).timestamp(),
            parameters=int(record["parameters"]),
            shipped=shipped,
            record=record,
            labels=Labels() if shipped else load_labels(folder),
        )
    except OSError:
        raise RunNotFoundError(f"{folder.name}: its run.json cannot be opened.") from None
    except InvalidSettingError as error:
        raise RunNotFoundError(f"{folder.name}: its settings are not valid here: {error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise RunNotFoundError(f"{folder.name}: its run.json is damaged or not a run's.") from None


def _check_figures(entry: Any) -> None:
    """Raise TypeError or AttributeError unless `entry` is None or maps names to numbers."""
    if entry is not None and not all(isinstance(value, (int, float)) for value in entry.values()):
        raise TypeError
