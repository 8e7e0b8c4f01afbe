"""A run as it trains, and as it ended."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from fmnist_core import jobs, runs
from fmnist_core.errors import RunNotFoundError
from fmnist_core.progress import Progress, compute_progress, say_duration
from fmnist_core.repeats import compute_spread, find_repeats
from fmnist_core.run_requests import PAUSE_SECONDS
from pages.shared import baseline_panel, cache, components, curve_view, run_controls, widgets

if TYPE_CHECKING:
    import pandas as pd


def show_run(run: runs.Run, others: Sequence[runs.Run]) -> None:
    """Show a run's state, curves and figures; while it or a repeat of it is active they follow, whoever started it.

    Args:
        run: the run to watch.
        others: all runs, newest first.
    """
    repeats = find_repeats(run, others)
    active = any(repeat.active for repeat in repeats)
    st.fragment(_follow, run_every=1.0 if active else None)(run.run_id, repeats, others, active)


def _follow(run_id: str, repeats: Sequence[runs.Run], others: Sequence[runs.Run], was_active: bool) -> None:
    run = runs.load_run(run_id)
    repeats = [run if repeat.run_id == run_id else _load_again(repeat) for repeat in repeats]
    tables = cache.tables(run)
    history, batches = tables.history, tables.batches
    if was_active != any(repeat.active for repeat in repeats):
        st.rerun()  # the whole page, so that polling ends or begins
    progress = compute_progress(run, history, batches)
    with st.container(horizontal=True, vertical_alignment="center"):
        widgets.show_status(run)
        st.markdown(f"**{run.recipe}**", width="content")
        # Together, so that a narrow page moves them all to a line of their own.
        with st.container(horizontal=True, width="content", gap="small"):
            run_controls.show_controls(run)
    # Always there, so that nothing moves when the run ends.
    st.progress(1.0 if run.status == runs.FINISHED else progress.share, text=_say_state(run, progress))
    if len(repeats) > 1:
        st.caption(_say_repeats(run, repeats))
    if run.status == runs.FAILED:
        st.error(f"This run failed: {run.record.get('error', 'the reason is not known.')}")
    elif run.status == runs.INTERRUPTED:
        rest = "be fitted again" if run.config.is_baseline else "go on from its last whole epoch"
        st.warning(f"This run was interrupted: its worker or the server ended. It can {rest}.")
    elif run.status == runs.STOPPED and "note" in run.record:
        st.info(run.record["note"])
    if not run.config.is_baseline:  # it has but one point
        curve_view.show_curves(run, repeats, others, progress.seconds_left)
    _show_figures(run, repeats, progress, history)
    if run.active:
        left = f" · {say_duration(progress.seconds_left)} left" if progress.seconds_left is not None else ""
        components.tab_title(f"{progress.share:.0%} · paused" if run.paused else f"{progress.share:.0%}{left}", "Train")


def _load_again(run: runs.Run) -> runs.Run:
    """Return a run as it is now; one that has ended stays as it was."""
    try:
        return runs.load_run(run.run_id) if run.active else run
    except RunNotFoundError:  # somebody has deleted it
        return run


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


def _say_repeats(run: runs.Run, repeats: Sequence[runs.Run]) -> str:
    ended = sum(not repeat.active for repeat in repeats)
    trains = [repeat.config.seed for repeat in repeats if repeat.status == runs.RUNNING and repeat.run_id != run.run_id]
    now = f"; seed {trains[0]} trains now" if trains else ""
    return f"Seed {run.config.seed}, one of {len(repeats)} repeats, of which {ended} have ended{now}."


def _say_pause(run: runs.Run, progress: Progress) -> str:
    if run.paused_at is None:
        return "Training the batches that were asked for" if progress.batches_done else "Pausing"
    left = run.paused_at + PAUSE_SECONDS - time.time()
    return (
        f"Paused after {progress.batches_done:,} of {progress.batches:,} batches. It keeps its worker from other runs, "
        f"and stops by itself in {say_duration(max(left, 0.0)) if left < 60 else f'{left // 60:.0f} min'}"
    )


def _show_figures(run: runs.Run, repeats: Sequence[runs.Run], progress: Progress, history: "pd.DataFrame") -> None:
    result = run.record.get("result") or {}
    speed = progress.images_per_second if run.active else result.get("images_per_second")
    with st.container(horizontal=True):
        spread = compute_spread(repeats)
        if run.test_accuracy is not None:
            label = "Test accuracy of this seed" if len(repeats) > 1 else "Test accuracy"
            st.metric(label, f"{run.test_accuracy:.2%}", width="content")
        if spread and spread.seeds > 1:
            label = f"Test accuracy ± SD of {spread.seeds} seeds"
            st.metric(label, f"{spread.mean:.2%} ± {100 * spread.deviation:.2f}", width="content")
        validated = history["val_accuracy"].dropna()
        if len(validated):
            st.metric("Validation accuracy", f"{validated.iloc[-1]:.2%}", width="content")
        if run.config.is_baseline and len(history):
            st.metric("Training accuracy", f"{history['accuracy'].iloc[-1]:.2%}", width="content")
        if speed:
            st.metric("Images a second", f"{speed:,.0f}", width="content")
    if "device" in run.record:
        precision = ", in bfloat16 where that is exact enough" if run.record.get("precision") == "bfloat16" else ""
        st.caption(f"On {run.record['device']}{precision}")
    if run.has_evaluation:
        st.page_link("analysis/mistakes.py", label="See where it errs", icon="🔍", query_params={"run": run.run_id})
