"""What was measured of the papers' networks, and what follows from it."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import evaluation, runs
from fmnist_core.config import choose_items
from fmnist_core.papers import checks, leaderboard, results
from fmnist_core.papers.documents import load_documents
from fmnist_core.recipes import find_recipe
from pages.shared.cache.items import dataset

if TYPE_CHECKING:
    import pandas as pd


def paper_results() -> tuple[results.Result, ...]:
    """Return what was measured, read again when the table has changed."""
    return _results(_stamp("results.csv"))


@st.cache_resource(show_spinner=False, max_entries=4)
def _results(stamp: int) -> tuple[results.Result, ...]:
    return results.load_results()


def paper_histories() -> "pd.DataFrame":
    """Return one row an epoch and run; see `paper_results`."""
    return _histories(_stamp("histories.csv"))


@st.cache_resource(show_spinner=False, max_entries=4)
def _histories(stamp: int) -> "pd.DataFrame":
    return results.load_histories()


@st.cache_resource(show_spinner=False, max_entries=64)
def paper_confusion(recipe: str, run_hash: str) -> NDArray[np.int64]:
    """Return the confusion matrix of a recorded run of a recipe, (10, 10).

    Raises:
        RunNotFoundError: if the run's answers are not recorded.
    """
    labels = dataset().labels
    tested = choose_items(find_recipe(recipe).config, labels).test
    return evaluation.compute_confusion_matrix(labels[tested], results.load_predicted(run_hash))


def paper_findings(key: str) -> tuple[checks.Finding, ...]:
    """Return what the checks of a paper find."""
    return _findings(key, _stamp("results.csv"))


@st.cache_resource(show_spinner="Checking the paper …", max_entries=16)
def _findings(key: str, stamp: int) -> tuple[checks.Finding, ...]:
    return checks.check_document(load_documents()[key], paper_results())


def paper_entries(listing: runs.Listing) -> tuple[leaderboard.Entry, ...]:
    """Return the entries of the leaderboard, runs of this machine among them."""
    return _entries(_stamp("results.csv"), tuple((run.run_id, run.tested_at) for run in listing.runs), listing)


@st.cache_resource(show_spinner="Reading the leaderboard …", max_entries=8)
def _entries(
    stamp: int, tested: tuple[tuple[str, float], ...], _listing: runs.Listing
) -> tuple[leaderboard.Entry, ...]:
    return leaderboard.collect_entries(paper_results(), _listing)


def _stamp(name: str) -> int:
    path = Path(results.FOLDER) / name
    return path.stat().st_mtime_ns if path.is_file() else 0
