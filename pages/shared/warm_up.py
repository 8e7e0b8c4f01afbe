"""What the server does while nobody waits: import what is heavy, start the worker."""

import time


def warm() -> None:
    """Run once, in a thread of its own, when the server starts."""
    # The first visitor's page has the processor to itself; what follows takes seconds.
    time.sleep(3)


def cool() -> None:
    """Run once when the server stops."""
