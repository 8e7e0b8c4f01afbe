"""Runs: their networks, their answers, how they came to them, and studies of them."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import (
    answering,
    config,
    curves,
    dynamics,
    layers,
    map_colors,
    prediction,
    run_data,
    runs,
    splits,
    studies,
    trust,
)
from pages.shared.cache.items import dataset

if TYPE_CHECKING:
    import pandas as pd

    from fmnist_core.interpretation import probing


@st.cache_resource(show_spinner="Loading the network", max_entries=8)
def predictor(run_id: str, tested_at: float) -> prediction.Predictor:
    """Return a run's network, compiled and warm, shared by all sessions; see `answers` for `tested_at`."""
    return prediction.Predictor(runs.load_run(run_id).path / "model.keras")


def answerer(run_id: str, tested_at: float) -> answering.Answerer:
    """Return what answers about pictures with a run's network, shared by all sessions; see `answers`.

    When it becomes known how far to believe that network, the next call knows it.
    """
    known = trust.find_file(runs.load_run(run_id))
    return _answerer(run_id, tested_at, known.stat().st_mtime_ns if known else 0)


@st.cache_resource(show_spinner="Loading the network", max_entries=8)
def _answerer(run_id: str, tested_at: float, trusted_at: int) -> answering.Answerer:
    return answering.Answerer.load(runs.load_run(run_id))


@st.cache_resource(show_spinner="Opening the network", max_entries=4)
def probe(run_id: str, tested_at: float) -> "probing.Probe":
    """Return a run's network, laid open, shared by all sessions; see `answers` for `tested_at`."""
    from fmnist_core.interpretation import probing  # it brings Keras

    return probing.Probe.load(runs.load_run(run_id).path / "model.keras")


def study(request: studies.Request) -> studies.Arrays | None:
    """Return the result of a study that has been made, read once; None if it cannot be read."""
    return _study(request.path, request.path.stat().st_mtime_ns, request)


@st.cache_resource(show_spinner=False, max_entries=32)
def _study(path: Path, changed: int, _request: studies.Request) -> studies.Arrays | None:
    return studies.load_study(_request)


@st.cache_resource(show_spinner=False, max_entries=16)
def answers(run_id: str, tested_at: float) -> run_data.Predictions:
    """Return a run's answers for its test part; `Run.tested_at` tells a later test from an earlier one."""
    return run_data.load_evaluation(runs.load_run(run_id))


@st.cache_resource(show_spinner=False, max_entries=8)
def map_answers(run_id: str, tested_at: float, everything: bool) -> map_colors.Answers:
    """Return what a run's network says about its test part, or about `everything` if all have been asked."""
    run = runs.load_run(run_id)
    layer = layers.load_layer(run) if everything else None
    if layer is not None:
        return map_colors.Answers.of(np.arange(splits.ITEMS), layer.probabilities)
    found = answers(run_id, tested_at)
    return map_colors.Answers.of(found.items, found.probabilities)


@st.cache_resource(show_spinner="Reading the epochs …", max_entries=4)
def timeline(run_id: str, stamp: tuple[int, int]) -> dynamics.Timeline:
    """Return what a run answered after each epoch (20 bytes an item and epoch); `stamp` as of stamp_epochs."""
    return dynamics.load_timeline(runs.load_run(run_id), dataset().labels)


@st.cache_resource(show_spinner=False, max_entries=4)
def learning(run_id: str, stamp: tuple[int, int]) -> dynamics.Dynamics:
    """Return what `timeline` tells of each item (40 ms for 46 epochs of 6,000)."""
    return dynamics.compute_dynamics(timeline(run_id, stamp))


@st.cache_resource(show_spinner="Loading Keras …", max_entries=64)
def augmented(settings: config.TrainingConfig, n_items: int, seed: int) -> NDArray[np.uint8]:
    """Return the first training items as a training with these settings would see them."""
    from fmnist_core import learner  # it brings Keras

    data = dataset()
    return learner.preview(data.images[:n_items], data.labels[:n_items], settings, seed)


def tables(run: runs.Run, label: str = "") -> curves.Tables:
    """Return a run's tables for its curves; those of a run that has ended are read once (5 ms)."""
    if run.active:
        return curves.load_tables(run, label)
    return _ended_tables(run.run_id, label, run_data.stamp_tables(run))


@st.cache_resource(show_spinner=False, max_entries=64)
def _ended_tables(run_id: str, label: str, stamp: tuple[int, ...]) -> curves.Tables:
    return curves.load_tables(runs.load_run(run_id), label)


def layers_of(run: runs.Run) -> "pd.DataFrame":
    """Return a run's table of layers; see `tables`."""
    return run_data.load_layers(run) if run.active else _ended_layers(run.run_id, run_data.stamp_tables(run))


@st.cache_resource(show_spinner=False, max_entries=16)
def _ended_layers(run_id: str, stamp: tuple[int, ...]) -> "pd.DataFrame":
    return run_data.load_layers(runs.load_run(run_id))
