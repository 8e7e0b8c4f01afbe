"""The curves of a training, worked out for a chart: smoothed, along another axis, with repeats and earlier runs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core import run_data
from fmnist_core.runs import Run
from fmnist_core.settings import Settings, check_choice, check_real

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

AXES = {"epochs": "Epochs", "batches": "Batches", "seconds": "Seconds"}
METRICS = ("accuracy", "loss")

# Ends of axes: few enough that an axis which grows does so seldom.
_ROUND = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_MARKS = (1.0, 2.0, 5.0, 10.0)
# Guessing among ten classes has a loss of ln 10 = 2.30.
_GUESSING = 2.5


@dataclass(frozen=True)
class View(Settings):
    """How to look at curves.

    Attributes:
        smoothing: 0 for none, up to 0.99; see `smooth`.
        axis: key of `AXES`.
        log_loss: whether the loss is shown on a logarithmic scale.
        inside: whether the training is shown inside the epochs, or at their ends only.
    """

    smoothing: float = 0.0
    axis: str = "epochs"
    log_loss: bool = False
    inside: bool = True

    def __post_init__(self) -> None:
        check_real("smoothing", self.smoothing, 0, 0.99)
        check_choice("axis", self.axis, AXES)


@dataclass(frozen=True, eq=False)
class Tables:
    """What curves are made of.

    Attributes:
        history: one row an epoch, `run_data.HISTORY_COLUMNS`.
        batches: the points inside the epochs, `run_data.BATCH_COLUMNS`.
        steps: batches an epoch.
        epochs: how many are planned, or were whole when it ended.
        label: what the run is called in a legend.
    """

    history: "pd.DataFrame"
    batches: "pd.DataFrame"
    steps: int
    epochs: int
    label: str = ""


@dataclass(frozen=True, eq=False)
class Line:
    """Points (n,) of one line, `raw` being the heights before they were smoothed, the same if they were not."""

    x: Floats
    y: Floats
    raw: Floats
    label: str = ""


@dataclass(frozen=True, eq=False)
class Band:
    """Mean, least and greatest of several runs at each epoch, over `runs` that have got that far; each (n,)."""

    epochs: Floats
    mean: Floats
    low: Floats
    high: Floats
    runs: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Chart:
    """All that a chart of one metric shows.

    Attributes:
        metric: one of `METRICS`.
        axis: key of `AXES`.
        x_range: the ends of the horizontal axis.
        y_range: those of the vertical one; its logarithms to the base of ten if `log`.
        log: whether the vertical axis is logarithmic.
        inside: training inside the epochs; without points if that is not wished.
        training, validation: at the ends of the epochs; of several seeds their mean.
        bands: x, least and greatest of several seeds, for training and validation; None for one seed.
        earlier: other runs' validation, or training if they had none.
    """

    metric: str
    axis: str
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    log: bool
    inside: Line
    training: Line
    validation: Line
    bands: tuple[tuple[Floats, Floats, Floats], ...] | None
    earlier: tuple[Line, ...]


def load_tables(run: Run, label: str = "") -> Tables:
    """Read the tables of a run, whole or in progress."""
    available = (run.record.get("items") or {}).get("train")
    steps = run.config.count_steps(int(available)) if available else 1
    history = run_data.load_history(run)
    # A run that stopped early has no use for the room of the epochs that it did without.
    epochs = run.config.epochs if run.active or history.empty else len(history)
    return Tables(history, run_data.load_batches(run), steps, epochs, label)


def smooth(values: Floats, strength: float) -> Floats:
    """Return the exponential moving average of values (n,), not drawn to zero at its start.

    Each average is `strength` times the one before and the rest of the new value, divided by the weight that the
    values so far have together, as TensorBoard does it. What is not finite is passed over and stays as it is.
    """
    smoothed, average, weight = np.array(values, dtype=float), 0.0, 0.0
    if not strength:
        return smoothed
    for place, value in enumerate(smoothed):
        if math.isfinite(value):
            average = average * strength + (1 - strength) * value
            weight = weight * strength + (1 - strength)
            smoothed[place] = average / weight
    return smoothed


def compute_seconds(tables: Tables, positions: Floats) -> Floats:
    """Return how long a run had trained at positions in epochs; a clock that began anew when it went on is set on."""
    if len(tables.batches):
        epochs, seconds = (tables.batches[name].to_numpy(dtype=float) for name in ("epoch", "seconds"))
        breaks = np.flatnonzero(np.diff(seconds) < 0)
        for place in breaks:
            seconds = np.where(np.arange(len(seconds)) > place, seconds + seconds[place], seconds)
    else:
        epochs, seconds = tables.history["epoch"].to_numpy(dtype=float), tables.history["seconds"].cumsum().to_numpy()
    return np.interp(positions, np.concatenate([[0.0], epochs]), np.concatenate([[0.0], seconds]))


def compute_band(histories: Sequence["pd.DataFrame"], column: str) -> Band:
    """Return mean, least and greatest value of a column at each epoch that any run has had."""
    epochs, values = (
        np.concatenate([history[name].to_numpy(dtype=float) for history in histories]) for name in ("epoch", column)
    )
    known = np.isfinite(values)
    found, place, runs = np.unique(epochs[known], return_inverse=True, return_counts=True)
    low, high = np.full(len(found), np.inf), np.full(len(found), -np.inf)
    np.minimum.at(low, place, values[known])
    np.maximum.at(high, place, values[known])
    return Band(found, np.bincount(place, values[known], len(found)) / runs, low, high, runs)


def build_chart(
    metric: str,
    view: View,
    watched: Tables,
    repeats: Sequence[Tables] = (),
    earlier: Sequence[Tables] = (),
    seconds: float | None = None,
) -> Chart:
    """Work out what a chart shows.

    Args:
        metric: one of `METRICS`.
        view: how to look at it.
        watched: the run.
        repeats: the same training with all seeds, `watched` among them; fewer than two make no band.
        earlier: runs to compare with.
        seconds: how long the training will have taken, as far as is known.
    """
    log = metric == "loss" and view.log_loss
    points = watched.batches if view.inside else watched.batches.head(0)
    inside = _make_line(watched, points["epoch"], points[metric], view)
    training, validation, bands = _make_ends(metric, view, watched, repeats)
    others = tuple(_make_earlier(tables, metric, view) for tables in earlier)
    lines = (training, validation, inside)
    heights = [line.raw for line in (*lines, *others)] + [height for _, *both in bands or () for height in both]
    return Chart(
        metric=metric,
        axis=view.axis,
        x_range=_frame_x(view.axis, watched, lines, seconds),
        y_range=frame_y(metric, np.concatenate(heights), log),
        log=log,
        inside=inside,
        training=training,
        validation=validation,
        bands=bands,
        earlier=others,
    )


def _make_ends(
    metric: str, view: View, watched: Tables, repeats: Sequence[Tables]
) -> tuple[Line, Line, tuple[tuple[Floats, Floats, Floats], ...] | None]:
    """Return training and validation at the ends of the epochs, and their bands if there are several seeds."""
    columns = (metric, f"val_{metric}")
    seeds = [tables for tables in repeats if len(tables.history)]
    if len(seeds) < 2:
        training, validation = (
            _make_line(watched, watched.history["epoch"], watched.history[column], view) for column in columns
        )
        return training, validation, None
    bands = [compute_band([tables.history for tables in seeds], column) for column in columns]
    longest = max(seeds, key=lambda tables: len(tables.history))
    training, validation = (_make_line(longest, band.epochs, band.mean, view) for band in bands)
    edges = tuple(
        (line.x, smooth(band.low, view.smoothing), smooth(band.high, view.smoothing))
        for line, band in zip((training, validation), bands, strict=True)
    )
    return training, validation, edges


def frame_y(metric: str, values: Floats, log: bool = False) -> tuple[float, float]:
    """Return the ends of a vertical axis that hold values (n,) and move seldom while more of them come."""
    values = values[np.isfinite(values)]
    if metric == "accuracy":
        # The top stays: what is missing to 100% is what one wants to see.
        lowest = math.floor(float(values.min()) * 10) / 10 if len(values) else 0.0
        return (min(lowest, 0.9), 1.005)
    values = values[values > 0]
    highest = round_up(float(values.max())) if len(values) else _GUESSING
    if not log:
        return (0.0, highest)
    lowest = round_down(float(values.min())) if len(values) else 0.1
    return (math.log10(min(lowest, highest / 2)), math.log10(highest))


def frame_norms(values: Floats) -> tuple[float, float]:
    """Return the ends, 1, 2 or 5 times a power of ten, of an axis that holds the positive values; as logarithms."""
    values = values[np.isfinite(values) & (values > 0)]
    if not len(values):
        return (-1.0, 0.0)
    low, high = round_down(float(values.min()), _MARKS), round_up(float(values.max()), _MARKS)
    return (math.log10(low if low < high else low / 2), math.log10(high))


def round_up(value: float, steps: Sequence[float] = _ROUND) -> float:
    """Return the next round number, at least a positive `value`."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * step for step in steps if power * step >= value * (1 - 1e-9))


