"""The command `export`."""

import argparse
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fmnist_core import export, runs
from fmnist_core.commands.console import Commands, print_json, show_share


def add(commands: Commands) -> None:
    """Add the command."""
    entry = commands.add("export", _export, "Write a run in a format that others read, and check the file.")
    entry.add_argument("run", metavar="RUN", help="as listed by `runs`, or the path of a run's folder")
    entry.add_argument("--format", metavar="FORMAT", required=True, help=f"one of {', '.join(export.FORMATS)}")
    entry.add_argument(
        "--out", metavar="PATH", type=Path, help="the file; in the working folder, named after the run, by default"
    )


def _export(options: argparse.Namespace) -> None:
    run = runs.load_run(options.run)
    # First what the user got wrong: what converts takes seconds to load.
    path = options.out or Path(export.suggest_name(run, options.format))
    export.check_possible(run, options.format)
    with _silenced():
        made = export.export_run(run, options.format, path, show_share)
    if options.json:
        print_json(
            {
                "run_id": run.run_id,
                "format": made.format,
                "path": str(made.path),
                "bytes": made.bytes,
                "seconds": made.seconds,
                "check": made.check.to_dict() | {"holds": made.check.holds},
            }
        )
        return
    print(f"{made.path}: {_say_size(made.bytes)}. {made.check.sentence}")


def _say_size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep the news of backends and converters, which come from C++ straight to standard error, from the user.

    What is printed in Python still comes through.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    sys.stderr.flush()
    kept, own = os.dup(2), sys.stderr
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        with open(os.dup(kept), "w", buffering=1) as stream:  # noqa: PTH123 - a path it has not
            sys.stderr = stream
            yield
    finally:
        sys.stderr = own
        os.dup2(kept, 2)
        os.close(kept)
