"""Whether somebody drives a search: what its driver wrote into the storage, and whether that one is still there."""

import time
from collections.abc import Mapping
from typing import Any

from fmnist_core import processes

# Nobody is at an interrupted search, though it has neither ended nor been stopped.
RUNNING, STOPPING, STOPPED, FINISHED, INTERRUPTED = "running", "stopping", "stopped", "finished", "interrupted"
STATUSES = (RUNNING, STOPPING, STOPPED, FINISHED, INTERRUPTED)

BEAT_SECONDS = 3.0
# How long a driver on another machine is believed to live without a word of it.
SILENCE_SECONDS = 30.0

# The drivers of this process, by the key that each has written: a thread may end when its process does not.
driving: set[str] = set()


def judge_status(driver: Mapping[str, Any], request: object) -> str:
    """Return the status of a search.

    Args:
        driver: what its driver wrote last; empty if it never had one.
        request: what was asked of it since it began, or None.
    """
    status = driver.get("status", INTERRUPTED)
    if status == RUNNING and not is_driven(driver):
        return INTERRUPTED
    return STOPPING if status == RUNNING and request else status


def is_driven(driver: Mapping[str, Any]) -> bool:
    """Tell whether the driver that wrote this still drives, as far as this machine can know."""
    if driver.get("status") != RUNNING:
        return False
    if driver["process"] == processes.describe_this_process():
        return driver["key"] in driving
    if processes.is_here(driver["process"]):
        return processes.lives(driver["process"], float(driver["beat"]))
    return time.time() - float(driver["beat"]) < SILENCE_SECONDS
