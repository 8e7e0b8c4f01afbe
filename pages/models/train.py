"""Train: choose a network, set it up, fit it and watch."""

import streamlit as st

from fmnist_core import architectures, jobs, runs
from fmnist_core.config import TrainingConfig, choose_items
from fmnist_core.errors import InvalidSettingError
from fmnist_core.figures.architecture import draw_architecture
from fmnist_core.recipes import Recipe
from pages.shared import cache, run_view, settings_form, time_machine, widgets

SHOWN_RUNS = 30


def start(config: TrainingConfig, recipe: str) -> None:
    st.session_state.run = jobs.submit(config, recipe)


def show_network(recipe: Recipe) -> None:
    stack = architectures.find_stack(recipe.config.architecture)
    summaries = architectures.summarize(stack)
    st.markdown(f"**{recipe.title}.** {recipe.description} {architectures.count_parameters(stack):,} parameters.")
    drawing, layers, code, paper = st.tabs(["Drawing", "Layers", "Keras code", "The paper"])
    drawing.html(draw_architecture(summaries))
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
settings_column, main_column = st.columns([1, 2.2], gap="large")

with settings_column:
    recipe = settings_form.pick_recipe()
    settings = settings_form.edit_settings(recipe)
    config, complaint = None, None
    try:
        config = TrainingConfig.from_dict(settings)
        parts = choose_items(config, cache.dataset().labels).parts()
        st.caption(" · ".join(f"{len(part):,} {name}" for name, part in parts.items() if len(part)) + " items")
    except InvalidSettingError as error:
        config, complaint = None, str(error)
    st.button(
        "Start training",
        type="primary",
        width="stretch",
        disabled=config is None,
        on_click=start,
        args=(config, recipe.name),
    )
    if complaint:
        st.error(complaint)

with main_column:
    listing = runs.list_runs()
    if listing.runs:
        chosen = widgets.pick_run(listing.runs[:SHOWN_RUNS], "Watch")
        curves, past = st.tabs(["Curves", "Time machine"], key="watch", bind="query-params")
        if curves.open:
            with curves:
                run_view.show_run(chosen)
        if past.open:
            with past:
                time_machine.show_time_machine(chosen)
    st.divider()
    show_network(recipe)
