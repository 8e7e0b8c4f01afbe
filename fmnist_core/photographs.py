"""How well garments are recognised on photographs that somebody has labelled, by several ways that can be compared.

A folder of labelled photographs has a sub-folder for each class, or for several that count as right alike. The digits
in a sub-folder's name are those classes: "0-t-shirt", "shoe-5-7-or-9". A sub-folder without a digit is left out.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fmnist_core import photos
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import FmnistError, InvalidSettingError
from fmnist_core.evaluation.intervals import Estimate, estimate_share
from fmnist_core.photos import Picture

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

# Which photographs are looked at, by their place in their sub-folder, counted from 0 in the order of their names.
HALVES: Mapping[str, Callable[[int], bool]] = {
    "all": lambda place: True,
    "even": lambda place: place % 2 == 0,
    "odd": lambda place: place % 2 == 1,
}


@dataclass(frozen=True)
class Photograph:
    """A photograph and what it shows.

    Attributes:
        path: its file.
        accepted: the classes that count as right, at least one.
        place: among those of its sub-folder, counted from 0 in the order of their names.
    """

    path: Path
    accepted: tuple[int, ...]
    place: int

    @property
    def group(self) -> str:
        """Name of its sub-folder."""
        return self.path.parent.name


@dataclass(frozen=True, eq=False)
class Reply:
    """What is said about one picture.

    Attributes:
        probabilities: (10,); nothing but 0 if there was no garment to ask about.
        abstained: whether the answer is "not sure".
    """

    probabilities: NDArray[np.floating]
    abstained: bool


@dataclass(frozen=True)
class Way:
    """A way from a photograph to an answer.

    Attributes:
        key: its short name.
        title: what it does, in a few words.
        prepare: makes (28, 28) uint8 of a picture (h, w, 3), bright on black; ways that share it let it be done once.
        ask: answers about what `prepare` made.
    """

    key: str
    title: str
    prepare: Callable[[Picture], Picture]
    ask: Callable[[Picture], Reply]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one way made of n photographs.

    Attributes:
        way: which.
        probabilities: (n, 10) float64; a row of 0 where no garment was found.
        abstained: (n,), whether the answer was "not sure".
        right: (n,), whether the most likely class is one of those accepted.
        likelihoods: (n,), what the accepted classes were given together.
        seconds: (n,), how long it took, decoding left out.
    """

    way: Way
    probabilities: Floats
    abstained: Flags
    right: Flags
    likelihoods: Floats
    seconds: Floats

    @property
    def confidences(self) -> Floats:
        """Probability of the most likely class, (n,)."""
        confidences: Floats = self.probabilities.max(axis=1)
        return confidences

    @property
    def log_loss(self) -> float:
        """Mean of -log of `likelihoods`, none of them counted as less than 1e-4."""
        return float(-np.log(np.clip(self.likelihoods, 1e-4, 1)).mean())


@dataclass(frozen=True, eq=False)
class Comparison:
    """Several ways, asked about the same photographs.

    Attributes:
        photographs: the n that could be read.
        outcomes: one for each way.
        unreadable: why others could not be read, by their path.
        decoding: (n,) seconds that reading and decoding took.
    """

    photographs: tuple[Photograph, ...]
    outcomes: tuple[Outcome, ...]
    unreadable: Mapping[Path, str]
    decoding: Floats


def find_photographs(folder: Path, half: str = "all") -> list[Photograph]:
    """Find the photographs of a folder, sub-folder by sub-folder in the order of their names.

    Args:
        folder: with a sub-folder for each class; see the head of this module.
        half: key of `HALVES`.

    Raises:
        InvalidSettingError: if there is no such folder, or no file in any sub-folder with a digit in its name.
    """
    if half not in HALVES:
        raise InvalidSettingError(f"`half` must be one of {', '.join(HALVES)}. Received: {half}.")
    found: list[Photograph] = []
    try:
        groups = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
        for group in groups:
            accepted = _read_classes(group.name)
            files = sorted(path for path in group.iterdir() if path.is_file() and not path.name.startswith("."))
            found += [Photograph(path, accepted, place) for place, path in enumerate(files) if accepted]
    except OSError as error:
        raise InvalidSettingError(f"`photos` must be a folder. Received: {folder}, {error.strerror}.") from None
    if not found:
        raise InvalidSettingError(
            "`photos` must be a folder with a sub-folder of photographs for each class, the class's digit in its name, "
            f'such as "0-t-shirt" or "shoe-5-7-or-9". Received: {folder}.'
        )
    return [photograph for photograph in found if HALVES[half](photograph.place)]


