"""The answers of several runs to the same items: by class, run against run, recipe against recipe."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.config import choose_items
from fmnist_core.errors import InvalidSettingError
from fmnist_core.evaluation.metrics import compute_class_scores, count_confusion
from fmnist_core.evaluation.several import MeansTest, PairTest, compute_means_tests, compute_pair_tests
from fmnist_core.run_comparison.choice import Group
from fmnist_core.run_data import load_evaluation
from fmnist_core.runs import Run
from fmnist_core.settings import check_choice

SCORES = {"recall": "Recall", "precision": "Precision", "f1": "F1"}
ORDERS = {"difference": "Largest difference first", "classes": "In the order of the classes"}
# Columns of `metrics.ClassScores`.
_COLUMNS = {"precision": 0, "recall": 1, "f1": 2}


@dataclass(frozen=True, eq=False)
class SharedAnswers:
    """What several tested runs have called the items.

    Attributes:
        names: run_ids, n_runs.
        labels: true classes of all items, (n_items,).
        predicted: classes, (n_runs, n_items) uint8; without meaning where not `counted`.
        counted: whether the run has answered the item and was not trained on it, (n_runs, n_items).
    """

    names: tuple[str, ...]
    labels: NDArray[np.uint8]
    predicted: NDArray[np.uint8]
    counted: NDArray[np.bool_]

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether the run is right about the item, (n_runs, n_items)."""
        return np.equal(self.predicted, self.labels)

    def find_places(self, group: Group) -> list[int]:
        """Return where the tested runs of a group stand among the names."""
        return [self.names.index(name) for name in group.key if name in self.names]

    def find_shared(self, places: Sequence[int]) -> NDArray[np.bool_]:
        """Return which items the runs at these places have all answered and none was trained on, (n_items,)."""
        return np.logical_and.reduce(self.counted[list(places)], axis=0)


@dataclass(frozen=True, eq=False)
class ClassTable:
    """A figure of merit of each class, for each group of runs.

    Attributes:
        names: of the groups, n_groups.
        values: mean of the group's runs, (n_groups, 10), 0 to 1.
        low, high: ends of the 95% interval of a single run, or least and greatest of several; the same shape.
        items: how many items this is about.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    items: int


def load_answers(runs: Sequence[Run], labels: NDArray[np.uint8]) -> SharedAnswers:
    """Read what runs have answered, those left out that have not been tested.

    Args:
        runs: any.
        labels: of all items, (70000,).

    Raises:
        RunNotFoundError: if a file of answers is damaged.
    """
    tested = [run for run in runs if run.has_evaluation]
    predicted = np.zeros((len(tested), len(labels)), np.uint8)
    counted = np.zeros((len(tested), len(labels)), bool)
    for place, run in enumerate(tested):
        found = load_evaluation(run)
        predicted[place, found.items] = found.probabilities.argmax(axis=1)
        counted[place, found.items] = True
        counted[place, choose_items(run.config, labels).train] = False
    return SharedAnswers(tuple(run.run_id for run in tested), labels, predicted, counted)


def score_classes(answers: SharedAnswers, groups: Sequence[Group], score: str) -> ClassTable:
    """Return how well each group tells each class, on the items that all runs have answered and none was trained on.

    Args:
        answers: of the groups' runs.
        groups: those without a tested run are left out.
        score: key of `SCORES`.

    Raises:
        InvalidSettingError: for another score, or if there is no such item.
    """
    check_choice("score", score, SCORES)
    tested = [group for group in groups if answers.find_places(group)]
    shared = answers.find_shared([place for group in tested for place in answers.find_places(group)])
    if not tested or not shared.any():
        raise InvalidSettingError("Runs must have answered some of the same items to be compared by class.")
    column = _COLUMNS[score]
    rows = []
    for group in tested:
        found = [
            compute_class_scores(count_confusion(answers.labels[shared], answers.predicted[place, shared]))
            for place in answers.find_places(group)
        ]
        values = np.stack([scores.values[:, column] for scores in found])
        ends = (
            (values.min(axis=0), values.max(axis=0))
            if len(found) > 1
            else (found[0].low[:, column], found[0].high[:, column])
        )
        rows.append((values.mean(axis=0), *ends))
    values, low, high = (np.stack(column) for column in zip(*rows, strict=True))
    return ClassTable(tuple(group.name for group in tested), values, low, high, int(shared.sum()))


def order_classes(table: ClassTable, order: str) -> list[int]:
    """Return the class indices, in their own order or those first in which the groups are furthest apart.

    Args:
        table: of the classes.
        order: key of `ORDERS`.

    Raises:
        InvalidSettingError: for another order.
    """
    check_choice("order", order, ORDERS)
    gaps = table.values.max(axis=0) - table.values.min(axis=0)
    return list(range(len(gaps))) if order == "classes" else np.argsort(-gaps, kind="stable").tolist()


def judge_pairs(answers: SharedAnswers) -> list[PairTest]:
    """Test every two runs on the items that both have answered and neither was trained on."""
    return compute_pair_tests(answers.right, answers.counted)


def judge_recipes(answers: SharedAnswers, groups: Sequence[Group]) -> list[MeansTest]:
    """Test every two groups of at least two tested seeds, on the items that all runs of all these groups share.

    The places in the tests are those in `groups`. Empty if there are fewer than two such groups, or no such items.

    Args:
        answers: of the groups' runs.
        groups: of runs that differ in nothing but their seed.
    """
    places = [answers.find_places(group) for group in groups]
    repeated = [found for found in places if len(found) > 1]
    if len(repeated) < 2:
        return []
    shared = answers.find_shared([place for found in repeated for place in found])
    if not shared.any():
        return []
    accuracies = answers.right[:, shared].mean(axis=1)
    return compute_means_tests([accuracies[found].tolist() for found in places])
