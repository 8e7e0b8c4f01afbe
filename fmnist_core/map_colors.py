"""What the colours of a map can say about its items: their class, their split, or what a network answers."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.errors import InvalidSettingError
from fmnist_core.splits import ITEMS, TRAIN_ITEMS, Indices

UNKNOWN = "not asked"
_GREY = "#8b8680"
_TWO_COLORS = ("#2f7fc1", "#f08a24")
_RIGHT_AND_WRONG = ("#8aa6b8", "#e0332f")
# From uncertain to certain.
_CONFIDENCE = (
    ("below 50%", 0.0, "#e0332f"),
    ("50 to 70%", 0.5, "#f08a24"),
    ("70 to 90%", 0.7, "#d9c02c"),
    ("90 to 99%", 0.9, "#3fb07a"),
    ("99% and more", 0.99, "#3b6fb5"),
)


@dataclass(frozen=True)
class Category:
    """One colour of a map: what it says, and of how many items."""

    title: str
    color: str
    count: int


@dataclass(frozen=True, eq=False)
class Coloring:
    """A colour for each of some items.

    Attributes:
        title: what the colours tell apart.
        codes: (n,) uint8, position in `categories` of each item's.
        categories: at most 12; all that there can be, even where no item has it.
    """

    title: str
    codes: NDArray[np.uint8]
    categories: tuple[Category, ...]

    def at(self, positions: Indices) -> "Coloring":
        """Return the colours of some of the items; the counts stay those of all."""
        return replace(self, codes=self.codes[positions])


@dataclass(frozen=True, eq=False)
class Answers:
    """What a network says about some of the 70,000 items.

    Attributes:
        probabilities: (70000, 10); rows of unknown items are NaN.
    """

    probabilities: NDArray[np.float32]

    @classmethod
    def of(cls, items: Indices, probabilities: NDArray[np.floating]) -> "Answers":
        """Spread the answers for `items`, (n,), with their probabilities, (n, 10)."""
        spread = np.full((ITEMS, len(CLASS_NAMES)), np.nan, np.float32)
        spread[items] = probabilities
        return cls(spread)


@dataclass(frozen=True)
class ColorKind:
    """A meaning that colours can have."""

    title: str
    needs_run: bool
    compute: Callable[
        [Indices, NDArray[np.uint8], NDArray[np.float32]], tuple[NDArray[np.integer], list[str], list[str]]
    ]


def compute_coloring(kind: str, items: Indices, labels: NDArray[np.uint8], answers: Answers | None = None) -> Coloring:
    """Colour items.

    Args:
        kind: key of `COLORS`.
        items: (n,) item numbers.
        labels: labels of all items, (70000,).
        answers: what a network says; needed by the kinds that need a run.

    Raises:
        InvalidSettingError: for an unknown kind, or if the answers are missing.
    """
    if kind not in COLORS:
        raise InvalidSettingError(f"`color` must be one of {', '.join(COLORS)}. Received: {kind}.")
    needs_run = COLORS[kind].needs_run
    if needs_run and answers is None:
        raise InvalidSettingError(f"`run` must be given to colour by {kind}. Received: none.")
    probabilities = np.zeros((0, 10), np.float32) if answers is None else answers.probabilities[items]
    codes, titles, colors = COLORS[kind].compute(items, labels[items], probabilities)
    if needs_run:
        codes = np.where(np.isnan(probabilities[:, 0]), len(titles), codes)
        titles, colors = [*titles, UNKNOWN], [*colors, _GREY]
    counts = np.bincount(codes, minlength=len(titles))
    categories = tuple(map(Category, titles, colors, counts.tolist()))
    return Coloring(COLORS[kind].title, codes.astype(np.uint8), categories)


def _by_class(_items: Indices, labels: NDArray, _probabilities: NDArray) -> tuple[NDArray, list[str], list[str]]:
    return labels, list(CLASS_NAMES), list(CLASS_COLORS)


def _by_split(items: Indices, _labels: NDArray, _probabilities: NDArray) -> tuple[NDArray, list[str], list[str]]:
    return (items >= TRAIN_ITEMS).astype(int), ["Training item", "Test item"], list(_TWO_COLORS)


def _by_predicted(_items: Indices, _labels: NDArray, probabilities: NDArray) -> tuple[NDArray, list[str], list[str]]:
    return probabilities.argmax(axis=1), list(CLASS_NAMES), list(CLASS_COLORS)


def _by_correctness(_items: Indices, labels: NDArray, probabilities: NDArray) -> tuple[NDArray, list[str], list[str]]:
    return (probabilities.argmax(axis=1) != labels).astype(int), ["Right", "Wrong"], list(_RIGHT_AND_WRONG)


def _by_confidence(_items: Indices, _labels: NDArray, probabilities: NDArray) -> tuple[NDArray, list[str], list[str]]:
    lowest = [start for _, start, _ in _CONFIDENCE]
    confidence = np.nan_to_num(probabilities).max(axis=1)
    codes = np.searchsorted(lowest, confidence, side="right") - 1
    return codes, [title for title, *_ in _CONFIDENCE], [color for *_, color in _CONFIDENCE]


COLORS: dict[str, ColorKind] = {
    "class": ColorKind("Class", False, _by_class),
    "split": ColorKind("Split", False, _by_split),
    "predicted": ColorKind("Predicted class", True, _by_predicted),
    "correctness": ColorKind("Right or wrong", True, _by_correctness),
    "confidence": ColorKind("Confidence", True, _by_confidence),
}