def _read_classes(name: str) -> tuple[int, ...]:
    return tuple(index for index in range(len(CLASS_NAMES)) if str(index) in name)


def compare_ways(
    photographs: Sequence[Photograph],
    ways: Sequence[Way],
    report: Callable[[str, float], None] = lambda sentence, share: None,
) -> Comparison:
    """Ask each way about each photograph.

    Args:
        photographs: those that cannot be read are told and left out.
        ways: at least one.
        report: called with a sentence and the share done, 0 to 1.
    """
    read: list[Photograph] = []
    decoding: list[float] = []
    replies: list[list[tuple[Reply, float]]] = []
    unreadable: dict[Path, str] = {}
    for number, photograph in enumerate(photographs, start=1):
        began = time.perf_counter()
        try:
            picture = photos.read_picture(photograph.path.read_bytes())
        except OSError as error:
            unreadable[photograph.path] = f"The file cannot be read: {error.strerror}."
        except FmnistError as error:
            unreadable[photograph.path] = str(error)
        else:
            decoding.append(time.perf_counter() - began)
            read.append(photograph)
            replies.append(_ask_all(ways, picture))
        report("Photographs", number / len(photographs))
    accepted = np.zeros((len(read), len(CLASS_NAMES)), bool)
    for row, photograph in zip(accepted, read, strict=True):
        row[list(photograph.accepted)] = True
    outcomes = tuple(_gather(way, [row[column] for row in replies], accepted) for column, way in enumerate(ways))
    return Comparison(tuple(read), outcomes, unreadable, np.array(decoding))


def _ask_all(ways: Sequence[Way], picture: Picture) -> list[tuple[Reply, float]]:
    prepared: dict[Callable[[Picture], Picture], tuple[Picture, float]] = {}
    replies: list[tuple[Reply, float]] = []
    for way in ways:
        if way.prepare not in prepared:
            began = time.perf_counter()
            image = way.prepare(picture)
            prepared[way.prepare] = image, time.perf_counter() - began
        image, seconds = prepared[way.prepare]
        began = time.perf_counter()
        # Where no garment was found, nothing that a network says counts.
        reply = way.ask(image) if image.any() else Reply(np.zeros(len(CLASS_NAMES)), True)
        replies.append((reply, seconds + time.perf_counter() - began))
    return replies


def _gather(way: Way, replies: Sequence[tuple[Reply, float]], accepted: Flags) -> Outcome:
    probabilities = np.zeros(accepted.shape)
    for row, (reply, _) in zip(probabilities, replies, strict=True):
        row[:] = reply.probabilities
    found = accepted[np.arange(len(accepted)), probabilities.argmax(axis=1)]
    return Outcome(
        way,
        probabilities,
        abstained=np.array([reply.abstained for reply, _ in replies], bool),
        right=found & probabilities.any(axis=1),
        likelihoods=np.where(accepted, probabilities, 0).sum(axis=1),
        seconds=np.array([seconds for _, seconds in replies]),
    )


@dataclass(frozen=True, eq=False)
class AbstentionCurve:
    """What answering only from some confidence on brings, (p,) each, from the highest threshold to the lowest.

    Attributes:
        thresholds: the least confidence that is answered.
        coverage: share of the pictures that are answered then, above 0; the last is 1.
        accuracy: share of these that are right.
    """

    thresholds: Floats
    coverage: Floats
    accuracy: Floats

    def at(self, coverage: float) -> int:
        """Return the position of the first point at which at least this share, 0 to 1, is answered."""
        # Shares are fractions of whole numbers, so rounding must not cost one of them.
        return int(np.searchsorted(self.coverage, coverage - 1e-9))


def compute_abstention_curve(confidences: Floats, right: Flags) -> AbstentionCurve:
    """Compute how accuracy rises when the least confident answers are held back.

    Args:
        confidences: (n,), at least one; those that are equal are answered together.
        right: (n,).
    """
    order = np.argsort(-confidences, kind="stable")
    ranked = confidences[order]
    lasts = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    answered = lasts + 1
    return AbstentionCurve(ranked[lasts], answered / len(ranked), np.cumsum(right[order])[lasts] / answered)


def estimate_accuracy(outcome: Outcome, chosen: Flags) -> Estimate | None:
    """Return the accuracy on the chosen ones, (n,) flags, with its 95% interval; None if none is chosen."""
    total = int(chosen.sum())
    return estimate_share(int(outcome.right[chosen].sum()), total) if total else None
