"""What a search has found: all trials in their order, and tabs with other views of the same."""

from typing import Any

import streamlit as st

from fmnist_core.figures import search as figures
from fmnist_core.search import Search, tabulate_trials
from fmnist_core.search.curves import tabulate_curves
from fmnist_core.search.records import ACTIVE
from pages.shared.search.best import link_run
from pages.shared.search.effects import show_importance, show_pair, show_parallel, show_slices
from pages.shared.search.trial_table import show_table
from pages.shared.search.wording import say_parameters

_CONFIG = {"displayModeBar": False}


def show_charts(found: Search) -> None:
    """Show all trials in their order, and below them tabs with other views of the same."""
    table = tabulate_trials(found)
    hints = [say_parameters(trial.parameters, "<br>") for trial in found.begun]
    figure = figures.plot_trials(table, hints, found.config.planned)
    picked = st.plotly_chart(
        figure,
        key=f"trials of {found.name}",
        on_select="rerun",
        selection_mode="points",
        config=_CONFIG,
        alt="Value of every trial, and the best so far",
    )
    _show_picked(found, picked)
    views = {
        "Two settings": show_pair,
        "Slices": show_slices,
        "Importance": show_importance,
        "Parallel": show_parallel,
        "Curves": show_curves,
        "Table": show_table,
    }
    for tab, show in zip(st.tabs(list(views), key="findings", bind="query-params"), views.values(), strict=True):
        if tab.open:
            with tab:
                show(found)


def _show_picked(found: Search, picked: Any) -> None:
    points = picked["selection"]["points"] if picked else []
    numbers = [point["customdata"][0] for point in points if point.get("customdata")]
    trial = next((trial for trial in found.begun if numbers and trial.number == numbers[0]), None)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if trial is None:
            st.caption(_say_training(found), width="content")
            return
        value = "" if trial.value is None else f" {trial.value:.2%}"
        st.markdown(f"**Trial {trial.number + 1}:{value}** {say_parameters(trial.parameters)}", width="content")
        link_run(trial)


def _say_training(found: Search) -> str:
    training = [trial for trial in found.trials if trial.state == ACTIVE]
    if found.active and training:
        said = "; ".join(f"trial {trial.number + 1} ({say_parameters(trial.parameters)})" for trial in training[:2])
        return f"In training: {said}"
    return "Click a point to see its trial."


def show_curves(found: Search) -> None:
    """Show what each trial had reached after every epoch."""
    curves = tabulate_curves(found)
    if curves.empty:
        st.info("No trial has finished an epoch yet.")
        return
    states = {trial.number: trial.state for trial in found.trials}
    figure = figures.plot_trial_curves(curves, states, None if found.best is None else found.best.number)
    st.plotly_chart(figure, key=f"curves of {found.name}", config=_CONFIG, alt="Validation accuracy by epoch")
    st.caption("Validation accuracy after each epoch. Orange: the best; dotted with a cross at the end: pruned.")
