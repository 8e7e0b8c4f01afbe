"""Mistakes: how often a network is right, which classes it confuses, and the items themselves."""

from functools import partial

import streamlit as st

from fmnist_core import runs
from pages.shared import cache, verdict, widgets
from pages.shared.mistakes import calibration, comparison, confusion, errors, overfitting, report
from pages.shared.mistakes import scores as all_scores

st.title("Mistakes")
st.caption(
    "Where a network errs, on items that it never trained on. Click a cell of the matrix to see what was confused."
)
tested = runs.list_runs().with_evaluation()
if not tested:
    st.info("No network has been tested yet. Train one, and its mistakes appear here.")
    st.page_link("models/train.py", label="Train a network", icon="📈")
    st.stop()
choice, files = st.columns([6, 1], vertical_alignment="bottom")
with choice:
    run = widgets.pick_run(tested)
with files:
    report.offer_report(run)
scores, answers = cache.scores(run.run_id, run.tested_at), cache.answers(run.run_id, run.tested_at)
verdict.show_scores(scores, cache.measures(run.run_id, run.tested_at))
views = {
    "Confusion": partial(confusion.show_confusion, run, scores, answers),
    "Errors": partial(errors.show_errors, run, answers),
    "Scores": partial(all_scores.show_all_scores, run),
    "Calibration": partial(calibration.show_calibration, run, answers),
    "Overfitting": partial(overfitting.show_overfitting, run),
    "Compare": partial(comparison.show_comparison, run, tested),
}
for tab, show in zip(st.tabs(list(views), key="view", bind="query-params"), views.values(), strict=True):
    if tab.open:
        with tab:
            show()
