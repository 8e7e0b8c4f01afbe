"""What a run's answers are worth."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from fmnist_core import comparing, evaluation, layers, runs, validation
from fmnist_core.evaluation import calibration, intervals, metrics, overfitting, thresholds
from pages.shared.cache.items import dataset
from pages.shared.cache.networks import answers

if TYPE_CHECKING:
    pass


@st.cache_resource(show_spinner=False, max_entries=16)
def scores(run_id: str, tested_at: float) -> evaluation.Scores:
    """Return the scores of `answers`."""
    found = answers(run_id, tested_at)
    return evaluation.compute_scores(found.labels, found.probabilities)


@st.cache_resource(show_spinner=False, max_entries=16)
def measures(run_id: str, tested_at: float) -> dict[str, intervals.Estimate]:
    """Return the figures of merit of `answers` with their intervals (50 ms for 10,000 items)."""
    found = answers(run_id, tested_at)
    return metrics.compute_metrics(found.labels, found.probabilities)


@st.cache_resource(show_spinner=False, max_entries=16)
def class_scores(run_id: str, tested_at: float) -> metrics.ClassScores:
    """Return precision, recall and F1 of the classes, of `answers`."""
    return metrics.compute_class_scores(scores(run_id, tested_at).confusion_matrix)


@st.cache_resource(show_spinner=False, max_entries=16)
def threshold_curves(run_id: str, tested_at: float) -> tuple[thresholds.ClassCurves | None, ...]:
    """Return ROC and precision-recall curves of `answers` (20 ms)."""
    found = answers(run_id, tested_at)
    return (
        thresholds.compute_roc_curves(found.labels, found.probabilities),
        thresholds.compute_precision_recall_curves(found.labels, found.probabilities),
    )


@st.cache_resource(show_spinner="Looking for the temperature …", max_entries=16)
def mending(run_id: str, tested_at: float) -> calibration.Mending:
    """Return what a temperature from a run's validation items makes of `answers` (0.2 s)."""
    found, other = answers(run_id, tested_at), validation.load_validation(runs.load_run(run_id), dataset().labels)
    return calibration.mend(found.labels, found.probabilities, other.labels, other.probabilities)


@st.cache_resource(show_spinner=False, max_entries=16)
def parts(run_id: str, tested_at: float, everything: bool) -> Mapping[str, overfitting.Part]:
    """Return how the parts of a run's split were answered; the test part alone unless `everything` was asked."""
    run = runs.load_run(run_id)
    layer = layers.load_layer(run) if everything else None
    return validation.count_parts(run, dataset().labels, answers(run_id, tested_at), layer)


@st.cache_resource(show_spinner="Comparing …", max_entries=16)
def pair(run_id: str, tested_at: float, other_id: str, other_tested_at: float) -> comparing.Pair | None:
    """Return two runs' answers for the same items, compared; None if they have answered none of the same."""
    first, second, labels = runs.load_run(run_id), runs.load_run(other_id), dataset().labels
    if len(comparing.find_shared(first, second, labels)) == 0:
        return None
    return comparing.compare_runs(first, second, labels)
