"""Recipes: an architecture, how it is trained, and what a paper claims for it; one TOML table a paper.

The networks of one's own are recipes too, "own/<slug>" by name.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from fmnist_core.config import TrainingConfig
from fmnist_core.errors import InvalidSettingError
from fmnist_core.networks import Network, list_networks
from fmnist_core.settings import check_choice

_SETTINGS = {entry.name for entry in fields(TrainingConfig)}
_WORDS = ("title", "description", "claims", "notes")
# In the order in which they are offered; each has a TOML table of its name.
_PAPERS = ("threads", "conquering", "fitch", "mcnn", "silwimba", "lab", "baselines")
OWN = "own"


@dataclass(frozen=True)
class Recipe:
    """A network that a paper or a user describes, ready to train.

    Attributes:
        name: "paper/system", also the key of its architecture unless the table names another; "own/slug" for a
            network of one's own.
        paper: title of the paper.
        title: the network in a few words, no other of the paper's being called the same.
        description: the network in a sentence.
        config: how it is trained.
        claims: figures that the paper prints, 0 to 1, by what they measure ("train", "validation", "test", "f1").
        notes: where the paper is ambiguous or contradicts itself, and what was chosen.
    """

    name: str
    paper: str
    title: str
    description: str
    config: TrainingConfig
    claims: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def paper_key(self) -> str:
        """The key of its paper in `load_papers`, or `OWN`."""
        return self.name.partition("/")[0]


@dataclass(frozen=True)
class Paper:
    """A paper, or the lab itself, with its recipes.

    Attributes:
        key: its name in the names of its recipes.
        title: as printed.
        label: what it is called for short.
        recipes: by name; the first is the one to begin with.
    """

    key: str
    title: str
    label: str
    recipes: Mapping[str, Recipe]


@cache
def load_papers() -> dict[str, Paper]:
    """Read all papers with their recipes, by key."""
    return {key: _read_paper(key) for key in _PAPERS}


@cache
def load_recipes() -> dict[str, Recipe]:
    """Read all recipes, by name, paper by paper in the order of their tables."""
    return {name: recipe for paper in load_papers().values() for name, recipe in paper.recipes.items()}


def load_own_recipes() -> dict[str, Recipe]:
    """Read the recipes of the networks of one's own, by name: as they are saved now."""
    recipes = [make_own_recipe(network) for network in list_networks().networks.values()]
    return {recipe.name: recipe for recipe in recipes}


def make_own_recipe(network: Network) -> Recipe:
    """Return the recipe of a network of one's own, saved or not.

    Raises:
        InvalidSettingError: if its layers do not fit together.
    """
    n_layers = len(network.layers)
    return Recipe(
        name=f"{OWN}/{network.slug}",
        paper="Your own",
        title=network.name,
        description=f"A network of one's own with {n_layers} {'layer' if n_layers == 1 else 'layers'}.",
        config=network.config,
    )


def find_recipe(name: str) -> Recipe:
    """Return a recipe, of a paper or of one's own, by its name.

    Raises:
        InvalidSettingError: if there is none of that name.
    """
    recipes = load_recipes()
    if name not in recipes:
        recipes = recipes | load_own_recipes()
    if name not in recipes:
        raise InvalidSettingError(f"`recipe` must be one of {', '.join(recipes)}. Received: {name}.")
    return recipes[name]


def _read_paper(key: str) -> Paper:
    table = tomllib.loads(Path(__file__).with_name(f"{key}.toml").read_text(encoding="utf-8"))
    recipes = {f"{key}/{system}": entry for system, entry in table["recipes"].items()}
    return Paper(
        key=key,
        title=table["title"],
        label=table["label"],
        recipes={name: _make_recipe(name, table, entry) for name, entry in recipes.items()},
    )


def _make_recipe(name: str, table: dict[str, Any], entry: dict[str, Any]) -> Recipe:
    for key in entry:
        check_choice("entry of a recipe", key, (*_WORDS, *_SETTINGS))
    settings = {"architecture": name, **table["defaults"]}
    settings |= {key: value for key, value in entry.items() if key in _SETTINGS}
    return Recipe(
        name=name,
        paper=table["title"],
        title=entry["title"],
        description=entry["description"],
        config=TrainingConfig.from_dict(settings),
        claims=entry.get("claims", {}),
        notes=(*entry.get("notes", ()), *table.get("notes", ())),
    )
