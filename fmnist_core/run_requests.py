"""What others ask of a run: to stop, to pause, to go on, to wait in line once more.

A training is asked by files in its folder, at which it looks between its executions.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fmnist_core import processes, storage
from fmnist_core.errors import FmnistError
from fmnist_core.run_status import INTERRUPTED, QUEUED, STOPPED
from fmnist_core.settings import check_whole

if TYPE_CHECKING:
    from fmnist_core.run import Run

# A paused run keeps a worker from all others, so it does not wait for ever for somebody who has left.
PAUSE_SECONDS = 30 * 60.0
# Offered to who steps through a training.
STEPS = (1, 10, 100)
_MOST_STEPS = 10_000

_FILES = ("stop", "pause", "step")


def request_stop(run: "Run") -> None:
    """Ask a run to stop; one that waits is never started, one that trains ends after the current batches."""
    if run.active:
        with storage.explained():
            (run.path / "stop").touch()


def request_pause(run: "Run") -> None:
    """Ask a run to hold: one that trains after the current batches, one that waits before its first."""
    if run.active:
        with storage.explained():
            (run.path / "pause").touch()


def request_go_on(run: "Run") -> None:
    """Let a paused run go on."""
    for name in ("step", "pause"):
        (run.path / name).unlink(missing_ok=True)


def request_step(run: "Run", n_batches: int) -> None:
    """Let a paused run train exactly `n_batches` more batches and hold again; pause a run that trains.

    Raises:
        InvalidSettingError: if `n_batches` is not a whole number from 1 to 10,000.
    """
    check_whole("n_batches", n_batches, 1, _MOST_STEPS)
    if run.active:
        with storage.explained():
            storage.write_json(run.path / "step", n_batches)
            (run.path / "pause").touch()


def take_step(run: "Run") -> int | None:
    """Return how many batches a paused run was asked to train, once; None if it was not."""
    path = run.path / "step"
    try:
        n_batches = storage.read_json(path)
        check_whole("n_batches", n_batches, 1, _MOST_STEPS)
    except FileNotFoundError:
        return None
    except ValueError:
        n_batches = None
    path.unlink(missing_ok=True)
    return n_batches


def withdraw_run(run: "Run") -> None:
    """Mark a run that waits as stopped, so that nobody has to wait for a worker to do so."""
    _give_up(run, STOPPED)


def abandon_run(run: "Run") -> None:
    """Mark a run that waits as interrupted: no worker will come for it."""
    _give_up(run, INTERRUPTED)


def _give_up(run: "Run", status: str) -> None:
    if run.status == QUEUED:
        storage.write_json(run.path / "run.json", {**run.record, "status": status})


def note_run(run: "Run", note: str) -> None:
    """Write a sentence on a run that has ended, about why it ended as it did."""
    with storage.explained():
        storage.write_json(run.path / "run.json", {**run.record, "note": note})


def requeue_run(run: "Run") -> None:
    """Put a run that ended early back in line; it goes on from its last whole epoch.

    Raises:
        FmnistError: if the run is active, finished or came with the lab.
    """
    if not run.resumable:
        raise FmnistError(f"Only a run that ended early can go on. Received: {run.run_id}, {run.status}.")
    _line_up(run)


def extend_run(run: "Run", epochs: int) -> None:
    """Put a finished run back in line for `epochs` more epochs after those that it has.

    Raises:
        FmnistError: if the run has not finished, came with the lab or has no checkpoint to go on from.
        InvalidSettingError: if it would have more epochs than a run may.
    """
    if not run.extendable:
        raise FmnistError(
            "Only a finished run that has kept its checkpoint can be trained for more epochs. "
            f"Received: {run.run_id}, {run.status}."
        )
    check_whole("epochs", epochs, 1, 1000)
    # One that stopped early has fewer epochs than it was allowed.
    done = (run.record.get("result") or {}).get("epochs", run.config.epochs)
    _line_up(run, config=run.config.with_settings(epochs=done + epochs).to_dict())


def _line_up(run: "Run", **entries: Any) -> None:
    for name in _FILES:
        (run.path / name).unlink(missing_ok=True)
    changes = {
        "status": QUEUED,
        "heartbeat": datetime.now(UTC).timestamp(),
        "submitter": processes.describe_this_process(),
    }
    ended = ("error", "note", "finished", "trainer", "paused_at")
    kept = {name: value for name, value in run.record.items() if name not in ended}
    with storage.explained():
        storage.write_json(run.path / "run.json", kept | changes | entries)
