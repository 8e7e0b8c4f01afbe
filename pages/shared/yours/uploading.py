"""Hand in pictures of garments, see how they become items, and what a network takes them for."""

import streamlit as st

from fmnist_core import photos, runs, uploads
from pages.shared import pictures
from pages.shared.yours import chain_view, kept, many, sources
from pages.shared.yours.answer import show_answer


@st.fragment
def show_upload(run: runs.Run) -> None:
    """Show where to put pictures; of one the answer and the steps to it, of many a table."""
    source, answer = st.columns([5, 7], gap="large")
    with source:
        sources.show_sources()
        if left_out := kept.count_left_out():
            st.warning(f"At most {uploads.MAX_UPLOADS} pictures are kept at once; {left_out} were left out.")
    if not kept.pictures():
        with source:
            sources.show_examples()
        with answer:
            show_answer(photos.BLANK, run, "upload", "No garment yet")
    elif (picture := kept.opened()) is None:
        with answer:
            many.show_summary(run)
        many.show_table(run)
    else:
        with source:
            _show_source(picture)
        chain = picture.prepare(chain_view.read_settings(picture))
        with answer:
            show_answer(picture.item, run, "upload", "No garment found" if chain else "No picture", picture.kind)
        if chain is not None:
            chain_view.show_chain(picture, chain, run)


def _show_source(picture: kept.Kept) -> None:
    """Show a picture as it came, its name, and the ways away from it."""
    upload = picture.upload
    if upload.picture is None:
        st.error(upload.problem)
    else:
        pictures.show_photo(upload.picture, "The uploaded picture")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if len(kept.pictures()) > 1:
            title = f"‹ All {len(kept.pictures())} pictures"
            st.button(title, key="all pictures", on_click=kept.open_picture, args=(None,))
        st.button("✕ Remove", key="remove picture", on_click=kept.remove, args=(upload.digest,))
        # As text and not as Markdown, since nobody knows what a file's name holds.
        st.text(upload.name, width="stretch")
