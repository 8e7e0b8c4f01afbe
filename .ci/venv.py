"""Make `.venv` or bring it up to date: `python3 .ci/venv.py requirements.txt`.

Runs under whatever python3 a machine has, before anything is installed, so it uses the standard library
only. What it made and installed stands in `.venv/.made` and `.venv/.installed-*`; while these still fit,
there is nothing to do.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UNFINISHED = VENV / ".unfinished"  # an installation that was cut short may have left half a package
OLDEST, NEWEST = (3, 11), (3, 13)  # what TensorFlow's release in requirements.txt is built for
UV = "uv==0.13.8"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def main(requirements: Path) -> None:
    """Make or renew `.venv`, and install `requirements` into it, unless both have been done already."""
    if sys.version_info < OLDEST:
        sys.exit(
            "The lab needs Python 3.11, 3.12 or 3.13; python3 is {}.{}. Install one of them and name it, as in: "
            "make run PYTHON=python3.13".format(*sys.version_info)
        )
    sys.path.insert(0, str(ROOT))
    with _alone():
        there = _describe_venv()
        if there is None or there != _read(VENV / ".made") or UNFINISHED.exists():
            _make_venv()
            (VENV / ".made").write_text(_describe_venv() or "", encoding="utf-8")
        stamp = VENV / f".installed-{requirements.name}"
        wanted = hashlib.sha256(_all_lines(requirements).encode()).hexdigest()
        if _read(stamp) != wanted:
            _install(requirements)
            stamp.write_text(wanted, encoding="utf-8")


def _alone() -> IO[str]:
    lock = (ROOT / ".ci" / "run").open()
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _describe_venv() -> str | None:
    """Tell where `.venv` stands, what Python it runs and which one asks for it; None if it does not run."""
    code = "import sys; print(sys.version, sys.base_prefix)"
    try:
        runs = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
    return json.dumps({"path": str(VENV), "runs": runs, "asked by": f"{sys.version} {sys.base_prefix}"}, indent=2)


def _all_lines(requirements: Path) -> str:
    lines = requirements.read_text(encoding="utf-8").splitlines()
    included = [_all_lines(requirements.parent / line.split()[1]) for line in lines if line.startswith("-r ")]
    return "\n".join([*included, *lines])


def _make_venv() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    version = sys.version.split()[0]
    if sys.version_info[:2] <= NEWEST:
        print(f"Making .venv with Python {version}.", flush=True)
        _make_plain_venv(VENV)
        return
    print(f"Python {version} is too new for TensorFlow; looking for an older one.", flush=True)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        _make_plain_venv(scratch)
        try:
            _run(scratch, "python", "-m", "pip", "install", "--quiet", UV)
            # Takes a Python that is installed, or fetches one into the user's data folder.
            _run(scratch, "uv", "venv", "--seed", "--python", ">=3.11,<3.14", VENV)
        except subprocess.CalledProcessError:
            sys.exit(
                f"The lab needs Python 3.11, 3.12 or 3.13; python3 is {version}, and no other is installed or to be "
                "had. Install one of them and name it, as in: make run PYTHON=python3.13"
            )


def _make_plain_venv(folder: Path) -> None:
    # An activated environment's own python would be deleted under our feet.
    python = getattr(sys, "_base_executable", sys.executable)
    has_pip = importlib.util.find_spec("ensurepip") is not None
    subprocess.run([python, "-m", "venv", *([] if has_pip else ["--without-pip"]), folder], check=True)
    if not has_pip:
        _bring_pip(next(folder.glob("lib/python*/site-packages")))


def _bring_pip(packages: Path) -> None:
    """Unpack pip from Debian's package of it, which Debian's Python lacks."""
    from fmnist_core import apt

    with tempfile.TemporaryDirectory() as scratch:
        try:
            apt.unpack("python3-pip-whl", Path(scratch))
        except OSError as error:
            sys.exit(f"Python has no pip here, and it cannot be fetched: {error}. Run: apt install python3-venv")
        wheel = next(Path(scratch, "usr/share/python-wheels").glob("pip-*.whl"))
        shutil.unpack_archive(wheel, packages, "zip")
    if not CERTIFICATES.exists():  # Debian's pip insists on them, and a bare machine has none; but pip brings some
        certifi = packages / "pip" / "_vendor" / "certifi"
        code = (certifi / "core.py").read_text(encoding="utf-8")
        code = code.replace(str(CERTIFICATES), str(certifi / "cacert.pem"))
        (certifi / "core.py").write_text(code, encoding="utf-8")


def _install(requirements: Path) -> None:
    print(f"Installing {requirements.name} into .venv.", flush=True)
    UNFINISHED.touch()
    try:
        _run(VENV, "python", "-m", "pip", "install", "--quiet", UV)
        # Compiled now, the app's first start takes no longer than the later ones.
        _run(VENV, "uv", "pip", "install", "--python", PYTHON, "--compile-bytecode", "-r", requirements)
    except subprocess.CalledProcessError:
        print("uv did not succeed; trying pip, which takes some minutes.", flush=True)
        try:
            _run(VENV, "python", "-m", "pip", "install", "-r", requirements)
        except subprocess.CalledProcessError:
            UNFINISHED.unlink()
            sys.exit(f"The packages of {requirements.name} could not be installed; the reason stands above.")
    UNFINISHED.unlink()


def _run(venv: Path, program: str, *arguments: object) -> None:
    """Run a program of `venv`, with the machine's certificates, as its owner may have added some, or else pip's."""
    brought = venv.glob("lib/python*/site-packages/pip/_vendor/certifi/cacert.pem")
    environment = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", **os.environ}
    for bundle in [CERTIFICATES, *brought]:
        if bundle.exists():
            environment.setdefault("SSL_CERT_FILE", str(bundle))
    subprocess.run([venv / "bin" / program, *map(str, arguments)], check=True, env=environment)


if __name__ == "__main__":
    main(ROOT / sys.argv[1])
