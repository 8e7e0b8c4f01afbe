"""Train: choose a network, set it up, fit it and watch."""

import streamlit as st

from fmnist_core import architectures, jobs, runs
from fmnist_core.config import TrainingConfig, choose_items
from fmnist_core.errors import InvalidSettingError
from fmnist_core.figures.architecture import draw_architecture
from fmnist_core.recipes import Recipe
from fmnist_core.repeats import MOST_REPEATS, repeat_config
from pages.shared import baseline_panel, cache, followed, layer_view, run_view, settings_form, time_machine, widgets
from pages.shared.search import classroom_pupil

SHOWN_RUNS = 30


def start(configs: list[TrainingConfig], recipe: str, place: classroom_pupil.Place | None) -> None:
    marks = place.mark(configs[0]) if place else None
    run_ids = [jobs.submit(config, recipe, marks) for config in configs]
    st.session_state.run = run_ids[0]
    if place and marks:
        classroom_pupil.note_start(place, run_ids)


def find_reference(shown: list[runs.Run], recipe: Recipe) -> str | None:
    """Find the run of this recipe that came with the lab, for as long as nobody has trained here."""
    if not shown[0].shipped:
        return None
    return next((run.run_id for run in shown if run.recipe == recipe.name), None)


def show_network(recipe: Recipe) -> None:
    if recipe.config.is_baseline:
        baseline_panel.show_baseline(recipe)
        return
    stack = recipe.config.stack
    summaries = architectures.summarize(stack)
    st.markdown(f"**{recipe.title}.** {recipe.description} {architectures.count_parameters(stack):,} parameters.")
    drawing, layers, code, paper = st.tabs(["Drawing", "Layers", "Keras code", "The paper"])
    drawing.html(draw_architecture(summaries))
    with drawing:
        settings_form.link_to_editor(recipe)
    layers.dataframe(architectures.tabulate_layers(summaries), hide_index=True, height="content")
    code.code(architectures.write_code(stack), language="python")
    with paper:
        st.markdown(f"*{recipe.paper}*")
        for name, value in recipe.claims.items():
            st.markdown(f"- claims {'an F1 score' if name == 'f1' else f'{name} accuracy'} of {value:.2%}")
        for note in recipe.notes:
            st.markdown(f"- {note}")


st.title("Train")
st.caption(
    "Fit a real network on this machine and watch it learn. Start with what is set; then change one thing and compare."
)
place = classroom_pupil.receive()
banner = st.container()
settings_column, main_column = st.columns([1, 2.2], gap="large")

with settings_column:
    recipe = settings_form.pick_recipe()
    settings = settings_form.edit_settings(recipe)
    repeats_column, start_column = st.columns([1, 2], vertical_alignment="bottom")
    repeats = repeats_column.number_input(
        "Repeats",
        1,
        MOST_REPEATS,
        key="repeats",
        bind="query-params",
        help="How often to train this with other seeds, one after the other; what they differ by is chance.",
    )
    configs, complaint = [], None
    try:
        config = TrainingConfig.from_dict(settings)
        configs = repeat_config(config, repeats)
        parts = choose_items(config, cache.dataset().labels).parts()
        st.caption(" · ".join(f"{len(part):,} {name}" for name, part in parts.items() if len(part)) + " items")
    except InvalidSettingError as error:
        configs, complaint = [], str(error)
    start_column.button(
        "Start training",
        type="primary",
        width="stretch",
        disabled=not configs,
        on_click=widgets.once(start),
        args=(configs, recipe.name, place),
    )
    if complaint:
        st.error(complaint)

if place:
    with banner:
        classroom_pupil.show_banner(place, configs[0] if configs else None)

with main_column:
    listing = runs.list_runs()
    if listing.runs:
        asked = st.query_params.get("run")
        shown = [run for place, run in enumerate(listing.runs) if place < SHOWN_RUNS or run.run_id == asked]
        chosen = widgets.pick_run(shown, "Watch", find_reference(shown, recipe))
        titles = ["Curves", "Time machine", "Your drawing", "Inside"]
        curves, past, own, inside = st.tabs(titles, key="watch", bind="query-params")
        if curves.open:
            with curves:
                run_view.show_run(chosen, listing.runs)
        if past.open:
            with past:
                time_machine.show_time_machine(chosen)
        if own.open:
            with own:
                followed.show_followed(chosen)
        if inside.open:
            with inside:
                layer_view.show_inside(chosen)
    st.divider()
    show_network(recipe)
