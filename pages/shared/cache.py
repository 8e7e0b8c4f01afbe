"""What all sessions share; the only place that calls st.cache_resource and st.cache_data."""

import streamlit as st

from fmnist_core import data, evaluation, exploration, prediction, run_data, runs, splits
from fmnist_core.classes import CLASS_NAMES


@st.cache_resource(show_spinner=False)
def _dataset() -> data.Dataset:
    return data.load_dataset()


def dataset() -> data.Dataset:
    """Return the memory-mapped data; on a new machine fetch it first, behind a progress bar."""
    if not data.is_decoded():
        bar = st.progress(0.0, text="Fetching Fashion-MNIST (31 MB), once for this machine")
        data.load_dataset(lambda sentence, share: bar.progress(share, text=sentence))
        bar.empty()
    return _dataset()


@st.cache_resource(show_spinner=False)
def class_statistics(class_index: int) -> exploration.ClassStatistics:
    """Return what is typical of a class, over all its 7,000 items (50 ms when first asked for)."""
    items = dataset()
    return exploration.compute_class_statistics(items.images[items.labels == class_index])


@st.cache_resource(show_spinner="Looking at all 70,000 items …")
def all_class_statistics() -> list[exploration.ClassStatistics]:
    """Return `class_statistics` of the ten classes."""
    return [class_statistics(class_index) for class_index in range(len(CLASS_NAMES))]


@st.cache_resource(show_spinner="Counting …")
def split_summaries(split: str) -> dict[str, exploration.Summary]:
    """Return a summary of each part of a split, and of "all"."""
    items = dataset()
    return exploration.compute_split_summaries(items.images, items.labels, splits.make_split(split, items.labels))


@st.cache_resource(show_spinner="Loading the network", max_entries=8)
def predictor(run_id: str, tested_at: float) -> prediction.Predictor:
    """Return a run's network, compiled and warm, shared by all sessions; see `answers` for `tested_at`."""
    return prediction.Predictor(runs.load_run(run_id).path / "model.keras")


@st.cache_resource(show_spinner=False, max_entries=16)
def answers(run_id: str, tested_at: float) -> run_data.Predictions:
    """Return a run's answers for its test part; `Run.tested_at` tells a later test from an earlier one."""
    return run_data.load_evaluation(runs.load_run(run_id))


@st.cache_resource(show_spinner=False, max_entries=16)
def scores(run_id: str, tested_at: float) -> evaluation.Scores:
    """Return the scores of `answers`."""
    found = answers(run_id, tested_at)
    return evaluation.compute_scores(found.labels, found.probabilities)
