"""What people write on a run: its name, tags, a note, and whether it is put aside; `labels.json` in its folder."""

import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from fmnist_core import storage
from fmnist_core.errors import FmnistError, InvalidSettingError
from fmnist_core.settings import Settings

if TYPE_CHECKING:
    from fmnist_core.run import Run

FILE = "labels.json"
LONGEST_NAME = 80
LONGEST_TAG = 30
MOST_TAGS = 12
LONGEST_NOTE = 2_000
# A file of labels that keep to the rules is far smaller, even where each character is written as an escape.
_MOST_BYTES = 60_000
_MARKUP = ("<", ">", "](")


@dataclass(frozen=True)
class Labels(Settings):
    """What people have written on a run.

    Attributes:
        name: what it is called in place of its recipe and date, up to `LONGEST_NAME` printable characters of which none
            is < or >; "" for none.
        tags: up to `MOST_TAGS` different words or short phrases, each of 1 to `LONGEST_TAG` printable characters
            without a comma.
        note: up to `LONGEST_NOTE` characters, line breaks allowed.
        archived: whether it is put aside, so that lists leave it out.

    Raises:
        InvalidSettingError: for the first label that breaks its rule.
    """

    name: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""
    archived: bool = False

    @classmethod
    def from_dict(cls, settings: Any) -> Self:
        """Make labels from what `to_dict` gave, or a form.

        Raises:
            InvalidSettingError: for an unknown name or a label that breaks its rule.
        """
        if not isinstance(settings, dict):
            raise InvalidSettingError(f"Labels must be given by name. Received: {settings!a:.80}.")
        given = dict(settings)
        if isinstance(given.get("tags"), list):
            given["tags"] = tuple(given["tags"])
        return super().from_dict(given)

    def __post_init__(self) -> None:
        _check_line("name", self.name, 0, LONGEST_NAME)
        if not isinstance(self.tags, tuple) or len(self.tags) > MOST_TAGS:
            raise InvalidSettingError(f"`tags` must be at most {MOST_TAGS}. Received: {self.tags!a:.80}.")
        for tag in self.tags:
            _check_line("tag", tag, 1, LONGEST_TAG)
            if "," in tag:
                raise InvalidSettingError(f"A `tag` must have no comma. Received: {tag}.")
        if len(set(self.tags)) < len(self.tags):
            raise InvalidSettingError(f"`tags` must differ from one another. Received: {', '.join(self.tags)}.")
        if not isinstance(self.note, str) or len(self.note) > LONGEST_NOTE or not is_plain(self.note, breaks=True):
            raise InvalidSettingError(
                f"`note` must be at most {LONGEST_NOTE:,} printable characters. Received: {self.note!a:.80}."
            )
        if not isinstance(self.archived, bool):
            raise InvalidSettingError(f"`archived` must be true or false. Received: {self.archived!a:.80}.")


def is_plain(text: str, breaks: bool = False) -> bool:
    """Tell whether a text holds nothing but what can be seen: no control characters, none that turn its direction.

    Args:
        text: the text.
        breaks: whether line breaks are allowed.
    """
    seen = text.replace("\n", "") if breaks else text
    # Format characters hide or reverse text, lone surrogates cannot be written; but emoji are joined by U+200D.
    return not any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in seen.replace("\u200d", ""))


def read_tags(text: str) -> tuple[str, ...]:
    """Return the tags that somebody has typed with commas between them, each once."""
    return tuple(dict.fromkeys(tag for part in text.split(",") if (tag := " ".join(part.split()))))


def load_labels(folder: Path) -> Labels:
    """Return the labels in a run's folder; none if there are none that can be read."""
    try:
        with (folder / FILE).open("rb") as stream:
            return read_labels(stream.read(_MOST_BYTES + 1))
    except (OSError, InvalidSettingError):
        return Labels()


def read_labels(content: bytes) -> Labels:
    """Return the labels that the content of a file holds.

    Raises:
        InvalidSettingError: if it holds none.
    """
    try:
        return Labels.from_dict(json.loads(content.decode("utf-8")))
    except (ValueError, RecursionError) as error:
        if isinstance(error, InvalidSettingError):
            raise
        raise InvalidSettingError(f"Labels must be written as JSON. Received: {content[:60]!a}.") from None


def save_labels(run: "Run", labels: Labels) -> None:
    """Keep the labels of a run, in place of those that it had.

    Raises:
        FmnistError: if the run came with the lab.
        StorageError: if the lab's folder cannot be written.
    """
    if run.shipped:
        raise FmnistError(f"A run that came with the lab cannot be labelled. Received: {run.run_id}.")
    with storage.explained():
        storage.write_json(run.path / FILE, labels.to_dict())


def _check_line(name: str, text: object, shortest: int, longest: int) -> None:
    fits = isinstance(text, str) and shortest <= len(text) <= longest and text == text.strip() and is_plain(text)
    # Titles stand in charts and sentences, where these would make links and pictures.
    if not fits or any(mark in str(text) for mark in _MARKUP):
        raise InvalidSettingError(
            f"`{name}` must be {shortest} to {longest} printable characters without spaces around them, and without "
            f"{' '.join(_MARKUP)}. Received: {text!a:.80}."
        )
