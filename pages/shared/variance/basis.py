"""What components are computed from, and how all parts of the tab are headed and drawn."""

from typing import Any, NamedTuple

import streamlit as st

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.splits import Indices
from pages.shared import cache


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


def show_head(title: str, explanation: str) -> None:
    """Show a heading and, close below it, what it is about."""
    with st.container(gap=None):
        st.markdown(f"#### {title}")
        st.caption(explanation)


def show_chart(figure: Any, key: str, alt: str) -> None:
    """Show a figure without Plotly's buttons."""
    st.plotly_chart(figure, key=key, alt=alt, config={"displayModeBar": False})
