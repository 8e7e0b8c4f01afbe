"""What all commands share: how they print, show progress, load Keras and are stopped."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fmnist_core import runs


class Commands:
    """Where each command is added, so that all are built alike."""

    def __init__(self, subparsers: Any) -> None:
        self._subparsers = subparsers

    def add(
        self, name: str, command: Callable[[argparse.Namespace], None], description: str
    ) -> argparse.ArgumentParser:
        """Add a command with its option --json and return its parser."""
        entry: argparse.ArgumentParser = self._subparsers.add_parser(name, help=description, description=description)
        entry.set_defaults(command=command)
        entry.add_argument("--json", action="store_true", help="print the result as JSON")
        return entry


def import_keras() -> None:
    """Import Keras without the news of its backend, which come from C++ straight to standard error.

    It takes seconds, so each command first says what the user got wrong.
    """
    with silenced():
        import keras

        keras.ops.zeros(1)  # the backend itself starts here


@contextmanager
def silenced() -> Iterator[None]:
    """Keep what C++, or a process that is started meanwhile, writes to standard error from the user."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    kept = os.dup(2)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def print_json(value: Any) -> None:
    """Print a result for programs."""
    print(json.dumps(value, indent=2))


def show_share(sentence: str, share: float) -> None:
    """Keep one line of standard error up to date if somebody watches it."""
    if sys.stderr.isatty():
        print(f"\r\033[K{sentence} {share:4.0%}", end="\n" if share >= 1 else "", file=sys.stderr, flush=True)


def stop_gently(run: runs.Run) -> None:
    """Ask a run to stop, for the first Ctrl-C, and let the next one break off."""
    runs.request_stop(run)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    print("\nStopping after the current batches; once more to break off.", file=sys.stderr)
