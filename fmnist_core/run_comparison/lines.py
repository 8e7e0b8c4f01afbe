"""The curves of several runs: along epochs, seconds or multiplications, aligned, with a band over seeds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fmnist_core import architectures
from fmnist_core.curves import Floats, Tables, compute_seconds, smooth
from fmnist_core.run_comparison.choice import Group
from fmnist_core.runs import Run
from fmnist_core.settings import Settings, check_choice, check_real

METRICS = {"accuracy": "Accuracy", "error": "Error rate", "loss": "Loss"}
PARTS = {"validation": "Validation", "training": "Training", "both": "Both"}
AXES = {"epochs": "Epochs", "seconds": "Seconds", "operations": "Multiplications"}
ALIGNMENTS = {"start": "Start", "best": "Best epoch", "end": "End"}

# Forward once, backward twice: to the inputs and to the weights of every layer (Kaplan et al., arXiv 2001.08361).
FORWARD_AND_BACKWARD = 3


@dataclass(frozen=True)
class CompareView(Settings):
    """How to look at the curves of several runs.

    Attributes:
        metric: key of `METRICS`; the error rate is 1 minus the accuracy.
        part: key of `PARTS`.
        axis: key of `AXES`.
        align: key of `ALIGNMENTS`, where all lines stand at 0.
        smoothing: 0 for none, up to 0.99; see `curves.smooth`.
        log_x: whether the horizontal axis is logarithmic, which it can be only if lines are aligned at their start.
        log_y: whether the vertical axis is.
        pooled: whether runs that differ only in the seed are drawn as one.
    """

    metric: str = "accuracy"
    part: str = "validation"
    axis: str = "epochs"
    align: str = "start"
    smoothing: float = 0.0
    log_x: bool = False
    log_y: bool = False
    pooled: bool = True

    def __post_init__(self) -> None:
        check_choice("metric", self.metric, METRICS)
        check_choice("part", self.part, PARTS)
        check_choice("axis", self.axis, AXES)
        check_choice("align", self.align, ALIGNMENTS)
        check_real("smoothing", self.smoothing, 0, 0.99)

    @property
    def is_log_x(self) -> bool:
        """Whether the horizontal axis is logarithmic after all."""
        return self.log_x and self.align == "start"

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that are drawn."""
        return ("training", "validation") if self.part == "both" else (self.part,)


@dataclass(frozen=True, eq=False)
class GroupLine:
    """One line of a chart, n points at the ends of epochs.

    Attributes:
        name: of its group.
        label: what a legend calls the group.
        part: "training" or "validation".
        x: (n,), 0 where the lines are aligned.
        epochs: which epochs these are, (n,), counted from there too.
        mean: of the seeds, smoothed, (n,); of a single run its own values.
        raw: the same, not smoothed, (n,).
        deviation: standard deviation over the seeds, with n - 1, (n,); 0 for one.
        low, high: least and greatest of the seeds, (n,).
        seeds: how many runs have got that far, (n,).
    """

    name: str
    label: str
    part: str
    x: Floats
    epochs: Floats
    mean: Floats
    raw: Floats
    deviation: Floats
    low: Floats
    high: Floats
    seeds: Floats

    @property
    def has_band(self) -> bool:
        """Whether there are several seeds."""
        return bool((self.seeds > 1).any())


def count_training_operations(run: Run) -> int | None:
    """Return how many multiplications an epoch of a run takes, forward and backward; None if that is not known.

    One item takes `architectures.count_operations` forward, and twice as many backward.
    """
    available = (run.record.get("items") or {}).get("train")
    if run.config.is_baseline or not available:
        return None
    forward = architectures.count_operations(run.config.stack)
    return FORWARD_AND_BACKWARD * forward * run.config.count_items(int(available))


def build_lines(groups: Sequence[Group], tables: Mapping[str, Tables], view: CompareView) -> list[GroupLine]:
    """Work out the lines of a chart; a group that has nothing to show on these axes has none.

    Args:
        groups: the runs, those together that are drawn as one.
        tables: by run_id, of all runs of the groups.
        view: how to look at them.
    """
    lines = []
    for group in groups:
        for part in view.parts:
            traces = [trace for run in group.runs if (trace := _trace(run, tables[run.run_id], part, view)) is not None]
            if traces:
                lines.append(_join(group, part, traces, whole=view.align != "start"))
    return lines


def find_best(table: Tables) -> float:
    """Return the epoch with the highest accuracy in validation, or in training if nothing was validated; 0 if none."""
    for column in ("val_accuracy", "accuracy"):
        values = table.history[column].to_numpy(dtype=float)
        if np.isfinite(values).any():
            return float(table.history["epoch"].iloc[int(np.nanargmax(values))])
    return 0.0


def _trace(run: Run, table: Tables, part: str, view: CompareView) -> tuple[Floats, ...] | None:
    """Return epochs, places on the axis, smoothed and raw heights of one run; None if there are none."""
    column = "loss" if view.metric == "loss" else "accuracy"
    heights = table.history[column if part == "training" else f"val_{column}"].to_numpy(dtype=float)
    known = np.isfinite(heights)
    place = _find_place(run, table, view.axis)
    if place is None or not known.any():
        return None
    epochs = table.history["epoch"].to_numpy(dtype=float)
    last = float(epochs.max())
    origin = {"start": 0.0, "end": last, "best": find_best(table)}[view.align]
    raw = (1 - heights if view.metric == "error" else heights)[known]
    along = place(epochs[known]) - float(place(np.array([origin]))[0])
    return epochs[known] - origin, along, smooth(raw, view.smoothing), raw


def _find_place(run: Run, table: Tables, axis: str) -> Callable[[Floats], Floats] | None:
    """Return what tells where epochs stand on an axis; None if that is not known of this run."""
    if axis == "epochs":
        return lambda epochs: epochs
    if axis == "seconds":
        return lambda epochs: compute_seconds(table, epochs)
    operations = count_training_operations(run)
    return None if operations is None else lambda epochs: epochs * operations


def _join(group: Group, part: str, traces: Sequence[tuple[Floats, ...]], whole: bool) -> GroupLine:
    """Return one line of the traces of a group's runs, epoch by epoch over those that have got that far.

    If `whole`, only where all have: a seed that joins late brings its first epoch, and the mean would jump.
    """
    epochs, x, smoothed, raw = (np.concatenate(values) for values in zip(*traces, strict=True))
    found, place, seeds = np.unique(epochs, return_inverse=True, return_counts=True)
    if whole:
        kept = (seeds == len(traces))[place]
        epochs, x, smoothed, raw = (values[kept] for values in (epochs, x, smoothed, raw))
        found, place, seeds = np.unique(epochs, return_inverse=True, return_counts=True)
    n_epochs = len(found)

    def average(values: Floats) -> Floats:
        return np.bincount(place, values, n_epochs) / seeds

    mean = average(smoothed)
    squares = np.bincount(place, (smoothed - mean[place]) ** 2, n_epochs)
    low, high = np.full(n_epochs, np.inf), np.full(n_epochs, -np.inf)
    np.minimum.at(low, place, smoothed)
    np.maximum.at(high, place, smoothed)
    return GroupLine(
        name=group.name,
        label=group.title,
        part=part,
        x=average(x),
        epochs=found,
        mean=mean,
        raw=average(raw),
        deviation=np.sqrt(squares / np.maximum(seeds - 1, 1)),
        low=low,
        high=high,
        seeds=seeds.astype(float),
    )
