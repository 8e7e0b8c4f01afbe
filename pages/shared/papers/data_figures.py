"""A paper's figures of the data, rebuilt: classes, samples, pixels, explained variance, principal components."""

import numpy as np
import streamlit as st

from fmnist_core import map_colors, principal
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.config import choose_items
from fmnist_core.exploration import name_item
from fmnist_core.figures import exploration, projections, variance
from fmnist_core.papers.documents import Document
from fmnist_core.recipes import find_recipe
from fmnist_core.splits import SPLITS
from pages.shared import cache, item_pictures
from pages.shared.sections import show_chart

_SAMPLES = 25
_SHARES = (0.8, 0.9, 0.95, 0.99)
_POINTS = 3_000


def show_classes(document: Document) -> None:
    """Show how often each class occurs among the paper's training items."""
    split = find_recipe(document.headline).config.split
    summary = cache.split_summaries(split)["train"]
    counts = summary.class_counts
    spread = int(counts.max() - counts.min())
    evenly = "every class exactly as often" if spread == 0 else f"classes that differ by up to {spread:,} items"
    st.markdown(
        f"The paper says that all classes are equally frequent. In its split ({SPLITS[split].title}) we count "
        f"**{summary.items:,} items to train on and {evenly}**."
    )
    bars, pie = st.columns(2, gap="medium")
    with bars:
        show_chart(exploration.plot_class_counts(counts), "paper-counts", "Items a class")
    with pie:
        show_chart(exploration.plot_class_shares(counts), "paper-shares", "Share of each class")
    _link_gallery({"view": "Classes", "cut": split}, "All splits in the Gallery")


def show_samples(document: Document) -> None:
    """Show the first items that the paper's networks train on."""
    items = _training_items(document)[:_SAMPLES]
    data = cache.dataset()
    found = len(set(data.labels[items].tolist()))
    st.markdown(
        f"The paper prints a handful of items with their class. These are the first {_SAMPLES} items of its training "
        f"part: **{found} of the ten classes occur among them**."
    )
    grid, _ = st.columns([1, 1])
    with grid:
        item_pictures.grid(
            items, data.images[items], data.labels[items], key="paper-samples", label="First training items", columns=5
        )
    _link_gallery({}, "All 70,000 in the Gallery")


def show_pixels(document: Document) -> None:
    """Show the first training item with the value in every cell."""
    item = int(_training_items(document)[0])
    image, class_index = cache.dataset().images[item], int(cache.dataset().labels[item])
    black = float((image == 0).mean())
    st.markdown(
        f"The paper prints the 28 × 28 grid of its first item with the grey value in each cell. Ours is the first "
        f"training item of its split. **It is of class {CLASS_NAMES[class_index]}; {black:.0%} of its 784 pixels are "
        f"0, its brightest is {image.max()}**."
    )
    grid, _ = st.columns([3, 1])
    with grid:
        item_pictures.item(
            image,
            class_index,
            cache.class_statistics(class_index),
            key="paper-pixels",
            name=name_item(item, class_index),
            values=True,
        )
    _link_gallery({"detail": "Pixel values"}, "Any item's values in the Gallery")


def show_variance(document: Document) -> None:
    """Show how much of the variance the first principal components hold."""
    found = cache.components(False, None)
    marks = [principal.count_components(found, share) for share in _SHARES]
    st.markdown(
        "The paper shows how much of the variance the principal components explain together. Of all 70,000 items we "
        f"find that **{marks[1]} of 784 components hold {_SHARES[1]:.0%}, {marks[2]} hold {_SHARES[2]:.0%}**."
    )
    figure = variance.plot_explained_variance(found.explained_variance_ratio, marks)
    show_chart(figure, "paper-variance", "Explained variance by number of components")
    st.page_link(
        "data/map.py",
        label="What the components look like, on the Map",
        icon="🗺️",
        query_params={"view": "Explained variance"},
    )


def show_pca(document: Document) -> None:
    """Show items by their first two, and first three, principal components."""
    ratios = cache.components(False, None).explained_variance_ratio
    st.markdown(
        "The paper scatters the items along their first two and three principal components. **Two hold "
        f"{ratios[:2].sum():.1%} of the variance, three {ratios[:3].sum():.1%}**: trousers and boots stand apart, "
        "what one wears above the waist lies on one heap."
    )
    items = cache.draw_items(None, _POINTS, 0)
    scores = np.column_stack([cache.scores_along(False, None, component)[items] for component in (1, 2, 3)])
    coloring = map_colors.compute_coloring("class", items, cache.dataset().labels)
    plane, space = st.columns(2, gap="medium")
    with plane:
        show_chart(projections.plot_map(scores[:, :2], items, coloring), "paper-pca-2", "Two principal components")
    with space:
        show_chart(projections.plot_map_in_space(scores, items, coloring), "paper-pca-3", "Three principal components")
    st.caption(f"{_POINTS:,} items, drawn evenly from the classes. Drag the right one to turn it.")
    st.page_link("data/map.py", label="All 70,000 points on the Map", icon="🗺️")


def _training_items(document: Document) -> np.ndarray:
    return choose_items(find_recipe(document.headline).config, cache.dataset().labels).train


def _link_gallery(query: dict[str, str], label: str) -> None:
    st.page_link("data/gallery.py", label=label, icon="🧺", query_params=query)
