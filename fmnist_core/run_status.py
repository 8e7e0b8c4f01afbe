"""How a run stands: what its run.json says, and whether those are still there who were to bring it to its end."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fmnist_core import processes

QUEUED, RUNNING, STOPPED = "queued", "running", "stopped"
FAILED, INTERRUPTED, FINISHED = "failed", "interrupted", "finished"
STATUSES = (QUEUED, RUNNING, STOPPED, FAILED, INTERRUPTED, FINISHED)

HEARTBEAT_SECONDS = 2.0
# Long enough for a machine that is short of breath, short enough for somebody who waits for an answer.
SILENCE_SECONDS = 30.0


def judge_status(record: Mapping[str, Any]) -> str:
    """Return the status of a run whose run.json holds `record`.

    A run whose worker is gone waits for another one as long as the process lives that submitted it, and is
    interrupted otherwise. Of processes on other machines only the heartbeat tells.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: if the record is damaged.
    """
    status = record["status"]
    if status not in STATUSES:
        raise ValueError(status)
    heartbeat = float(record["heartbeat"])
    submitter, trainer = record.get("submitter") or {}, record.get("trainer") or {}
    if status == RUNNING and processes.is_here(trainer) and not processes.lives(trainer, heartbeat):
        if not processes.is_here(submitter) or trainer.get("pid") == submitter.get("pid"):
            return INTERRUPTED
        status = QUEUED
    elif status == RUNNING and datetime.now(UTC).timestamp() - heartbeat > SILENCE_SECONDS:
        return INTERRUPTED
    if status == QUEUED and not processes.lives(submitter, heartbeat):
        return INTERRUPTED
    return status
