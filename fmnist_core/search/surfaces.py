"""What a search found over two settings: the mean of each pair that was tried, or a smooth surface between trials."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_RESOLUTION = 40
_WIDTH = 0.12
_LEAST_WEIGHT = 0.1


class Surface(NamedTuple):
    """A surface over two settings.

    Attributes:
        values: (rows, columns), NaN where no trial is near.
        across: (columns,), places along the first setting's axis.
        upward: (rows,), places along the second setting's.
    """

    values: NDArray[np.float64]
    across: NDArray[np.float64]
    upward: NDArray[np.float64]


class Cells(NamedTuple):
    """The pairs of two settings.

    Attributes:
        means: (rows, columns), NaN where nothing was tried.
        counts: (rows, columns), trials of each pair.
    """

    means: NDArray[np.float64]
    counts: NDArray[np.int64]


def compute_cells(
    across: Sequence[Any],
    upward: Sequence[Any],
    values: Sequence[float],
    columns: Sequence[Any],
    rows: Sequence[Any],
) -> Cells:
    """Work out the mean value of each pair of settings.

    Args:
        across: the first setting of each trial.
        upward: the second.
        values: what each trial reached.
        columns: what the first may be; trials with anything else are passed over.
        rows: what the second may be.
    """
    sums, counts = np.zeros((len(rows), len(columns))), np.zeros((len(rows), len(columns)), np.int64)
    at_column = {choice: place for place, choice in enumerate(columns)}
    at_row = {choice: place for place, choice in enumerate(rows)}
    for one, other, value in zip(across, upward, values, strict=True):
        if one in at_column and other in at_row and np.isfinite(value):
            sums[at_row[other], at_column[one]] += value
            counts[at_row[other], at_column[one]] += 1
    return Cells(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan), counts)


def compute_surface(
    across: NDArray[np.floating], upward: NDArray[np.floating], values: NDArray[np.floating]
) -> Surface:
    """Smooth what trials reached over two settings: a mean of those near by, weighted by a Gaussian of their distance.

    It is the kernel regression of Nadaraya (1964) and Watson (1964), with a width of 12% of each axis, and is left
    empty where trials are too far away to say anything.

    Args:
        across: (n,), places along the first axis; the logarithm where that is logarithmic.
        upward: (n,), places along the second.
        values: (n,), what was reached.
    """
    if not len(values):
        empty = np.zeros(0)
        return Surface(np.zeros((0, 0)), empty, empty)
    axes = [_spread_axis(places) for places in (across, upward)]
    distances = [
        (axis[:, np.newaxis] - places[np.newaxis, :]) / max(float(np.ptp(axis)), 1e-12) / _WIDTH
        for axis, places in zip(axes, (across, upward), strict=True)
    ]
    near = [np.exp(-0.5 * distance**2) for distance in distances]
    weights = np.einsum("ct,rt->rct", *near)
    total = weights.sum(axis=2)
    smooth = (weights * values).sum(axis=2) / np.maximum(total, 1e-300)
    return Surface(np.where(total >= _LEAST_WEIGHT, smooth, np.nan), *axes)


def _spread_axis(places: NDArray[np.floating]) -> NDArray[np.float64]:
    low, high = float(places.min()), float(places.max())
    margin = 0.06 * (high - low) or 0.5
    return np.linspace(low - margin, high + margin, _RESOLUTION)
