"""Runs that belong together: repeats of one training with other seeds, earlier ones to compare with."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

import numpy as np

from fmnist_core.config import TrainingConfig
from fmnist_core.runs import FINISHED, Run
from fmnist_core.settings import check_whole

MOST_REPEATS = 10
# Of a run's own name, in the legend of a chart.
_LABEL_LENGTH = 24


@dataclass(frozen=True)
class Spread:
    """What several seeds, or folds, came to.

    Attributes:
        mean: of their figures.
        deviation: standard deviation of a sample, with n - 1; 0 for one.
        seeds: how many there are.
    """

    mean: float
    deviation: float
    seeds: int


def repeat_config(config: TrainingConfig, repeats: int) -> list[TrainingConfig]:
    """Return `config` with its seed, the next one, and so on.

    Raises:
        InvalidSettingError: if `repeats` is not from 1 to 10, or a seed would be too large.
    """
    check_whole("repeats", repeats, 1, MOST_REPEATS)
    return [config.with_settings(seed=config.seed + number) for number in range(repeats)]


def are_repeats(one: Run, other: Run) -> bool:
    """Tell whether two runs differ in nothing but their seed."""
    names = (field.name for field in fields(one.config) if field.name != "seed")
    return one.recipe == other.recipe and all(
        getattr(one.config, name) == getattr(other.config, name) for name in names
    )


def find_repeats(run: Run, runs: Sequence[Run]) -> list[Run]:
    """Return the run and its repeats, by seed; of several with one seed the run itself, else the newest.

    Args:
        run: the one that is watched.
        runs: all, newest first. Those that came with the lab are no repeats of those made here.
    """
    found = {run.config.seed: run}
    for other in runs:
        if not other.shipped and not run.shipped and are_repeats(run, other):
            found.setdefault(other.config.seed, other)
    return [found[seed] for seed in sorted(found)]


def find_earlier(run: Run, runs: Sequence[Run], most: int = 2) -> list[Run]:
    """Return the newest finished runs made here that were submitted before `run`, of each training only one seed."""
    found: list[Run] = []
    for other in runs:
        is_earlier = other.status == FINISHED and not other.shipped and other.created < run.created
        if is_earlier and len(found) < most and not any(are_repeats(other, known) for known in (run, *found)):
            found.append(other)
    return found


def compute_spread(runs: Sequence[Run]) -> Spread | None:
    """Return mean and deviation of the test accuracies, 0 to 1, of those that have finished; None if none has."""
    return spread_of([run.test_accuracy for run in runs if run.status == FINISHED and run.test_accuracy is not None])


def spread_of(figures: Sequence[float]) -> Spread | None:
    """Return mean and deviation of figures; None if there are none."""
    if not figures:
        return None
    deviation = float(np.std(figures, ddof=1)) if len(figures) > 1 else 0.0
    return Spread(float(np.mean(figures)), deviation, len(figures))


def title_runs(runs: Sequence[Run]) -> Mapping[str, str]:
    """Return by run_id the titles of runs, with the fold if it has one, and the seed where submitted together."""
    plain = {run.run_id: f"{run.title} · fold {run.config.fold}" if run.config.folds else run.title for run in runs}
    alike = Counter(plain.values())
    titles = {
        run.run_id: title if alike[title := plain[run.run_id]] == 1 else f"{title} · seed {_seed(run)}" for run in runs
    }
    alike = Counter(titles.values())
    return {name: title if alike[title] == 1 else f"{title} · {name[-4:]}" for name, title in titles.items()}


def label_runs(runs: Sequence[Run]) -> list[str]:
    """Return a few letters for each run, for the legend of a chart: "model-3 14:05".

    Where that fits several, the seeds tell them apart, or the second if the seeds do not.
    """
    labels = [_label(run, "%H:%M") for run in runs]
    seeds = Counter((label, _seed(run)) for label, run in zip(labels, runs, strict=True))
    alike = Counter(labels)

    def tell_apart(label: str, run: Run) -> str:
        if alike[label] == 1:
            return label
        return f"{label} seed {_seed(run)}" if seeds[label, _seed(run)] == 1 else _label(run, "%H:%M:%S")

    return [tell_apart(label, run) for label, run in zip(labels, runs, strict=True)]


def _label(run: Run, form: str) -> str:
    moment = datetime.fromtimestamp(run.created)
    day = "" if _is_today(moment) else f"{moment.day} {moment:%b}"
    clock = f"{moment:{form}}" if not day or form != "%H:%M" else ""
    when = "reference" if run.shipped else " ".join(part for part in (day, clock) if part)
    return f"{run.labels.name[:_LABEL_LENGTH] or run.recipe.rpartition('/')[2]} {when}"


def _seed(run: Run) -> int:
    return run.config.seed


def _is_today(moment: datetime) -> bool:
    return moment.date() == datetime.now().date()
