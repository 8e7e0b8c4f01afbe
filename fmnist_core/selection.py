"""Choose items to look at: from which part, in which order, how many, which page of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import InvalidSettingError
from fmnist_core.splits import ITEMS, SPLITS, Indices, make_split

SIZES = (25, 100, 225, 400)
MAX_SIZE = SIZES[-1]


@dataclass(frozen=True)
class Part:
    """Some of the 70,000 items: all of them, or one part of a split."""

    title: str
    split: str | None = None
    name: str | None = None


PARTS: dict[str, Part] = {
    "train": Part("Training items", "official", "train"),
    "test": Part("Test items", "official", "test"),
    "all": Part("All items"),
    **{
        f"{split}-{name}": Part(f"{kind.title}: {name}", split, name)
        for split, kind in SPLITS.items()
        if split != "official"
        for name in ("train", "validation", "test")
    },
}


def find_part(part: str, labels: NDArray[np.uint8]) -> Indices:
    """Return the item numbers of a part of `PARTS`, in the order in which its split has them.

    Args:
        part: a key of `PARTS`.
        labels: labels of all items, shape (70000,).
    """
    split, name = PARTS[part].split, PARTS[part].name
    if split is None or name is None:
        return np.arange(ITEMS)
    return make_split(split, labels).parts()[name]


@dataclass(frozen=True)
class Selection:
    """Which items to show. Every field has its default; an order ignores the fields that it has no use for.

    Attributes:
        order: a key of `ORDERS`.
        part: a key of `PARTS`.
        size: items on a page, 1 to 400.
        page: counted from 1.
        seed: decides the order of "random", at least 0.
        class_index: the class of "class", 0 to 9.
        indices: for "index": positions within the part, counted from 0.

    Raises:
        InvalidSettingError: if a field is outside its range.
    """

    order: str = "first"
    part: str = "train"
    size: int = 25
    page: int = 1
    seed: int = 0
    class_index: int = 0
    indices: tuple[int, ...] = tuple(range(25))

    def __post_init__(self) -> None:
        for name, choices in (("order", ORDERS), ("part", PARTS)):
            if getattr(self, name) not in choices:
                raise InvalidSettingError(
                    f"`{name}` must be one of {', '.join(choices)}. Received: {getattr(self, name)}."
                )
        if not 1 <= self.size <= MAX_SIZE:
            raise InvalidSettingError(f"`size` must be from 1 to {MAX_SIZE}. Received: {self.size}.")
        if self.page < 1:
            raise InvalidSettingError(f"`page` must be at least 1. Received: {self.page}.")
        if self.seed < 0:
            raise InvalidSettingError(f"`seed` must be at least 0. Received: {self.seed}.")
        if not 0 <= self.class_index < len(CLASS_NAMES):
            raise InvalidSettingError(f"`class_index` must be from 0 to 9. Received: {self.class_index}.")


def _in_order(_selection: Selection, items: Indices, _labels: NDArray[np.uint8]) -> Indices:
    return items


def _at_random(selection: Selection, items: Indices, _labels: NDArray[np.uint8]) -> Indices:
    # All of them shuffled: the pages then walk through the part without showing an item twice.
    return np.random.default_rng(selection.seed).permutation(items)


def _of_class(selection: Selection, items: Indices, labels: NDArray[np.uint8]) -> Indices:
    return items[labels[items] == selection.class_index]


def _at_indices(selection: Selection, items: Indices, _labels: NDArray[np.uint8]) -> Indices:
    last = len(items) - 1
    for index in selection.indices:
        if not 0 <= index <= last:
            raise InvalidSettingError(f"`indices` must be from 0 to {last:,} in this part. Received: {index:,}.")
    return items[np.array(selection.indices, dtype=np.int64)]


@dataclass(frozen=True)
class Order:
    """A way to choose from a part."""

    title: str
    choose: Callable[[Selection, Indices, NDArray[np.uint8]], Indices]


ORDERS: dict[str, Order] = {
    "first": Order("In order", _in_order),
    "random": Order("Random", _at_random),
    "class": Order("One class", _of_class),
    "index": Order("By index", _at_indices),
}


def find_items(selection: Selection, labels: NDArray[np.uint8]) -> Indices:
    """Return the numbers of all items that the selection walks through, whatever its page.

    Args:
        selection: what to choose.
        labels: labels of all items, shape (70000,).

    Raises:
        InvalidSettingError: if one of `selection.indices` lies outside the part.
    """
    items = find_part(selection.part, labels)
    return ORDERS[selection.order].choose(selection, items, labels)


def count_pages(n_items: int, size: int) -> int:
    """Return how many pages of `size` hold `n_items`; there is always a first one."""
    return max(1, -(-n_items // size))


def take_page(chosen: Indices, selection: Selection) -> Indices:
    """Return what stands on the selection's page of `chosen`: up to `size` item numbers, none after the end."""
    start = (selection.page - 1) * selection.size
    return chosen[start : start + selection.size]


def parse_indices(text: str) -> tuple[int, ...]:
    """Read numbers and ranges, such as "0-24, 42": each index once, in the order of its first mention.

    Raises:
        InvalidSettingError: if the text holds anything else, nothing at all, or an index beyond the 70,000 items.
    """
    indices: dict[int, None] = {}
    for piece in text.replace(",", " ").split():
        first, dash, last = piece.partition("-")
        if not _is_index(first) or (dash and not _is_index(last)):
            raise InvalidSettingError(
                f"`indices` must be numbers and ranges below {ITEMS:,}, such as 0-24, 42. Received: {piece[:40]}."
            )
        indices.update(dict.fromkeys(range(int(first), int(last or first) + 1)))
    if not indices:
        raise InvalidSettingError(
            f"`indices` must be numbers and ranges, such as 0-24, 42. Received: {text[:40] or 'none'}."
        )
    return tuple(indices)


def _is_index(text: str) -> bool:
    # Short first: int() on a pasted novel of digits would take its time.
    return len(text) <= 6 and text.isascii() and text.isdigit() and int(text) < ITEMS
