"""The papers as documents: what they did, the tables and reports they print; a TOML table for each beside this file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

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
    """

    recipe: str
    where: str
    precision: tuple[float, ...]
    recall: tuple[float, ...]
    f1: tuple[float, ...]


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
            "curves", "confusion", "report", "first_items", "first_mistakes", "optimizers", "pixels".
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


@cache
def load_documents() -> dict[str, Document]:
    """Read the five papers, by key."""
    return {key: _read_document(key) for key in PAPERS}


def _read_document(key: str) -> Document:
    table = tomllib.loads(Path(__file__).with_name(f"{key}.toml").read_text(encoding="utf-8"))
    paper = load_papers()[key]
    tables = [
        Table(
            title=entry["title"],
            recipes=tuple(find_recipe(f"{key}/{name}") for name in entry["recipes"]),
            varied=tuple(entry.get("varied", ())),
            cells={f"{key}/{name}": cells for name, cells in entry.get("cells", {}).items()},
        )
        for entry in table["tables"]
    ]
    reports = [
        Report(
            recipe=f"{key}/{entry['recipe']}",
            where=entry["where"],
            precision=tuple(entry["precision"]),
            recall=tuple(entry["recall"]),
            f1=tuple(entry["f1"]),
        )
        for entry in table.get("reports", ())
    ]
    return Document(
        key=key,
        title=paper.title,
        label=paper.label,
        authors=table["authors"],
        summary=table["summary"],
        headline=f"{key}/{table['headline']}",
        tables=tuple(tables),
        reports=tuple(reports),
        unmeasured={f"{key}/{name}": why for name, why in table.get("unmeasured", {}).items()},
        figures=tuple(table.get("figures", ())),
    )
