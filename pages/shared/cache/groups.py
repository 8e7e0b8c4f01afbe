"""What runs of a class or with several seeds and folds came to, and what folds say together."""

import numpy as np
import streamlit as st

from fmnist_core import cross_validation, run_data, runs
from pages.shared.cache.items import dataset
from pages.shared.cache.networks import tables


def outcome(run: runs.Run) -> cross_validation.Outcome:
    """Return what a run came to; of one that has ended it is worked out once (5 ms)."""
    if run.active:
        return cross_validation.measure_outcome(run, tables(run).history)
    return _ended_outcome(run.run_id, run_data.stamp_tables(run), run.test_accuracy, run)


@st.cache_resource(show_spinner=False, max_entries=2048)
def _ended_outcome(
    run_id: str, stamp: tuple[int, ...], test_accuracy: float | None, _run: runs.Run
) -> cross_validation.Outcome:
    return cross_validation.measure_outcome(_run, run_data.load_history(_run))


@st.cache_resource(show_spinner=False, max_entries=8)
def out_of_fold(run_ids: tuple[str, ...], tested_at: tuple[float, ...]) -> run_data.Predictions:
    """Return the answers of all folds of one seed, read once; `Run.tested_at` tells a later test from an earlier one.

    Raises:
        RunNotFoundError: if a fold is missing, or what it answered is no longer there.
    """
    return cross_validation.load_out_of_fold(
        [runs.load_run(run_id) for run_id in run_ids], np.asarray(dataset().labels)
    )
