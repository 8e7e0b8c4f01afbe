"""Runs as the repository's table keeps them: measured from their folders, and written so that nothing is lost.

    results.csv      one row a run, the fields of `results.Result`; numbers with six digits
    histories.csv    one row an epoch and run, `results.HISTORY_COLUMNS`
    predictions.npz  by run hash the classes that a run answered for the test part of its split, uint8

All are ordered as the recipes are, and then by seed. Answers are written before histories and these before results:
whoever is killed in between leaves no row without them, and finds the run again in its folder.
"""

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core import storage
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import RunNotFoundError
from fmnist_core.evaluation import compute_log_loss, tabulate_classes
from fmnist_core.evaluation.metrics import count_confusion
from fmnist_core.papers.results import COLUMNS, FOLDER, HISTORY_COLUMNS, Result, load_histories, load_results
from fmnist_core.recipes import Recipe, load_recipes
from fmnist_core.run_data import Predictions, load_evaluation, load_history
from fmnist_core.runs import Run

if TYPE_CHECKING:
    import pandas as pd

_HASH_DIGITS = 12


@dataclass(frozen=True, eq=False)
class Record:
    """What is kept of a run.

    Attributes:
        result: its row.
        history: its epochs, with `results.HISTORY_COLUMNS`.
        predicted: the class it answered for each item of its split's test part, (n,).
    """

    result: Result
    history: "pd.DataFrame"
    predicted: NDArray[np.uint8]


def compute_run_hash(config: TrainingConfig, evaluation: Predictions) -> str:
    """Return the first 12 hexadecimal digits of a SHA-256 that settings and answers determine.

    Hashed are, one after the other: the settings by name as JSON in UTF-8, with keys in alphabetical order and no
    blanks, `folds` and `fold` left out where there are no folds, as in the runs from before there were any; the item
    numbers as little-endian int32; their true classes as uint8; the answered classes, the first most
    probable one of each, as uint8; the probabilities as little-endian float16, item by item.

    Args:
        config: the settings, which `to_dict` names.
        evaluation: the answers, as evaluation.npz has them.
    """
    settings = config.to_dict()
    if config.folds is None:
        del settings["folds"], settings["fold"]
    digest = hashlib.sha256()
    digest.update(json.dumps(settings, sort_keys=True, separators=(",", ":")).encode())
    digest.update(evaluation.items.astype("<i4").tobytes())
    digest.update(evaluation.labels.astype(np.uint8).tobytes())
    digest.update(evaluation.probabilities.argmax(axis=1).astype(np.uint8).tobytes())
    digest.update(evaluation.probabilities.astype("<f2").tobytes())
    return digest.hexdigest()[:_HASH_DIGITS]


def measure_run(run: Run, recipe: Recipe) -> Record:
    """Work out what is to be kept of a run that has been tested.

    Args:
        run: with the recipe's settings, apart from its seed, or with fewer epochs.
        recipe: which it is recorded for.

    Raises:
        RunNotFoundError: if it has not been tested, or what it left behind is damaged.
    """
    evaluation, history, outcome = load_evaluation(run), load_history(run), run.record.get("result")
    if not outcome or history.empty or not len(evaluation.labels):
        raise RunNotFoundError(f"A run must have been tested to be recorded. Received: {run.run_id}, {run.status}.")
    predicted = evaluation.probabilities.argmax(axis=1).astype(np.uint8)
    confusion = count_confusion(evaluation.labels, predicted)
    run_hash = compute_run_hash(run.config, evaluation)
    result = Result(
        recipe=recipe.name,
        seed=run.config.seed,
        split=run.config.split,
        test_accuracy=_round(np.trace(confusion) / len(predicted)),
        test_loss=_round(compute_log_loss(evaluation.labels, evaluation.probabilities)),
        f1=_round(tabulate_classes(confusion)["f1-score"].mean()),
        train_accuracy=_find_highest(history["accuracy"]),
        val_accuracy=_find_highest(history["val_accuracy"]),
        epochs=len(history),
        epochs_planned=recipe.config.epochs,
        seconds=_round(max(outcome["seconds"], history["seconds"].sum())),
        parameters=run.parameters,
        device=str(run.record.get("device", "")),
        precision=str(run.record.get("precision", "float32")),
        versions=", ".join(f"{name} {v}" for name, v in run.record.get("versions", {}).items() if name != "backend"),
        date=f"{datetime.fromtimestamp(run.record.get('finished', run.created), UTC):%Y-%m-%d}",
        run_hash=run_hash,
        note=_note(run, recipe, len(history)),
    )
    return Record(result, history.assign(run_hash=run_hash)[list(HISTORY_COLUMNS)], predicted)


