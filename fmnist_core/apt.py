"""Fetch a package of Debian or Ubuntu and unpack it into a folder: no root needed, nothing installed.

Uses the standard library only, so that the set-up can call it before anything else is there.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

# An unreachable archive is to be told within seconds, not after apt's usual minutes.
_IMPATIENT = ["-o", "Acquire::http::Timeout=10", "-o", "Acquire::https::Timeout=10", "-o", "Acquire::Retries=0"]


def is_available() -> bool:
    """Tell whether this machine has apt."""
    return shutil.which("apt-get") is not None and shutil.which("dpkg-deb") is not None


def unpack(package: str, folder: Path, advance: Callable[[float], None] = lambda share: None) -> None:
    """Download `package` and unpack its files under `folder`.

    If the machine's package lists do not know the package or name a version that is gone, current
    lists are fetched for this one call; the machine's own are left alone.

    Args:
        package: its name, such as "dataset-fashion-mnist".
        folder: what stands for the root of the file system.
        advance: called with the share of the package that has come, from 0 to 1.

    Raises:
        OSError: if there is no apt, or the package cannot be had or unpacked.
    """
    if not is_available():
        raise FileNotFoundError("There is no apt on this machine.")
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        try:
            _call(["download", package], scratch, advance)
        except OSError as error:
            if not any(hint in str(error) for hint in ("Unable to locate", "No packages found", "404")):
                raise
            lists = _lists_of_our_own(scratch)
            _call([*lists, "update"], scratch)
            _call([*lists, "download", package], scratch, advance)
        for archive in scratch.glob("*.deb"):
            unpacked = subprocess.run(["dpkg-deb", "-x", archive, folder], capture_output=True, text=True, check=False)
            if unpacked.returncode != 0:
                raise OSError(f"dpkg-deb: {unpacked.stderr.strip()}")


def _lists_of_our_own(scratch: Path) -> list[str]:
    (scratch / "lists" / "partial").mkdir(parents=True)
    (scratch / "cache" / "archives" / "partial").mkdir(parents=True)
    return ["-o", f"Dir::State::Lists={scratch / 'lists'}", "-o", f"Dir::Cache={scratch / 'cache'}"]


def _call(arguments: list[str], scratch: Path, advance: Callable[[float], None] = lambda share: None) -> None:
    # As root apt would hand the work to its own user, who may not enter our temporary folder.
    options = [*_IMPATIENT, "-o", "APT::Sandbox::User=root", "-o", "APT::Status-Fd=1"]
    complaints = []
    with subprocess.Popen(
        ["apt-get", *options, *arguments],
        cwd=scratch,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("dlstatus:"):
                advance(float(line.split(":")[2]) / 100)
            elif line.startswith("E:"):
                complaints.append(line[2:].strip())
    if process.returncode != 0:
        raise OSError(f"apt-get: {' '.join(complaints) or f'exit status {process.returncode}'}")
