"""What a search can start from: a ready-made one, or any recipe with the settings that one would vary first."""

from dataclasses import dataclass

import streamlit as st

from fmnist_core.recipes import Recipe, find_recipe, load_own_recipes, load_papers, load_recipes
from fmnist_core.search import PRESETS, Parameter
from pages.shared.number_inputs import preset
from pages.shared.widgets import select, settle

OWN = "recipe"
FIRST = "lab-first-look"
# So short that many trainings can be compared; see what the page says of it.
_EPOCHS, _ITEMS = 3, 6_000
_TRIALS = 12
_FIRST_VARIED = ("learning_rate", "batch_size")
FROM, OF, SAMPLER, EPOCHS, ITEMS, TRIALS = "start", "start_recipe", "sampler", "trial_epochs", "trial_items", "trials"


@dataclass(frozen=True)
class Start:
    """What the inputs are filled in with.

    Attributes:
        key: tells the inputs of one start from those of another.
        name: what a search is called if the user gives it no name.
        recipe: what is trained.
        description: a sentence on it.
        parameters: what varies.
        sampler: key of `search.SAMPLERS`.
        trials: how many there are.
        epochs: of each training; None for the recipe's.
        items: that each is trained on; None for all.
    """

    key: str
    name: str
    recipe: Recipe
    description: str
    parameters: tuple[Parameter, ...]
    sampler: str
    trials: int
    epochs: int | None = _EPOCHS
    items: int | None = _ITEMS


def pick_start() -> Start:
    """Let the user choose what a search starts from; the inputs below are then filled in with it."""
    titles = {key: f"{load_papers()[key.partition('-')[0]].label}: {one.title}" for key, one in PRESETS.items()}
    titles[FIRST] = f"{PRESETS[FIRST].title}: a few minutes"
    key = select(
        "Start from",
        {**titles, OWN: "Any recipe, and settings of your choice"},
        default=FIRST,
        key=FROM,
        on_change=_fill,
        help="The papers' own series, ready to start, or any recipe.",
    )
    if key == OWN:
        recipes = _offer_recipes()
        select(
            "Recipe",
            {name: f"{name.partition('/')[0]}: {recipe.title}" for name, recipe in recipes.items()},
            default="threads/model-3",
            key=OF,
            on_change=_fill,
        )
    start = _find_start()
    preset(EPOCHS, start.epochs)
    preset(ITEMS, start.items)
    st.caption(start.description)
    return start


def _offer_recipes() -> dict[str, Recipe]:
    every = load_recipes() | load_own_recipes()
    # A classical classifier has no epochs, and hardly a setting.
    return {name: recipe for name, recipe in every.items() if not recipe.config.is_baseline}


def _find_start() -> Start:
    key = st.session_state[FROM]
    if key != OWN:
        return _start_from_preset(key)
    name = settle(OF, _offer_recipes(), "threads/model-3")
    recipe = find_recipe(name)
    return Start(
        key=f"{OWN} {name}",
        name=name,
        recipe=recipe,
        description=recipe.description,
        parameters=tuple(Parameter.usual(name) for name in _FIRST_VARIED),
        sampler="tpe",
        trials=_TRIALS,
        epochs=min(_EPOCHS, recipe.config.epochs),
    )


def _start_from_preset(key: str) -> Start:
    ready = PRESETS[key]
    config = ready.make("any")
    recipe = find_recipe(config.recipe)
    return Start(
        key=key,
        name=key,
        recipe=recipe,
        description=ready.description,
        parameters=config.parameters,
        sampler=config.sampler,
        trials=config.trials,
        epochs=config.settings.get("epochs", min(_EPOCHS, recipe.config.epochs)),
        items=config.settings.get("subset", _ITEMS),
    )


def _fill() -> None:
    # A new default alone would leave what stands in the browser's inputs.
    start = _find_start()
    values = {SAMPLER: start.sampler, EPOCHS: start.epochs, ITEMS: start.items, TRIALS: start.trials}
    for key, value in values.items():
        st.session_state[key] = value
