"""Recipes: an architecture, how it is trained, and what a paper claims for it; one TOML table a paper."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from fmnist_core.config import TrainingConfig
from fmnist_core.errors import InvalidSettingError

_SETTINGS = {entry.name for entry in fields(TrainingConfig)}


@dataclass(frozen=True)
class Recipe:
    """A network that a paper describes, ready to train.

    Attributes:
        name: "paper/system", also the key of its architecture unless the table names another.
        paper: title of the paper.
        title: the network in a few words.
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


@cache
def load_recipes() -> dict[str, Recipe]:
    """Read all recipes, by name, paper by paper in the order of their tables."""
    recipes: dict[str, Recipe] = {}
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        for system, entry in table["recipes"].items():
            name = f"{path.stem}/{system}"
            recipes[name] = _make_recipe(name, table, entry)
    return recipes


def find_recipe(name: str) -> Recipe:
    """Return a recipe by its name.

    Raises:
        InvalidSettingError: if there is none of that name.
    """
    recipes = load_recipes()
    if name not in recipes:
        raise InvalidSettingError(f"`recipe` must be one of {', '.join(recipes)}. Received: {name}.")
    return recipes[name]


def _make_recipe(name: str, table: dict[str, Any], entry: dict[str, Any]) -> Recipe:
    settings = {"architecture": name, **table["defaults"]}
    settings |= {key: value for key, value in entry.items() if key in _SETTINGS}
    return Recipe(
        name=name,
        paper=table["title"],
        title=entry["title"],
        description=entry["description"],
        config=TrainingConfig.from_dict(settings),
        claims=entry.get("claims", {}),
        notes=tuple(entry.get("notes", ())),
    )
