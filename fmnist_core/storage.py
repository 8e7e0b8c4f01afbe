"""Where the lab keeps its files, and how it writes them so that nothing half-written looks whole."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ASSETS = Path(__file__).resolve().parent.parent / "assets"


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
