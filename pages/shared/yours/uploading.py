"""Upload a picture of a garment, see how it becomes an item, and what a network takes it for."""

import streamlit as st

from fmnist_core import photos, runs
from fmnist_core.errors import InvalidPictureError
from pages.shared import pictures
from pages.shared.yours.answer import show_answer

_PICTURES = ("png", "jpg", "jpeg", "webp", "gif", "bmp")


@st.fragment
def show_upload(run: runs.Run) -> None:
    """Show where to put a picture, the answer, and the steps between the two."""
    source, answer = st.columns([5, 7], gap="large")
    chain = None
    with source:
        file = st.file_uploader("A picture of one garment", _PICTURES, key="picture")
        if file is None:
            st.caption("A photograph on a plain background works best. Items of 28 × 28 pixels are taken as they are.")
        else:
            try:
                chain = photos.prepare_photo(photos.read_picture(file.getvalue()))
                pictures.show_picture(chain.steps[0].image, "The uploaded picture")
            except InvalidPictureError as error:
                st.error(str(error))
    with answer:
        show_answer(photos.BLANK if chain is None else chain.image, run, "upload", "No garment yet")
    if chain is not None:
        st.markdown("**From your picture to 28 × 28 pixels**")
        pictures.show_steps(chain.steps)
