"""The command `data`."""

import argparse

from fmnist_core.commands.console import Commands, print_json, show_share


def add(commands: Commands) -> None:
    """Add the command."""
    commands.add("data", _data, "Find or fetch Fashion-MNIST and say where it is.")


def _data(options: argparse.Namespace) -> None:
    from fmnist_core.data import load_dataset

    dataset = load_dataset(show_share)
    summary = {
        "source": dataset.source,
        "path": str(dataset.path),
        "train": len(dataset.train_labels),
        "test": len(dataset.test_labels),
    }
    if options.json:
        print_json(summary)
    else:
        print("{train:,} training and {test:,} test items in {path}\nfrom {source}".format(**summary))
