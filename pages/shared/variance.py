"""Explained variance: how many principal components are enough, what they show, and garments rebuilt from a few."""

from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import principal, sheets
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import InvalidSettingError
from fmnist_core.exploration import name_item
from fmnist_core.figures import variance as figures
from fmnist_core.selection import parse_indices
from fmnist_core.splits import ITEMS, Indices
from pages.shared import cache, components, widgets

SHARES = (0.8, 0.9, 0.95, 0.99)
PICTURES = 25
ENDS = 10
# Dense where a component still changes the picture; with the marks of all items among them.
COUNTS = (0, 1, 2, 3, 5, 8, 10, 15, 20, 25, 35, 50, 75, 84, 100, 150, 188, 250, 459, 600, 784)
SAMPLE = 1_000
MOST_REBUILT = 20
_SCALES = {"pixels": "Pixels as they are", "standardised": "Standardised"}
_EVERYTHING = "all"
_ITEM_CHOICES = {_EVERYTHING: f"All {ITEMS:,} items", **{name: name for name in CLASS_NAMES}}
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


class Basis(NamedTuple):
    """What the components are computed from."""

    standardised: bool
    class_index: int | None

    @property
    def name(self) -> str:
        """Its items in words."""
        which = "items" if self.class_index is None else f"items of class {CLASS_NAMES[self.class_index]}"
        return f"{len(self.items):,} {which}"

    @property
    def items(self) -> Indices:
        """Their numbers."""
        return cache.items_of(self.class_index)


@st.fragment
def show_variance() -> None:
    """Show the whole tab."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = widgets.select("Components of", _ITEM_CHOICES, key="components_of", width=220)
        with st.popover("Settings"):
            standardised, logarithmic = _choose_settings()
    basis = Basis(standardised, None if chosen == _EVERYTHING else CLASS_NAMES.index(chosen))
    show_curve(cache.components(*basis), logarithmic)
    st.divider()
    show_components(basis)
    st.divider()
    show_reconstruction(basis)


def _choose_settings() -> tuple[bool, bool]:
    scale = widgets.select("Pixels", _SCALES, key="pixel_scale", widget=st.segmented_control, required=True)
    st.caption(
        "Standardised, every pixel counts alike: each is divided by its standard deviation, so that the dim rims of "
        "the picture weigh as much as its middle."
    )
    logarithmic = st.toggle("Logarithmic axis, to see the first components", True, key="stretched", bind="query-params")
    return scale == "standardised", logarithmic


def show_curve(found: principal.PrincipalComponents, logarithmic: bool) -> None:
    """Show how much of the variance the components hold, each and together."""
    n_components = len(found.vectors)
    marks = [principal.count_components(found, share) for share in SHARES]
    _head(
        f"{marks[1]:,} of {n_components} components hold {SHARES[1]:.0%} of the variance",
        "Variance measures how much items differ. A principal component is a direction in which they differ, a blend "
        "of all pixels; the first is the one along which they differ most, the next holds most of what is left.",
    )
    with st.container(horizontal=True, gap="medium"):
        for share, mark in zip(SHARES, marks, strict=True):
            st.metric(f"For {share:.0%}", f"{mark:,}", width="content")
    figure = figures.plot_explained_variance(found.explained_variance_ratio, marks, logarithmic)
    _chart(figure, "explained", "Share of the variance held by each component, and by the first ones together")


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
    _head(
        f"The classes along component {component}",
        f"{highest} lies highest and {lowest} lowest. A box holds the middle half of a class, the line in it is the "
        "median, and nine of ten items lie between the ends of the whiskers.",
    )
    _chart(figures.plot_class_scores(quantiles), "class-scores", f"Scores along component {component} by class")


def _pick_component(component: int) -> None:
    st.session_state.component = component


def _show_pictures(basis: Basis, component: int) -> None:
    found = cache.components(*basis)
    shares = found.explained_variance_ratio[:PICTURES]
    numbers = range(1, len(shares) + 1)
    _head(
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
    _chart(figure, "loadings", f"Loadings of the 784 pixels on component {component}")
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
    components.grid(items, images, labels, key=f"{title}-items", label=f"Items {title} along the component", columns=5)


@st.fragment
def show_reconstruction(basis: Basis) -> None:
    """Rebuild items from as many components as the user says."""
    found = cache.components(*basis)
    counts = tuple(count for count in COUNTS if count <= len(found.vectors))
    _head(
        "Garments rebuilt from a few components",
        "Above the item, below the mean item plus what the first k components add. With 0 all are the mean, with "
        f"{len(found.vectors)} nothing is lost.",
    )
    count = st.select_slider("Components used (k)", counts, 50, key="k", bind="query-params")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Items",
            key="rebuilt",
            bind="query-params",
            max_chars=200,
            placeholder="at random, or such as 0-4, 69999",
            help=f"Up to {MOST_REBUILT} numbers below {ITEMS:,}: first the 60,000 training items, then the test items.",
            width=300,
        )
        st.button("Other items", on_click=_draw_others, key="others", disabled=bool(text.strip()))
    try:
        items = _find_rebuilt(basis, text)
    except InvalidSettingError as error:
        st.error(str(error))
        return
    _show_rebuilt(found, items, count)
    errors = cache.reconstruction_errors(*basis, counts, SAMPLE)
    held = found.explained_variance_ratio[:count].sum()
    st.markdown(
        f"**k = {count}** holds {held:.1%} of the variance; {SAMPLE:,} items are off by "
        f"{errors[counts.index(count)]:.1f} grey levels of 255 on average (root mean square over an item's pixels)."
    )
    _chart(figures.plot_reconstruction_errors(counts, errors, count), "errors", "Mean error by number of components")


def _draw_others() -> None:
    st.query_params["draw"] = str(_read_draw() + 1)


def _read_draw() -> int:
    asked = st.query_params.get("draw", "0")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0


def _find_rebuilt(basis: Basis, text: str) -> Indices:
    if text.strip():
        return np.array(parse_indices(text)[:MOST_REBUILT], dtype=np.int64)
    items = cache.draw_items(basis.class_index, len(CLASS_NAMES), _read_draw())
    return items[np.argsort(cache.dataset().labels[items], kind="stable")]


def _show_rebuilt(found: principal.PrincipalComponents, items: Indices, count: int) -> None:
    images, labels = cache.dataset().images[items], cache.dataset().labels[items]
    scores = principal.compute_scores(found, images, len(found.vectors))
    rebuilt = sheets.to_pixels(principal.reconstruct(found, scores[:, :count]))
    errors = principal.compute_reconstruction_errors(found, images, [count])[:, 0]
    kept = principal.compute_kept_shares(scores, count)
    components.tiles(
        [[sheets.encode_data_url(picture) for picture in pair] for pair in zip(images, rebuilt, strict=True)],
        [
            [CLASS_NAMES[label], f"off by {error:.1f}", f"{share:.1%} kept"]
            for label, error, share in zip(labels, errors, kept, strict=True)
        ],
        [f"{name_item(item, label)}, and rebuilt" for item, label in zip(items, labels, strict=True)],
        key="rebuilt-items",
        label=f"Items, and rebuilt from {count} components",
        columns=10,
        smallest=64,
    )
    st.caption(
        "Off by: root mean square over the pixels, in grey levels of 255. Kept: share of the item's squared distance "
        "from the mean."
    )


def _head(title: str, explanation: str) -> None:
    with st.container(gap=None):
        st.markdown(f"#### {title}")
        st.caption(explanation)


def _chart(figure: Any, key: str, alt: str) -> None:
    st.plotly_chart(figure, key=key, alt=alt, config={"displayModeBar": False})
