"""The figures of a paper, rebuilt live; only the chosen one is drawn."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from fmnist_core.papers.documents import Document
from pages.shared import widgets
from pages.shared.papers import answer_figures, curve_figures, data_figures, plate_figures


class _Figure(NamedTuple):
    title: str
    show: Callable[[Document], None]


# By key of `Document.figures`.
FIGURES: dict[str, _Figure] = {
    "curves": _Figure("Curves", curve_figures.show_curves),
    "confusion": _Figure("Confusion matrix", answer_figures.show_confusion),
    "report": _Figure("Report", answer_figures.show_report),
    "optimizers": _Figure("Optimizers", curve_figures.show_optimizers),
    "first_items": _Figure("Items and answers", plate_figures.show_first_items),
    "first_mistakes": _Figure("First mistakes", plate_figures.show_first_mistakes),
    "activation": _Figure("Activation maps", plate_figures.show_activation),
    "classes": _Figure("Classes", data_figures.show_classes),
    "samples": _Figure("Samples", data_figures.show_samples),
    "pixels": _Figure("Pixels", data_figures.show_pixels),
    "variance": _Figure("Explained variance", data_figures.show_variance),
    "pca": _Figure("Principal components", data_figures.show_pca),
}


def show_figures(document: Document) -> None:
    """Let the user choose one of the paper's figures, and show it."""
    titles = {key: figure.title for key, figure in FIGURES.items() if key in document.figures}
    if not titles:
        st.info("None of this paper's figures can be rebuilt.")
        return
    options = {"widget": st.pills, "required": True, "label_visibility": "collapsed"}
    FIGURES[widgets.select("Figure", titles, key="figure", **options)].show(document)
