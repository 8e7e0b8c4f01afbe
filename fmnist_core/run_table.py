"""All runs as one table: what each is, what it came to, and which are the best by accuracy, size or time.

Accuracies can be compared only where they were measured on the same items, so the leaderboard by accuracy ranks those
runs that were tested on the official test set; the others follow without a rank.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core import run_data
from fmnist_core.config import TrainingConfig
from fmnist_core.evaluation.intervals import Estimate, compute_wilson
from fmnist_core.recipes import load_own_recipes, load_recipes
from fmnist_core.repeats import title_runs
from fmnist_core.runs import STATUSES, Run
from fmnist_core.settings import Settings, check_choice

# What tests on the 10,000 official test items.
OFFICIAL_SPLITS = ("official", "silwimba")

ORDERS = {
    "newest": "Newest",
    "accuracy": "Accuracy",
    "size": "Parameters",
    "time": "Time",
}

_HELD_CURVES = 2_000


@dataclass(frozen=True, eq=False)
class Row:
    """A run as the table shows it.

    Attributes:
        run: the run.
        title: its title, told apart from those of other runs.
        differences: settings that are not its recipe's, by name, with the recipe's value and the run's; None if its
            recipe is not known here or it was trained elsewhere.
        accuracy: on its test part, 0 to 1, with its 95% interval; None before it is known.
        test_items: how many items that part has; None if it is not known.
        official: whether that part is the official test set.
        curve: val_accuracy after each epoch, 0 to 1.
        val_loss: after the last epoch; None if nothing was validated.
        model_bytes: size of its network on disk; 0 if it has none.
        seconds: how long it trained; None before it is known.
        rank: its place in the leaderboard that was asked for, from 1; None if it has none.
    """

    run: Run
    title: str
    differences: Mapping[str, tuple[Any, Any]] | None
    accuracy: Estimate | None
    test_items: int | None
    official: bool
    curve: tuple[float, ...] = field(repr=False)
    val_loss: float | None
    model_bytes: int
    seconds: float | None
    rank: int | None = None

    @property
    def val_accuracy(self) -> float | None:
        """Accuracy on the validation items after the last epoch, 0 to 1; None if there are none."""
        return self.curve[-1] if self.curve else None

    @property
    def words(self) -> str:
        """What differs from the recipe, in a few words: "epochs 3, seed 1"; "" if nothing does."""
        if self.run.trained_elsewhere:
            return "trained elsewhere"
        if self.differences is None:
            return "its recipe is not here"
        return ", ".join(say_setting(name, value) for name, (_, value) in self.differences.items())


@dataclass(frozen=True)
class Choice(Settings):
    """Which runs are shown, checked on construction.

    Attributes:
        text: every word of it must occur in the title, recipe, tags, note, device or what differs from the recipe.
        statuses: those of `runs.STATUSES` to show; all if there is none.
        recipes: recipes, or papers, whose runs are shown; all if there is none.
        tags: a run must have all of them.
        archived: whether runs that were put aside are shown.
        shipped: whether runs that came with the lab are shown.

    Raises:
        InvalidSettingError: for an unknown status.
    """

    text: str = ""
    statuses: tuple[str, ...] = ()
    recipes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    archived: bool = False
    shipped: bool = True

    def __post_init__(self) -> None:
        for status in self.statuses:
            check_choice("status", status, STATUSES)


def tabulate_runs(runs: Sequence[Run]) -> tuple[Row, ...]:
    """Return a row for each run, in the same order."""
    recipes = {name: recipe.config for name, recipe in (load_recipes() | load_own_recipes()).items()}
    titles = title_runs(runs)
    counts = [_count_tested(run) for run in runs]
    hits = np.array(
        [0 if n is None else round(n * (run.test_accuracy or 0)) for run, n in zip(runs, counts, strict=True)]
    )
    _, low, high = compute_wilson(hits, np.array([n or 0 for n in counts]))
    return tuple(
        _make_row(run, titles[run.run_id], recipes.get(run.recipe), n, float(ends[0]), float(ends[1]))
        for run, n, ends in zip(runs, counts, zip(low, high, strict=True), strict=True)
    )


def choose_rows(rows: Sequence[Row], choice: Choice) -> tuple[Row, ...]:
    """Return the rows that a choice shows, in the same order."""
    words = choice.text.casefold().split()
    return tuple(row for row in rows if _is_chosen(row, choice, words))


def rank_rows(rows: Sequence[Row], order: str) -> tuple[Row, ...]:
    """Return the rows in an order of `ORDERS`, ranked where it is a leaderboard.

    The most accurate come first, those that were tested on other items than the official ones after all that were, and
    of equal accuracy the one with fewer parameters first. By size and time too, only runs with an accuracy have a rank.

    Raises:
        InvalidSettingError: if there is no such order.
    """
    check_choice("order", order, ORDERS)
    if order == "newest":
        return tuple(sorted(rows, key=lambda row: row.run.created, reverse=True))
    measured = [row for row in rows if _measure(row, order) is not None]
    measured.sort(key=lambda row: _measure(row, order) or ())
    ranked = [row for row in measured if order != "accuracy" or row.official]
    others = [row for row in measured if row not in ranked] + [row for row in rows if row not in measured]
    return (*(replace(row, rank=place) for place, row in enumerate(ranked, start=1)), *others)


def list_tags(runs: Sequence[Run]) -> tuple[str, ...]:
    """Return all tags of some runs, in the order of the alphabet."""
    return tuple(sorted({tag for run in runs for tag in run.labels.tags}, key=str.casefold))


def find_differences(config: TrainingConfig, recipe: TrainingConfig) -> dict[str, tuple[Any, Any]]:
    """Return by name the settings of `config` that are not those of `recipe`: the recipe's value and its own."""
    names = [entry.name for entry in fields(TrainingConfig)]
    pairs = {name: (getattr(recipe, name), getattr(config, name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def say_setting(name: str, value: Any) -> str:
    """Say a setting in few words: "batch size 64", "no subset", "flip", "other layers"."""
    words = name.replace("_", " ")
    if name == "layers":
        return "the architecture's layers" if value is None else "other layers"
    if isinstance(value, bool):
        return words if value else f"no {words}"
    if value is None:
        return f"no {words}"
    return f"{words} {value:g}" if isinstance(value, float) else f"{words} {value}"


def _is_chosen(row: Row, choice: Choice, words: Sequence[str]) -> bool:
    run, labels = row.run, row.run.labels
    if (labels.archived and not choice.archived) or (run.shipped and not choice.shipped):
        return False
    if choice.statuses and run.status not in choice.statuses:
        return False
    if choice.recipes and not {run.recipe, run.recipe.partition("/")[0]} & set(choice.recipes):
        return False
    if not set(choice.tags) <= set(labels.tags):
        return False
    said = (row.title, run.run_id, run.recipe, *labels.tags, labels.note, str(run.record.get("device", "")), row.words)
    text = "\n".join(said).casefold()
    return all(word in text for word in words)


def _make_row(run: Run, title: str, recipe: TrainingConfig | None, tested: int | None, low: float, high: float) -> Row:
    curve, val_loss = _load_curve(run.path)
    result = run.record.get("result") or {}
    known = recipe is not None and not run.trained_elsewhere
    return Row(
        run=run,
        title=title,
        differences=find_differences(run.config, recipe) if known and recipe else None,
        accuracy=None if run.test_accuracy is None or not tested else Estimate(run.test_accuracy, low, high),
        test_items=tested,
        official=run.config.split in OFFICIAL_SPLITS,
        curve=curve,
        val_loss=val_loss,
        model_bytes=_measure_file(run.path / "model.keras"),
        seconds=result.get("seconds"),
    )


def _count_tested(run: Run) -> int | None:
    n_items = (run.record.get("items") or {}).get("test")
    if isinstance(n_items, int) and n_items > 0:
        return n_items
    return 10_000 if run.config.split in OFFICIAL_SPLITS else None


def _measure(row: Row, order: str) -> tuple[float, ...] | None:
    """Return what a leaderboard sorts by, the smallest first; None for a row without it."""
    if row.accuracy is None:
        return None
    accuracy = -row.accuracy.value
    if order == "accuracy":
        return (accuracy, row.run.parameters)
    if order == "size":
        return (row.run.parameters, accuracy)
    return None if row.seconds is None else (row.seconds, accuracy)


def _load_curve(folder: Path) -> tuple[tuple[float, ...], float | None]:
    try:
        stat = (folder / "history.csv").stat()
    except OSError:
        return (), None
    return _read_curve(folder, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=_HELD_CURVES)
def _read_curve(folder: Path, changed: int, size: int) -> tuple[tuple[float, ...], float | None]:
    """Return val_accuracy after each epoch and the last val_loss, read once as long as the table does not change."""
    curves = run_data.load_curves(folder, "val_accuracy", "val_loss")
    curve = tuple(value for value in curves["val_accuracy"] if math.isfinite(value))
    losses = [value for value in curves["val_loss"] if math.isfinite(value)]
    return curve, losses[-1] if losses else None


def _measure_file(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
