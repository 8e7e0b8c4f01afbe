"""What users said of the lab's answers: kept in the lab's folder on this machine, sent to nobody.

    corrections/corrections.jsonl   a line each, in the order in which they were made

A line that cannot be read is told, never an error, and stays where it is until everything is deleted.
"""

import base64
import binascii
import csv
import io
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core import storage
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.data import IMAGE_SHAPE
from fmnist_core.errors import InvalidSettingError
from fmnist_core.prediction import say_share
from fmnist_core.settings import check_real, check_whole

LONGEST_TEXT = 200
CSV_COLUMNS = ("when", "kind", "run", "answer", "not sure", "confidence", "truth", "right", "picture kept")

_LAST_CLASS = len(CLASS_NAMES) - 1
_TEXTS = ("key", "session", "run_id", "kind")
# Far in the future, but not too far for a calendar.
_LAST_SECOND = 1e11


@dataclass(frozen=True)
class Correction:
    """What a user said of one answer.

    Attributes:
        key: of the picture that was shown; a later correction of the same key replaces it.
        session: the visit in which it was made.
        run_id: whose network answered.
        kind: of the picture, "drawing" or "photo" for example.
        answer: the most likely class, by the network.
        truth: the class, by the user.
        confidence: the answer's probability, 0 to 1.
        abstained: whether the lab only said "not sure".
        made: when, seconds since 1970.
        pixels: the picture's 784 bytes, row by row, if the user has asked to keep it.

    Raises:
        InvalidSettingError: for the first of these that breaks its rule.
    """

    key: str
    session: str
    run_id: str
    kind: str
    answer: int
    truth: int
    confidence: float
    abstained: bool
    made: float
    pixels: bytes | None = None

    def __post_init__(self) -> None:
        for name in _TEXTS:
            text = getattr(self, name)
            if not isinstance(text, str) or not 1 <= len(text) <= LONGEST_TEXT or not text.isprintable():
                raise InvalidSettingError(
                    f"`{name}` must be 1 to {LONGEST_TEXT} printable characters. Received: {text!a:.80}."
                )
        check_whole("answer", self.answer, 0, _LAST_CLASS)
        check_whole("truth", self.truth, 0, _LAST_CLASS)
        check_real("confidence", self.confidence, 0, 1)
        check_real("made", self.made, 0, _LAST_SECOND)
        if not isinstance(self.abstained, bool):
            raise InvalidSettingError(f"`abstained` must be true or false. Received: {self.abstained!a:.80}.")
        size = IMAGE_SHAPE[0] * IMAGE_SHAPE[1]
        if self.pixels is not None and (not isinstance(self.pixels, bytes) or len(self.pixels) != size):
            raise InvalidSettingError(f"`pixels` must be {size} bytes, or None.")

    @property
    def right(self) -> bool:
        """Whether the most likely class was the right one."""
        return self.answer == self.truth

    @property
    def image(self) -> NDArray[np.uint8] | None:
        """The picture, (28, 28) uint8, if it was kept."""
        return None if self.pixels is None else np.frombuffer(self.pixels, np.uint8).reshape(IMAGE_SHAPE)

    @property
    def sentence(self) -> str:
        """What happened in a few words: "Coat, 93%: wrong, it is Shirt"."""
        named = f"{CLASS_NAMES[self.answer]}, {say_share(self.confidence)}"
        if self.abstained:
            return f"Not sure, at best {named}; it is {CLASS_NAMES[self.truth]}"
        return f"{named}: right" if self.right else f"{named}: wrong, it is {CLASS_NAMES[self.truth]}"


@dataclass(frozen=True)
class Listing:
    """All corrections, the oldest first, and how many lines cannot be read."""

    corrections: tuple[Correction, ...]
    unreadable: int

    def of_session(self, session: str) -> tuple[Correction, ...]:
        """Return those of one visit."""
        return tuple(correction for correction in self.corrections if correction.session == session)


def corrections_path() -> Path:
    """Return the file in which corrections are kept, which need not exist."""
    return storage.home() / "corrections" / "corrections.jsonl"


def list_corrections() -> Listing:
    """Read all corrections; whatever cannot be read is counted, never an error."""
    found: dict[str, Correction] = {}
    unreadable = 0
    for line in _read_lines():
        correction = _parse(line)
        if correction is None:
            unreadable += 1
        else:
            found.pop(correction.key, None)
            found[correction.key] = correction
    return Listing(tuple(found.values()), unreadable)


