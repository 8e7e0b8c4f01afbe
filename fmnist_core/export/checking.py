"""What is known of an export once its file has been loaded again: how far it is from the run itself."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.data import Dataset
from fmnist_core.splits import ITEMS, TRAIN_ITEMS, Indices, take_stratified

CHECKED_ITEMS = 1_000
# What eight bits may cost, in accuracy.
MOST_LOST = 0.01


@dataclass(frozen=True)
class Check:
    """A file that was written, read again and compared with the run.

    Attributes:
        runtime: what read it, with its version: "LiteRT 2.3.0".
        compared: how many things were compared.
        what: what these are, "items" or "values".
        largest_difference: between a probability, or value, of the file and the run's own.
        accuracy: of the file on these items, 0 to 1; None if they are no items.
        own_accuracy: of the run's own network on the same.
        tolerance: the largest difference at which it holds; None where accuracy decides, see `MOST_LOST`.
        note: what else is to be known: what goes in and comes out, what differs.
    """

    runtime: str
    compared: int
    what: str
    largest_difference: float
    accuracy: float | None = None
    own_accuracy: float | None = None
    tolerance: float | None = None
    note: str = ""

    @property
    def points_lost(self) -> float | None:
        """By how many points its accuracy is below the run's own; None if there is none."""
        if self.accuracy is None or self.own_accuracy is None:
            return None
        return 100 * (self.own_accuracy - self.accuracy)

    @property
    def holds(self) -> bool:
        """Whether the file says what the run says, within what its format allows."""
        if self.tolerance is not None:
            return self.largest_difference <= self.tolerance
        return self.points_lost is None or abs(self.points_lost) <= 100 * MOST_LOST + 1e-9

    @property
    def sentence(self) -> str:
        """All of it in words."""
        said = f"Loaded again in {self.runtime}: largest difference {self.largest_difference:.1g}"
        if self.accuracy is not None and self.own_accuracy is not None:
            said += f", accuracy {self.accuracy:.1%} (the run itself {self.own_accuracy:.1%})"
            if self.tolerance is None:
                said += (
                    f", {abs(self.points_lost or 0):.1f} points {'less' if (self.points_lost or 0) >= 0 else 'more'}"
                )
        said += f", on {self.compared:,} {self.what}."
        return f"{said} {self.note}".strip()

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, entries: Mapping[str, Any]) -> "Check":
        """Read what `to_dict` gave.

        Raises:
            TypeError: if it is something else.
        """
        return cls(**entries)


@dataclass(frozen=True)
class Export:
    """A file that a run was written to.

    Attributes:
        format: key of `formats.FORMATS`.
        path: the file, or the folder of a SavedModel that was not asked for as a zip.
        bytes: its size.
        seconds: how long writing and checking it took.
        check: what came of loading it again.
    """

    format: str
    path: Path
    bytes: int
    seconds: float
    check: Check


def choose_checked(dataset: Dataset) -> Indices:
    """Return which official test items every export is compared on: `CHECKED_ITEMS`, of each class as many."""
    return take_stratified(np.arange(TRAIN_ITEMS, ITEMS), dataset.labels, CHECKED_ITEMS, seed=0)


def compare(
    own: NDArray[np.float32], found: NDArray[np.float32], labels: NDArray[np.uint8]
) -> tuple[float, float, float]:
    """Return the largest difference, the accuracy found and the run's own.

    Args:
        own: probabilities of the run's network, (n, 10).
        found: those of the file, (n, 10).
        labels: the true classes, (n,).
    """
    accuracies = ((probabilities.argmax(axis=1) == labels).mean() for probabilities in (found, own))
    return float(np.abs(own.astype(np.float64) - found).max()), *map(float, accuracies)  # type: ignore[return-value]


def measure_size(path: Path) -> int:
    """Return the size of a file, or of all files in a folder, in bytes."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)
