"""The command line: `python -m fmnist_core COMMAND`. Everything that the app does, without a browser.

Results go to standard output, progress and complaints to standard error. What the user got wrong ends
with one line and exit code 2.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from fmnist_core.commands import bench, classify, data, explain, export, papers, project, runs, search, training, trust
from fmnist_core.commands.console import Commands
from fmnist_core.errors import FmnistError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 if it worked, 2 if the user can mend what did not, 130 after Ctrl-C."""
    options = _build_parser().parse_args(arguments)
    try:
        options.command(options)
        # Now, and not when Python ends: there a reader who has gone could no longer be forgiven.
        sys.stdout.flush()
    except FmnistError as error:
        # One line, whatever the user typed that the message repeats.
        print(f"fmnist_core: {' '.join(str(error).splitlines())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader, `head` for example, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; --help lists what there is.\n")


def _build_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m fmnist_core", description="Fashion-MNIST Lab on the command line.")
    commands = Commands(parser.add_subparsers(title="commands", metavar="COMMAND", required=True))
    for module in (data, project, training, search, papers, runs, classify, explain, export, trust, bench):
        module.add(commands)
    return parser
