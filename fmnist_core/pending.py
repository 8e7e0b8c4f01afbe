"""Computations that are made once for all who ask: how far each is, whether it is to end, who is at it.

A folder holds for each computation under way a JSON file with its progress, a lock that its process holds, and an empty
file that asks it to end. The lock goes with its process, so a killed one is noticed.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from fmnist_core import processes, storage
from fmnist_core.errors import FmnistError
from fmnist_core.fetch import Report, no_report

QUEUED, RUNNING, FAILED, INTERRUPTED = "queued", "running", "failed", "interrupted"

# How often progress is written; somebody who watches looks twice a second.
_WRITE_SECONDS = 0.3

Result = TypeVar("Result")


class CancelledError(FmnistError):
    """Somebody has asked for the computation to end."""


@dataclass(frozen=True)
class Progress:
    """How far a computation is.

    Attributes:
        status: "queued", "running", "failed", or "interrupted" if its process has gone.
        sentence: what it does, or why it failed.
        share: done, from 0 to 1.
        seconds_left: a guess; None while there is nothing to guess from.
        cancelling: whether it has been asked to end and has not done so yet.
    """

    status: str
    sentence: str
    share: float
    seconds_left: float | None
    cancelling: bool

    @property
    def active(self) -> bool:
        """Whether it waits or is computed."""
        return self.status in (QUEUED, RUNNING)


@dataclass(frozen=True)
class Pending:
    """One computation.

    Attributes:
        folder: where those of its kind are followed.
        key: a name that stands for all that determines the result.
    """

    folder: Path
    key: str

    def load_progress(self) -> Progress | None:
        """Return how far it is, or None if nobody is at it and nothing went wrong."""
        try:
            record = storage.read_json(self._path("json"))
            status = record["status"]
            # The process first named waits or computes; with it goes what it was to do.
            if status in (QUEUED, RUNNING) and not processes.lives(record["process"], float(record["changed"])):
                status = INTERRUPTED
            return Progress(
                status,
                str(record["sentence"]),
                float(record["share"]),
                record["seconds_left"],
                self._path("cancel").exists(),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def announce(self) -> bool:
        """Write down that it waits to be computed; return False if somebody is at it."""
        progress = self.load_progress()
        if progress and progress.active:
            return False
        self._path("cancel").unlink(missing_ok=True)
        self._write(QUEUED, "Waiting for its turn", 0.0, None)
        return True

    def cancel(self) -> None:
        """Ask it to end: one that waits is forgotten at once, one under way ends at its next step."""
        progress = self.load_progress()
        if progress is None:
            return
        if progress.status == RUNNING:
            self._path("cancel").touch()
        else:
            self._forget()

    def execute(
        self,
        find: Callable[[], Result | None],
        compute: Callable[["Reporter"], Result],
        report: Report = no_report,
        announced: bool = False,
    ) -> Result:
        """Return the result, computed now unless it is there; if another process is at it, wait for that one.

        Args:
            find: returns the result if it has been kept.
            compute: makes and keeps it; it is given what to report to, which raises to stop it.
            report: called with a sentence and the share done, from 0 to 1.
            announced: whether it was announced; then it is computed only if nobody has cancelled it since.

        Raises:
            CancelledError: if somebody asked for its end.
            FmnistError: if it cannot be computed; those who watch are told too.
        """
        import filelock

        lock = self._path("lock")
        lock.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(lock):
            found = find()
            if found is not None:
                self._forget()
                return found
            if announced and self.load_progress() is None:
                raise CancelledError("The computation was cancelled before it began.")
            self._path("cancel").unlink(missing_ok=True)
            try:
                reporter = Reporter(self, report)
                reporter("Starting", 0.0)
                result = compute(reporter)
            except CancelledError:
                self._forget()
                raise
            except Exception as error:
                reason = str(error) if isinstance(error, FmnistError) else f"It failed with {type(error).__name__}."
                self._write(FAILED, reason, 0.0, None)
                raise
            self._forget()
            return result

    def _path(self, ending: str) -> Path:
        return self.folder / f"{self.key}.{ending}"

    def _write(self, status: str, sentence: str, share: float, seconds_left: float | None) -> None:
        storage.write_json(
            self._path("json"),
            {
                "status": status,
                "sentence": sentence,
                "share": share,
                "seconds_left": seconds_left,
                "process": processes.describe_this_process(),
                "changed": time.time(),
            },
        )

    def _forget(self) -> None:
        for ending in ("json", "cancel"):
            self._path(ending).unlink(missing_ok=True)


class Reporter:
    """Writes down how far a computation is, and ends it if that is asked for.

    Attributes:
        guess: how many seconds it is expected to take, as far as known.
    """

    def __init__(self, pending: Pending, listener: Report) -> None:
        self.guess = 0.0
        self._pending = pending
        self._listener = listener
        self._began = time.monotonic()
        self._written = -_WRITE_SECONDS

    def __call__(self, sentence: str, share: float) -> None:
        """Report what is done and the share done, from 0 to 1.

        Raises:
            CancelledError: if somebody asked for the end.
        """
        if self._pending._path("cancel").exists():
            raise CancelledError("The computation was cancelled.")
        now = time.monotonic()
        if now - self._written >= _WRITE_SECONDS:
            self._written = now
            elapsed = now - self._began
            # What it took so far tells more than the guess, once there is enough of it.
            left = elapsed * (1 - share) / share if share > 0.1 else max(0.0, self.guess - elapsed)
            self._pending._write(RUNNING, sentence, share, left or None)
        self._listener(sentence, share)
