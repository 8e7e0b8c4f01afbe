"""What a run's network looks at, and what becomes of it under the knife."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import runs, studies
from pages.shared.cache.networks import probe, study

if TYPE_CHECKING:
    from fmnist_core.interpretation import attribution as attributing
    from fmnist_core.interpretation import sanity
    from fmnist_core.interpretation import surgery as operations


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


def robustness_chart(run: runs.Run, other: runs.Run | None, change: str, strength: float) -> Any:
    """Return a run's accuracy under a change as a chart, beside that of another run, with a strength marked.

    Nine of them follow each move of a slider, and only one of them changes (7 ms each). Their studies must be there.
    """
    from fmnist_core.interpretation import robustness

    requests = [studies.Request(each, "robustness", robustness.SETTINGS) for each in (run, other) if each is not None]
    stamps = tuple(request.path.stat().st_mtime_ns for request in requests)
    return _robustness_chart(tuple(request.path for request in requests), stamps, change, strength, requests)


@st.cache_resource(show_spinner=False, max_entries=512)
def _robustness_chart(
    paths: tuple[Path, ...], stamps: tuple[int, ...], change: str, strength: float, _requests: list[studies.Request]
) -> Any:
    from fmnist_core.figures.robustness import plot_robustness
    from fmnist_core.interpretation.changes import CHANGES
    from fmnist_core.interpretation.robustness import compute_curves

    found = [study(request) or {} for request in _requests]
    curve, *others = [compute_curves(arrays, len(arrays["items"])).get(change) for arrays in found]
    kind = CHANGES[change]
    return plot_robustness(curve, kind.neutral, kind.unit, strength, others[0] if others else None)
