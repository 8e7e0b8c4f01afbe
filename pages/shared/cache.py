"""What all sessions share; the only place that calls st.cache_resource and st.cache_data."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import (
    comparing,
    config,
    curves,
    data,
    dynamics,
    evaluation,
    exploration,
    layers,
    map_colors,
    prediction,
    principal,
    projection_files,
    run_data,
    runs,
    splits,
    studies,
    validation,
)
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.evaluation import calibration, intervals, metrics, overfitting, thresholds

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from fmnist_core.interpretation import attribution as attributing
    from fmnist_core.interpretation import probing, sanity
    from fmnist_core.interpretation import surgery as operations


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


@st.cache_resource(show_spinner=False, max_entries=16)
def scores(run_id: str, tested_at: float) -> evaluation.Scores:
    """Return the scores of `answers`."""
    found = answers(run_id, tested_at)
    return evaluation.compute_scores(found.labels, found.probabilities)


@st.cache_resource(show_spinner=False, max_entries=24)
def projection(key: str) -> projection_files.Projection:
    """Return a projection that has been computed (1 MB of memory)."""
    return projection_files.load_projection(key)


@st.cache_resource(show_spinner=False, max_entries=8)
def map_answers(run_id: str, tested_at: float, everything: bool) -> map_colors.Answers:
    """Return what a run's network says about its test part, or about `everything` if all have been asked."""
    run = runs.load_run(run_id)
    layer = layers.load_layer(run) if everything else None
    if layer is not None:
        return map_colors.Answers.of(np.arange(splits.ITEMS), layer.probabilities)
    found = answers(run_id, tested_at)
    return map_colors.Answers.of(found.items, found.probabilities)


def items_of(class_index: int | None) -> splits.Indices:
    """Return the numbers of the items of a class, or of all items."""
    labels = dataset().labels
    return np.arange(len(labels)) if class_index is None else np.flatnonzero(labels == class_index)


def _images_of(class_index: int | None) -> NDArray[np.uint8]:
    images = dataset().images
    return images if class_index is None else images[items_of(class_index)]


@st.cache_resource(show_spinner="Finding the principal components …", max_entries=8)
def components(standardised: bool, class_index: int | None) -> principal.PrincipalComponents:
    """Return all 784 principal components of a class, or of all items (1.4 s, 0.1 s for a class)."""
    return principal.compute_components(_images_of(class_index), standardised)


@st.cache_resource(show_spinner=False, max_entries=64)
def scores_along(standardised: bool, class_index: int | None, component: int) -> NDArray[np.float32]:
    """Return where `items_of(class_index)` lie along one of their components, counted from 1."""
    return principal.compute_scores_along(components(standardised, class_index), _images_of(class_index), component)


@st.cache_resource(show_spinner=False, max_entries=64)
def draw_items(class_index: int | None, n_items: int, seed: int) -> splits.Indices:
    """Return some of `items_of(class_index)`, evenly from its classes (20 ms, too much for each move of a slider)."""
    return splits.take_stratified(items_of(class_index), dataset().labels, n_items, seed)


@st.cache_resource(show_spinner=False, max_entries=32)
def reconstruction_errors(
    standardised: bool, class_index: int | None, counts: tuple[int, ...], n_items: int
) -> NDArray[np.float64]:
    """Return the mean error of a sample of the items, rebuilt from each of `counts` of their components."""
    items = draw_items(class_index, n_items, seed=0)
    found = components(standardised, class_index)
    return principal.compute_reconstruction_errors(found, dataset().images[items], counts).mean(axis=0)


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
    from fmnist_core import augmentation  # it brings Keras

    return augmentation.preview(dataset().images[:n_items], settings, seed)


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


