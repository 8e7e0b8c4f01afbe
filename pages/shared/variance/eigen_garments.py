"""The first components as pictures; the one that is picked, its loadings and the items at its ends."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import principal, sheets
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.figures import variance as figures
from fmnist_core.splits import Indices
from pages.shared import cache, components, item_pictures
from pages.shared.sections import show_chart, show_head
from pages.shared.variance.basis import Basis

PICTURES = 25
ENDS = 10
STEPS = (-3, -2, -1, 0, 1, 2, 3)
# By whether pixels are standardised: how to read loadings, and their unit.
_READINGS = {
    False: (
        "Its loadings: by how many grey levels (of 255) a pixel grows when an item moves one standard deviation up "
        "the component.",
        "grey levels",
    ),
    True: (
        "Its loadings: how each pixel correlates with the component, from −1 to 1.",
        "correlation",
    ),
}
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@st.fragment
def show_components(basis: Basis) -> None:
    """Show the first components as pictures; the one that is picked, its loadings and the items at its ends."""
    pictures, loadings = st.columns(2, gap="large")
    with loadings:
        component = _show_loadings(basis)
    with pictures:
        _show_pictures(basis, component)
    scores = cache.scores_along(*basis, component)
    order = np.argsort(scores, kind="stable")
    ends = {"lowest": order[:ENDS], "highest": order[: -ENDS - 1 : -1]}
    for column, (title, positions) in zip(st.columns(2, gap="large"), ends.items(), strict=True):
        with column:
            _show_end(basis.items[positions], component, title)
    if basis.class_index is None:
        _show_classes(scores, component)


def _show_classes(scores: NDArray[np.float32], component: int) -> None:
    quantiles = principal.compute_score_quantiles(scores, cache.dataset().labels, _QUANTILES)
    highest, lowest = (CLASS_NAMES[index] for index in (quantiles[:, 2].argmax(), quantiles[:, 2].argmin()))
    show_head(
        f"The classes along component {component}",
        f"{highest} lies highest and {lowest} lowest. A box holds the middle half of a class, the line in it is the "
        "median, and nine of ten items lie between the ends of the whiskers.",
    )
    show_chart(figures.plot_class_scores(quantiles), "class-scores", f"Scores along component {component} by class")


def _pick_component(component: int) -> None:
    st.session_state.component = component


def _show_pictures(basis: Basis, component: int) -> None:
    found = cache.components(*basis)
    shares = found.explained_variance_ratio[:PICTURES]
    numbers = range(1, len(shares) + 1)
    show_head(
        "Eigen-garments",
        f"The first {PICTURES} components as pictures, each with its share of the variance. Every item is the mean "
        "plus so much of each component. Click one to look closer.",
    )
    mean = sheets.encode_data_url(sheets.to_pixels(principal.reconstruct(found, np.zeros((1, 0), np.float32))[0]))
    st.html(_explain_colors(mean, basis))
    components.tiles(
        [[sheets.encode_data_url(sheets.paint_signed(principal.draw_loadings(found, number)))] for number in numbers],
        [[f"{number} · {share:.1%}"] for number, share in zip(numbers, shares, strict=True)],
        [f"Component {number}, {share:.2%} of the variance" for number, share in zip(numbers, shares, strict=True)],
        key="eigen-garments",
        label="The first components",
        columns=5,
        picked=component,
        on_pick=_pick_component,
    )


def _explain_colors(mean: str, basis: Basis) -> str:
    above, below = (
        f'<span style="display: inline-block; width: 0.8em; height: 0.8em; border-radius: 3px; background: {color}">'
        "</span>"
        for color in (sheets.ABOVE_ZERO, sheets.BELOW_ZERO)
    )
    return (
        '<div style="display: flex; gap: 1rem; align-items: center; font-size: 0.875rem; line-height: 1.5">'
        f'<img src="{mean}" alt="Mean of {basis.name}" style="width: 84px; height: 84px; image-rendering: pixelated">'
        f"<div><b>The mean of {basis.name}</b><br>Against it, an item far up a component is "
        f"{above} brighter here, {below} darker there.</div></div>"
    )


def _show_loadings(basis: Basis) -> int:
    found = cache.components(*basis)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("#### Component", width="content")
        component = st.number_input(
            "Component",
            1,
            len(found.vectors),
            key="component",
            bind="query-params",
            label_visibility="collapsed",
            required=True,
            width=130,
        )
        st.markdown(f"{found.explained_variance_ratio[component - 1]:.2%} of the variance", width="content")
    reading, unit = _READINGS[basis.standardised]
    st.caption(reading)
    figure = figures.plot_loadings(principal.draw_loadings(found, component), unit)
    show_chart(figure, "loadings", f"Loadings of the 784 pixels on component {component}")
    walked = sheets.to_pixels(principal.walk_along(found, component, STEPS))
    steps = [f"{step:+d} sd".replace("-", "−") if step else "mean" for step in STEPS]
    components.tiles(
        [[sheets.encode_data_url(picture)] for picture in walked],
        [[step] for step in steps],
        [f"The mean item moved along component {component}: {step}" for step in steps],
        key="walk",
        label="The mean item moved along the component",
        columns=len(STEPS),
        smallest=40,
    )
    st.caption("The mean item, moved along the component in steps of its standard deviation (sd).")
    return component


def _show_end(items: Indices, component: int, title: str) -> None:
    labels = cache.dataset().labels[items]
    st.markdown(f"**{title.capitalize()} along component {component}**")
    images = cache.dataset().images[items]
    item_pictures.grid(
        items, images, labels, key=f"{title}-items", label=f"Items {title} along the component", columns=5
    )
