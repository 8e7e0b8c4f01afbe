"""How well garments are recognised on somebody's labelled photographs: `make bench PHOTOS=DIR`."""

import os

from fmnist_core import cli


def run() -> None:
    """Compare naive ways with the lab's own on the folder that PHOTOS names; `bench --help` says what it holds."""
    folder = os.environ.get("PHOTOS")
    if folder:
        cli.main(["bench", "--photos", folder])
    else:
        print("PHOTOS names no folder of labelled photographs: make bench PHOTOS=DIR.")
