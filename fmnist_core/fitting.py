"""Fit a classical classifier, once, and ask it about the items that count. Nothing here knows of files or pages.

scikit-learn says little while it fits and cannot be held. Where it can be told to go on step by step it is, so that
there is something to watch and to stop: a forest by its trees, a support vector machine by its folds, a logistic
regression by its iterations, and all answers a thousand items at a time. What comes out is the same.
"""

import os
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core import baselines
from fmnist_core.baselines import BASELINES
from fmnist_core.config import TrainingConfig, choose_items
from fmnist_core.data import Dataset
from fmnist_core.evaluation import compute_log_loss
from fmnist_core.observing import EpochRecord, NoObserver, Observer
from fmnist_core.splits import Indices, Split

__all__ = ["Fitted", "fit", "fit_baseline"]

_TREES_AT_ONCE = 5
_ITEMS_AT_ONCE = 1_000
# Of all that is done, as far as it can be told before; where answering is all the work, fitting is none.
_SHARE_OF_FITTING = 0.9

Watch = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class Fitted:
    """A classifier that has been fitted and asked.

    Attributes:
        classifier: scikit-learn's.
        parameters: how many numbers it has learned, as `baselines.count_parameters` counts them.
        split: which items were used for what.
        probabilities: of `split.test`, (n, 10) float32.
        seconds: how long fitting and validating took, as with networks; not what asking about the other items took.
        images_per_second: training items over `seconds`.
    """

    classifier: Any
    parameters: int
    split: Split
    probabilities: NDArray[np.float32]
    seconds: float
    images_per_second: float


class _StoppedError(Exception):
    """Whoever watches has had enough."""


def fit(config: TrainingConfig, dataset: Dataset, observer: Observer | None = None) -> Fitted | None:
    """Fit and test the classifier of `config`; return None if the observer stopped it, as half a fit is none.

    Args:
        config: the settings, those of a baseline.
        dataset: the data.
        observer: hears of every stage, and of the only "epoch" when all is done; may stop between two steps.

    Raises:
        FmnistError: if scikit-learn is missing.
        InvalidSettingError: if `choose_items` does.
    """
    try:
        return _fit_and_ask(config, dataset, observer or NoObserver())
    except _StoppedError:
        return None


def fit_baseline(
    name: str, images: NDArray[np.uint8], labels: NDArray[np.uint8], seed: int = 0, watch: Watch = lambda *_: None
) -> Any:
    """Return a fitted scikit-learn classifier.

    Args:
        name: key of `BASELINES`.
        images: (n, 28, 28) uint8.
        labels: (n,) classes, three or more of each that occurs.
        seed: handed to scikit-learn as random_state.
        watch: is told in words what is done and which share of it, 0 to 1; what it raises ends the fit.

    Raises:
        FmnistError: if scikit-learn is missing.
    """
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    classifier = BASELINES[name].build(seed)
    last = classifier[-1] if hasattr(classifier, "steps") else classifier
    pixels = baselines.flatten(images)
    watch("Fitting", 0.0)
    with _limit_threads(), warnings.catch_warnings():
        # It is told where to end; more iterations hardly help, and who trains in a terminal wants no essay.
        warnings.simplefilter("ignore", ConvergenceWarning)
        if isinstance(last, RandomForestClassifier):
            return _fit_by_trees(classifier, pixels, labels, watch)
        if isinstance(last, CalibratedClassifierCV):
            last.set_params(cv=_WatchedFolds(last.cv, watch))
        elif isinstance(last, LogisticRegression) and hasattr(last, "set_callbacks"):
            last.set_callbacks(_IterationWatch(last.max_iter, watch))
        return classifier.fit(pixels, labels)


def _fit_and_ask(config: TrainingConfig, dataset: Dataset, observer: Observer) -> Fitted:
    baselines.check_installed()
    baseline = BASELINES[config.architecture]
    split = choose_items(config, dataset.labels)
    start = 0.0 if baseline.works_when_asked else _SHARE_OF_FITTING

    def watch(doing: str, share: float) -> None:
        if observer.wants_stop():
            raise _StoppedError
        observer.on_stage(doing, share)

    began = time.perf_counter()
    images, labels = dataset.images[split.train], dataset.labels[split.train]
    classifier = fit_baseline(
        config.architecture, images, labels, config.seed, lambda doing, share: watch(doing, start * share)
    )
    fitted = time.perf_counter()
    ask = _Questioner(
        classifier,
        dataset,
        split,
        baseline.works_when_asked,
        lambda doing, share: watch(doing, start + (1 - start) * share),
    )
    validation = ask("validation")
    seconds = time.perf_counter() - began
    trained, tested = ask("train"), ask("test")
    has_validation = len(split.validation) > 0
    record = EpochRecord(
        epoch=1,
        loss=compute_log_loss(labels, trained),
        accuracy=_compute_share(labels, trained),
        val_loss=compute_log_loss(dataset.labels[split.validation], validation) if has_validation else None,
        val_accuracy=_compute_share(dataset.labels[split.validation], validation) if has_validation else None,
        learning_rate=None,
        seconds=seconds,
        images_per_second=len(labels) / max(fitted - began, 1e-9),
    )
    observer.on_epoch(record, None, validation if has_validation else None)
    return Fitted(
        classifier=classifier,
        parameters=baselines.count_parameters(classifier),
        split=split,
        probabilities=tested,
        seconds=seconds,
        images_per_second=len(labels) / max(seconds, 1e-9),
    )


