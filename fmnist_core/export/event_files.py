"""A run's curves as TensorBoard's event files, zipped: by epoch, by batch, the learning rate, the norms of layers.

They are named as Keras's own callback names them, in the folders `train` and `validation`, so that TensorBoard lays
them over those of other trainings.
"""

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core import run_data, storage
from fmnist_core.export.checking import Check
from fmnist_core.export.formats import FORMATS, ExportError
from fmnist_core.export.reloading import name_runtime
from fmnist_core.runs import Run

TRAIN, VALIDATION = "train", "validation"
_BY_EPOCH = {
    "loss": (TRAIN, "epoch_loss"),
    "accuracy": (TRAIN, "epoch_accuracy"),
    "val_loss": (VALIDATION, "epoch_loss"),
    "val_accuracy": (VALIDATION, "epoch_accuracy"),
    "learning_rate": (TRAIN, "epoch_learning_rate"),
}


@dataclass(frozen=True)
class Scalar:
    """A point of a curve: the folder it belongs in, the curve's name, where, when (seconds since 1970) and what."""

    part: str
    tag: str
    step: int
    moment: float
    value: float


def write_logs(run: Run, path: Path) -> Check:
    """Write the logs of a run as a zip, read them with TensorBoard's own reader, and compare every value.

    Raises:
        ExportError: if it has kept no epoch, or what is read is not what was written.
    """
    points = list(collect_scalars(run))
    if not points:
        raise ExportError(f"A run must have kept an epoch to have logs. Received: {run.run_id}.")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / path.stem
        for part in dict.fromkeys(point.part for point in points):
            _write_part(run, folder / part, [point for point in points if point.part == part])
        zipped = shutil.make_archive(str(Path(scratch) / "zipped"), "zip", scratch, path.stem)
        with storage.written_whole(path, suffix=".zip") as temporary:
            shutil.move(zipped, temporary)
    found = read_logs(path)
    missing = [point for point in points if (point.part, point.tag, point.step) not in found]
    if missing or len(found) != len({(point.part, point.tag, point.step) for point in points}):
        raise ExportError(f"The logs must hold {len(points):,} values. Received: {len(found):,}.")
    # An event file keeps floats of 32 bits.
    differences = [
        abs(found[point.part, point.tag, point.step] - point.value) / max(abs(point.value), 1) for point in points
    ]
    return Check(
        runtime=name_runtime("TensorBoard's reader", "tensorboard"),
        compared=len(points),
        what="values",
        largest_difference=float(max(differences)),
        tolerance=FORMATS["tensorboard"].tolerance,
        note=f"To look at them: unzip it, then tensorboard --logdir {path.stem}",
    )


def collect_scalars(run: Run) -> Iterator[Scalar]:
    """Yield every point of a run's curves; batches and epochs are counted from 0, as Keras counts them."""
    history, batches, layers = run_data.load_history(run), run_data.load_batches(run), run_data.load_layers(run)
    began = float(run.record.get("started") or run.created)
    ends = began + history["seconds"].cumsum()
    moments = dict(zip(history["epoch"].astype(int), ends, strict=True))
    for row in history.to_dict("records"):
        epoch = int(row["epoch"])
        for column, (part, tag) in _BY_EPOCH.items():
            if np.isfinite(row[column]):
                yield Scalar(part, tag, epoch - 1, moments[epoch], float(row[column]))
    items = (run.record.get("items") or {}).get("train")
    steps = run.config.count_steps(items) if isinstance(items, int) and not run.config.is_baseline else 1
    seen = set()
    for row in batches.to_dict("records"):
        step = round(row["epoch"] * steps)
        if step not in seen and np.isfinite([row["loss"], row["accuracy"]]).all():
            seen.add(step)
            yield Scalar(TRAIN, "batch_loss", step, began + row["seconds"], float(row["loss"]))
            yield Scalar(TRAIN, "batch_accuracy", step, began + row["seconds"], float(row["accuracy"]))
    for row in layers.to_dict("records"):
        epoch = int(row["epoch"])
        for column in ("weight_norm", "change", "gradient_norm"):
            if np.isfinite(row[column]):
                tag = f"{column}/{row['layer'].replace(' ', '_')}"
                yield Scalar(TRAIN, tag, epoch - 1, moments.get(epoch, began), float(row[column]))


def read_logs(path: Path) -> dict[tuple[str, str, int], float]:
    """Return the values in zipped logs by folder, curve and step, as TensorBoard reads them."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found: dict[tuple[str, str, int], float] = {}
    with tempfile.TemporaryDirectory() as scratch:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(scratch)
        for file in sorted(Path(scratch).rglob("events.out.tfevents.*")):
            reader = EventAccumulator(str(file), size_guidance={"scalars": 0, "tensors": 0})
            reader.Reload()
            for tag in reader.Tags()["scalars"]:
                found |= {(file.parent.name, tag, event.step): event.value for event in reader.Scalars(tag)}
    return found


def _write_part(run: Run, folder: Path, points: list[Scalar]) -> None:
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    writer = EventFileWriter(str(folder))
    try:
        if points[0].part == TRAIN:
            writer.add_event(Event(wall_time=points[0].moment, step=0, summary=_describe(run)))
        for point in points:
            value = Summary.Value(tag=point.tag, simple_value=point.value)
            writer.add_event(Event(wall_time=point.moment, step=point.step, summary=Summary(value=[value])))
    finally:
        writer.close()


def _describe(run: Run) -> Any:
    """Return the run's settings as a text that TensorBoard shows under Text, in Markdown."""
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.text import metadata
    from tensorboard.util import tensor_util

    settings = {"run": run.run_id, "recipe": run.recipe, **run.config.to_dict()}
    table = "\n".join(f"| {name} | `{json.dumps(value)}` |" for name, value in settings.items())
    text = f"| setting | value |\n|---|---|\n{table}"
    return Summary(
        value=[
            Summary.Value(
                tag="settings",
                tensor=tensor_util.make_tensor_proto(text),
                metadata=metadata.create_summary_metadata(display_name="settings", description=""),
            )
        ]
    )
