"""What the server does while nobody waits: import what is heavy, start the worker."""

import importlib
import time

from fmnist_core import jobs

# The first visitor's page has the processor to itself; Keras takes seconds of it.
_PATIENCE_SECONDS = 3.0


def warm() -> None:
    """Run once, in a thread of its own, when the server starts."""
    for module in ("pandas", "plotly.graph_objects"):
        importlib.import_module(module)
    time.sleep(_PATIENCE_SECONDS)
    jobs.warm()
    for module in ("keras", "sklearn.metrics", "scipy.stats"):
        importlib.import_module(module)


def cool() -> None:
    """Run once when the server stops."""
    jobs.close()
