"""Where deleted runs go first, `runs/.trash/<moment>/<run_id>`, so that a deletion can be undone."""

import contextlib
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fmnist_core import storage
from fmnist_core.errors import FmnistError, RunNotFoundError

if TYPE_CHECKING:
    from fmnist_core.run import Run

KEPT_DAYS = 30


@dataclass(frozen=True)
class Trashed:
    """A deleted run.

    Attributes:
        run_id: its name, which it gets back.
        path: where its folder lies now.
        deleted: when it was deleted, seconds since 1970.
    """

    run_id: str
    path: Path
    deleted: float


def trash_folder() -> Path:
    """Return the folder of the deleted runs, which need not exist."""
    return storage.home() / "runs" / ".trash"


def delete_run(run: "Run") -> Trashed:
    """Move a run into the trash, from which `restore_run` brings it back as it was.

    Raises:
        FmnistError: if the run came with the lab or is still active.
        StorageError: if the lab's folder cannot be written.
    """
    if run.shipped:
        raise FmnistError(f"A run that came with the lab cannot be deleted. Received: {run.run_id}.")
    if run.active:
        raise FmnistError(f"A run must be stopped before it is deleted. Received: {run.run_id}.")
    with storage.explained():
        # The clock may give two deletions the same moment.
        place = trash_folder() / f"{time.time_ns() // 1_000_000:014d}"
        place.mkdir(parents=True, exist_ok=True)
        run.path.rename(place / run.run_id)
    return Trashed(run.run_id, place / run.run_id, int(place.name) / 1000)


def list_trash() -> tuple[Trashed, ...]:
    """Return the deleted runs, the last deleted first."""
    found = [
        Trashed(path.name, path, int(path.parent.name) / 1000)
        for path in trash_folder().glob("*/*")
        if path.parent.name.isdecimal() and path.is_dir()
    ]
    return tuple(sorted(found, key=lambda trashed: trashed.deleted, reverse=True))


def restore_run(run_id: str) -> "Run":
    """Bring a deleted run back; of several of that name the one deleted last.

    Raises:
        RunNotFoundError: if there is none of that name in the trash.
        FmnistError: if another run of that name is there by now.
        StorageError: if the lab's folder cannot be written.
    """
    from fmnist_core import runs

    trashed = next((trashed for trashed in list_trash() if trashed.run_id == run_id), None)
    if trashed is None:
        raise RunNotFoundError(f"There must be a deleted run of that name. Received: {run_id!a:.140}.")
    target = runs.runs_folder() / run_id
    if target.exists():
        raise FmnistError(f"There must be no other run of that name, or it cannot come back. Received: {run_id}.")
    with storage.explained():
        trashed.path.rename(target)
    with contextlib.suppress(OSError):  # another run was deleted in that very moment
        trashed.path.parent.rmdir()
    return runs.load_run(run_id)


def empty_trash(trashed: Sequence[Trashed] | None = None) -> None:
    """Remove deleted runs for good: those given, else all.

    Raises:
        StorageError: if the lab's folder cannot be written.
    """
    with storage.explained():
        for entry in list_trash() if trashed is None else trashed:
            # Somebody else may be emptying it too.
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(entry.path)
            with contextlib.suppress(OSError):
                entry.path.parent.rmdir()


def expire_trash() -> None:
    """Remove what has lain in the trash for more than `KEPT_DAYS` days.

    Raises:
        StorageError: if the lab's folder cannot be written.
    """
    oldest = time.time() - KEPT_DAYS * 86_400
    empty_trash([trashed for trashed in list_trash() if trashed.deleted < oldest])