def round_down(value: float, steps: Sequence[float] = _ROUND) -> float:
    """Return the last round number, at most a positive `value`."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * step for step in reversed(steps) if power * step <= value * (1 + 1e-9))


def _make_line(tables: Tables, positions: Any, heights: Any, view: View) -> Line:
    along, raw = np.asarray(positions, dtype=float), np.asarray(heights, dtype=float)
    return Line(_along(view.axis, tables, along), smooth(raw, view.smoothing), raw, tables.label)


def _make_earlier(tables: Tables, metric: str, view: View) -> Line:
    column = f"val_{metric}" if tables.history[f"val_{metric}"].notna().any() else metric
    return _make_line(tables, tables.history["epoch"], tables.history[column], view)


def _along(axis: str, tables: Tables, positions: Floats) -> Floats:
    if axis == "seconds":
        return compute_seconds(tables, positions)
    return positions * tables.steps if axis == "batches" else positions


def _frame_x(axis: str, watched: Tables, lines: Sequence[Line], seconds: float | None) -> tuple[float, float]:
    if axis != "seconds":
        return (0.0, watched.epochs * (watched.steps if axis == "batches" else 1) * 1.01)
    latest = max((float(line.x.max()) for line in lines if len(line.x)), default=0.0)
    return (0.0, round_up(max(seconds or latest, 1.0)))
