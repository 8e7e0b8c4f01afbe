"""How to look at the curves of runs that are compared."""

from collections.abc import Sequence

import streamlit as st

from fmnist_core import run_comparison
from fmnist_core.run_comparison import CompareView, Group
from pages.shared import widgets


def choose_view(groups: Sequence[Group]) -> tuple[CompareView, bool]:
    """Return how to look at the curves, and whether closely."""
    repeated = any(len(group.runs) > 1 for group in groups)
    segments = {"widget": st.segmented_control, "required": True}
    # What they choose can be read from the choices, and the curves are to be seen without scrolling.
    bare = segments | {"label_visibility": "collapsed"}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        metric = widgets.select("Curve", run_comparison.METRICS, key="curve", **bare)
        axis = widgets.select("Along", run_comparison.AXES, key="along", **bare)
        part = widgets.select("Items", run_comparison.PARTS, key="part", **bare)
        with st.popover("View", help="Smoothing, alignment, axes and seeds."):
            # What a closed popover holds is told only then what it shows; a link's choice would be gone by the time
            # that it is opened.
            if "align" in st.session_state:
                st.session_state.align = st.session_state.align
            align = widgets.select(
                "Lines meet at",
                run_comparison.ALIGNMENTS,
                key="align",
                help="Where all lines stand at 0 of the horizontal axis.",
                **segments,
            )
            smoothing = st.slider(
                "Smoothing",
                0.0,
                0.99,
                0.0,
                0.01,
                key="smooth",
                bind="query-params",
                help="Average each point with those before it, so that the trend shows; the curve stays, faintly.",
            )
            close = _toggle("Close-up", "close", "Show the second half of each line, where they are near each other.")
            log_y = _toggle("Logarithmic upwards", "log_y", "Equal steps for equal ratios, for error rate and loss.")
            log_x = _toggle(
                "Logarithmic along",
                "log_x",
                "Equal steps for equal ratios; only for lines that meet at their start.",
                disabled=align != "start",
            )
            pooled = _toggle(
                "Seeds as one line",
                "pool",
                "Runs that differ in nothing but the seed as their mean, with a band of a standard deviation to both "
                "sides and, fainter, from the least to the greatest.",
                value=True,
                disabled=not repeated,
            )
    return CompareView(metric, part, axis, align, smoothing, log_x, log_y, pooled), close


def _toggle(label: str, key: str, explanation: str, value: bool = False, disabled: bool = False) -> bool:
    return st.toggle(label, value, key=key, bind="query-params", help=explanation, disabled=disabled)
