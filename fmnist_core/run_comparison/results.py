"""What runs came to: a line each, and one for the seeds of a recipe together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fmnist_core.curves import Tables, compute_seconds
from fmnist_core.evaluation.metrics import count_confusion
from fmnist_core.evaluation.scores import Proportion, compute_accuracy, compute_log_loss
from fmnist_core.repeats import Spread
from fmnist_core.run_comparison.choice import Group
from fmnist_core.run_comparison.lines import count_training_operations
from fmnist_core.run_data import Predictions
from fmnist_core.runs import Run

if TYPE_CHECKING:
    import pandas as pd

# A mark that most trainings pass, and that people ask for.
MARK = 0.9


@dataclass(frozen=True)
class Result:
    """What one run came to, on the test part of its own split; None where it has not got that far.

    Attributes:
        run_id: which run.
        group: name of its group.
        accuracy: with its 95% interval.
        loss: mean cross-entropy in nats.
        f1: mean of the ten classes' F1, 0 to 1.
        to_mark: seconds of training until an epoch ended with a validation accuracy of at least 90%.
        to_common: the same for the highest validation accuracy that all of the runs have reached.
        seconds: of the whole training.
        parameters: number of weights.
    """

    run_id: str
    group: str
    accuracy: Proportion | None
    loss: float | None
    f1: float | None
    to_mark: float | None
    to_common: float | None
    seconds: float | None
    parameters: int


def find_common_best(tables: Sequence[Tables]) -> float | None:
    """Return the highest validation accuracy that all runs have reached, 0 to 1; None unless all have validated."""
    best = [table.history["val_accuracy"].max() for table in tables]
    return float(min(best)) if best and np.isfinite(best).all() else None


def find_seconds_to(table: Tables, accuracy: float) -> float | None:
    """Return after how many seconds of training an epoch ended with such a validation accuracy, 0 to 1; None if none.

    Args:
        table: of a run.
        accuracy: to be reached or passed.
    """
    reached = np.flatnonzero(table.history["val_accuracy"].to_numpy(dtype=float) >= accuracy)
    if not len(reached):
        return None
    epoch = table.history["epoch"].to_numpy(dtype=float)[reached[:1]]
    return float(compute_seconds(table, epoch)[0])


def compute_results(
    groups: Sequence[Group], tables: Mapping[str, Tables], answers: Mapping[str, Predictions]
) -> list[Result]:
    """Work out what each run came to, in the order of the groups.

    Args:
        groups: of runs.
        tables: by run_id, of all of them.
        answers: by run_id, of those that have been tested.
    """
    runs = [(group.name, run) for group in groups for run in group.runs]
    common = find_common_best([tables[run.run_id] for _, run in runs])
    return [_compute_result(group, run, tables[run.run_id], answers.get(run.run_id), common) for group, run in runs]


def _compute_result(group: str, run: Run, table: Tables, answers: Predictions | None, common: float | None) -> Result:
    epochs = table.history["epoch"].to_numpy(dtype=float)
    accuracy = loss = f1 = None
    if answers is not None:
        accuracy = compute_accuracy(answers.labels, answers.probabilities)
        loss, f1 = compute_log_loss(answers.labels, answers.probabilities), _compute_f1(answers)
    return Result(
        run_id=run.run_id,
        group=group,
        accuracy=accuracy,
        loss=loss,
        f1=f1,
        to_mark=find_seconds_to(table, MARK),
        to_common=None if common is None else find_seconds_to(table, common),
        seconds=float(compute_seconds(table, epochs[-1:])[0]) if len(epochs) else None,
        parameters=run.parameters,
    )


def compute_spreads(results: Sequence[Result], name: str) -> dict[str, Spread]:
    """Return by group mean and deviation of a figure of merit over its runs; groups of which none has it are left out.

    Args:
        results: of all runs.
        name: of an attribute of `Result`; of "accuracy" its value is taken.
    """
    found: dict[str, list[float]] = {}
    for result in results:
        value = getattr(result, name)
        if value is not None:
            found.setdefault(result.group, []).append(float(getattr(value, "value", value)))
    return {
        group: Spread(float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0, len(values))
        for group, values in found.items()
    }


def tabulate_results(results: Sequence[Result], labels: Mapping[str, str], groups: Sequence[Group]) -> "pd.DataFrame":
    """Return results as a table of numbers, each group of several seeds with a line for their mean above its runs.

    Args:
        results: of all runs.
        labels: by run_id, what to call the runs.
        groups: those of the results.
    """
    import pandas as pd

    names = ("accuracy", "loss", "f1", "to_mark", "to_common", "seconds", "parameters")
    spreads = {name: compute_spreads(results, name) for name in names}
    rows: list[dict[str, object]] = []
    for group in groups:
        members = [result for result in results if result.group == group.name]
        if len(members) > 1:
            means = {name: spread.mean for name in names if (spread := spreads[name].get(group.name))}
            deviation = spreads["accuracy"].get(group.name)
            rows.append(
                {"run": f"mean: {group.title}", "seeds": len(members), **means}
                | ({"deviation": deviation.deviation} if deviation and deviation.seeds > 1 else {})
            )
        for result in members:
            row = {name: getattr(result, name) for name in names[1:]}
            accuracy = result.accuracy
            ends = {"accuracy": accuracy.value, "low": accuracy.low, "high": accuracy.high} if accuracy else {}
            rows.append({"run": labels[result.run_id], "seeds": 1, **ends, **row})
    columns = ["run", "seeds", "accuracy", "deviation", "low", "high", *names[1:]]
    table = pd.DataFrame(rows, columns=columns)
    table[columns[1:]] = table[columns[1:]].apply(pd.to_numeric)
    return table


def tabulate_curves(runs: Sequence[Run], tables: Mapping[str, Tables]) -> "pd.DataFrame":
    """Return the histories of runs as one table, a row each run and epoch, with what it had cost until then.

    Args:
        runs: any.
        tables: by run_id, of all of them.
    """
    import pandas as pd

    parts = []
    for run in runs:
        table = tables[run.run_id]
        epochs, per_epoch = table.history["epoch"].to_numpy(dtype=float), count_training_operations(run)
        costs = {
            "seconds_so_far": compute_seconds(table, epochs),
            "operations_so_far": np.nan if per_epoch is None else epochs * per_epoch,
        }
        part = table.history.assign(**costs)
        part.insert(0, "run_id", run.run_id)
        part.insert(1, "recipe", run.recipe)
        part.insert(2, "seed", run.config.seed)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _compute_f1(found: Predictions) -> float:
    confusion = count_confusion(found.labels, found.probabilities.argmax(axis=1))
    totals = confusion.sum(axis=1) + confusion.sum(axis=0)
    return float((2 * np.diag(confusion) / np.maximum(totals, 1)).mean())
