"""How long the trainings of a search will take, from how long others took."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from fmnist_core import architectures
from fmnist_core.config import TrainingConfig
from fmnist_core.runs import FINISHED, Run
from fmnist_core.search.config import SearchConfig

SAME, HERE, ASSUMED = "same", "here", "assumed"
# Beside its epochs: the network is built and traced, its answers on the validation and the test part are kept.
_SECONDS_BESIDE = 4.0
# What an item costs beside its multiplications, in multiplications: its way from the disk, the optimizer, Python.
_COST_OF_AN_ITEM = 500_000
# Of a network with 3.1 million multiplications an item: 6,700 items a second on one core of a common server, 2026.
_ASSUMED_PACE = 1 / (6_700 * (3_100_000 + _COST_OF_AN_ITEM))
_MOST_RUNS = 10
_MOST_CORNERS = 16


@dataclass(frozen=True)
class Estimate:
    """How long a training takes.

    Attributes:
        seconds: of one, from its start to its tested end.
        source: `SAME` if runs of this network on this machine say so, `HERE` if those of others do, `ASSUMED` if
            there is none and two cores of a common processor are assumed.
        n_runs: how many runs it was taken from.
    """

    seconds: float
    source: str
    n_runs: int


def estimate_training(config: TrainingConfig, available: int, runs: Sequence[Run]) -> Estimate:
    """Estimate how long a training takes.

    Args:
        config: of the training.
        available: its training items.
        runs: of this machine, newest first; those that came with the lab are passed over.
    """
    told = [run for run in runs if run.status == FINISHED and not run.shipped and _count_work_of_run(run)]
    alike = [run for run in told if run.config.stack == config.stack]
    chosen = (alike or told)[:_MOST_RUNS]
    work = _count_work(config, available, config.epochs)
    if not chosen:
        return Estimate(_SECONDS_BESIDE + work * _ASSUMED_PACE, ASSUMED, 0)
    pace = sum(run.record["result"]["seconds"] for run in chosen) / sum(map(_count_work_of_run, chosen))
    return Estimate(_SECONDS_BESIDE + work * pace, SAME if alike else HERE, len(chosen))


def estimate_search(config: SearchConfig, available: int, runs: Sequence[Run]) -> Estimate:
    """Estimate how long a training of a search takes: the mean of those at the ends of what varies.

    Args:
        config: of the search.
        available: training items of its recipe.
        runs: of this machine, newest first.
    """
    names = [parameter.name for parameter in config.parameters]
    corners = itertools.islice(itertools.product(*(parameter.ends for parameter in config.parameters)), _MOST_CORNERS)
    estimates = []
    for values in corners:
        _, training = config.find_training(dict(zip(names, values, strict=True)))
        estimates.append(estimate_training(training, training.subset or available, runs))
    worst = max(estimates, key=lambda one: (SAME, HERE, ASSUMED).index(one.source))
    return Estimate(sum(one.seconds for one in estimates) / len(estimates), worst.source, worst.n_runs)


def _count_work_of_run(run: Run) -> float:
    """Return multiplications of all its epochs; 0 where it is not known what they took."""
    result, items = run.record.get("result") or {}, run.record.get("items") or {}
    if run.config.is_baseline or not all(result.get(name) for name in ("seconds", "epochs")) or not items.get("train"):
        return 0.0
    return _count_work(run.config, int(items["train"]), int(result["epochs"]))


def _count_work(config: TrainingConfig, available: int, epochs: int) -> float:
    if config.is_baseline:
        return 0.0
    return epochs * config.count_items(available) * (_COST_OF_AN_ITEM + architectures.count_operations(config.stack))
