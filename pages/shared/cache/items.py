"""The data: what is typical of them, their principal components, their maps."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import data, exploration, placing, principal, projection_files, sheets, splits
from fmnist_core.classes import CLASS_NAMES

if TYPE_CHECKING:
    pass


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


@st.cache_resource(show_spinner=False, max_entries=24)
def projection(key: str) -> projection_files.Projection:
    """Return a projection that has been computed (1 MB of memory)."""
    return projection_files.load_projection(key)


@st.cache_resource(show_spinner="Painting the map …", max_entries=8)
def map_picture(key: str) -> str:
    """Return a projection in the plane as a picture, a data: address (40 ms)."""
    found = projection(key)
    return sheets.encode_data_url(placing.paint_map(found.embedding, dataset().labels[found.items]))
