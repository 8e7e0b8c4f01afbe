"""The form of a training: which recipe, and its settings."""

from dataclasses import fields
from typing import Any

import streamlit as st

from fmnist_core.architectures import ARCHITECTURES
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import InvalidSettingError
from fmnist_core.networks import LONGEST_NAME, Network, is_saved, make_network, to_link
from fmnist_core.recipes import OWN, Recipe
from pages.shared import more_settings, network_files, number_inputs, own_recipes
from pages.shared.widgets import select, settle

DEFAULT_RECIPE = "threads/model-3"
# What the browser's inputs hold as real numbers, though a table or a file may write 2 for 2.0.
_REAL = {entry.name for entry in fields(TrainingConfig) if "float" in str(entry.type)}
_NAME = "name of settings"
_SHOWN = "settings shown"


def pick_recipe() -> Recipe:
    """Let the user choose a recipe, paper first; the settings below then start from it."""
    own_recipes.receive()
    recipes, papers = own_recipes.offer_recipes(), own_recipes.offer_papers()
    # The paper follows the recipe, so that a link or a test need only name the recipe.
    current = settle("recipe", recipes, DEFAULT_RECIPE)
    st.session_state.paper = recipes[current].paper_key
    paper = st.selectbox(
        "Paper",
        list(papers),
        format_func=lambda key: papers[key].label,
        key="paper",
        on_change=_open_paper,
        help="Where the networks below were described.",
    )
    name = select(
        "Network",
        {name: recipe.title for name, recipe in papers[paper].recipes.items()},
        default=DEFAULT_RECIPE,
        key="recipe",
        on_change=_fill_settings,
        help="What you choose here fills in the settings below.",
    )
    own_recipes.write_link(recipes[name])
    return recipes[name]


def _open_paper() -> None:
    st.session_state.recipe = next(iter(own_recipes.offer_papers()[st.session_state.paper].recipes))
    _fill_settings()


def _fill_settings() -> None:
    # A new default alone would leave what stands in the browser's inputs.
    fill_inputs(own_recipes.offer_recipes()[st.session_state.recipe].config)


def fill_inputs(config: TrainingConfig) -> None:
    """Fill the inputs with settings; for a callback, before the form is shown."""
    for name, value in config.to_dict().items():
        st.session_state[name] = float(value) if name in _REAL and value is not None else value


def fill_from(config: TrainingConfig, recipe: str) -> None:
    """Choose the recipe that has the network of a training, and fill the inputs with its settings.

    Args:
        config: the settings of the training.
        recipe: name of the recipe that it started from, which may be gone.
    """
    recipes = own_recipes.offer_recipes()
    wanted = (config.layers, None if config.layers else config.architecture)
    alike = [
        name
        for name, entry in recipes.items()
        if (entry.config.layers, None if entry.config.layers else entry.config.architecture) == wanted
    ]
    if not alike and config.layers is not None:
        alike = [own_recipes.bring(make_network(recipe.partition("/")[2] or recipe, config))]
    if alike:
        st.session_state.recipe = recipe if recipe in alike else alike[0]
    fill_inputs(config)


def edit_settings(recipe: Recipe) -> dict[str, Any]:
    """Show a recipe's settings, five in sight and the others folded away, and return what the user made of them."""
    start = recipe.config
    # What has no input here stays as the recipe has it.
    settings = start.to_dict()
    if start.architecture not in ARCHITECTURES:
        # A classical classifier takes which items, and no more.
        return settings | _edit_subset(start) | more_settings.edit_items(start)
    left, right = st.columns(2)
    with left:
        settings["epochs"] = _whole("Epochs", "epochs", start.epochs, "How often the network sees every training item.")
        settings["learning_rate"] = st.number_input(
            "Learning rate",
            value=float(start.learning_rate),
            step=0.0005,
            format="%.5g",
            key="learning_rate",
            bind="query-params",
            help="How large each correction is. Too small: slow; too large: it never settles.",
        )
    with right:
        settings["batch_size"] = _whole(
            "Batch size", "batch_size", start.batch_size, "How many items are looked at before each correction."
        )
        settings |= _edit_subset(start)
    with st.expander("More settings"):
        settings = more_settings.edit_more(start, settings)
    st.session_state[_SHOWN] = settings
    with st.popover("Save or share", width="stretch", key="save or share"):
        _save_or_share(recipe, settings)
    return settings


def _edit_subset(start: TrainingConfig) -> dict[str, Any]:
    help_text = "Fewer are quicker and teach less; empty means all."
    number_inputs.preset("subset", start.subset)
    return {"subset": _whole("Training items", "subset", None, help_text, placeholder="all")}


def _whole(label: str, key: str, value: int | None, help: str, placeholder: str | None = None) -> int | None:
    return st.number_input(label, value=value, step=1, key=key, bind="query-params", help=help, placeholder=placeholder)


def _save_or_share(recipe: Recipe, settings: dict[str, Any]) -> None:
    st.caption("Keep this network with these settings as a recipe of your own, or hand it on.")
    # The name of a recipe is a start, until the user writes another one or chooses another recipe.
    if st.session_state.get(f"{_NAME} of") != recipe.name:
        st.session_state[f"{_NAME} of"], st.session_state[_NAME] = recipe.name, recipe.title[:LONGEST_NAME]
    name = network_files.name_input(_NAME)
    try:
        config = TrainingConfig.from_dict(settings)
        network = make_network(name.strip(), config)
    except InvalidSettingError as error:
        st.caption(str(error))
        return
    saved = is_saved(network)
    label = "Saved" if saved else "Save as a recipe of your own"
    st.button(label, key="settings-save", disabled=saved, on_click=_save, args=(network,), width="stretch")
    network_files.show_refusal(key="settings", on_replace=_save, args=(network, True))
    share, query = network_files.share_inputs, query_of(recipe, settings)
    share(network, key="settings", on_open=_open_network, without=("run", "watch"), query=query)


def query_of(recipe: Recipe, settings: dict[str, Any]) -> dict[str, str] | None:
    """Return the query of a link to settings, or None if the page's address says it all.

    An input that is empty, where the recipe has a number, leaves the address as if it had not been touched.
    """
    if all(value is not None or getattr(recipe.config, name) is None for name, value in settings.items()):
        return None
    return {own_recipes.LINK: to_link(make_network(recipe.title, TrainingConfig.from_dict(settings)))}


def _save(network: Network, replace: bool = False) -> None:
    if network_files.save(network, replace):
        st.session_state.recipe = f"{OWN}/{network.slug}"
        _fill_settings()


def _open_network(network: Network) -> None:
    st.session_state.recipe = own_recipes.bring(network)
    _fill_settings()


def link_to_editor(recipe: Recipe) -> None:
    """Show a link that opens a recipe's network, with the settings in the form, in the editor."""
    if recipe.config.architecture not in ARCHITECTURES:
        return
    try:
        settings = st.session_state.get(_SHOWN, {}) | {"layers": recipe.config.layers}
        config = TrainingConfig.from_dict({**settings, "architecture": recipe.config.architecture})
    except InvalidSettingError:
        config = recipe.config
    query = {own_recipes.LINK: to_link(make_network(recipe.title, config))}
    st.page_link("models/build.py", label="Edit this network", icon="🧱", query_params=query)
