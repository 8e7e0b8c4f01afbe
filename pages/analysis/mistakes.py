"""Mistakes: how often a network is right, which classes it confuses, and the items themselves."""

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
confusion_tab, errors_tab, scores_tab, calibration_tab, overfitting_tab, compare_tab = st.tabs(
    ["Confusion", "Errors", "Scores", "Calibration", "Overfitting", "Compare"], key="view", bind="query-params"
)
if confusion_tab.open:
    with confusion_tab:
        confusion.show_confusion(run, scores, answers)
if errors_tab.open:
    with errors_tab:
        errors.show_errors(run, answers)
if scores_tab.open:
    with scores_tab:
        all_scores.show_all_scores(run)
if calibration_tab.open:
    with calibration_tab:
        calibration.show_calibration(run, answers)
if overfitting_tab.open:
    with overfitting_tab:
        overfitting.show_overfitting(run)
if compare_tab.open:
    with compare_tab:
        comparison.show_comparison(run, tested)
