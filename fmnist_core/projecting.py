"""Compute a projection once, whoever asks: tell how far it is, let it be cancelled, keep the result.

`FMNIST_HOME/projections/pending` holds for each projection under way a JSON file with its progress, a lock that its
process holds, and an empty file that asks it to end. The lock goes with its process, so a killed one is noticed.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fmnist_core import fetch, processes, projection_files, storage
from fmnist_core.errors import FmnistError
from fmnist_core.projection_config import ProjectionConfig
from fmnist_core.projection_files import Projection

QUEUED, RUNNING, FAILED, INTERRUPTED = "queued", "running", "failed", "interrupted"

# How often progress is written; somebody who watches looks twice a second.
_WRITE_SECONDS = 0.3


class CancelledError(FmnistError):
    """Somebody has asked for the computation to end."""


@dataclass(frozen=True)
class Progress:
    """How far a projection is.

    Attributes:
        config: what is computed.
        status: "queued", "running", "failed", or "interrupted" if its process has gone.
        sentence: what it does, or why it failed.
        share: done, from 0 to 1.
        seconds_left: a guess; None while there is nothing to guess from.
        cancelling: whether it has been asked to end and has not done so yet.
    """

    config: ProjectionConfig
    status: str
    sentence: str
    share: float
    seconds_left: float | None
    cancelling: bool

    @property
    def active(self) -> bool:
        """Whether it waits or is computed."""
        return self.status in (QUEUED, RUNNING)


def load_progress(key: str) -> Progress | None:
    """Return how far a projection is, or None if nobody is at it and nothing went wrong."""
    path = _pending(key, "json")
    try:
        record = storage.read_json(path)
        status = record["status"]
        # The process first named waits or computes; with it goes what it was to do.
        if status in (QUEUED, RUNNING) and not processes.lives(record["process"], float(record["changed"])):
            status = INTERRUPTED
        return Progress(
            ProjectionConfig.from_dict(record["config"]),
            status,
            str(record["sentence"]),
            float(record["share"]),
            record["seconds_left"],
            _pending(key, "cancel").exists(),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def announce(config: ProjectionConfig) -> bool:
    """Write down that a projection waits to be computed; return False if somebody is at it, or it is there already."""
    progress = load_progress(config.key)
    if projection_files.find_projection(config.key) or (progress and progress.active):
        return False
    _pending(config.key, "cancel").unlink(missing_ok=True)
    _write(config, QUEUED, "Waiting for its turn", 0.0, None)
    return True


def cancel(key: str) -> None:
    """Ask a projection to end; one that waits is forgotten at once, one under way at its next step."""
    progress = load_progress(key)
    if progress is None:
        return
    if progress.status == RUNNING:
        _pending(key, "cancel").touch()
    else:
        _forget(key)


def execute(config: ProjectionConfig, report: fetch.Report = fetch.no_report, announced: bool = False) -> Projection:
    """Return a projection, computed now unless it is there; if another process is at it, wait for that one.

    Args:
        config: what to compute.
        report: called with a sentence and the share done, from 0 to 1.
        announced: whether it was announced; then it is computed only if nobody has cancelled it since.

    Raises:
        CancelledError: if somebody asked for its end.
        FmnistError: if it cannot be computed; those who watch are told too.
    """
    import filelock

    key = config.key
    lock = _pending(key, "lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(lock):
        if projection_files.find_projection(key):
            _forget(key)
            return projection_files.load_projection(key)
        if announced and load_progress(key) is None:
            raise CancelledError("The projection was cancelled before it began.")
        _pending(key, "cancel").unlink(missing_ok=True)
        return _compute(config, report)


def _compute(config: ProjectionConfig, report: fetch.Report) -> Projection:
    from fmnist_core import data, projections

    try:
        reporter = _Reporter(config, report)
        reporter("Starting", 0.0)
        dataset = data.load_dataset()
        reporter.guess = projections.estimate_seconds(
            config, len(projection_files.choose_items(config, dataset.labels))
        )
        projection = projections.project(config, dataset, reporter)
        projection_files.save_projection(projection)
    except CancelledError:
        _forget(config.key)
        raise
    except Exception as error:
        reason = str(error) if isinstance(error, FmnistError) else f"It failed with {type(error).__name__}."
        _write(config, FAILED, reason, 0.0, None)
        raise
    _forget(config.key)
    return projection


class _Reporter:
    """Writes down how far a projection is, and ends it if that is asked for."""

    def __init__(self, config: ProjectionConfig, listener: fetch.Report) -> None:
        self.guess = 0.0
        self._config = config
        self._listener = listener
        self._began = time.monotonic()
        self._written = -_WRITE_SECONDS

    def __call__(self, sentence: str, share: float) -> None:
        if _pending(self._config.key, "cancel").exists():
            raise CancelledError("The projection was cancelled.")
        now = time.monotonic()
        if now - self._written >= _WRITE_SECONDS:
            self._written = now
            elapsed = now - self._began
            # What it took so far tells more than the guess, once there is enough of it.
            left = elapsed * (1 - share) / share if share > 0.1 else max(0.0, self.guess - elapsed)
            _write(self._config, RUNNING, sentence, share, left or None)
        self._listener(sentence, share)


def _pending(key: str, ending: str) -> Path:
    return projection_files.folder() / "pending" / f"{key}.{ending}"


def _write(config: ProjectionConfig, status: str, sentence: str, share: float, seconds_left: float | None) -> None:
    record: dict[str, Any] = {
        "config": config.to_dict(),
        "status": status,
        "sentence": sentence,
        "share": share,
        "seconds_left": seconds_left,
        "process": processes.describe_this_process(),
        "changed": time.time(),
    }
    storage.write_json(_pending(config.key, "json"), record)


def _forget(key: str) -> None:
    for ending in ("json", "cancel"):
        _pending(key, ending).unlink(missing_ok=True)
