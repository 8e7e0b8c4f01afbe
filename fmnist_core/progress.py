"""How far a run is: worked out from what its folder shows, and printed for who trains in a terminal."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from numpy.typing import NDArray

from fmnist_core.config import TrainingConfig
from fmnist_core.observing import BatchPoint, EpochRecord, NoObserver
from fmnist_core.runs import RUNNING, Run

if TYPE_CHECKING:
    import keras
    import pandas as pd


@dataclass(frozen=True)
class Progress:
    """Where a training stands.

    Attributes:
        share: part of the whole training that is done, 0 to 1.
        epoch: the epoch in progress, 1 for the first.
        seconds_left: an estimate; None before there is anything to estimate from.
        images_per_second: training items seen a second lately; None likewise.
        epochs_done: whole epochs.
        seconds_done: what these took.
        batches_done: batches of the whole training that are done.
        batches: how many that are in all; 0 before it is known.
        doing: what the fit of a classical classifier, which has no batches, is at; None if it is not known.
    """

    share: float = 0.0
    epoch: int = 1
    seconds_left: float | None = None
    images_per_second: float | None = None
    epochs_done: int = 0
    seconds_done: float = 0.0
    batches_done: int = 0
    batches: int = 0
    doing: str | None = None


def compute_progress(run: Run, history: "pd.DataFrame", batches: "pd.DataFrame") -> Progress:
    """Work out the progress of a run from its epochs and the points inside them."""
    if run.config.is_baseline:
        return _compute_progress_of_fit(run, history)
    epochs = run.config.epochs
    available = (run.record.get("items") or {}).get("train")
    items = run.config.count_items(available) if available else None
    per_epoch = math.ceil(items / run.config.batch_size) if items else 0
    if batches.empty:
        return Progress(batches=epochs * per_epoch)
    position = float(batches["epoch"].iloc[-1])
    # The points since the current process began to train: its clock starts at 0.
    seconds = batches["seconds"].to_numpy()
    since = int((seconds[1:] < seconds[:-1]).nonzero()[0].max() + 1) if (seconds[1:] < seconds[:-1]).any() else 0
    recent = batches.iloc[max(since, len(batches) - 10) :]
    elapsed = float(recent["seconds"].iloc[-1] - recent["seconds"].iloc[0])
    covered = float(recent["epoch"].iloc[-1] - recent["epoch"].iloc[0])
    if history.empty:
        # The first seconds go into preparing the computation; a pace needs two points.
        seconds_per_epoch = elapsed / covered if covered > 0 else None
    else:
        seconds_per_epoch = float(history["seconds"].tail(3).mean())
    in_epoch = math.ceil((position % 1) * items / run.config.batch_size - 0.01) if items else 0
    return Progress(
        share=min(position / epochs, 1.0),
        epoch=min(int(position) + 1, epochs),
        seconds_left=None if seconds_per_epoch is None else max(epochs - position, 0.0) * seconds_per_epoch,
        images_per_second=covered * items / elapsed if items and elapsed > 0 else None,
        epochs_done=len(history),
        seconds_done=float(history["seconds"].sum()),
        batches_done=int(position) * per_epoch + in_epoch,
        batches=epochs * per_epoch,
    )


def _compute_progress_of_fit(run: Run, history: "pd.DataFrame") -> Progress:
    match run.record.get("stage"):
        case {"doing": str(doing), "share": int() | float() as share} if run.status == RUNNING:
            return Progress(share=min(max(share, 0.0), 1.0), doing=doing)
    return Progress(epochs_done=len(history), seconds_done=float(history["seconds"].sum()))


def say_duration(seconds: float) -> str:
    """Say a duration as people do: "8 s", "3 min 20 s", "2 h 5 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class Printer(NoObserver):
    """An observer that prints a line an epoch, and on a terminal keeps a line inside the epoch up to date."""

    def __init__(self, config: TrainingConfig, stream: TextIO) -> None:
        self._epochs = config.epochs
        self._stream = stream

    def on_point(self, point: BatchPoint) -> None:
        """Rewrite the line in progress."""
        if self._stream.isatty():
            self._print(f"\r\033[Kepoch {point.epoch:.2f}/{self._epochs}  accuracy {point.accuracy:.2%}", "")

    def on_stage(self, doing: str, share: float) -> None:
        """Rewrite the line in progress."""
        if self._stream.isatty():
            self._print(f"\r\033[K{doing}, {share:.0%} done", "")

    def on_epoch(self, record: EpochRecord, _model: "keras.Model | None", _probabilities: NDArray | None) -> None:
        """Print what the epoch came to."""
        start = "\r\033[K" if self._stream.isatty() else ""
        validation = "" if record.val_accuracy is None else f"  val_accuracy {record.val_accuracy:.2%}"
        self._print(
            f"{start}epoch {record.epoch}/{self._epochs}  accuracy {record.accuracy:.2%}{validation}"
            f"  {record.images_per_second:,.0f} images/s",
            "\n",
        )

    def _print(self, line: str, end: str) -> None:
        print(line, end=end, file=self._stream, flush=True)
