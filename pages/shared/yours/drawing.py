"""Draw a garment and have it answered stroke by stroke."""

import numpy as np
import streamlit as st

from fmnist_core import photos, runs
from fmnist_core.classes import CLASS_ICONS, CLASS_NAMES
from fmnist_core.splits import ITEMS
from pages.shared import cache, canvas
from pages.shared.yours.answer import show_answer

_CANVAS = "drawing"


def lay_out_linked_item() -> None:
    """Put the item that a link has brought on the canvas, once: what is drawn on it then shall stay."""
    asked = st.query_params.pop("item", "")
    if asked.isascii() and asked.isdecimal() and len(asked) <= 6 and int(asked) < ITEMS:
        canvas.put_on_canvas(_CANVAS, cache.dataset().images[int(asked)])


@st.fragment
def show_drawing(run: runs.Run) -> None:
    """Show the canvas and, beside it, what the network takes the drawing for."""
    sheet, answer = st.columns([5, 7], gap="large")
    with sheet:
        drawing = canvas.canvas(_CANVAS)
    with answer:
        show_answer(photos.prepare_drawing(drawing).image, run, "drawing", "Nothing drawn yet")
        with st.popover("Start from a test item"):
            st.caption("Lay one on the canvas, then change it.")
            with st.container(horizontal=True, gap="small"):
                for class_index, (icon, name) in enumerate(zip(CLASS_ICONS, CLASS_NAMES, strict=True)):
                    # Not pills, which Streamlit now and then reports twice when they are emptied at once.
                    st.button(f"{icon} {name}", key=f"example {name}", on_click=_lay_out_item, args=(class_index,))


def _lay_out_item(class_index: int) -> None:
    data = cache.dataset()
    members = np.flatnonzero(data.test_labels == class_index)
    canvas.put_on_canvas(_CANVAS, data.test_images[np.random.default_rng().choice(members)])
