"""The data taken together: how often each class occurs, what is typical of it, how bright it is."""

import numpy as np
import streamlit as st

from fmnist_core import sheets
from fmnist_core.classes import CLASS_ICONS, CLASS_NAMES
from fmnist_core.exploration import INK_LEVEL, bin_histogram
from fmnist_core.figures import exploration as figures
from fmnist_core.splits import SPLITS
from pages.shared import cache, item_pictures
from pages.shared.sections import show_chart, show_head

_BINS = 32
_TYPICAL = {
    "mean": ("Mean", "The 7,000 items of each class laid over each other: sharp where they agree, blurred where not."),
    "median": ("Median", "The middle value of every pixel: what most items share, whatever the odd ones do."),
    "std": ("Standard deviation", "Where the items of a class differ, bright; each picture's largest value is white."),
}


@st.fragment
def show_classes() -> None:
    """Show the size, the intensities and the class distribution of a split and of its parts."""
    titles = {key: kind.title for key, kind in SPLITS.items()}
    cut = st.selectbox("Split", titles, format_func=titles.get, key="cut", bind="query-params", width=380)
    st.caption(SPLITS[cut].description)
    *parts, (_, whole) = cache.split_summaries(cut).items()
    with st.container(horizontal=True, gap="medium"):
        st.metric("Items", f"{whole.items:,}", width="content")
        st.metric("Shape of an item", "28 × 28", width="content")
        st.metric("Pixel range", f"{whole.lowest} to {whole.highest}", width="content")
        st.metric("Mean", f"{whole.mean:.2f}", help=f"{whole.mean / 255:.4f} of white", width="content")
        st.metric("Standard deviation", f"{whole.std:.2f}", help=f"{whole.std / 255:.4f} of white", width="content")
    for column, (name, summary) in zip(st.columns(len(parts), gap="medium"), parts, strict=True):
        with column:
            show_head(
                name.capitalize(),
                f"{summary.items:,} items, mean {summary.mean:.2f}, standard deviation {summary.std:.2f}",
            )
            show_chart(figures.plot_class_counts(summary.class_counts), f"{name}-counts", f"Items a class, {name}")
            show_chart(
                figures.plot_class_shares(summary.class_counts), f"{name}-shares", f"Share of each class, {name}"
            )


def show_typical_items() -> None:
    """Show the mean, the median and the standard deviation of each class as pictures."""
    statistics = cache.all_class_statistics()
    numbers = np.arange(len(CLASS_NAMES))
    for name, (title, explanation) in _TYPICAL.items():
        pictures = [sheets.to_pixels(getattr(one, name), stretch=name == "std") for one in statistics]
        names = [f"{title} of class {class_name}" for class_name in CLASS_NAMES]
        show_head(title, explanation)
        item_pictures.grid(numbers, np.stack(pictures), numbers, key=f"typical-{name}", label=title, titles=names)


def show_pixels() -> None:
    """Show how much room the classes take, and how bright they are."""
    statistics = cache.all_class_statistics()
    ink = np.array([one.ink.mean() for one in statistics])
    quartiles = np.array([np.quantile(one.ink, [0.25, 0.75]) for one in statistics])
    biggest, smallest = int(ink.argmax()), int(ink.argmin())
    show_head(
        "Ink: which garments are big",
        f"{_name(biggest)} covers {ink[biggest]:.0%} of its picture, {_name(smallest)} {ink[smallest]:.0%}: size "
        f"alone tells many classes apart. Ink is what is brighter than {INK_LEVEL}; a line spans the middle half "
        "of the items.",
    )
    show_chart(figures.plot_ink(ink, quartiles), "ink", "Share of ink by class, the biggest first")
    shares = np.stack([bin_histogram(one.histogram, _BINS) for one in statistics])
    black, blackest = shares[:, 0], int(shares[:, 0].argmax())
    show_head(
        "Intensities by class",
        f"Share of a class's pixels in steps of {256 // _BINS}. The first step, black background, is left out: "
        f"it holds {black.min():.0%} to {black.max():.0%} of the pixels, most with {_name(blackest)}.",
    )
    with st.grid(min_column_width=170):
        for class_index, share in enumerate(shares):
            with st.container(gap=None):
                st.caption(_name(class_index))
                figure = figures.plot_intensities(share, class_index, shares[:, 1:].max())
                show_chart(
                    figure, f"intensities-{class_index}", f"Histogram of intensities, {CLASS_NAMES[class_index]}"
                )


def _name(class_index: int) -> str:
    return f"{CLASS_ICONS[class_index]} {CLASS_NAMES[class_index]}"