def record_correction(correction: Correction) -> None:
    """Keep a correction in the place of an earlier one of its key; nothing of that one stays, its picture neither.

    Raises:
        StorageError: if the lab's folder cannot be written.
    """
    _rewrite(lambda line: _key_of(line) != correction.key, [_write(correction)])


def delete_corrections(keys: Collection[str]) -> None:
    """Throw the corrections of these keys away, pictures and all; keys that there are not are no error.

    Raises:
        StorageError: if the lab's folder cannot be written.
    """
    _rewrite(lambda line: _key_of(line) not in keys, [])


def delete_everything() -> None:
    """Throw all corrections away, and all lines that cannot be read.

    Raises:
        StorageError: if the lab's folder cannot be written.
    """
    with storage.explained(), _alone():
        corrections_path().unlink(missing_ok=True)


@dataclass(frozen=True)
class Tally:
    """How many answers there were, and how many of them were right.

    Attributes:
        answered, right: how often the lab named a class, and rightly.
        unsure, guessed: how often it was not sure, and how often its best guess was right then.
    """

    answered: int
    right: int
    unsure: int
    guessed: int


def compute_tally(corrections: Sequence[Correction]) -> Tally:
    """Count the answers and those that were right."""
    answered = [correction.right for correction in corrections if not correction.abstained]
    unsure = [correction.right for correction in corrections if correction.abstained]
    return Tally(len(answered), sum(answered), len(unsure), sum(unsure))


@dataclass(frozen=True, eq=False)
class Confusion:
    """How the answers to some pictures went.

    Attributes:
        classes: those that were true or answered, (k,), in their usual order.
        counts: (k, k + 1) whole numbers, a row for each true class, a column for each answer; the last counts the
            times when the lab was not sure.
    """

    classes: tuple[int, ...]
    counts: NDArray[np.int64]


def compute_confusion(corrections: Sequence[Correction]) -> Confusion:
    """Count which classes were taken for which; only those that occur have a row and a column."""
    answered = {correction.answer for correction in corrections if not correction.abstained}
    classes = sorted(answered | {correction.truth for correction in corrections})
    counts = np.zeros((len(classes), len(classes) + 1), np.int64)
    for correction in corrections:
        column = len(classes) if correction.abstained else classes.index(correction.answer)
        counts[classes.index(correction.truth), column] += 1
    return Confusion(tuple(classes), counts)


def export_csv(corrections: Sequence[Correction]) -> str:
    """Write corrections as CSV, a header of `CSV_COLUMNS` and a line each, without pictures; times are local."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for correction in corrections:
        writer.writerow(
            (
                datetime.fromtimestamp(correction.made).isoformat(" ", "seconds"),
                correction.kind,
                correction.run_id,
                CLASS_NAMES[correction.answer],
                int(correction.abstained),
                round(correction.confidence, 4),
                CLASS_NAMES[correction.truth],
                int(correction.right),
                int(correction.pixels is not None),
            )
        )
    return stream.getvalue()


def _rewrite(keeps: Callable[[bytes], bool], new: list[bytes]) -> None:
    with storage.explained(), _alone():
        before = _read_lines()
        after = [line for line in before if keeps(line)] + new
        if after != before:
            with storage.written_whole(corrections_path()) as temporary:
                temporary.write_bytes(b"".join(line + b"\n" for line in after))


@contextmanager
def _alone() -> Iterator[None]:
    """Keep all others, in this process and elsewhere, from writing at the same time."""
    # Late, so that a page need not wait for it.
    import filelock

    lock = corrections_path().with_suffix(".lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(lock):
        yield


def _read_lines() -> list[bytes]:
    try:
        content = corrections_path().read_bytes()
    except FileNotFoundError:
        return []
    return [line for line in content.split(b"\n") if line.strip()]


def _write(correction: Correction) -> bytes:
    entries: dict[str, Any] = {**vars(correction)}
    if correction.pixels is not None:
        entries["pixels"] = base64.b64encode(correction.pixels).decode()
    return json.dumps(entries).encode()


def _parse(line: bytes) -> Correction | None:
    try:
        entries = json.loads(line)
        if entries.get("pixels") is not None:
            entries["pixels"] = base64.b64decode(entries["pixels"], validate=True)
        return Correction(**entries)
    except (ValueError, TypeError, AttributeError, RecursionError, binascii.Error):
        return None


def _key_of(line: bytes) -> str | None:
    correction = _parse(line)
    return None if correction is None else correction.key
