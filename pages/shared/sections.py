"""How a part of a page is headed, and how its chart is drawn."""

from typing import Any

import streamlit as st


def show_head(title: str, explanation: str) -> None:
    """Show a heading and, close below it, what it is about."""
    with st.container(gap=None):
        st.markdown(f"#### {title}")
        st.caption(explanation)


def show_chart(figure: Any, key: str, alt: str) -> None:
    """Show a figure without Plotly's buttons."""
    st.plotly_chart(figure, key=key, alt=alt, config={"displayModeBar": False})
