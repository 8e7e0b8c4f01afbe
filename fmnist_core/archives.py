"""Zip files from elsewhere: opened, and read member by member, without trusting what they say of themselves."""

import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fmnist_core.errors import FmnistError, RefusedFileError

_MOST_MEMBERS = 2_500
_ENCRYPTED = 0x1


@contextmanager
def open_archive(path: Path, most_bytes: int) -> Iterator[zipfile.ZipFile]:
    """Open a zip whose members are plain files with plain names, each there once.

    Args:
        path: the file.
        most_bytes: how large it may be.

    Raises:
        RefusedFileError: if it is no such zip, is too large, or is damaged where the block reads it.
    """
    try:
        size = path.stat().st_size
        if size > most_bytes:
            raise RefusedFileError(f"The file must take at most {most_bytes:,} bytes. Received: {size:,}.")
        with zipfile.ZipFile(path) as archive:
            _check_members(archive.infolist())
            yield archive
    except FmnistError:
        raise
    except Exception as error:  # zipfile raises whatever zlib, struct and its own parser raise
        raise RefusedFileError(
            f"The file must be a whole zip. Received: {type(error).__name__} in {path.name}."
        ) from None


def read_member(archive: zipfile.ZipFile, name: str, most_bytes: int) -> bytes:
    """Return what a member holds, of which a zip may well have said that it is smaller.

    Raises:
        RefusedFileError: if it holds more than `most_bytes`.
    """
    with archive.open(name) as stream:
        content = stream.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise RefusedFileError(f"{name} must take at most {most_bytes:,} bytes. Received: more.")
    return content


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > _MOST_MEMBERS:
        raise RefusedFileError(f"A zip must hold at most {_MOST_MEMBERS:,} files. Received: {len(members):,}.")
    if len({member.filename for member in members}) < len(members):
        raise RefusedFileError("A zip must hold each file once. Received: two of one name.")
    for member in members:
        name, kind = member.filename, stat.S_IFMT(member.external_attr >> 16)
        parts = name.split("/")
        if name.startswith("/") or "\\" in name or ":" in name or not name.isprintable() or {"", ".", ".."} & {*parts}:
            raise RefusedFileError(f"A file's name in a zip must not lead outside of it. Received: {name!a:.80}.")
        if kind not in (0, stat.S_IFREG):
            raise RefusedFileError(f"A zip must hold plain files, no links. Received: {name!a:.80}.")
        if member.flag_bits & _ENCRYPTED or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise RefusedFileError(f"A zip must be neither encrypted nor packed in rare ways. Received: {name!a:.80}.")
