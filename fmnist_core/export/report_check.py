"""The report as an export: written, and its confusion matrix read from the page again."""

import platform
from html.parser import HTMLParser
from pathlib import Path

import numpy as np

from fmnist_core import reporting, storage
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.data import Dataset
from fmnist_core.export.checking import Check
from fmnist_core.export.formats import ExportError
from fmnist_core.runs import Run


def write_report(run: Run, dataset: Dataset, path: Path) -> Check:
    """Write the report of a run, parse the file and compare what it counts with what the run answered.

    Raises:
        ExportError: if the page does not hold the whole matrix.
    """
    report = reporting.load_report(run, dataset)
    with storage.written_whole(path, suffix=".html") as temporary:
        temporary.write_text(reporting.write_html(report), encoding="utf-8")
    counts = read_confusion(path.read_text(encoding="utf-8"))
    answers = report.answers
    return Check(
        runtime=f"Python's parser of HTML {platform.python_version()}",
        compared=int(counts.sum()),
        what="answers in its confusion matrix",
        largest_difference=float(np.abs(counts - report.confusion_matrix).max()),
        accuracy=float(np.trace(counts) / counts.sum()),
        own_accuracy=float((answers.probabilities.argmax(axis=1) == answers.labels).mean()),
        tolerance=0.0,
    )


def read_confusion(page: str) -> np.ndarray:
    """Return the confusion matrix that a report shows, (10, 10) counts.

    Raises:
        ExportError: if it shows none.
    """
    reader = _MatrixReader()
    reader.feed(page)
    reader.close()
    if len(reader.cells) != len(CLASS_NAMES) ** 2 or not reader.ended:
        raise ExportError(f"The page must be whole, with 100 counts. Received: {len(reader.cells)}.")
    counts = [int(cell) if cell else 0 for cell in reader.cells]
    return np.array(counts).reshape(len(CLASS_NAMES), -1)


class _MatrixReader(HTMLParser):
    """Collects the cells of the table of class "matrix"."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.ended = False
        self._within = self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._within = ("class", "matrix") in attrs
        elif tag == "td" and self._within:
            self._in_cell = True
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._in_cell = False
        self.ended = self.ended or tag == "html"

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.cells[-1] += data.strip()
