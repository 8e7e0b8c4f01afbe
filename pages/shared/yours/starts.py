"""What a drawing can be started from: an outline of a class, any item, or an example to try the scissors on."""

from functools import cache as remember

import numpy as np
import streamlit as st

from fmnist_core.classes import CLASS_ICONS, CLASS_NAMES
from fmnist_core.exploration import name_item
from fmnist_core.sheets import encode_data_url
from fmnist_core.splits import ITEMS, TRAIN_ITEMS
from fmnist_core.templates import EXAMPLES, TEMPLATES, Example, draw_template
from pages.shared import cache, canvas, components, item_pictures, widgets

_OUTLINES = "outlines open"
_ITEMS = "items open"
_NUMBER = "item to edit"
_CLASS = "class to edit"
_PAGE = "items to edit"
_PER_PAGE = 15


def offer_starts(key: str) -> None:
    """Show what can be laid on the canvas of this key, in one row."""
    with st.container(horizontal=True, gap="medium"):
        with st.container(horizontal=True, gap="small", vertical_alignment="center", width="content"):
            st.markdown("Start from", width="content")
            outlines = st.popover("an outline", key=_OUTLINES, on_change="rerun")
            items = st.popover("an item", key=_ITEMS, on_change="rerun")
        with st.container(horizontal=True, gap="small", vertical_alignment="center", width="content"):
            st.markdown("✂️ Try", width="content")
            for example in EXAMPLES:
                st.button(
                    example.title,
                    key=f"try {example.title}",
                    type="tertiary",
                    help=example.task,
                    on_click=_try,
                    args=(key, example),
                )
    if outlines.open:
        with outlines:
            _offer_outlines(key)
    if items.open:
        with items:
            _offer_items(key)


def _try(key: str, example: Example) -> None:
    canvas.put_on_canvas(key, cache.dataset().images[example.item], tool="scissors", note=example.task)


def _offer_outlines(key: str) -> None:
    def lay_out(number: int) -> None:
        canvas.put_on_canvas(key, draw_template(number - 1))
        st.session_state[_OUTLINES] = False

    components.tiles(
        [[address] for address in _thumbnails()],
        [[name] for name in CLASS_NAMES],
        [f"Outline of class {name}" for name in CLASS_NAMES],
        key="outlines",
        label="Outlines to start from",
        columns=5,
        smallest=48,
        on_pick=lay_out,
    )


@remember
def _thumbnails() -> list[str]:
    return [encode_data_url(draw_template(class_index)[::2, ::2]) for class_index in TEMPLATES]


def _offer_items(key: str) -> None:
    data = cache.dataset()

    def lay_out(item: int) -> None:
        canvas.put_on_canvas(key, data.images[item])
        st.session_state[_ITEMS] = False

    def take_another(class_index: int) -> None:
        if st.session_state.get(_CLASS) != class_index:
            st.session_state.update({_CLASS: class_index, _PAGE: 1})
        members = np.flatnonzero(data.test_labels == class_index)
        canvas.put_on_canvas(key, data.test_images[np.random.default_rng().choice(members)])

    def take_number() -> None:
        if st.session_state[_NUMBER] is not None:
            lay_out(int(st.session_state[_NUMBER]))

    st.caption("One of a class, another with each click:")
    with st.container(horizontal=True, gap="small"):
        for class_index, (icon, name) in enumerate(zip(CLASS_ICONS, CLASS_NAMES, strict=True)):
            # Not pills, which Streamlit now and then reports twice when they are emptied at once.
            st.button(f"{icon} {name}", key=f"example {name}", on_click=take_another, args=(class_index,))
    st.number_input(
        "Item number", 0, ITEMS - 1, None, key=_NUMBER, on_change=take_number, placeholder=f"0 to {ITEMS - 1:,}"
    )
    shown = st.session_state.get(_CLASS)
    members = np.arange(len(data.test_labels)) if shown is None else np.flatnonzero(data.test_labels == shown)
    members = members + TRAIN_ITEMS
    start = _PER_PAGE * (widgets.turn_pages(-(-len(members) // _PER_PAGE), key=_PAGE) - 1)
    visible = members[start : start + _PER_PAGE]
    item_pictures.grid(
        visible,
        data.images[visible],
        data.labels[visible],
        key="items to pick",
        label="Items to lay on the canvas",
        columns=5,
        titles=[name_item(item, data.labels[item]) for item in visible],
        on_pick=lay_out,
    )
