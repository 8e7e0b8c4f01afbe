"""What a search has found, as charts and as a table."""

from typing import Any

import streamlit as st

from fmnist_core.errors import FmnistError
from fmnist_core.figures import search as figures
from fmnist_core.figures import search_space as space
from fmnist_core.progress import say_duration
from fmnist_core.search import Search, tabulate_trials
from fmnist_core.search.curves import tabulate_curves
from fmnist_core.search.parameters import CHOICE
from fmnist_core.search.records import ACTIVE, COMPLETE
from fmnist_core.search.surfaces import compute_cells, compute_surface
from pages.shared import cache, widgets
from pages.shared.search.best import link_run
from pages.shared.search.wording import say_parameters, scale_of, title_parameter

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


def show_pair(found: Search) -> None:
    """Show the value over two settings: as a table where both have few values, else as a surface."""
    parameters = {parameter.name: parameter for parameter in found.config.parameters}
    if len(parameters) < 2:
        st.info("This search varies one setting only: Slices shows it.")
        return
    titles = {name: title_parameter(name) for name in parameters}
    names = list(parameters)
    with st.container(horizontal=True, gap="small"):
        across = widgets.select("Across", titles, key="across", width=220)
        upward = widgets.select("Upward", titles, default=names[1], key="upward", width=220)
    if across == upward:
        st.info("Choose two different settings.")
        return
    complete = tabulate_trials(found).query("state == @COMPLETE", local_dict={"COMPLETE": COMPLETE})
    pair = parameters[across], parameters[upward]
    values = complete["value"].to_numpy(float)
    if found.config.sampler == "grid" or all(parameter.kind == CHOICE for parameter in pair):
        scales = tuple(scale_of(parameter, as_choices=True) for parameter in pair)
        cells = compute_cells(complete[across], complete[upward], values, *(scale.choices or () for scale in scales))
        figure = space.plot_cells(*cells, *scales, widgets.ink(), height=120 + 56 * max(len(cells.means), 3))
        over = "; mean over the other settings" if len(parameters) > 2 else ""
        note = f"Validation accuracy in per cent{over}. Outlined: the best."
    else:
        scales = scale_of(pair[0]), scale_of(pair[1])
        surface = compute_surface(*(scale.place(complete[scale.name]) for scale in scales), values)
        figure = space.plot_surface(surface.values, surface.across, surface.upward, complete, scales, widgets.ink())
        note = "Between trials: a mean of those near by; nothing where none is near. The star is the best."
    st.plotly_chart(
        figure, key=f"pair of {found.name}", config=_CONFIG, alt=f"Value over {titles[across]} and {titles[upward]}"
    )
    st.caption(note)


def show_slices(found: Search) -> None:
    """Show each setting against the value."""
    table = tabulate_trials(found)
    parameters = found.config.parameters
    columns = st.columns(min(len(parameters), 2))
    for position, parameter in enumerate(parameters):
        figure = space.plot_slice(table, scale_of(parameter))
        columns[position % len(columns)].plotly_chart(
            figure,
            key=f"slice {parameter.name} of {found.name}",
            config=_CONFIG,
            alt=f"{title_parameter(parameter.name)} against the value of the trials",
        )
    st.caption("Each point is a complete trial: grey ones came early, blue ones late. At the lower edge: far below.")


def show_importance(found: Search) -> None:
    """Show how much each setting mattered."""
    try:
        shares = cache.importance(found)
    except FmnistError as error:
        st.info(str(error))
        return
    figure = figures.plot_importance({title_parameter(name): share for name, share in shares.items()})
    st.plotly_chart(figure, key=f"importance of {found.name}", config=_CONFIG, alt="Importance of each setting")
    st.caption(
        "How much of the differences between the complete trials each setting accounts for within the ranges that were "
        "searched (fANOVA, Hutter and others 2014). Of few trials it is a rough guess."
    )


def show_parallel(found: Search) -> None:
    """Show every complete trial as a line across all settings."""
    table = tabulate_trials(found)
    if not (table["state"] == COMPLETE).any():
        st.info("No trial is complete yet.")
        return
    figure = space.plot_parallel(table, [scale_of(parameter) for parameter in found.config.parameters], widgets.ink())
    # Its axes need room: a narrow page scrolls it sideways, and nothing else.
    with st.container(key="parallel-axes"):
        st.plotly_chart(
            figure, key=f"parallel of {found.name}", config=_CONFIG, alt="Trials as lines across all settings"
        )
    st.caption(
        "A line is a trial; orange ones are the best. Drag along an axis to keep only the lines that pass there."
    )


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


def show_table(found: Search) -> None:
    """Show the trials as a table, the best first, and offer it as a file."""
    table = tabulate_trials(found).sort_values("value", ascending=False)
    names = [parameter.name for parameter in found.config.parameters]
    # The epochs may be what varies.
    shown = table[list(dict.fromkeys(["number", "state", "value", *names, "epochs", "seconds"]))].copy()
    shown["number"] += 1
    shown["value"] *= 100
    shown["run"] = [f"train?run={run_id}" if run_id else None for run_id in table["run_id"]]
    columns = {
        "number": st.column_config.NumberColumn("Trial"),
        "state": st.column_config.TextColumn("State"),
        "value": st.column_config.NumberColumn("Accuracy", format="%.2f%%"),
        "epochs": st.column_config.NumberColumn("Epochs"),
        **{name: st.column_config.Column(title_parameter(name)) for name in names},
        "seconds": st.column_config.NumberColumn("Seconds", format="%.1f"),
        "run": st.column_config.LinkColumn("Run", display_text="open"),
    }
    st.dataframe(shown, hide_index=True, column_config=columns, placeholder="–", key=f"table of {found.name}")
    st.download_button(
        "Download as CSV",
        table.to_csv(index=False),
        file_name=f"{found.name}.csv",
        mime="text/csv",
        on_click="ignore",
        key="trials as CSV",
    )
    trained = table["seconds"].sum()
    st.caption(f"All trials together were trained for {say_duration(trained)}.")
