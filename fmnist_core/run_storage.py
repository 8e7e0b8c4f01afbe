"""What runs take on the disk, by kind, and how to give some of it back."""

import contextlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fmnist_core import run_trash, storage
from fmnist_core.errors import FmnistError
from fmnist_core.runs import Run
from fmnist_core.settings import check_choice


@dataclass(frozen=True)
class Kind:
    """A kind of file in a run's folder.

    Attributes:
        title: what it is called.
        lost: what is lost without such files, as a sentence; "" if they cannot be freed.
    """

    title: str
    lost: str = ""


KINDS = {
    "models": Kind("Networks"),
    "checkpoints": Kind(
        "Checkpoints",
        "Runs without checkpoints cannot be trained on, and those that ended early begin anew if they are resumed.",
    ),
    "epochs": Kind(
        "Answers after each epoch",
        "The time machine, the learning map and the overfitting view have nothing to show of these runs any more.",
    ),
    "tensorboard": Kind(
        "TensorBoard logs", "TensorBoard has nothing to show of these runs until their logs are exported again."
    ),
    "others": Kind("Tables, answers and the rest"),
}
# What can be given back while the run stays.
FREEABLE = tuple(key for key, kind in KINDS.items() if kind.lost)

_UNITS = ("bytes", "kB", "MB", "GB", "TB")


@dataclass(frozen=True)
class Usage:
    """What the lab's runs take.

    Attributes:
        by_run: bytes by kind, a key of `KINDS`, for each run made here, by run_id.
        trash: bytes of the deleted runs.
        exports: bytes of what was exported.
    """

    by_run: dict[str, dict[str, int]]
    trash: int
    exports: int

    @property
    def by_kind(self) -> dict[str, int]:
        """Bytes of all runs together, by kind."""
        return {kind: sum(sizes[kind] for sizes in self.by_run.values()) for kind in KINDS}

    @property
    def total(self) -> int:
        """Bytes of everything."""
        return sum(self.by_kind.values()) + self.trash + self.exports


def measure_usage(runs: Sequence[Run]) -> Usage:
    """Measure what runs made here take, what lies in the trash, and what was exported; shipped runs do not count."""
    by_run = {run.run_id: measure_run(run) for run in runs if not run.shipped}
    return Usage(by_run, measure_folder(run_trash.trash_folder()), measure_folder(exports_folder()))


def measure_run(run: Run) -> dict[str, int]:
    """Return how many bytes a run's files of each kind hold, by key of `KINDS`."""
    sizes = dict.fromkeys(KINDS, 0)
    for path, size in _list_files(run.path):
        sizes[_kind_of(path)] += size
    return sizes


def measure_folder(folder: Path) -> int:
    """Return how many bytes the files below a folder hold, which need not exist."""
    return sum(size for _, size in _list_files(folder))


def exports_folder() -> Path:
    """Return the folder of what was exported, which need not exist."""
    return storage.home() / "exports"


def free_runs(runs: Sequence[Run], kind: str) -> int:
    """Remove the files of a kind from runs made here that have ended, and return how many bytes that gave back.

    Args:
        runs: the runs; all must have ended and none may have come with the lab.
        kind: one of `FREEABLE`.

    Raises:
        InvalidSettingError: for another kind.
        FmnistError: if a run came with the lab or is active; nothing is removed then.
        StorageError: if the lab's folder cannot be written.
    """
    check_choice("kind", kind, FREEABLE)
    for run in runs:
        if run.shipped:
            raise FmnistError(f"A run that came with the lab keeps all its files. Received: {run.run_id}.")
        if run.active:
            raise FmnistError(f"A run must have ended before its files are removed. Received: {run.run_id}.")
    freed = 0
    with storage.explained():
        for run in runs:
            for path, size in _list_files(run.path):
                if _kind_of(path) == kind:
                    (run.path / path).unlink(missing_ok=True)
                    freed += size
    return freed


def empty_exports() -> int:
    """Remove everything that was exported, and return how many bytes that gave back.

    Raises:
        StorageError: if the lab's folder cannot be written.
    """
    freed = measure_folder(exports_folder())
    with storage.explained(), contextlib.suppress(FileNotFoundError):
        shutil.rmtree(exports_folder())
    return freed


def say_bytes(size: float) -> str:
    """Say a number of bytes as people do: "812 bytes", "4.0 MB", "1.2 GB"."""
    unit = 0
    while size >= 999.5 and unit < len(_UNITS) - 1:
        size, unit = size / 1_000, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if unit == 0 or size >= 9.95 else f"{size:.1f} {_UNITS[unit]}"


def _list_files(folder: Path) -> list[tuple[str, int]]:
    """Return the files below a folder, as paths from there with "/" between, and their bytes."""
    found: list[tuple[str, int]] = []
    waiting = [""]
    while waiting:
        below = waiting.pop()
        # Runs may be deleted while they are measured.
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder / below) as entries:
            for entry in entries:
                name = f"{below}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{name}/")
                else:
                    found.append((name, entry.stat(follow_symlinks=False).st_size))
    return found


def _kind_of(path: str) -> str:
    if path.startswith("tensorboard/"):
        return "tensorboard"
    if path.startswith("epochs/"):
        return "epochs"
    return {"model.keras": "models", "checkpoint.keras": "checkpoints", "best.keras": "checkpoints"}.get(path, "others")
