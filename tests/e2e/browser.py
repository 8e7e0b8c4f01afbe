"""Which Chromium the browser tests drive: `python -m tests.e2e.browser --install` gets one if there is none."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

# For a browser in a container or a closed network: no sandbox of its own, and no calls home.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The shell first: a whole Chromium draws its own toolbar for every visitor, which takes half a second of a processor.
SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FETCHED = ("chromium_headless_shell-*/chrome-*/*headless[-_]shell", "chromium-*/chrome-linux*/chrome")


def find_chromium() -> str | None:
    """Return a Chromium that Playwright can drive here, or None.

    It is the one that FMNIST_CHROMIUM names, else one of this machine, else Playwright's own.
    """
    if not _answers([sys.executable, "-m", "playwright", "--version"], "Version"):
        return None
    named = os.environ.get("FMNIST_CHROMIUM")
    if named:
        return named if _runs(named) else None
    installed = [path for name in NAMES if (path := shutil.which(name))]
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    fetched = [str(path) for pattern in FETCHED for path in sorted(cache.glob(pattern), reverse=True)]
    return next((path for path in [*installed, *fetched] if _runs(path)), None)


def install_chromium() -> None:
    """Install Chromium: the distribution's where that is no snap and we are root, else Playwright's."""
    is_root = os.geteuid() == 0 and shutil.which("apt-get") is not None
    if is_root:
        apt = ["apt-get", "-qq", "-o", "Acquire::http::Timeout=20", "-o", "DPkg::Lock::Timeout=60"]
        packages = ["fonts-liberation", "fonts-noto-color-emoji", "libatomic1"]  # the last for Playwright itself
        _try([*apt, "update"])
        _try([*apt, "install", "--yes", "--no-install-recommends", *packages, *([SHELL] if _is_debian() else [])])
    if find_chromium() is None:
        with_packages = ["--with-deps"] if is_root else []
        _try([sys.executable, "-m", "playwright", "install", *with_packages, "--only-shell", "chromium"])


def _runs(path: str) -> bool:
    # Ubuntu's chromium-browser leads to a snap, which Playwright cannot drive, or to nothing at all.
    real = Path(path).resolve()
    if real.name == "snap" or b"/snap/" in _beginning(real):
        return False
    return _answers([path, "--version"], "Chrom")


def _answers(command: list[str], expected: str) -> bool:
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and expected in answer.stdout


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(4096)
    except OSError:
        return b""


def _is_debian() -> bool:
    release = Path("/etc/os-release")
    return release.exists() and "ID=debian" in release.read_text(encoding="utf-8").splitlines()


def _try(command: list[str]) -> None:
    print(f"Getting Chromium for the browser tests: {' '.join(command)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=True
        )
    except subprocess.CalledProcessError as error:
        complaints = [line for line in error.stderr.splitlines() if "error" in line.lower() or line.startswith("E:")]
        print(*complaints[-2:], sep="\n")
    except (OSError, subprocess.TimeoutExpired) as error:
        print(error)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--install", action="store_true", help="install a Chromium if there is none")
    if parser.parse_args().install and find_chromium() is None:
        install_chromium()
    print(f"Chromium: {find_chromium() or 'none to be had; the browser tests will be skipped'}")


if __name__ == "__main__":
    main()
