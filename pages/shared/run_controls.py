"""The buttons of a run: pause, step, stop and go on while it trains; resume, train on and copy when it has ended."""

import time

import streamlit as st

from fmnist_core import jobs, runs
from fmnist_core.config import SCHEDULES
from pages.shared import baseline_panel, settings_form
from pages.shared.widgets import once

# How long a click waits for the batches that it asked for, so that the page shows them at once.
_STEP_SECONDS = 0.8
_FILLED = "form filled from a run"


def show_controls(run: runs.Run) -> None:
    """Show what can be done with a run now; belongs into a horizontal container."""
    if st.session_state.pop(_FILLED, False):
        st.rerun()  # the form lies outside of what follows the run
    if run.active and run.config.is_baseline:
        baseline_panel.show_buttons(run, jobs.stop)
    elif run.active:
        _show_while_active(run)
    elif run.resumable:
        st.button(
            "Resume",
            key="resume",
            on_click=once(jobs.resume),
            args=(run.run_id,),
            help="Fit it again." if run.config.is_baseline else "Go on from its last whole epoch.",
        )
    elif not run.config.is_baseline:
        _show_train_on(run)
    if not run.active:
        st.button(
            "Use its settings",
            key="clone",
            on_click=fill_form,
            args=(run,),
            help="Fill the form with the settings of this run, to change one thing and start another.",
        )


def fill_form(run: runs.Run) -> None:
    """Fill the form of settings with those of a run; for a callback, before the form is shown."""
    settings_form.fill_from(run.config, run.recipe)
    st.session_state[_FILLED] = True


def _show_while_active(run: runs.Run) -> None:
    trains = run.status == runs.RUNNING and not run.stopping
    hold = "Hold the training where it is, to look at it or to go on batch by batch."
    # One button of two labels: while two of them changed places, the row would be too long for its line.
    st.button(
        "Go on" if run.paused else "Pause",
        key="pause",
        width=88,
        disabled=not trains,
        on_click=runs.request_go_on if run.paused else runs.request_pause,
        args=(run,),
        help="Train on from here." if run.paused else hold,
    )
    for n_batches in runs.STEPS:
        st.button(
            f"+{n_batches}",
            key=f"step-{n_batches}",
            disabled=not trains,
            on_click=_step,
            args=(run.run_id, n_batches, run.paused_at),
            help=f"Train exactly {n_batches} more {'batch' if n_batches == 1 else 'batches'}, then hold.",
        )
    st.button(
        "Stop",
        key="stop",
        disabled=run.stopping,
        on_click=jobs.stop,
        args=(run.run_id,),
        help="End the training and keep what it has learned; it can be resumed.",
    )


def _step(run_id: str, n_batches: int, shown: float | None) -> None:
    """Train some batches of a run that was shown as held since `shown`, and wait a little for them.

    A click that comes twice before the page is drawn again, as from Streamlit on a busy machine, finds the run
    further on the second time, and is one click.
    """
    run = runs.load_run(run_id)
    if shown not in (None, run.paused_at):
        return
    runs.request_step(run, n_batches)
    deadline = time.monotonic() + _STEP_SECONDS
    before = run.paused_at
    while time.monotonic() < deadline and runs.load_run(run_id).paused_at in (before, None):
        time.sleep(0.03)


def _show_train_on(run: runs.Run) -> None:
    if not run.extendable:
        reason = "came with the lab" if run.shipped else "has kept no checkpoint"
        st.button("Train on", key="no-train-on", disabled=True, help=f"This run {reason}, so it cannot be trained on.")
        return
    with st.popover("Train on", help="Train this network for more epochs."):
        epochs = st.number_input("More epochs", 1, 1000, 5, key="more-epochs")
        if run.config.schedule != "constant":
            st.caption(
                f"The {SCHEDULES[run.config.schedule].lower()} schedule is stretched over all epochs, so the learning "
                "rate jumps up where this run goes on."
            )
        st.button("Train on", key="train-on", type="primary", on_click=once(jobs.extend), args=(run.run_id, epochs))
