"""Inside: what each layer of a network makes of an item, and why it answers as it does."""

import streamlit as st

from fmnist_core import runs
from pages.shared import cache, widgets
from pages.shared.inside import channels, layers, subject, surgery, what_if, why

st.title("Inside")
st.caption(
    "What a network makes of one garment, layer by layer, and what its answer hangs on. Take a mistake, then ask why."
)
looked_into = [run for run in runs.list_runs().runs if (run.has_model and not run.active) or run.config.is_baseline]
if not looked_into:
    st.info("There is no trained network to look into yet. Train one on the page Train, then come back.")
    st.page_link("models/train.py", label="Train a network", icon="📈")
    st.stop()
network, items = st.columns([5, 7], gap="small", vertical_alignment="bottom")
with network:
    run = widgets.pick_run(sorted(looked_into, key=lambda run: not run.shipped), "Network")
if not run.has_model:
    st.info("A classical classifier has no layers and no gradients, and keeps its answers only.")
    st.page_link("analysis/mistakes.py", label="See its mistakes", icon="🔍", query_params={"run": run.run_id})
    st.stop()
probe = cache.probe(run.run_id, run.tested_at)
with items:
    subject.offer_items(run)
asked = subject.show_subject(run)
layers_tab, why_tab, channels_tab, surgery_tab, what_if_tab = st.tabs(
    ["Layers", "Why", "Channels", "Surgery", "What if"], key="view", bind="query-params"
)
if layers_tab.open:
    with layers_tab:
        layers.show_layers(run, probe, asked)
if why_tab.open:
    with why_tab:
        why.show_why(run, probe, asked)
if channels_tab.open:
    with channels_tab:
        channels.show_channels(run, probe, asked)
if surgery_tab.open:
    with surgery_tab:
        surgery.show_surgery(run, probe, asked)
if what_if_tab.open:
    with what_if_tab:
        what_if.show_what_if(run, probe, asked)
