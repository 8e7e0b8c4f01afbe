"""Which process does something, written down so that another one can tell whether it still lives."""

import os
import socket
from collections.abc import Mapping
from typing import Any


def describe_this_process() -> dict[str, Any]:
    """Return host and number of this process, ready for JSON."""
    return {"host": socket.gethostname(), "pid": os.getpid()}


def lives(process: Mapping[str, Any], since: float) -> bool:
    """Tell whether a process is still there, as far as this machine can know; one elsewhere is taken to be.

    Args:
        process: what `describe_this_process` gave it; anything else that a file may hold counts as gone.
        since: a moment when it was there, seconds since 1970. A later process may have got the same number.
    """
    if process.get("host") != socket.gethostname():
        return True
    import psutil

    try:
        return psutil.Process(process.get("pid")).create_time() <= since + 1
    except (psutil.Error, TypeError, ValueError):
        return False
