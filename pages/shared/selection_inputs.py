"""The inputs that choose items: from where, in which order, how many, which page. All of it stands in the URL."""

from dataclasses import replace

import streamlit as st

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.selection import ORDERS, PARTS, SIZES, Selection, count_pages, parse_indices
from fmnist_core.splits import Indices

_LARGEST_SEED = 2**31 - 1


def choose_selection() -> Selection:
    """Show the inputs of a selection and return it, at its first page."""
    titles = {key: order.title for key, order in ORDERS.items()}
    parts = {key: part.title for key, part in PARTS.items()}
    changes = {"bind": "query-params", "on_change": _go_to_first_page}
    with st.container(horizontal=True):
        order = st.segmented_control(
            "Show", titles, format_func=titles.get, default="first", required=True, key="order", **changes
        )
        part = st.selectbox("From", parts, format_func=parts.get, key="from", width=220, **changes)
        size = st.segmented_control("How many", SIZES, default=SIZES[0], required=True, key="size", **changes)
        details = {}
        if order == "random":
            details["seed"] = st.number_input("Seed", 0, _LARGEST_SEED, key="shuffle", width=140, **changes)
        elif order == "class":
            details["class_index"] = st.selectbox(
                "Class", range(len(CLASS_NAMES)), format_func=CLASS_NAMES.__getitem__, key="class", width=150, **changes
            )
        elif order == "index":
            text = st.text_input(
                "Indices",
                "0-24, 42",
                max_chars=500,
                key="indices",
                width=250,
                help="Numbers and ranges, counted from 0 within what is chosen under From.",
                **changes,
            )
            details["indices"] = parse_indices(text)
    return Selection(order=order, part=part, size=size, **details)


def choose_page(selection: Selection, n_items: int) -> Selection:
    """Show the inputs that turn pages and return the selection at the page chosen."""
    pages = count_pages(n_items, selection.size)
    if st.session_state.get("page", 1) > pages:
        st.session_state.page = pages
    back = st.container(width="content")
    st.markdown("Page", width="content")
    page = st.number_input(
        "Page", 1, pages, key="page", bind="query-params", label_visibility="collapsed", width=76, required=True
    )
    st.markdown(f"of {pages:,}", width="content")
    st.button("›", help="Next page", disabled=page >= pages, on_click=_turn, args=(1,), key="on")
    # Made last, as only then the page that a link asks for is known.
    back.button("‹", help="Previous page", disabled=page <= 1, on_click=_turn, args=(-1,), key="back")
    first = (page - 1) * selection.size + 1
    last = min(first + selection.size - 1, n_items)
    st.caption(f"Items {first:,} to {last:,} of {n_items:,}", width="content")
    return replace(selection, page=page)


def _go_to_first_page() -> None:
    st.session_state.page = 1


def _turn(step: int) -> None:
    st.session_state.page += step


def pick(item: int) -> None:
    """Put an item's number into the URL."""
    st.query_params["item"] = str(item)


def find_picked(items: Indices) -> int:
    """Return the position, among the items of a page, of the one that the URL names: the first if it is not there."""
    asked, numbers = st.query_params.get("item"), [str(item) for item in items]
    return numbers.index(asked) if asked in numbers else 0