@st.cache_resource(show_spinner="Comparing …", max_entries=16)
def pair(run_id: str, tested_at: float, other_id: str, other_tested_at: float) -> comparing.Pair | None:
    """Return two runs' answers for the same items, compared; None if they have answered none of the same."""
    first, second, labels = runs.load_run(run_id), runs.load_run(other_id), dataset().labels
    if len(comparing.find_shared(first, second, labels)) == 0:
        return None
    return comparing.compare_runs(first, second, labels)


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


@st.cache_resource(show_spinner="Preparing the operation …", max_entries=6)
def surgery(run_id: str, tested_at: float, layer: str) -> "operations.Surgery":
    """Return a network whose channels of a layer can be silenced, and its sample (1 s, 0.3 s warm; up to 38 MB)."""
    from fmnist_core.interpretation.surgery import Surgery, draw_sample  # it brings Keras

    return Surgery(probe(run_id, tested_at), layer, draw_sample(runs.load_run(run_id)))


@st.cache_resource(show_spinner=False, max_entries=128)
def operated_answers(run_id: str, tested_at: float, layer: str, silenced: tuple[int, ...]) -> NDArray[np.float32]:
    """Return the probabilities for the sample of `surgery` with some channels silenced (10 to 300 ms)."""
    return surgery(run_id, tested_at, layer).ask_sample(silenced)


@st.cache_resource(show_spinner=False, max_entries=512)
def attribution(
    run_id: str, tested_at: float, method: str, image: NDArray[np.uint8], class_index: int, layer: str | None
) -> "attributing.Attribution":
    """Return which pixels of an item a class's score hangs on (10 to 150 ms)."""
    from fmnist_core.interpretation.attribution import explain  # it brings Keras

    return explain(probe(run_id, tested_at), method, image[np.newaxis], class_index, layer)


@st.cache_resource(show_spinner="Forgetting layer by layer …", max_entries=64)
def cascade(
    run_id: str, tested_at: float, method: str, image: NDArray[np.uint8], class_index: int, layer: str | None
) -> "list[sanity.Stage]":
    """Return what `attribution` becomes while the network forgets (0.3 to 1 s)."""
    from fmnist_core.interpretation.sanity import compute_cascade

    return compute_cascade(probe(run_id, tested_at), method, image, class_index, layer)


@st.cache_resource(show_spinner=False, max_entries=64)
def curves_without(
    run_id: str, tested_at: float, method: str, image: NDArray[np.uint8], class_index: int, layer: str | None
) -> "sanity.Curves":
    """Return what becomes of a class's probability without the pixels that `attribution` calls hot (50 ms)."""
    from fmnist_core.interpretation.sanity import compute_curves, rank_pixels

    ranked = rank_pixels(method, attribution(run_id, tested_at, method, image, class_index, layer))[0]
    return compute_curves(probe(run_id, tested_at), image, class_index, ranked)


def robustness_chart(run: runs.Run, other: runs.Run | None, change: str, strength: float) -> "go.Figure":
    """Return a run's accuracy under a change as a chart, beside that of another run, with a strength marked.

    Nine of them follow each move of a slider, and only one of them changes (7 ms each). Their studies must be there.
    """
    requests = [studies.Request(each, "robustness", {}) for each in (run, other) if each is not None]
    stamps = tuple(request.path.stat().st_mtime_ns for request in requests)
    return _robustness_chart(tuple(request.path for request in requests), stamps, change, strength, requests)


@st.cache_resource(show_spinner=False, max_entries=512)
def _robustness_chart(
    paths: tuple[Path, ...], stamps: tuple[int, ...], change: str, strength: float, _requests: list[studies.Request]
) -> "go.Figure":
    from fmnist_core.figures.robustness import plot_robustness
    from fmnist_core.interpretation.changes import CHANGES
    from fmnist_core.interpretation.robustness import compute_curves

    found = [study(request) or {} for request in _requests]
    curve, *others = [compute_curves(arrays, len(arrays["items"])).get(change) for arrays in found]
    kind = CHANGES[change]
    return plot_robustness(curve, kind.neutral, kind.unit, strength, others[0] if others else None)
