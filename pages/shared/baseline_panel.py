"""What a classical classifier shows in place of a network's drawing, curves and buttons."""

import time

import streamlit as st

from fmnist_core import baselines, hog, runs
from fmnist_core.baselines import BASELINES
from fmnist_core.figures.hog import draw_hog
from fmnist_core.progress import Progress, say_duration
from fmnist_core.recipes import Recipe
from pages.shared import cache

_SHOWN_ITEM = 0


def show_baseline(recipe: Recipe) -> None:
    """Show what a classifier does, its code and what is claimed for it."""
    baseline = BASELINES[recipe.config.architecture]
    st.markdown(f"**{recipe.title}.** {recipe.description} What it learns: {baseline.learns}.")
    words, code, paper = st.tabs(["How it decides", "scikit-learn code", "The papers"])
    with words:
        st.markdown(baseline.decides)
        if recipe.config.architecture == "baselines/hog-svm":
            image = cache.dataset().images[_SHOWN_ITEM]
            st.html(draw_hog(image, hog.compute_cells(baselines.flatten(image[None]))[0]))
            st.caption(
                "A training item and what is left of it: in each of 7 × 7 cells, how much of its edges runs in each of "
                "9 directions."
            )
        st.caption(
            "It is fitted once, without epochs, and only its answers are kept: look at them under Mistakes. It cannot "
            "be asked about a garment of your own."
        )
    code.code(baselines.write_code(recipe.config.architecture), language="python")
    with paper:
        for note in recipe.notes:
            st.markdown(f"- {note}")


def say_state(run: runs.Run, progress: Progress) -> str:
    """Say in a sentence how far a classifier's fit is, or how it ended."""
    if run.status == runs.FINISHED:
        learned = f"; {run.parameters:,} {BASELINES[run.config.architecture].unit} learned" if run.parameters else ""
        return f"Fitted in {say_duration(progress.seconds_done)}{learned}"
    if not run.active:
        return "Not fitted: half a fit is none, so it begins again when it is resumed"
    if run.stopping:
        return "Stopping when this step is done; half a fit is none, so nothing is kept"
    if not progress.doing:
        return "Preparing the computation"
    passed = max(time.time() - float(run.record.get("started") or time.time()), 0.0)
    return f"{progress.doing}, for {say_duration(passed)} so far"


def show_buttons(run: runs.Run, on_stop: object) -> None:
    """Show what can be asked of a classifier that waits or is being fitted: no more than to stop."""
    st.button(
        "Stop",
        key="stop",
        disabled=run.stopping,
        on_click=on_stop,
        args=(run.run_id,),
        help="End the fit between two of its steps; nothing is kept. scikit-learn cannot be held or stepped through.",
    )
