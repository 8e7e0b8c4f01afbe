"""Trainings of one recipe with several seeds and folds: which ones to make, which runs belong together, what they say.

The folds are those of `splits.make_fold`, the same for every seed, so that seeds and folds can be crossed. Two folds
of k share (k - 2) / (k - 1) of their training items: the spread of their figures tells how much hangs on the items, but
it is no standard error of the mean, of which no unbiased estimate exists (Bengio and Grandvalet, JMLR 5, 2004).
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fmnist_core.config import TrainingConfig
from fmnist_core.errors import RunNotFoundError
from fmnist_core.repeats import MOST_REPEATS, Spread, spread_of
from fmnist_core.run_data import Predictions
from fmnist_core.runs import FINISHED, Run
from fmnist_core.settings import check_whole
from fmnist_core.splits import MOST_FOLDS, TRAIN_ITEMS
from fmnist_core.validation import load_validation, pick_kept_epoch

if TYPE_CHECKING:
    import pandas as pd

_KEY_DIGITS = 8


@dataclass(frozen=True, eq=False)
class Group:
    """Runs that differ in nothing but their seed and their fold.

    Attributes:
        key: a short text that recipe and settings determine.
        recipe: name of the recipe that they started from.
        config: the settings of the first of them.
        runs: by seed and then by fold, one of each.
    """

    key: str
    recipe: str
    config: TrainingConfig
    runs: tuple[Run, ...]

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, in order."""
        return tuple(sorted({run.config.seed for run in self.runs}))

    @property
    def folds(self) -> int | None:
        """Into how many folds the training items are cut; None for none."""
        return self.config.folds

    @property
    def finished(self) -> tuple[Run, ...]:
        """Those that have finished, whose figures count."""
        return tuple(run for run in self.runs if run.status == FINISHED)

    @property
    def active(self) -> bool:
        """Whether one of them waits or trains."""
        return any(run.active for run in self.runs)

    @property
    def whole_seeds(self) -> tuple[int, ...]:
        """The seeds with which all folds have finished."""
        ended = [run.config.seed for run in self.finished]
        return tuple(seed for seed in self.seeds if self.folds and ended.count(seed) == self.folds)


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        run_id: its name.
        seed: its seed.
        fold: the fold that validated; None without folds.
        validation: accuracy of the network that was kept on the validation items, 0 to 1; None without any.
        test: accuracy on the test items, 0 to 1; None before it is known.
    """

    run_id: str
    seed: int
    fold: int | None
    validation: float | None
    test: float | None


@dataclass(frozen=True)
class Summary:
    """How far runs spread: validation and test accuracy; None where no finished run has a figure."""

    validation: Spread | None
    test: Spread | None


def plan_runs(config: TrainingConfig, folds: int | None = None, repeats: int = 1) -> list[TrainingConfig]:
    """Return the settings of all trainings: every fold with the first seed, then with the next, and so on.

    Args:
        config: with the first seed; what it says of the split gives way to folds.
        folds: into how many folds of the official training items, 2 to 20; None to leave the split as it is.
        repeats: how many seeds, 1 to 10.

    Raises:
        InvalidSettingError: for a number outside its range, or if a seed would be too large.
    """
    check_whole("repeats", repeats, 1, MOST_REPEATS)
    if folds is not None:
        check_whole("folds", folds, 2, MOST_FOLDS)
        config = config.with_settings(split="official", folds=folds, fold=0)
    return [
        config.with_settings(seed=config.seed + number, fold=config.fold if folds is None else fold)
        for number in range(repeats)
        for fold in range(folds or 1)
    ]


def name_group(recipe: str, config: TrainingConfig) -> str:
    """Return the key of the group that a training belongs to, 8 hexadecimal digits."""
    settings = {name: value for name, value in config.to_dict().items() if name not in ("seed", "fold")}
    text = json.dumps([recipe, settings], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_KEY_DIGITS]


def find_groups(runs: Iterable[Run]) -> tuple[Group, ...]:
    """Return the groups of at least two runs, or of a fold, that were made here; the one with the newest run first.

    Of several runs with the same seed and fold one counts: a finished one before any other, else the newest.

    Args:
        runs: all. Those that came with the lab are left out.
    """
    groups: dict[str, dict[tuple[int, int], Run]] = {}
    newest: dict[str, float] = {}
    for run in sorted(runs, key=lambda run: (run.status == FINISHED, run.created), reverse=True):
        if not run.shipped:
            key = name_group(run.recipe, run.config)
            groups.setdefault(key, {}).setdefault((run.config.seed, run.config.fold), run)
            newest[key] = max(newest.get(key, 0.0), run.created)
    found = []
    for key in sorted(groups, key=newest.__getitem__, reverse=True):
        members = tuple(groups[key][place] for place in sorted(groups[key]))
        if len(members) > 1 or members[0].config.folds:
            found.append(Group(key, members[0].recipe, members[0].config, members))
    return tuple(found)


def measure_outcome(run: Run, history: "pd.DataFrame") -> Outcome:
    """Return what a run came to.

    Args:
        run: in whatever state.
        history: its epochs, as `run_data.load_history` gives them.
    """
    validation = None
    if not history.empty:
        kept = history.loc[history["epoch"] == pick_kept_epoch(run, history), "val_accuracy"]
        validation = float(kept.iloc[0]) if np.isfinite(kept).all() else None
    fold = run.config.fold if run.config.folds else None
    return Outcome(run.run_id, run.config.seed, fold, validation, run.test_accuracy)


def summarize_outcomes(outcomes: Sequence[Outcome]) -> Summary:
    """Return mean and standard deviation over runs that have finished."""
    validations = [outcome.validation for outcome in outcomes if outcome.validation is not None]
    tests = [outcome.test for outcome in outcomes if outcome.test is not None]
    return Summary(spread_of(validations), spread_of(tests))


def load_out_of_fold(runs: Sequence[Run], labels: NDArray[np.uint8]) -> Predictions:
    """Return for each of the 60,000 training items the answer of the network that had not seen it.

    Args:
        runs: all folds with one seed, each with the answers that its kept network gave for its fold.
        labels: labels of all items, (70000,).

    Raises:
        RunNotFoundError: if a fold is missing, or what it answered is no longer there.
    """
    folds = runs[0].config.folds if runs else None
    there = sorted(run.config.fold for run in runs)
    if folds is None or there != list(range(folds)):
        raise RunNotFoundError(f"All folds must be there, each once. Received: {there} of {folds}.")
    parts = [load_validation(run, labels) for run in runs]
    items = np.concatenate([part.items for part in parts])
    order = np.argsort(items, kind="stable")
    if not np.array_equal(items[order], np.arange(TRAIN_ITEMS)):
        raise RunNotFoundError("The folds must hold every training item once. Received: other items.")
    probabilities = np.concatenate([part.probabilities for part in parts])[order]
    return Predictions(items[order], labels[items[order]], probabilities)
