"""Which process does something, written down so that another one can tell whether it still lives."""

import os
import socket
from collections.abc import Mapping
from typing import Any


def describe_this_process() -> dict[str, Any]:
    """Return host and number of this process, ready for JSON."""
    return {"host": socket.gethostname(), "pid": os.getpid()}


def is_here(process: Mapping[str, Any]) -> bool:
    """Tell whether a process that `describe_this_process` described runs, or ran, on this machine."""
    return process.get("host") == socket.gethostname()


def lives(process: Mapping[str, Any], since: float) -> bool:
    """Tell whether a process is still there, as far as this machine can know; one elsewhere is taken to be.

    Args:
        process: what `describe_this_process` gave it; anything else that a file may hold counts as gone.
        since: a moment when it was there, seconds since 1970. A later process may have got the same number.
    """
    if not is_here(process):
        return True
    import psutil

    try:
        found = psutil.Process(process.get("pid"))
        # A process that was killed keeps its number until its parent has asked how it ended.
        return found.create_time() <= since + 1 and found.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, TypeError, ValueError):
        return False


def measure_memory() -> float:
    """Return how much memory this process occupies, in MB."""
    import psutil

    return psutil.Process().memory_info().rss / 1e6
