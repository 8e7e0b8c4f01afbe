"""`train` with `--folds` or `--repeats`: several trainings, one after the other, and what they came to together."""

import argparse
import signal
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from fmnist_core import runs
from fmnist_core.commands.console import print_json, stop_gently
from fmnist_core.config import TrainingConfig
from fmnist_core.cross_validation import (
    Outcome,
    Summary,
    load_out_of_fold,
    measure_outcome,
    plan_runs,
    summarize_outcomes,
)
from fmnist_core.data import load_dataset
from fmnist_core.errors import RunNotFoundError
from fmnist_core.evaluation.intervals import Estimate, estimate_share
from fmnist_core.repeats import Spread
from fmnist_core.run_data import load_history


def plan(options: argparse.Namespace, config: TrainingConfig) -> list[TrainingConfig]:
    """Return the trainings that were asked for.

    Raises:
        InvalidSettingError: as `plan_runs`.
    """
    return plan_runs(config, options.folds, 1 if options.repeats is None else options.repeats)


def train_all(options: argparse.Namespace, configs: Sequence[TrainingConfig], recipe: str) -> None:
    """Train one after the other until all are done or somebody stops them, and print what those that ended came to."""
    from fmnist_core import recording  # it brings Keras
    from fmnist_core.progress import Printer

    made: list[runs.Run] = []
    brake = _Brake()
    for number, config in enumerate(configs, start=1):
        if brake.pulled:
            break
        print(f"{_name(config)} ({number} of {len(configs)})", file=sys.stderr)
        run = brake.guard(runs.create_run(config, recipe, status=runs.RUNNING))
        made.append(recording.execute(run.run_id, Printer(config, sys.stderr)))
        if made[-1].status != runs.FINISHED:
            break
    finished = [run for run in made if run.status == runs.FINISHED]
    outcomes = [measure_outcome(run, load_history(run)) for run in finished]
    summary, answered = summarize_outcomes(outcomes), _answer_out_of_fold(finished)
    if options.json:
        listed = [_describe(run, measure_outcome(run, load_history(run))) for run in made]
        print_json({"runs": listed, "summary": _describe_summary(summary, answered)})
    else:
        _print(outcomes, summary, answered, len(configs))


class _Brake:
    """The first Ctrl-C ends the training in progress and the series, the second one breaks off.

    Attributes:
        pulled: whether there was a first one.
    """

    def __init__(self) -> None:
        self._run: runs.Run | None = None
        self.pulled = False
        signal.signal(signal.SIGINT, lambda *_: self._pull())

    def guard(self, run: runs.Run) -> runs.Run:
        """Have a run stopped from now on; returns it."""
        self._run = run
        if self.pulled:  # between two trainings
            runs.request_stop(run)
        return run

    def _pull(self) -> None:
        self.pulled = True
        if self._run is not None:
            stop_gently(self._run)


def _answer_out_of_fold(finished: Sequence[runs.Run]) -> dict[int, Estimate]:
    """Return by seed the accuracy of the out-of-fold answers, where all folds have ended."""
    labels, found = load_dataset().labels, {}
    for seed in sorted({run.config.seed for run in finished}):
        alike = [run for run in finished if run.config.seed == seed]
        if alike[0].config.folds == len(alike):
            answers = load_out_of_fold(alike, labels)
            hits = int(np.sum(answers.probabilities.argmax(axis=1) == answers.labels))
            found[seed] = estimate_share(hits, len(answers.labels))
    return found


def _describe(run: runs.Run, outcome: Outcome) -> dict[str, Any]:
    result = run.record.get("result") or {}
    return {
        "run_id": run.run_id,
        "seed": outcome.seed,
        "fold": outcome.fold,
        "status": run.status,
        "validation_accuracy": outcome.validation,
        "test_accuracy": outcome.test,
        "seconds": result.get("seconds"),
        "images_per_second": result.get("images_per_second"),
    }


def _describe_summary(summary: Summary, answered: dict[int, Estimate]) -> dict[str, Any]:
    def describe(spread: Spread | None) -> dict[str, Any] | None:
        return None if spread is None else {"mean": spread.mean, "deviation": spread.deviation, "runs": spread.seeds}

    return {
        "validation_accuracy": describe(summary.validation),
        "test_accuracy": describe(summary.test),
        "out_of_fold": [
            {"seed": seed, "accuracy": estimate.value, "low": estimate.low, "high": estimate.high}
            for seed, estimate in answered.items()
        ],
    }


def _print(outcomes: Sequence[Outcome], summary: Summary, answered: dict[int, Estimate], planned: int) -> None:
    if not outcomes:
        raise RunNotFoundError(f"No training was done before it was stopped. Received: 0 of {planned}.")
    for outcome in outcomes:
        fold = "" if outcome.fold is None else f"fold {outcome.fold}  "
        validation = "" if outcome.validation is None else f"validation {outcome.validation:.2%}  "
        print(f"seed {outcome.seed}  {fold}{validation}test {outcome.test:.2%}  {outcome.run_id}")
    print(f"{len(outcomes)} of {planned} trained; mean ± standard deviation:")
    if summary.validation:
        print(f"  validation accuracy {_say(summary.validation)}")
    if summary.test:
        print(f"  test accuracy       {_say(summary.test)}, on the same test items each time")
    for seed, estimate in answered.items():
        interval = f"95% interval {estimate.low:.2%} to {estimate.high:.2%}"
        print(f"  seed {seed}: {estimate.value:.2%} of all 60,000 out-of-fold answers are right ({interval})")


def _say(spread: Spread) -> str:
    return f"{spread.mean:.2%} ± {100 * spread.deviation:.2f}"


def _name(config: TrainingConfig) -> str:
    return f"seed {config.seed}" + (f", fold {config.fold} of {config.folds}" if config.folds else "")
