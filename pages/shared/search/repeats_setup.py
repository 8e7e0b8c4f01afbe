"""The form that trains one recipe several times: with other seeds, on other folds, or both."""

from typing import Any

import streamlit as st

from fmnist_core import jobs, runs
from fmnist_core.config import TrainingConfig, choose_items
from fmnist_core.cross_validation import name_group, plan_runs
from fmnist_core.errors import FmnistError, InvalidSettingError
from fmnist_core.progress import say_duration
from fmnist_core.recipes import Recipe, load_own_recipes, load_recipes
from fmnist_core.repeats import MOST_REPEATS
from fmnist_core.search.estimates import ASSUMED, estimate_training
from fmnist_core.splits import MOST_FOLDS
from pages.shared import cache
from pages.shared.number_inputs import preset
from pages.shared.settings_form import DEFAULT_RECIPE
from pages.shared.widgets import once, select

GROUP = "group"  # which group of runs is looked at, in the URL too
_RECIPE, _SEEDS, _FOLDS = "repeated", "seeds", "folds"
_EPOCHS, _ITEMS = "repeated_epochs", "repeated_items"
_FAILED = "why nothing was started"
_IN_URL: dict[str, Any] = {"bind": "query-params"}


def show_setup() -> None:
    """Show the form, and start the runs on a click."""
    recipes = {**load_recipes(), **load_own_recipes()}
    titles = {name: f"{name.partition('/')[0]}: {recipe.title}" for name, recipe in recipes.items()}
    recipe = recipes[select("Recipe", titles, default=DEFAULT_RECIPE, key=_RECIPE, on_change=_forget)]
    left, right = st.columns(2)
    seeds = left.number_input(
        "Seeds",
        1,
        MOST_REPEATS,
        3,
        key=_SEEDS,
        help="Weights and order of items differ; the items are the same.",
        **_IN_URL,
    )
    preset(_FOLDS, None)
    folds = right.number_input(
        "Folds",
        2,
        MOST_FOLDS,
        None,
        key=_FOLDS,
        placeholder="none",
        help="Cross-validation: the 60,000 training items are cut into so many parts, and each is left out once to "
        "validate. Five or ten are usual. Empty: the recipe's own split.",
        **_IN_URL,
    )
    settings = _edit_length(recipe)
    configs, complaint = _plan(recipe.config, settings, folds, seeds)
    if complaint:
        st.error(complaint)
    if refusal := st.session_state.pop(_FAILED, None):
        st.error(refusal)
    st.button(
        f"Train {len(configs)} times" if len(configs) > 1 else "Train",
        type="primary",
        width="stretch",
        key="repeats start",
        disabled=not configs,
        on_click=once(_start),
        args=(configs, recipe.name),
    )
    if configs:
        st.caption(_say_plan(configs, folds))


def _edit_length(recipe: Recipe) -> dict[str, Any]:
    """Return what the user makes of the length of each training, where a network is trained."""
    preset(_EPOCHS, recipe.config.epochs)
    preset(_ITEMS, recipe.config.subset)
    left, right = st.columns(2)
    settings = {}
    if not recipe.config.is_baseline:
        settings["epochs"] = left.number_input(
            "Epochs", 1, 1000, None, key=_EPOCHS, placeholder="as the recipe", **_IN_URL
        )
    settings["subset"] = right.number_input("Training items", 1, 70_000, None, key=_ITEMS, placeholder="all", **_IN_URL)
    if settings.get("epochs", 1) is None:
        settings["epochs"] = recipe.config.epochs
    return settings


def _forget() -> None:
    # The inputs start from the recipe that has just been chosen.
    for key in (_EPOCHS, _ITEMS):
        st.session_state.pop(key, None)
        st.query_params.pop(key, None)


def _plan(
    config: TrainingConfig, settings: dict[str, Any], folds: int | None, seeds: int
) -> tuple[list[TrainingConfig], str | None]:
    try:
        configs = plan_runs(config.with_settings(**settings), folds, seeds)
        choose_items(configs[0], cache.dataset().labels)
    except InvalidSettingError as error:
        return [], str(error)
    return configs, None


def _say_plan(configs: list[TrainingConfig], folds: int | None) -> str:
    items = len(choose_items(configs[0], cache.dataset().labels).train)
    time = f"each on {items:,} items"
    if not configs[0].is_baseline:
        each = estimate_training(configs[0], items, runs.list_runs().runs)
        together = say_duration(len(configs) * each.seconds)
        time += f" in about {say_duration(each.seconds)}, together {together}"
        time += ", if this machine is a common one" if each.source == ASSUMED else ""
    split = " The official split, whatever the recipe's is." if folds else ""
    most = " At most: it stops early." if configs[0].early_stopping else ""
    many = f"{len(configs)} trainings, one after the other, {time}" if len(configs) > 1 else f"One training, {time}"
    return f"{many}.{most}{split} It goes on when you leave."


def _start(configs: list[TrainingConfig], recipe: str) -> None:
    try:
        for config in configs:
            jobs.submit(config, recipe)
    except FmnistError as error:
        st.session_state[_FAILED] = str(error)
    st.session_state[GROUP] = name_group(recipe, configs[0])
