"""A run as it trains, and as it ended."""

import time
from typing import TYPE_CHECKING

import streamlit as st

from fmnist_core import jobs, run_data, runs
from fmnist_core.figures.training import plot_curve
from fmnist_core.progress import Progress, compute_progress, say_duration
from fmnist_core.run_requests import PAUSE_SECONDS
from pages.shared import baseline_panel, components, run_controls, widgets

if TYPE_CHECKING:
    import pandas as pd


def show_run(run: runs.Run) -> None:
    """Show a run's state, curves and figures; while it is active they follow it, whoever started it."""
    st.fragment(_follow, run_every=1.0 if run.active else None)(run.run_id, run.active)


def _follow(run_id: str, was_active: bool) -> None:
    run = runs.load_run(run_id)
    history, batches = run_data.load_history(run), run_data.load_batches(run)
    if was_active != run.active:
        st.rerun()  # the whole page, so that polling ends or begins
    progress = compute_progress(run, history, batches)
    with st.container(horizontal=True, vertical_alignment="center"):
        widgets.show_status(run)
        st.markdown(f"**{run.recipe}**", width="content")
        run_controls.show_controls(run)
    # Always there, so that nothing moves when the run ends.
    st.progress(1.0 if run.status == runs.FINISHED else progress.share, text=_say_state(run, progress))
    if run.status == runs.FAILED:
        st.error(f"This run failed: {run.record.get('error', 'the reason is not known.')}")
    elif run.status == runs.INTERRUPTED:
        rest = "be fitted again" if run.config.is_baseline else "go on from its last whole epoch"
        st.warning(f"This run was interrupted: its worker or the server ended. It can {rest}.")
    elif run.status == runs.STOPPED and "note" in run.record:
        st.info(run.record["note"])
    # A run that stopped early has no use for the room of the epochs that it did without.
    epochs = run.config.epochs if run.active or history.empty else len(history)
    accuracy, loss = st.columns(2)
    for column, metric in ((accuracy, "accuracy"), (loss, "loss")):
        figure = plot_curve(history, batches, metric, epochs)
        column.plotly_chart(figure, key=f"curve-{metric}", config={"displayModeBar": False})
    _show_figures(run, progress, history)
    if run.active:
        left = f" · {say_duration(progress.seconds_left)} left" if progress.seconds_left is not None else ""
        components.tab_title(f"{progress.share:.0%} · paused" if run.paused else f"{progress.share:.0%}{left}", "Train")


def _say_state(run: runs.Run, progress: Progress) -> str:
    if run.config.is_baseline and run.status != runs.QUEUED:
        return baseline_panel.say_state(run, progress)
    if not run.active:
        took = f", trained in {say_duration(progress.seconds_done)}" if progress.epochs_done else ""
        return f"{progress.epochs_done} of {run.config.epochs} epochs{took}"
    if run.status == runs.QUEUED:
        place = jobs.places_in_line().get(run.run_id, 0)
        return f"Waiting: {place} before it" if place else "Starting"
    if run.stopping:
        return "Stopping; what it learned is kept"
    if run.paused:
        return _say_pause(run, progress)
    if progress.seconds_left is None:
        return "Preparing the computation"
    return f"Epoch {progress.epoch} of {run.config.epochs}, {say_duration(progress.seconds_left)} left"


def _say_pause(run: runs.Run, progress: Progress) -> str:
    if run.paused_at is None:
        return "Training the batches that were asked for" if progress.batches_done else "Pausing"
    left = run.paused_at + PAUSE_SECONDS - time.time()
    return (
        f"Paused after {progress.batches_done:,} of {progress.batches:,} batches. It keeps its worker from other runs, "
        f"and stops by itself in {say_duration(max(left, 0.0)) if left < 60 else f'{left // 60:.0f} min'}"
    )


def _show_figures(run: runs.Run, progress: Progress, history: "pd.DataFrame") -> None:
    result = run.record.get("result") or {}
    speed = progress.images_per_second if run.active else result.get("images_per_second")
    with st.container(horizontal=True):
        if run.test_accuracy is not None:
            st.metric("Test accuracy", f"{run.test_accuracy:.2%}", width="content")
        validated = history["val_accuracy"].dropna()
        if len(validated):
            st.metric("Validation accuracy", f"{validated.iloc[-1]:.2%}", width="content")
        if speed:
            st.metric("Images a second", f"{speed:,.0f}", width="content")
    if "device" in run.record:
        st.caption(f"On {run.record['device']}")
    if run.has_evaluation:
        st.page_link("analysis/mistakes.py", label="See where it errs", icon="🔍", query_params={"run": run.run_id})
