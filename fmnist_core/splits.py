"""Who is trained on, who validates and who tests: the official split and those of the papers.

Every item has one number, its position among all 70,000: training items of the official split
are 0–59,999, test items 60,000–69,999.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import InvalidSettingError
from fmnist_core.settings import check_whole

TRAIN_ITEMS = 60_000
TEST_ITEMS = 10_000
ITEMS = TRAIN_ITEMS + TEST_ITEMS

MOST_FOLDS = 20

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Split:
    """Three disjoint arrays of item numbers; `validation` may be empty."""

    train: Indices
    validation: Indices
    test: Indices

    def parts(self) -> dict[str, Indices]:
        """Return the parts by name, in the order in which they are used."""
        return {"train": self.train, "validation": self.validation, "test": self.test}


def _official(labels: NDArray[np.uint8], validation_split: float) -> Split:
    # Keras's validation_split takes the last part of what it is given, unshuffled; so do we.
    train_items = TRAIN_ITEMS - round(TRAIN_ITEMS * validation_split)
    return Split(
        train=np.arange(train_items),
        validation=np.arange(train_items, TRAIN_ITEMS),
        test=np.arange(TRAIN_ITEMS, ITEMS),
    )


def _silwimba(labels: NDArray[np.uint8], validation_split: float) -> Split:
    return _official(labels, 10_000 / TRAIN_ITEMS)


def _threads(labels: NDArray[np.uint8], validation_split: float) -> Split:
    # The paper names no random state; 42 is ours. Each class is cut 60:20:20 by itself.
    generator = np.random.default_rng(42)
    parts: tuple[list[Indices], list[Indices], list[Indices]] = ([], [], [])
    for class_index in np.unique(labels):
        members = generator.permutation(np.flatnonzero(labels == class_index))
        cuts = [len(members) * 6 // 10, len(members) * 8 // 10]
        for part, chosen in zip(parts, np.split(members, cuts), strict=True):
            part.append(chosen)
    train, validation, test = (np.sort(np.concatenate(part)) for part in parts)
    return Split(train, validation, test)


def _mcnn(labels: NDArray[np.uint8], validation_split: float) -> Split:
    # What train_test_split(test_size=0.2, random_state=42) and a second cut in half give:
    # the first items of a legacy permutation are held out, the next are kept.
    def held_out(items: Indices, n_held_out: int) -> tuple[Indices, Indices]:
        order = np.random.RandomState(42).permutation(len(items))
        return items[order[n_held_out:]], items[order[:n_held_out]]

    train, rest = held_out(np.arange(TRAIN_ITEMS), 12_000)
    validation, test = held_out(rest, 6_000)
    return Split(train, validation, test)


@dataclass(frozen=True)
class SplitKind:
    """A way to cut the 70,000 items, with what a user should know of it."""

    title: str
    description: str
    cut: Callable[[NDArray[np.uint8], float], Split]
    takes_validation_split: bool = False


SPLITS: dict[str, SplitKind] = {
    "official": SplitKind(
        "Official",
        "60,000 to train on, 10,000 to test; the last part of the training items validates.",
        _official,
        takes_validation_split=True,
    ),
    "threads": SplitKind(
        "60 : 20 : 20 (Threads of Understanding)",
        "All 70,000 items cut 60 : 20 : 20, class by class; its test part is not the official one.",
        _threads,
    ),
    "mcnn": SplitKind(
        "48,000 / 6,000 / 6,000 (MCNN)",
        "Only the official training items, cut at random; the official test items stay untouched.",
        _mcnn,
    ),
    "silwimba": SplitKind(
        "50,000 / 10,000 / 10,000 (Silwimba)",
        "The official split with the last 10,000 training items as validation.",
        _silwimba,
    ),
}


def make_split(name: str, labels: NDArray[np.uint8], validation_split: float = 0.0) -> Split:
    """Cut the items into train, validation and test.

    Args:
        name: a key of `SPLITS`.
        labels: labels of all items, shape (70000,).
        validation_split: part of the training items that validates, in [0, 1); only "official" reads it.

    Raises:
        InvalidSettingError: for an unknown name or a `validation_split` outside its range.
    """
    if name not in SPLITS:
        raise InvalidSettingError(f"`split` must be one of {', '.join(SPLITS)}. Received: {name}.")
    if not 0 <= validation_split < 1:
        raise InvalidSettingError(
            f"`validation_split` must be at least 0 and less than 1. Received: {validation_split}."
        )
    return SPLITS[name].cut(labels, validation_split)


def check_folds(folds: int | None, fold: int, split: str) -> None:
    """Raise InvalidSettingError unless there are 2 to `MOST_FOLDS` folds of the official split, and `fold` is one.

    Args:
        folds: how many there are; None for none, and `fold` is 0 then.
        fold: the one that validates, from 0.
        split: a key of `SPLITS`.
    """
    if folds is None:
        if type(fold) is not int or fold != 0:
            raise InvalidSettingError(f"`fold` must be 0 unless `folds` says how many there are. Received: {fold}.")
        return
    check_whole("folds", folds, 2, MOST_FOLDS)
    check_whole("fold", fold, 0, folds - 1)
    if not SPLITS[split].takes_validation_split:
        raise InvalidSettingError(
            f"`folds` cuts the official training items, so `split` must be official. Received: {split}."
        )


def deal_folds(labels: NDArray[np.uint8], folds: int) -> Indices:
    """Return to which of `folds` folds each item belongs, 0 to folds - 1, (n,): the same every time.

    The items are shuffled, sorted by class and dealt out like cards, so that of every class, and of all items, no fold
    gets more than one more than another.

    Args:
        labels: of the items, (n,).
        folds: how many there are.
    """
    # Seeds of trainings do not come in, so that each of them can be tried on the same folds.
    shuffled = np.random.default_rng(42).permutation(len(labels))
    dealt = np.empty(len(labels), dtype=np.int64)
    dealt[shuffled[np.argsort(labels[shuffled], kind="stable")]] = np.arange(len(labels)) % folds
    return dealt


def make_fold(labels: NDArray[np.uint8], folds: int, fold: int) -> Split:
    """Cut the items so that one fold of the 60,000 training items validates and the others are trained on.

    The test part is the official one.

    Args:
        labels: labels of all items, shape (70000,).
        folds: how many there are, 2 to `MOST_FOLDS`.
        fold: the one that validates, 0 to folds - 1.

    Raises:
        InvalidSettingError: if there is no such fold.
    """
    check_folds(folds, fold, "official")
    dealt = deal_folds(labels[:TRAIN_ITEMS], folds)
    return Split(np.flatnonzero(dealt != fold), np.flatnonzero(dealt == fold), np.arange(TRAIN_ITEMS, ITEMS))


def take_stratified(items: Indices, labels: NDArray[np.uint8], n: int, seed: int) -> Indices:
    """Choose `n` of `items` with the classes as evenly represented as they can be.

    Args:
        items: item numbers to choose from.
        labels: labels of all items, so that `labels[items]` are the labels of `items`.
        n: how many to take, from 1 to len(items).
        seed: decides which.

    Returns:
        Sorted item numbers, shape (n,).

    Raises:
        InvalidSettingError: if `n` is out of range.
    """
    if not 1 <= n <= len(items):
        raise InvalidSettingError(f"The number of items must be from 1 to {len(items):,}. Received: {n:,}.")
    shuffled = np.random.default_rng(seed).permutation(items)
    rank_in_class = np.empty(len(shuffled), dtype=np.int64)
    for class_index in np.unique(labels[shuffled]):
        members = labels[shuffled] == class_index
        rank_in_class[members] = np.arange(members.sum())
    # First every class's first item, then every class's second, and so on.
    return np.sort(shuffled[np.argsort(rank_in_class, kind="stable")[:n]])


def describe_item(item: int) -> dict[str, Any]:
    """Return {"split": "train" | "test", "index": position within it} of an item number."""
    if item < TRAIN_ITEMS:
        return {"split": "train", "index": int(item)}
    return {"split": "test", "index": int(item) - TRAIN_ITEMS}
