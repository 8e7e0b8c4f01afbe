"""Where the lab keeps its files, and how it writes them so that nothing half-written looks whole."""

import errno
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fmnist_core.errors import StorageError

ASSETS = Path(__file__).resolve().parent.parent / "assets"

_RULES = {
    "The lab's folder must have room on its disk, which is full or allows no larger files": (
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
    ),
    "The lab's folder must be writable": (errno.EROFS, errno.EACCES, errno.EPERM),
}


def home() -> Path:
    """Return the lab's folder: `$FMNIST_HOME`, or `fmnist-lab` in the user's data folder."""
    configured = os.environ.get("FMNIST_HOME")
    if configured:
        return Path(configured)
    # Late, so that training on a bare GPU machine needs no more than the packages that train.
    import platformdirs

    return platformdirs.user_data_path("fmnist-lab")


@contextmanager
def written_whole(path: Path, suffix: str = "") -> Iterator[Path]:
    """Yield a temporary path beside `path`; rename it into place if the block ends well.

    A reader therefore sees the old file or the new one, never a part of it.

    Args:
        path: the file to write; its folder is created if need be.
        suffix: ending of the temporary name, for writers that insist on one (".keras").
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", suffix=suffix, dir=path.parent)
    os.close(descriptor)
    temporary = Path(name)
    # mkstemp makes files that only the owner can read; a shared FMNIST_HOME needs the usual rights.
    temporary.chmod(0o666 & ~_umask())
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as readable JSON, whole or not at all."""
    with written_whole(path) as temporary:
        temporary.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def overwrite_json(path: Path, value: Any) -> None:
    """Write `value` over what a file holds, as the last resort on a full disk: it needs no room but the file's own."""
    content = (json.dumps(value, indent=2) + "\n").encode()
    with path.open("r+b") as stream:
        stream.write(content)
        stream.truncate()


def append_line(path: Path, line: str, heading: str) -> None:
    """Append a line to a table, whole or not at all; a new table begins with its heading."""
    with path.open("ab", buffering=0) as stream:
        length = stream.seek(0, os.SEEK_END)
        content = (line if length else heading + "\n" + line).encode() + b"\n"
        try:
            if stream.write(content) < len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            stream.truncate(length)
            raise


def explain(error: BaseException) -> str | None:
    """Say in a sentence why the lab's folder could not be written, or None if an error has another cause."""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    # Keras and HDF5 wrap what the system says.
    said = " ".join(str(cause) for cause in causes)
    numbers = {cause.errno for cause in causes if isinstance(cause, OSError)}
    for rule, reasons in _RULES.items():
        if numbers & set(reasons) or any(os.strerror(reason) in said for reason in reasons):
            return f"{rule}. Received: {home()}."
    return None


@contextmanager
def explained() -> Iterator[None]:
    """Turn a failure to write the lab's folder into its sentence.

    Raises:
        StorageError: if the block fails because the disk is full or the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        sentence = explain(error)
        if sentence is None:
            raise
        raise StorageError(sentence) from error


def read_json(path: Path) -> Any:
    """Read what `write_json` wrote.

    Raises:
        OSError: if there is no such file.
        ValueError: if it holds no JSON.
    """
    return json.loads(path.read_text(encoding="utf-8"))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
