"""How far chance in choosing the items may have moved a figure: 95% intervals.

Shares have Wilson's interval (JASA 22, 1927); differences of two shares Newcombe's, made of two of these
(Statistics in Medicine 17, 1998, method 10); everything else the percentile bootstrap (Efron, 1979), which draws the
items anew, with replacement, and looks how far the figure goes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESAMPLES = 1_000
LEVEL = 0.95
# The standard normal distribution leaves 2.5% above this.
_Z = 1.959963984540054
# Resamples drawn at once: their positions then stay within a processor's cache.
_CHUNK = 20


@dataclass(frozen=True)
class Estimate:
    """A figure with the ends of its 95% interval."""

    value: float
    low: float
    high: float


def compute_wilson(hits: NDArray[np.number], totals: NDArray[np.number]) -> tuple[Floats, Floats, Floats]:
    """Return shares with the ends of their intervals, all of the shape of `hits`.

    Where there is nothing to count, the share is NaN and may be anything from 0 to 1.

    Args:
        hits: how many were counted.
        totals: of how many, of the same shape.
    """
    shares = np.divide(hits, totals, out=np.full(np.shape(hits), np.nan), where=np.asarray(totals) > 0)
    sizes = np.maximum(totals, 1)
    weight = _Z**2 / sizes
    center = (shares + weight / 2) / (1 + weight)
    reach = _Z / (1 + weight) * np.sqrt(shares * (1 - shares) / sizes + weight / sizes / 4)
    # At 0 and 1 only rounding keeps the interval from ending there.
    low = np.where(np.equal(hits, 0), 0.0, center - reach)
    high = np.where(np.equal(hits, totals), 1.0, center + reach)
    return shares, low, high


def estimate_share(hits: int, total: int) -> Estimate:
    """Return the share of `hits` in `total`, at least 1, with its interval."""
    value, low, high = compute_wilson(np.array(hits), np.array(total))
    return Estimate(float(value), float(low), float(high))


def estimate_difference(first: Estimate, second: Estimate) -> Estimate:
    """Return by how much the share of some items exceeds that of others, with its interval (Newcombe, 1998)."""
    difference = first.value - second.value
    below = np.hypot(first.value - first.low, second.high - second.value)
    above = np.hypot(first.high - first.value, second.value - second.low)
    return Estimate(difference, float(difference - below), float(difference + above))


def resample_means(values: Floats, seed: int = 0, resamples: int = RESAMPLES) -> Floats:
    """Return the means over items drawn anew, (resamples, k): a bootstrap of the columns' means.

    Args:
        values: what each of n items contributes to k figures, (n, k).
        seed: decides which items are drawn; those of a resample are the same for all k.
        resamples: how often n items are drawn from the n.
    """
    n_items = len(values)
    generator = np.random.default_rng(seed)
    means = np.empty((resamples, values.shape[1]))
    for start in range(0, resamples, _CHUNK):
        rows = means[start : start + _CHUNK]
        drawn = generator.integers(0, n_items, (len(rows), n_items))
        # How often each item was drawn, times what it contributes: far quicker than to look each one up.
        drawn += np.arange(len(rows))[:, np.newaxis] * n_items
        counts = np.bincount(drawn.ravel(), minlength=len(rows) * n_items).reshape(len(rows), n_items)
        rows[:] = counts @ values / n_items
    return means


def resample_confusion(
    confusion_matrix: NDArray[np.int64], seed: int = 0, resamples: int = RESAMPLES
) -> NDArray[np.int64]:
    """Return the confusion matrices of items drawn anew, (resamples, 10, 10).

    What lies in a cell after drawing n items with replacement is multinomial, so no item need be drawn.

    Args:
        confusion_matrix: (10, 10) counts, at least one.
        seed: decides what is drawn.
        resamples: how often.
    """
    counts = confusion_matrix.ravel()
    drawn = np.random.default_rng(seed).multinomial(counts.sum(), counts / counts.sum(), resamples)
    return drawn.reshape(resamples, *confusion_matrix.shape)


def find_ends(resampled: Floats) -> tuple[Floats, Floats]:
    """Return between which values the middle 95% of the resamples (the first axis) lie; NaNs are passed over."""
    low, high = np.nanquantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return low, high
