"""Single items that tell something of a network: its mistakes, its narrow escapes, and what lies near to them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.neighbors import find_nearest

# A call is close if the first two classes are no further apart than this.
CLOSE_MARGIN = 0.1

_HIGHEST_DISTANCE = 255 * 28  # between an item of black pixels and one of white ones


def find_mistakes(labels: NDArray[np.uint8], probabilities: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the positions of wrongly classified items, the most confident mistake first."""
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    return wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")]


def find_unsure_mistakes(labels: NDArray[np.uint8], probabilities: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the positions of wrongly classified items, the least confident mistake first."""
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    return wrong[np.argsort(probabilities[wrong].max(axis=1), kind="stable")]


def find_close_calls(labels: NDArray[np.uint8], probabilities: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the positions of items, right or wrong, with a margin of at most `CLOSE_MARGIN`, the smallest first."""
    margins = compute_margins(probabilities)
    close = np.flatnonzero(margins <= CLOSE_MARGIN)
    return close[np.argsort(margins[close], kind="stable")]


def find_first(labels: NDArray[np.uint8], probabilities: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the positions of all items, in their own order."""
    return np.arange(len(labels))


def find_first_mistakes(labels: NDArray[np.uint8], probabilities: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the positions of wrongly classified items, in their own order."""
    return np.flatnonzero(probabilities.argmax(axis=1) != labels)


def compute_margins(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return by how much the most probable class leads the second, (n,), 0 to 1."""
    highest = np.partition(probabilities, -2, axis=1)[:, -2:]
    return highest[:, 1] - highest[:, 0]


def draw_positions(n_items: int, size: int, seed: int) -> NDArray[np.int64]:
    """Return up to `size` different positions below `n_items`, at random."""
    return np.random.default_rng(seed).permutation(n_items)[:size]


@dataclass(frozen=True)
class Kind:
    """A kind of items to look at.

    Attributes:
        title: a few words.
        explanation: a sentence.
        find: returns their positions from the labels (n,) and the probabilities (n, 10).
    """

    title: str
    explanation: str
    find: Callable[[NDArray[np.uint8], NDArray[np.float32]], NDArray[np.int64]]


KINDS: dict[str, Kind] = {
    "confident": Kind(
        "Most confident",
        "Mistakes that the network would have sworn to. Some are the data's own: look whether the label is right.",
        find_mistakes,
    ),
    "unsure": Kind(
        "Least confident",
        "Mistakes that the network made while guessing: no class got many of its ten parts.",
        find_unsure_mistakes,
    ),
    "close": Kind(
        "Closest calls",
        f"Right or wrong, the first two classes are within {CLOSE_MARGIN:.0%} of each other: "
        "a little less training and the answer would be the other one.",
        find_close_calls,
    ),
}


@dataclass(frozen=True, eq=False)
class Resemblance:
    """The items of one class that look most like another item.

    Attributes:
        class_index: the class.
        items: their numbers, nearest first, (k,).
        distances: root mean square difference of the pixels, (k,), 0 for the same picture, 1 for black and white.
    """

    class_index: int
    items: NDArray[np.int64]
    distances: NDArray[np.float32]


def find_resembling(
    images: NDArray[np.uint8], items: NDArray[np.int64], image: NDArray[np.uint8], class_index: int, size: int
) -> Resemblance:
    """Find the items of a class that are nearest to a picture, pixel by pixel.

    Args:
        images: of all items, (70000, 28, 28) uint8.
        items: numbers of those of the class that may be found, (n,).
        image: the picture, (28, 28) uint8.
        class_index: the class, for the answer.
        size: how many; fewer if there are no more.
    """
    size = min(size, len(items))
    if size == 0:
        return Resemblance(class_index, items[:0], np.zeros(0, np.float32))
    positions, distances = find_nearest(images[items], image, size)
    return Resemblance(class_index, items[positions], distances / np.float32(_HIGHEST_DISTANCE))


def find_rivals(label: int, probabilities: NDArray[Any]) -> tuple[int, int]:
    """Return the true class of an item, and the class that it is taken for or, if it is right, that comes second."""
    first, second = (int(index) for index in np.argsort(-probabilities, kind="stable")[:2])
    return label, second if first == label else first
