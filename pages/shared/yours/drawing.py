"""Draw a garment and have it answered stroke by stroke."""

import streamlit as st

from fmnist_core import runs
from fmnist_core.splits import ITEMS
from pages.shared import cache, canvas
from pages.shared.yours.answer import show_answer
from pages.shared.yours.starts import offer_starts

_CANVAS = "drawing"


def lay_out_linked_item() -> None:
    """Put the item that a link has brought on the canvas, once: what is drawn on it then shall stay."""
    asked = st.query_params.pop("item", "")
    if asked.isascii() and asked.isdecimal() and len(asked) <= 6 and int(asked) < ITEMS:
        canvas.put_on_canvas(_CANVAS, cache.dataset().images[int(asked)])


@st.fragment
def show_drawing(run: runs.Run) -> None:
    """Show the canvas and, beside it, what the network takes the drawing for."""
    offer_starts(_CANVAS)
    sheet, answer = st.columns([5, 7], gap="large")
    with sheet:
        drawing = canvas.canvas(_CANVAS)
    with answer:
        show_answer(canvas.prepare(drawing), run, "drawing", "Nothing drawn yet")
