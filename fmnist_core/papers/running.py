"""Which runs the papers' table wants, which of them are there, and what is left to train: a queue without a memory.

What is to be done follows from the table and from the run folders alone. Whoever is killed, and starts again, goes on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fmnist_core import architectures, runs
from fmnist_core.config import TrainingConfig, choose_items
from fmnist_core.errors import InvalidSettingError
from fmnist_core.papers.documents import load_documents
from fmnist_core.papers.records import keep_records, measure_run
from fmnist_core.papers.results import FOLDER, Result
from fmnist_core.recipes import Recipe, load_papers, load_recipes
from fmnist_core.runs import FINISHED, RUNNING, STOPPED, Listing, Run
from fmnist_core.settings import check_whole

HEADLINE_SEEDS = 3
_QUICK = 10
# What an item costs beside its multiplications, in multiplications: its way from the disk, the optimizer, Python.
_COST_OF_AN_ITEM = 500_000


@dataclass(frozen=True)
class Job:
    """A training that the table wants.

    Attributes:
        recipe: what is trained.
        config: its settings with the seed, and fewer epochs if it is a short one.
    """

    recipe: Recipe
    config: TrainingConfig

    @property
    def title(self) -> str:
        """The job in words: "fitch/model-7, seed 0"."""
        return f"{self.recipe.name}, seed {self.config.seed}"

    @property
    def short(self) -> bool:
        """Whether it is not the recipe in full."""
        return self.config.epochs < self.recipe.config.epochs


def find_recipes(names: Iterable[str] = ()) -> tuple[Recipe, ...]:
    """Return the recipes that names stand for, each once, in the order of the papers.

    Args:
        names: of recipes ("fitch/model-7") or of papers ("fitch"); none for all recipes, the lab's own and the
            classical classifiers too.

    Raises:
        InvalidSettingError: for an unknown name.
    """
    recipes, papers = load_recipes(), load_papers()
    wanted: set[str] = set()
    for name in names:
        if name not in recipes and name not in papers:
            raise InvalidSettingError(
                f"`NAME` must be one of {', '.join(papers)} or a recipe as `recipes` lists them. Received: {name}."
            )
        wanted |= set(papers[name].recipes) if name in papers else {name}
    return tuple(recipe for recipe in recipes.values() if not wanted or recipe.name in wanted)


def shorten(config: TrainingConfig) -> TrainingConfig:
    """Return the settings with a tenth of the epochs, at least one."""
    return config.with_settings(epochs=max(1, round(config.epochs / _QUICK)))


def plan_jobs(names: Iterable[str] = (), n_seeds: int | None = None, quick: bool = False) -> tuple[Job, ...]:
    """Return the trainings that the table wants, those that compute least first.

    So a queue that is left alone for a night has as many rows as can be in the morning.

    Args:
        names: see `find_recipes`.
        n_seeds: seeds 0, 1, … of every recipe; None for three of each paper's headline network and one of the others.
        quick: whether to take a tenth of the epochs, at least one.

    Raises:
        InvalidSettingError: for an unknown name, or if `n_seeds` is not a whole number from 1 to 100.
    """
    if n_seeds is not None:
        check_whole("n_seeds", n_seeds, 1, 100)
    headlines = {document.headline for document in load_documents().values()}
    jobs = []
    for recipe in find_recipes(names):
        config = shorten(recipe.config) if quick else recipe.config
        for seed in range(n_seeds or (HEADLINE_SEEDS if recipe.name in headlines else 1)):
            jobs.append(Job(recipe, config.with_settings(seed=seed)))
    return tuple(sorted(jobs, key=lambda job: _count_work_of_item(job.config) * job.config.epochs))


def find_missing(jobs: Iterable[Job], results: Iterable[Result]) -> tuple[Job, ...]:
    """Return the jobs that are not recorded yet; a short one is if its epochs are."""
    known = {(result.recipe, result.seed): result for result in results}

    def is_missing(job: Job) -> bool:
        result = known.get((job.recipe.name, job.config.seed))
        return result is None or not (result.complete or (job.short and result.epochs >= job.config.epochs))

    return tuple(job for job in jobs if is_missing(job))


def find_run(job: Job, listing: Listing) -> Run | None:
    """Return the run of this home that has exactly a job's settings; None if there is none.

    One that has finished comes before one that is trained at the moment, that before one that can go on; of several
    the oldest.
    """
    found = [
        run
        for run in listing.runs
        if run.recipe == job.recipe.name and run.config == job.config and _is_own(run) and _judge(run) is not None
    ]
    return min(found, key=lambda run: (_judge(run), run.created), default=None)


def find_cut_short(job: Job, listing: Listing) -> Run | None:
    """Return the run of this home that comes nearest to a job in full: stopped, or asked for fewer epochs.

    None if there is none that has been tested.
    """
    found = [
        run
        for run in listing.runs
        if run.recipe == job.recipe.name
        and run.status in (FINISHED, STOPPED)
        and run.record.get("result")
        and _is_own(run)
        and run.config.epochs <= job.config.epochs
        and run.config.with_settings(epochs=job.config.epochs) == job.config
    ]
    return max(found, key=lambda run: (run.record["result"].get("epochs", 0), -run.created), default=None)


def begin_run(job: Job, run: Run | None) -> Run:
    """Return the run to train for a job: the one that can go on, back in line, or a new one.

    Raises:
        StorageError: if the lab's folder cannot be written.
    """
    if run is None:
        return runs.create_run(job.config, job.recipe.name, status=RUNNING)
    runs.requeue_run(run)
    return runs.load_run(run.run_id)


def record_runs(
    jobs: Iterable[Job], listing: Listing, folder: Path = FOLDER, cut_short: bool = False
) -> tuple[Result, ...]:
    """Write into the table what this home holds of some jobs, training nothing; return all rows of the table.

    Args:
        jobs: what is wanted.
        listing: of the runs of this home.
        folder: of the table.
        cut_short: whether a job that was not done in full may be recorded as far as it went, with a note.

    Raises:
        RunNotFoundError: if a run is damaged.
        StorageError: if the folder cannot be written.
    """
    records = []
    for job in jobs:
        run = find_run(job, listing)
        if run is not None and run.status != FINISHED:
            run = None
        if run is None and cut_short:
            run = find_cut_short(job, listing)
        if run is not None:
            records.append(measure_run(run, job.recipe))
    return keep_records(records, folder)


def estimate_seconds(jobs: Sequence[Job], results: Iterable[Result], labels: NDArray[np.uint8]) -> float | None:
    """Estimate how long jobs will train; None if there is nothing to estimate from, or only classical classifiers.

    Args:
        jobs: to come; those that may stop early are taken to go on to their last epoch.
        results: what has been trained on this machine, or on one like it.
        labels: of all items, (70000,).
    """
    seconds, done = 0.0, 0.0
    for result in results:
        recipe = load_recipes().get(result.recipe)
        if recipe is not None and not recipe.config.is_baseline:
            seconds += result.seconds
            done += _count_work(recipe.config, labels) * result.epochs
    if not done:
        return None
    ahead = sum(_count_work(job.config, labels) * job.config.epochs for job in jobs if not job.config.is_baseline)
    return seconds / done * ahead


def _is_own(run: Run) -> bool:
    """Tell whether a run was trained in this home: what others say they measured is not recorded."""
    return not run.shipped and not run.imported


def _judge(run: Run) -> int | None:
    """Return how welcome a run is, 0 the most; None if it is of no use."""
    if run.status == FINISHED:
        return 0 if run.has_evaluation else None
    if run.active:
        return 1
    return 2 if run.resumable else None


def _count_work(config: TrainingConfig, labels: NDArray[np.uint8]) -> float:
    return config.count_items(len(choose_items(config, labels).train)) * _count_work_of_item(config)


def _count_work_of_item(config: TrainingConfig) -> float:
    """Return multiplications of an item in an epoch; 0 for a classical classifier, which takes a minute."""
    return 0.0 if config.is_baseline else _COST_OF_AN_ITEM + architectures.count_operations(config.stack)
