"""What the settings of a search do to the value: two at once, each by itself, how much each matters, all together."""

import streamlit as st

from fmnist_core.errors import FmnistError
from fmnist_core.figures import search as figures
from fmnist_core.figures import search_space as space
from fmnist_core.search import Search, tabulate_trials
from fmnist_core.search.parameters import CHOICE
from fmnist_core.search.records import COMPLETE
from fmnist_core.search.surfaces import compute_cells, compute_surface
from pages.shared import cache, widgets
from pages.shared.search.wording import scale_of, title_parameter

_CONFIG = {"displayModeBar": False}


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
