"""What the server does while nobody waits: import what is heavy, start the worker."""

import contextlib
import gc
import importlib
import time

import numpy as np

from fmnist_core import data, jobs, runs, search
from fmnist_core.errors import RunNotFoundError
from pages.shared import cache

# The first visitor's page has the processor to itself; Keras takes seconds of it.
_PATIENCE_SECONDS = 3.0


def warm() -> None:
    """Run once, in a thread of its own, when the server starts."""
    time.sleep(_PATIENCE_SECONDS)
    try:
        _prepare()
    finally:
        # Streamlit collects garbage after every run of a page. With Keras loaded that walks 400,000 objects and holds
        # up every answer by a quarter of a second; what is frozen is not walked.
        gc.collect()
        gc.freeze()


def _prepare() -> None:
    for module in ("pandas", "plotly.graph_objects"):
        importlib.import_module(module)
    jobs.warm()
    for module in ("keras", "sklearn.decomposition", "sklearn.metrics", "scipy.ndimage", "scipy.stats", "cv2"):
        importlib.import_module(module)
    with contextlib.suppress(RunNotFoundError):
        run = runs.find_answering_run()
        cache.answerer(run.run_id, run.tested_at)
    shipped = [run for run in runs.list_runs().with_model() if run.shipped]
    if shipped:
        run = shipped[0]
        cache.predictor(run.run_id, run.tested_at)
        probe = cache.probe(run.run_id, run.tested_at)
        probe.compute_outputs(np.zeros((1, *data.IMAGE_SHAPE), np.uint8), [layer.name for layer in probe.layers])
    if data.is_decoded():
        cache.components(standardised=False, class_index=None)


def cool() -> None:
    """Run once when the server stops."""
    # First those who would hand out again what the workers leave behind.
    search.leave_all()
    jobs.close()
