"""The whole tab, and at its top how much of the variance the components hold."""

import streamlit as st

from fmnist_core import principal
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.figures import variance as figures
from fmnist_core.splits import ITEMS
from pages.shared import cache, widgets
from pages.shared.sections import show_chart, show_head
from pages.shared.variance.basis import Basis
from pages.shared.variance.eigen_garments import show_components
from pages.shared.variance.rebuilding import show_reconstruction

SHARES = (0.8, 0.9, 0.95, 0.99)
_SCALES = {"pixels": "Pixels as they are", "standardised": "Standardised"}
_EVERYTHING = "all"
_ITEM_CHOICES = {_EVERYTHING: f"All {ITEMS:,} items", **{name: name for name in CLASS_NAMES}}


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
    show_head(
        f"{marks[1]:,} of {n_components} components hold {SHARES[1]:.0%} of the variance",
        "Variance measures how much items differ. A principal component is a direction in which they differ, a blend "
        "of all pixels; the first is the one along which they differ most, the next holds most of what is left.",
    )
    with st.container(horizontal=True, gap="medium"):
        for share, mark in zip(SHARES, marks, strict=True):
            st.metric(f"For {share:.0%}", f"{mark:,}", width="content")
    figure = figures.plot_explained_variance(found.explained_variance_ratio, marks, logarithmic)
    show_chart(figure, "explained", "Share of the variance held by each component, and by the first ones together")