def keep_records(records: Iterable[Record], folder: Path = FOLDER) -> tuple[Result, ...]:
    """Write runs into the table, and return all of its rows.

    Of each recipe and seed one run is kept: the one in full, else the one with the most epochs, else the one that
    was there first. So recording the same runs again changes nothing.

    Args:
        records: to add.
        folder: of the table; it is made if need be.

    Raises:
        StorageError: if the folder cannot be written.
    """
    rows = {(result.recipe, result.seed): result for result in load_results(folder)}
    answers, histories = _load_answers(folder), [load_histories(folder)]
    for record in records:
        key = (record.result.recipe, record.result.seed)
        if key not in rows or _rank(record.result) > _rank(rows[key]):
            rows[key] = record.result
            answers[record.result.run_hash] = record.predicted
            histories.append(record.history)
    order = {name: position for position, name in enumerate(load_recipes())}
    results = tuple(sorted(rows.values(), key=lambda row: (order.get(row.recipe, len(order)), row.recipe, row.seed)))
    with storage.explained():
        _write(folder, results, answers, histories)
    return results


def _write(
    folder: Path, results: tuple[Result, ...], answers: Mapping[str, NDArray], histories: list["pd.DataFrame"]
) -> None:
    import pandas as pd

    kept = [result.run_hash for result in results]
    with storage.written_whole(folder / "predictions.npz", suffix=".npz") as temporary:
        arrays: dict[str, Any] = {run_hash: answers[run_hash] for run_hash in kept if run_hash in answers}
        np.savez_compressed(temporary, **arrays)
    history = pd.concat([table for table in histories if not table.empty] or histories[:1], ignore_index=True)
    history = history.drop_duplicates(["run_hash", "epoch"])
    parts = [history[history["run_hash"] == run_hash] for run_hash in kept]
    history = pd.concat(parts or [history[:0]], ignore_index=True).astype({"epoch": int})
    with storage.written_whole(folder / "histories.csv") as temporary:
        history.to_csv(temporary, index=False, float_format="%.6g", lineterminator="\n")
    with storage.written_whole(folder / "results.csv") as temporary, temporary.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _write_cell(value) for name, value in asdict(row).items()} for row in results)


def _load_answers(folder: Path) -> dict[str, NDArray[np.uint8]]:
    path = folder / "predictions.npz"
    if not path.is_file():
        return {}
    with np.load(path) as arrays:
        return dict(arrays)


def _rank(result: Result) -> tuple[bool, int]:
    return result.complete, result.epochs


def _note(run: Run, recipe: Recipe, epochs: int) -> str:
    """Say how a run was cut short; nothing if it was not."""
    if run.config.epochs < recipe.config.epochs:
        return f"Only {epochs} of {recipe.config.epochs} epochs were asked for."
    if run.status != "finished" and epochs < recipe.config.epochs:
        return f"Stopped after {epochs} of {recipe.config.epochs} epochs."
    return ""


def _find_highest(values: "pd.Series") -> float | None:
    highest = values.max()
    return None if np.isnan(highest) else _round(highest)


def _round(value: float) -> float:
    return float(f"{value:.6g}")


def _write_cell(value: Any) -> Any:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else value
