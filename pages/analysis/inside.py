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
views = {
    "Layers": layers.show_layers,
    "Why": why.show_why,
    "Channels": channels.show_channels,
    "Surgery": surgery.show_surgery,
    "What if": what_if.show_what_if,
}
for tab, show in zip(st.tabs(list(views), key="view", bind="query-params"), views.values(), strict=True):
    if tab.open:
        with tab:
            show(run, probe, asked)