def _compute_share(labels: NDArray[np.uint8], probabilities: NDArray[np.float32]) -> float:
    return float((probabilities.argmax(axis=1) == labels).mean())


class _Questioner:
    """Asks a classifier about the parts of a split, and tells how far all of them are."""

    def __init__(self, classifier: Any, dataset: Dataset, split: Split, works_when_asked: bool, watch: Watch) -> None:
        self._classifier = classifier
        self._images = dataset.images
        self._watch = watch
        self._parts = split.parts()
        # To look for neighbours each thread goes its own way; all others are done in no time.
        self._threads = (os.cpu_count() or 1) if works_when_asked else 1
        self._asked = 0

    def __call__(self, part: str) -> NDArray[np.float32]:
        items = self._parts[part]
        probabilities = np.empty((len(items), 10), np.float32)
        total = sum(map(len, self._parts.values()))
        name = {"train": "training"}.get(part, part)
        for chosen, rows in self._cut(items):
            self._watch(f"Asking it about the {len(items):,} {name} items", self._asked / total)
            with _limit_threads(self._threads):
                probabilities[rows] = baselines.predict_probabilities(self._classifier, self._images[chosen])
            self._asked += len(chosen)
        return probabilities

    @staticmethod
    def _cut(items: Indices) -> Iterator[tuple[Indices, slice]]:
        for start in range(0, len(items), _ITEMS_AT_ONCE):
            rows = slice(start, start + _ITEMS_AT_ONCE)
            yield items[rows], rows


def _limit_threads(openmp: int = 1) -> Any:
    """Let scikit-learn compute in one thread, but for what a Dask worker would not let it: loops that need no more.

    The last digits of sums depend on the number of threads, and after a hundred iterations so do the answers; and
    where others compute too, threads that wait for each other made a fit of 600 items forty times slower.
    """
    from threadpoolctl import threadpool_limits

    return threadpool_limits({"openmp": openmp, "blas": 1})


def _fit_by_trees(forest: Any, pixels: NDArray[np.float32], labels: NDArray[np.uint8], watch: Watch) -> Any:
    """Grow a few trees at a time; scikit-learn then draws the same random numbers as for all at once."""
    trees = forest.n_estimators
    forest.set_params(warm_start=True)
    for grown in range(0, trees, _TREES_AT_ONCE):
        watch(f"Fitting: {grown} of {trees} trees", grown / trees)
        forest.set_params(n_estimators=min(grown + _TREES_AT_ONCE, trees)).fit(pixels, labels)
    return forest


class _WatchedFolds:
    """The folds that scikit-learn takes for a number of them, told of one by one."""

    def __init__(self, folds: int, watch: Watch) -> None:
        self._folds = folds
        self._watch = watch

    def split(self, pixels: Any, labels: Any, groups: Any = None) -> Iterator[tuple[Indices, Indices]]:
        from sklearn.model_selection import StratifiedKFold

        for number, fold in enumerate(StratifiedKFold(self._folds).split(pixels, labels)):
            self._watch(f"Fitting: machine {number + 1} of {self._folds}", number / self._folds)
            yield fold

    def get_n_splits(self, *_: Any) -> int:
        return self._folds


class _IterationWatch:
    """What scikit-learn calls a callback: hears of every iteration of a logistic regression."""

    def __init__(self, iterations: int, watch: Watch) -> None:
        self._iterations = iterations
        self._watch = watch
        self._done = 0

    def setup(self, estimator: Any, context: Any) -> None:
        """Do nothing."""

    def teardown(self, estimator: Any, context: Any) -> None:
        """Do nothing."""

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Do nothing."""

    def on_fit_task_end(self, estimator: Any, context: Any) -> bool:
        """Tell of one iteration more."""
        if context.task_name == "lbfgs-iter":
            self._done = min(self._done + 1, self._iterations)
            doing = f"Fitting: {self._done} of at most {self._iterations} iterations"
            self._watch(doing, self._done / self._iterations)
        return False
