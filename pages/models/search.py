"""Search: have the machine try settings, and see what matters; with a class, or with nothing varied but chance."""

import streamlit as st

from pages.shared.search.classroom import show_classroom
from pages.shared.search.repeats import show_repeats
from pages.shared.search.setup import show_setup
from pages.shared.search.watch import show_searches


def show_search() -> None:
    """Show the form of a search beside those that there are."""
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
views = {"Search": show_search, "Class": show_classroom, "Repeats": show_repeats}
# A link to a class need not say that it is one.
default = "Class" if "class" in st.query_params else "Search"
for tab, show in zip(
    st.tabs(list(views), default=default, key="mode", bind="query-params"), views.values(), strict=True
):
    if tab.open:
        with tab:
            show()
