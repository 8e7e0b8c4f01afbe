"""Two runs side by side, on the items that both have answered and neither was trained on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.config import choose_items
from fmnist_core.errors import InvalidSettingError
from fmnist_core.evaluation.comparison import Comparison, compare_answers, find_common_items
from fmnist_core.run_data import Predictions, load_evaluation
from fmnist_core.runs import Run


@dataclass(frozen=True, eq=False)
class Pair:
    """Two runs' answers for the same items.

    Attributes:
        first, second: the answers, item by item.
        comparison: what they come to.
    """

    first: Predictions
    second: Predictions
    comparison: Comparison


def find_shared(first: Run, second: Run, labels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the numbers of the items that both runs have answered and neither was trained on.

    Args:
        first: the one.
        second: the other; their splits may differ.
        labels: of all items, (70000,).

    Raises:
        RunNotFoundError: if one has not been tested.
    """
    return find_common_items(
        load_evaluation(first).items,
        load_evaluation(second).items,
        *(choose_items(run.config, labels).train for run in (first, second)),
    )


def compare_runs(first: Run, second: Run, labels: NDArray[np.uint8], seed: int = 0) -> Pair:
    """Compare two runs on the items that both have answered and neither was trained on.

    Args:
        first: the one.
        second: the other.
        labels: of all items, (70000,).
        seed: of the bootstrap.

    Raises:
        RunNotFoundError: if one has not been tested.
        InvalidSettingError: if there is no such item.
    """
    items = find_shared(first, second, labels)
    if len(items) == 0:
        raise InvalidSettingError(
            "Two runs must have answered some of the same items to be compared. "
            f"Received: {first.run_id} and {second.run_id}."
        )
    answers = [_take(load_evaluation(run), items) for run in (first, second)]
    comparison = compare_answers(answers[0].labels, answers[0].probabilities, answers[1].probabilities, seed)
    return Pair(answers[0], answers[1], comparison)


def _take(answers: Predictions, items: NDArray[np.int64]) -> Predictions:
    order = np.argsort(answers.items, kind="stable")
    found = order[np.searchsorted(answers.items, items, sorter=order)]
    return Predictions(items, answers.labels[found], answers.probabilities[found])
