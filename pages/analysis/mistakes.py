"""Mistakes: how often a network is right, which classes it confuses, and the items themselves."""

import streamlit as st

from fmnist_core import runs
from pages.shared import cache, verdict, widgets
from pages.shared.mistakes import confusion, errors

st.title("Mistakes")
st.caption(
    "Where a network errs, on items that it never trained on. Click a cell of the matrix to see what was confused."
)
tested = runs.list_runs().with_evaluation()
if not tested:
    st.info("No network has been tested yet. Train one, and its mistakes appear here.")
    st.page_link("models/train.py", label="Train a network", icon="📈")
    st.stop()
run = widgets.pick_run(tested)
scores, answers = cache.scores(run.run_id, run.tested_at), cache.answers(run.run_id, run.tested_at)
verdict.show_scores(scores)
confusion_tab, errors_tab = st.tabs(["Confusion", "Errors"], key="view", bind="query-params")
if confusion_tab.open:
    with confusion_tab:
        confusion.show_confusion(scores, answers)
if errors_tab.open:
    with errors_tab:
        errors.show_errors(answers)
