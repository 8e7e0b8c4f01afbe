"""The papers as documents: what they did, the tables and reports they print; a TOML table for each beside this file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fmnist_core.recipes import Recipe, find_recipe, load_papers

PAPERS = ("threads", "conquering", "fitch", "mcnn", "silwimba")


@dataclass(frozen=True)
class Table:
    """A table of a paper, a recipe a row.

    Attributes:
        title: what it shows, in our words.
        recipes: the recipes of its rows, in the paper's order.
        varied: names of the settings in which the rows differ, fields of `TrainingConfig` or words of the paper.
        cells: what the paper prints in these columns, by recipe name and then by name of the setting.
    """

    title: str
    recipes: tuple[Recipe, ...]
    varied: tuple[str, ...] = ()
    cells: Mapping[str, Mapping[str, str]] | None = None


@dataclass(frozen=True)
class Report:
    """A classification report that a paper prints.

    Attributes:
        recipe: name of the recipe that it is of.
        where: where the paper prints it, for example "Figure 7".
        precision: of each class, 0 to 1, in the order of `classes.CLASS_NAMES`.
        recall: likewise.
        f1: likewise.
        support: items of each class, likewise; empty if not printed.
        digits: to how many its figures are rounded.
    """

    recipe: str
    where: str
    precision: tuple[float, ...]
    recall: tuple[float, ...]
    f1: tuple[float, ...]
    support: tuple[int, ...] = ()
    digits: int = 2


@dataclass(frozen=True)
class Log:
    """A training log that a paper prints, a value an epoch.

    Attributes:
        recipe: name of the recipe that it is of.
        where: where the paper prints it.
        loss: on training items.
        accuracy: likewise, 0 to 1.
        val_loss: on validation items.
        val_accuracy: likewise, 0 to 1.
        seconds: of the epoch.
        milliseconds: of a step.
    """

    recipe: str
    where: str
    loss: tuple[float, ...]
    accuracy: tuple[float, ...]
    val_loss: tuple[float, ...]
    val_accuracy: tuple[float, ...]
    seconds: tuple[float, ...]
    milliseconds: tuple[float, ...]


@dataclass(frozen=True)
class Statement:
    """Something that a paper says in passing and that can be checked.

    Attributes:
        key: what it is about; `checks` knows which there are.
        value: what it says, a number, a text or several of these; shares are 0 to 1.
        where: where the paper says it.
        recipe: name of the recipe that it is about; empty if it is about none in particular.
    """

    key: str
    value: Any
    where: str
    recipe: str = ""


@dataclass(frozen=True)
class Document:
    """A paper.

    Attributes:
        key: as in `recipes.load_papers`.
        title: as printed.
        label: what it is called for short.
        authors: as they are cited.
        summary: what it did, in our words, Markdown.
        headline: name of the recipe that it stands for; three seeds of it are run.
        tables: its tables.
        reports: its printed classification reports.
        unmeasured: why a recipe has no full result, by recipe name.
        figures: keys of the figures of the paper that are rebuilt, of "classes", "samples", "variance", "pca",
            "curves", "confusion", "report", "first_items", "first_mistakes", "optimizers", "pixels",
            "activation".
        logs: its printed training logs.
        statements: what else it says that can be checked.
    """

    key: str
    title: str
    label: str
    authors: str
    summary: str
    headline: str
    tables: tuple[Table, ...]
    reports: tuple[Report, ...]
    unmeasured: Mapping[str, str]
    figures: tuple[str, ...]
    logs: tuple[Log, ...] = ()
    statements: tuple[Statement, ...] = ()

    @property
    def recipes(self) -> dict[str, Recipe]:
        """The recipes of all its tables, by name, each once."""
        return {recipe.name: recipe for table in self.tables for recipe in table.recipes}

    def find_statements(self, key: str) -> tuple[Statement, ...]:
        """Return what it says about something, in the order of the text."""
        return tuple(statement for statement in self.statements if statement.key == key)


@cache
def load_documents() -> dict[str, Document]:
    """Read the five papers, by key."""
    return {key: _read_document(key) for key in PAPERS}


def _read_document(key: str) -> Document:
    table = tomllib.loads(Path(__file__).with_name(f"{key}.toml").read_text(encoding="utf-8"))
    paper = load_papers()[key]
    return Document(
        key=key,
        title=paper.title,
        label=paper.label,
        authors=table["authors"],
        summary=table["summary"].strip(),
        headline=f"{key}/{table['headline']}",
        tables=tuple(_read_table(key, entry) for entry in table["tables"]),
        reports=tuple(Report(**_name_recipe(key, entry)) for entry in table.get("reports", ())),
        unmeasured={f"{key}/{name}": why for name, why in table.get("unmeasured", {}).items()},
        figures=tuple(table["figures"]),
        logs=tuple(Log(**_name_recipe(key, entry)) for entry in table.get("logs", ())),
        statements=tuple(Statement(**_name_recipe(key, entry)) for entry in table.get("statements", ())),
    )


def _read_table(key: str, entry: dict[str, Any]) -> Table:
    return Table(
        title=entry["title"],
        recipes=tuple(find_recipe(f"{key}/{name}") for name in entry["recipes"]),
        varied=tuple(entry.get("varied", ())),
        cells={f"{key}/{name}": cells for name, cells in entry.get("cells", {}).items()},
    )


def _name_recipe(key: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments that an entry holds, with lists as tuples and its recipe by its full name."""
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    return values | ({"recipe": f"{key}/{entry['recipe']}"} if "recipe" in entry else {})
