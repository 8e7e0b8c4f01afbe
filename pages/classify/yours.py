"""Draw a garment or upload a picture of one, and see what a trained network takes it for."""

import streamlit as st

from fmnist_core import runs
from pages.shared import widgets
from pages.shared.yours import drawing, session, uploading

st.title("Classify yours")
st.caption(
    "Draw a garment or upload a picture of one, and a trained network says what it is. "
    "Try a pullover, then rub out its sleeves and see when it becomes a T-shirt."
)
answering_runs = sorted(runs.list_runs().with_model(), key=lambda run: not run.shipped)
if not answering_runs:
    st.info("There is no trained network to ask yet. Train one on the page Train, then come back.")
    st.stop()

drawing.lay_out_linked_item()
tabs = ["Draw", "Upload", "Session"]
draw_tab, upload_tab, session_tab = st.tabs(tabs, key="input", on_change="rerun", bind="query-params")
with st.columns([5, 7], gap="large")[0]:
    chosen_run = widgets.pick_run(answering_runs, "Network that answers")
with draw_tab:
    drawing.show_drawing(chosen_run)
with upload_tab:
    uploading.show_upload(chosen_run)
if session_tab.open:
    with session_tab:
        session.show_session()
