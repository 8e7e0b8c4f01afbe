"""How single items are learned: what a network said of each validation item after every epoch.

Two readings of the same answers. Forgetting: Toneva et al., "An empirical study of example forgetting during deep
neural network learning" (arXiv 1812.05159). Cartography: Swayamdipta et al., "Dataset cartography" (EMNLP 2020,
arXiv 2009.10795). Both papers watch the items that are trained on; here they are validation items, so that what is
seen is what the network has understood, not what it has learned by heart.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fmnist_core import run_data
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import RunNotFoundError
from fmnist_core.runs import Run
from fmnist_core.splits import ITEMS, Indices

# 250 epochs of 12,000 items are 60 MB; of a longer run these are read, evenly spread.
MOST_EPOCHS = 250

_EPOCH_FILE = re.compile(r"(\d{4})\.npz")


@dataclass(frozen=True, eq=False)
class Timeline:
    """What a network answered after each epoch.

    Attributes:
        items: item numbers, (n,).
        labels: their true classes, (n,) uint8.
        epochs: the epochs that are here, counted from 1 and rising, (e,), at least one.
        probabilities: (e, n, 10) float16.
        unreadable: epochs whose file is damaged.
    """

    items: Indices
    labels: NDArray[np.uint8]
    epochs: NDArray[np.int64]
    probabilities: NDArray[np.float16]
    unreadable: tuple[int, ...] = ()


def stamp_epochs(run: Run) -> tuple[int, int]:
    """Return what changes whenever an epoch of a run is written: how many there are, and when the newest was."""
    files = list(_find_epochs(run).values())
    return len(files), max((path.stat().st_mtime_ns for path in files), default=0)


def load_timeline(run: Run, labels: NDArray[np.uint8], most: int = MOST_EPOCHS) -> Timeline:
    """Read the epochs that a run has kept so far, up to `most` of them; damaged ones are named and left out.

    Args:
        run: it may be in the middle of its training.
        labels: labels of all items, (70000,).
        most: of more epochs than these, this many are read: the first, the last and those between them, evenly.

    Raises:
        RunNotFoundError: if the run validates no items, or not a single epoch can be read.
    """
    if not run.config.validates:
        raise RunNotFoundError("This run validates no items, so there is nothing to look back on.")
    written = sorted(_find_epochs(run))
    if not written:
        raise RunNotFoundError(
            "This run has not come to the end of its first epoch yet."
            if run.active
            else "This run has kept no epochs, so there is nothing to look back on."
        )
    items = _load_items(run)
    kept = [written[place] for place in np.unique(np.linspace(0, len(written) - 1, most).round().astype(int))]
    answers = {epoch: _load_answers(run, epoch, len(items)) for epoch in kept}
    readable = {epoch: found for epoch, found in answers.items() if found is not None}
    if not readable:
        raise RunNotFoundError("None of the epochs that this run has kept can be read.")
    return Timeline(
        items,
        labels[items],
        np.array(list(readable), np.int64),
        np.stack(list(readable.values())),
        tuple(epoch for epoch in kept if epoch not in readable),
    )


def _find_epochs(run: Run) -> dict[int, Path]:
    folder = run.path / "epochs"
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    matches = [match for match in map(_EPOCH_FILE.fullmatch, names) if match and int(match[1])]
    return {int(match[1]): folder / match[0] for match in matches}


def _load_items(run: Run) -> Indices:
    items = run_data.load_epoch_items(run)
    valid = items.ndim == 1 and items.size and np.issubdtype(items.dtype, np.integer)
    if not valid or items.min() < 0 or items.max() >= ITEMS:
        raise RunNotFoundError("The file that says which items this run validates is damaged.")
    return items.astype(np.int64)


def _load_answers(run: Run, epoch: int, n_items: int) -> NDArray[np.float16] | None:
    try:
        probabilities = run_data.load_epoch(run, epoch)
    except (RunNotFoundError, ValueError, TypeError):  # the latter two: its array holds no numbers
        return None
    if probabilities.shape != (n_items, len(CLASS_NAMES)) or not np.isfinite(probabilities).all():
        return None
    return probabilities.astype(np.float16)


@dataclass(frozen=True, eq=False)
class Dynamics:
    """What the answers of a `Timeline` tell, for its e epochs and its n items.

    Attributes:
        predicted: the class that each epoch gave each item, (e, n) uint8.
        confusion: (e, 10, 10) counts, a row for each true class.
        accuracy: share of right answers after each epoch, (e,).
        class_accuracy: the same for each class, (e, 10); NaN for a class without items.
        learned_at: epoch from which each item is right to the end, (n,); 0 if it is wrong at the end.
        forgotten: how often each item turned from right to wrong, (n,); a forgetting event of Toneva et al.
        confidence: mean over the epochs of the true class's probability, (n,), 0 to 1.
        variability: standard deviation over the epochs of that probability, (n,), 0 to 0.5.
        correctness: share of the epochs in which each item is right, (n,), 0 to 1.
        surety: how sure the last epoch is of what it says, (n,), 0 to 1.
    """

    predicted: NDArray[np.uint8]
    confusion: NDArray[np.int64]
    accuracy: NDArray[np.float64]
    class_accuracy: NDArray[np.float64]
    learned_at: NDArray[np.int64]
    forgotten: NDArray[np.int64]
    confidence: NDArray[np.float64]
    variability: NDArray[np.float64]
    correctness: NDArray[np.float64]
    surety: NDArray[np.float64]


def compute_dynamics(timeline: Timeline) -> Dynamics:
    """Compute when each item was learned and forgotten, how sure and how steady the network is of it."""
    # Half precision is slow to compute with, and all epochs at once would be large in single precision.
    predicted = np.stack([answers.astype(np.float32).argmax(axis=1) for answers in timeline.probabilities])
    right = predicted == timeline.labels
    confusion = np.stack([_count_confusion(timeline.labels, row) for row in predicted])
    hits = np.einsum("ecc->ec", confusion)
    members = np.bincount(timeline.labels, minlength=len(CLASS_NAMES))
    of_truth = timeline.probabilities[:, np.arange(len(timeline.labels)), timeline.labels].astype(np.float64)
    return Dynamics(
        predicted=predicted.astype(np.uint8),
        confusion=confusion,
        accuracy=right.mean(axis=1),
        class_accuracy=np.where(members, hits / np.maximum(members, 1), np.nan),
        learned_at=compute_learned_at(right, timeline.epochs),
        forgotten=count_forgotten(right),
        confidence=of_truth.mean(axis=0),
        variability=of_truth.std(axis=0),
        correctness=right.mean(axis=0),
        surety=timeline.probabilities[-1].max(axis=1).astype(np.float64),
    )


def _count_confusion(labels: NDArray[np.uint8], predicted: NDArray[np.int64]) -> NDArray[np.int64]:
    classes = len(CLASS_NAMES)
    return np.bincount(labels * np.int64(classes) + predicted, minlength=classes**2).reshape(classes, classes)


def compute_learned_at(right: NDArray[np.bool_], epochs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the epoch from which each item is right to the end, (n,); 0 for one that is wrong at the end.

    Args:
        right: whether each epoch was right about each item, (e, n).
        epochs: their numbers, (e,), from 1.
    """
    right_since = np.logical_and.accumulate(right[::-1])[::-1]
    return np.where(right[-1], epochs[right_since.argmax(axis=0)], 0)


