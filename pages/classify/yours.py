"""Draw a garment or upload a picture of one, and see what a trained network takes it for."""

import streamlit as st

from fmnist_core import runs
from pages.shared import widgets
from pages.shared.yours import drawing, session, uploading

answering_runs = sorted(
    runs.list_runs().with_model(), key=lambda run: (run.run_id != runs.ANSWERING_RUN, not run.shipped)
)
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    st.title("Classify yours", width="content")
    if answering_runs:
        with st.container(width=320):
            chosen_run = widgets.pick_run(answering_runs, "Network that answers")
st.caption(
    "Draw a garment or upload a picture of one, and a trained network says what it is. "
    "Try a pullover, then cut off its sleeves and see when it becomes a T-shirt."
)
if not answering_runs:
    st.info("There is no trained network to ask yet. Train one on the page Train, then come back.")
    st.stop()

drawing.lay_out_linked_item()
tabs = ["Draw", "Upload", "Session"]
draw_tab, upload_tab, session_tab = st.tabs(tabs, key="input", on_change="rerun", bind="query-params")
if draw_tab.open:
    with draw_tab:
        drawing.show_drawing(chosen_run)
if upload_tab.open:
    with upload_tab:
        uploading.show_upload(chosen_run)
if session_tab.open:
    with session_tab:
        session.show_session()
