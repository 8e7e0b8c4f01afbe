"""The curves of a search's trials: what each had reached after every epoch."""

from typing import TYPE_CHECKING

from fmnist_core.search.records import Search

if TYPE_CHECKING:
    import pandas as pd


def tabulate_curves(search: Search) -> "pd.DataFrame":
    """Return one row a trial and epoch: number of the trial, epoch, and value, its val_accuracy, 0 to 1."""
    import pandas as pd

    rows = [(trial.number, epoch, value) for trial in search.begun for epoch, value in sorted(trial.accuracies.items())]
    return pd.DataFrame(rows, columns=["number", "epoch", "value"])