def count_forgotten(right: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how often each item turned from right to wrong, (n,), from (e, n)."""
    return (right[:-1] & ~right[1:]).sum(axis=0)


@dataclass(frozen=True)
class Summary:
    """The items of a run counted by how they were learned.

    Attributes:
        items: all of them.
        at_once: right after the first epoch and never forgotten.
        forgotten: forgotten at least once.
        wrong_at_end: wrong after the last epoch.
        never_right: wrong after every epoch.
    """

    items: int
    at_once: int
    forgotten: int
    wrong_at_end: int
    never_right: int


def compute_summary(dynamics: Dynamics) -> Summary:
    """Count the items by how they were learned."""
    counts = (
        dynamics.correctness == 1,
        dynamics.forgotten > 0,
        dynamics.learned_at == 0,
        dynamics.correctness == 0,
    )
    return Summary(len(dynamics.learned_at), *(int(count.sum()) for count in counts))


EASY, AMBIGUOUS, HARD = "easy", "ambiguous", "hard"
# The paper cuts no borders, it takes the third of the items that is furthest in each direction. Borders that do not
# move let two runs be compared: half of the highest possible deviation, and an even bet on the true class.
BORDER_VARIABILITY, BORDER_CONFIDENCE = 0.25, 0.5


def find_region(dynamics: Dynamics, region: str) -> Indices:
    """Return the positions of the items in a region of the map of confidence against variability.

    Args:
        dynamics: of n items.
        region: EASY (mostly right and steady), HARD (mostly wrong and steady) or AMBIGUOUS (unsteady).
    """
    unsteady = dynamics.variability >= BORDER_VARIABILITY
    sure = dynamics.confidence >= BORDER_CONFIDENCE
    return np.flatnonzero({EASY: ~unsteady & sure, HARD: ~unsteady & ~sure, AMBIGUOUS: unsteady}[region])


@dataclass(frozen=True)
class Ranking:
    """A reason to look at an item, with how to put the most interesting one first.

    Attributes:
        title: for a select box.
        order: one array of n numbers or more, the first counts most; the highest come first.
        holds: whether an item belongs here at all, (n,).
    """

    title: str
    order: Callable[[Dynamics], tuple[NDArray[np.number], ...]]
    holds: Callable[[Dynamics], NDArray[np.bool_]]


RANKINGS: dict[str, Ranking] = {
    "forgotten": Ranking(
        "Forgotten most often", lambda found: (found.forgotten, found.variability), lambda found: found.forgotten > 0
    ),
    "late": Ranking(
        "Learned last", lambda found: (found.learned_at, -found.confidence), lambda found: found.learned_at > 1
    ),
    "wrong": Ranking(
        "Wrong at the end, the surest first",
        lambda found: (found.surety, -found.confidence),
        lambda found: found.learned_at == 0,
    ),
    "easy": Ranking(
        "Right from the first epoch", lambda found: (found.confidence,), lambda found: found.correctness == 1
    ),
}


def rank_items(dynamics: Dynamics, labels: NDArray[np.uint8], ranking: str) -> Indices:
    """Return the positions of the items that a ranking holds: the first of each class, the second of each, and so on.

    Args:
        dynamics: of n items.
        labels: their true classes, (n,).
        ranking: a key of `RANKINGS`.
    """
    chosen = RANKINGS[ranking]
    order = np.lexsort([-np.asarray(values, np.float64) for values in reversed(chosen.order(dynamics))])
    order = order[chosen.holds(dynamics)[order]]
    place_in_class = np.zeros(len(order), np.int64)
    for class_index in np.unique(labels[order]):
        members = labels[order] == class_index
        place_in_class[members] = np.arange(members.sum())
    return order[np.argsort(place_in_class, kind="stable")]


def say_epochs(epochs: Iterable[int]) -> str:
    """Return epochs as words: "epoch 3" or "epochs 3, 4 and 9"."""
    *others, last = map(str, epochs)
    return f"epochs {', '.join(others)} and {last}" if others else f"epoch {last}"
