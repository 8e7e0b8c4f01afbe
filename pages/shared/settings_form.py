"""The form of a training: which recipe, and its settings."""

from typing import Any

import streamlit as st

from fmnist_core.recipes import Recipe, load_papers, load_recipes
from pages.shared import more_settings
from pages.shared.widgets import select, settle

DEFAULT_RECIPE = "threads/model-3"


def pick_recipe() -> Recipe:
    """Let the user choose a recipe, paper first; the settings below then start from it."""
    recipes, papers = load_recipes(), load_papers()
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
    return recipes[name]


def _open_paper() -> None:
    st.session_state.recipe = next(iter(load_papers()[st.session_state.paper].recipes))
    _fill_settings()


def _fill_settings() -> None:
    # A new default alone would leave what stands in the browser's inputs.
    for name, value in load_recipes()[st.session_state.recipe].config.to_dict().items():
        st.session_state[name] = value


def edit_settings(recipe: Recipe) -> dict[str, Any]:
    """Show a recipe's settings, five in sight and the others folded away, and return what the user made of them."""
    start = recipe.config
    # What has no input here stays as the recipe has it.
    settings = start.to_dict()
    left, right = st.columns(2)
    with left:
        settings["epochs"] = _whole("Epochs", "epochs", start.epochs, "How often the network sees every training item.")
        settings["learning_rate"] = st.number_input(
            "Learning rate",
            value=start.learning_rate,
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
        settings["subset"] = _whole(
            "Training items",
            "subset",
            start.subset,
            "Fewer are quicker and teach less; empty means all.",
            placeholder="all",
        )
    with st.expander("More settings"):
        return more_settings.edit_more(start, settings)


def _whole(label: str, key: str, value: int | None, help: str, placeholder: str | None = None) -> int | None:
    return st.number_input(label, value=value, step=1, key=key, bind="query-params", help=help, placeholder=placeholder)
