"""Search: have the machine try settings, and see what matters."""

import streamlit as st

from pages.shared.search.setup import show_setup
from pages.shared.search.watch import show_searches


def show_search() -> None:
    setup, watch = st.columns([1, 2.2], gap="large")
    with setup:
        show_setup()
    with watch:
        show_searches()


st.title("Search")
st.caption(
    "Train one network with many settings, and let the results say which are good. Start the first look, and watch its "
    "table fill."
)
show_search()
