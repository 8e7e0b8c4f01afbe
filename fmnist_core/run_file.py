"""run.json while a run trains: its one writer, and the heartbeat that shows that somebody is there."""

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from fmnist_core import run_status, storage
from fmnist_core.runs import Run


def now() -> float:
    """Return the moment as run.json has it, seconds since 1970."""
    return datetime.now(UTC).timestamp()


class RunFile:
    """run.json, which the training and its heartbeat both write."""

    def __init__(self, run: Run) -> None:
        self._path = run.path / "run.json"
        self._record = dict(run.record)
        self._lock = threading.Lock()

    def update(self, **entries: Any) -> None:
        """Write the file anew with these entries and a beat of the heart."""
        with self._lock:
            self._record |= {"heartbeat": now(), **entries}
            storage.write_json(self._path, self._record)

    def close(self, **entries: Any) -> None:
        """Write the last words, if need be over the file itself when the disk has no room for a new one."""
        try:
            self.update(**entries)
        except OSError:
            # A folder that cannot be written at all is noticed by the heartbeat that has ceased.
            with contextlib.suppress(OSError), self._lock:
                storage.overwrite_json(self._path, self._record)


@contextmanager
def heartbeat(file: RunFile) -> Iterator[None]:
    """Let the file's heart beat while the block runs."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(run_status.HEARTBEAT_SECONDS):
            # A full disk may have room again; the training itself fails if it has none.
            with contextlib.suppress(OSError):
                file.update()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
