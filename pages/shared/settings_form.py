"""The form of a training: which recipe, and its settings."""

import dataclasses
from typing import Any

import streamlit as st

from fmnist_core.config import OPTIMIZERS, TrainingConfig
from fmnist_core.recipes import Recipe, load_papers, load_recipes
from fmnist_core.splits import SPLITS
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
        on_change=_forget_settings,
        help="What you choose here fills in the settings below.",
    )
    return recipes[name]


def _open_paper() -> None:
    st.session_state.recipe = next(iter(load_papers()[st.session_state.paper].recipes))
    _forget_settings()


def _forget_settings() -> None:
    for entry in dataclasses.fields(TrainingConfig):
        st.session_state.pop(entry.name, None)


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
        settings |= _edit_more(start)
    return settings


def _edit_more(start: TrainingConfig) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    settings["optimizer"] = st.selectbox(
        "Optimizer",
        list(OPTIMIZERS),
        index=list(OPTIMIZERS).index(start.optimizer),
        key="optimizer",
        bind="query-params",
        help="The rule that turns errors into corrections.",
    )
    settings["split"] = select(
        "Split",
        {name: kind.title for name, kind in SPLITS.items()},
        default=start.split,
        key="split",
        help="Which items are trained on, which validate and which test.",
    )
    settings["validation_split"] = st.number_input(
        "Validation split",
        value=start.validation_split,
        step=0.05,
        format="%.3g",
        key="validation_split",
        bind="query-params",
        disabled=not SPLITS[settings["split"]].takes_validation_split,
        help="Part of the training items that is held out to check on progress; the papers' own splits fix it.",
    )
    settings["seed"] = _whole("Seed", "seed", start.seed, "Same seed, same machine: same curve.")
    settings["early_stopping"] = _whole(
        "Stop early after",
        "early_stopping",
        start.early_stopping,
        "Epochs without a better validation accuracy after which training ends; empty means never.",
        placeholder="never",
    )
    settings["reduce_on_plateau"] = _whole(
        "Halve the learning rate after",
        "reduce_on_plateau",
        start.reduce_on_plateau,
        "Epochs without a better validation accuracy; empty means never.",
        placeholder="never",
    )
    return settings


def _whole(label: str, key: str, value: int | None, help: str, placeholder: str | None = None) -> int | None:
    return st.number_input(label, value=value, step=1, key=key, bind="query-params", help=help, placeholder=placeholder)
