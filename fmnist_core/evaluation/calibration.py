"""Whether a network is as often right as it is sure, and a single number that mends it.

Reliability diagram, expected and maximum calibration error, temperature scaling: Guo et al., "On calibration of
modern neural networks" (ICML 2017, arXiv 1706.04599).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import InvalidSettingError
from fmnist_core.evaluation.intervals import Floats, compute_wilson
from fmnist_core.evaluation.metrics import LEAST_PROBABILITY, compute_log_losses

# As many as in the paper.
BINS = 15
# Beyond these a network is either of no use or has nothing to be mended.
TEMPERATURES = (0.05, 20.0)


@dataclass(frozen=True, eq=False)
class Reliability:
    """How often a network is right when it is so and so sure, in b bins of equal width.

    Attributes:
        edges: of the bins, (b + 1,), 0 to 1; an item on an edge belongs to the bin below it.
        counts: items in each bin, (b,).
        confidence: their mean confidence, (b,); NaN in an empty bin.
        accuracy: share of them that is right, (b,); NaN in an empty bin.
        low, high: ends of its 95% interval, (b,).
        expected_error: ECE: distance between confidence and accuracy, averaged over the items.
        maximum_error: MCE: the largest such distance of any bin.
        mean_confidence: of all items.
        mean_accuracy: of all items.
    """

    edges: Floats
    counts: NDArray[np.int64]
    confidence: Floats
    accuracy: Floats
    low: Floats
    high: Floats
    expected_error: float
    maximum_error: float
    mean_confidence: float
    mean_accuracy: float


def compute_reliability(
    labels: NDArray[np.uint8], probabilities: NDArray[np.floating], n_bins: int = BINS
) -> Reliability:
    """Sort items into bins by how sure the network is of its answer, and see how often it is right in each.

    Args:
        labels: true classes, (n,), n at least 1.
        probabilities: (n, 10).
        n_bins: how many bins there are from 0 to 1, at least 1.

    Raises:
        InvalidSettingError: if there are no items.
    """
    if len(labels) == 0:
        raise InvalidSettingError("The number of items must be at least 1. Received: 0.")
    confidences = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    edges = np.linspace(0, 1, n_bins + 1)
    # Bins are (low, high], as in the paper; rounding may leave a confidence just above 1.
    places = np.clip(np.searchsorted(edges, confidences, side="left") - 1, 0, n_bins - 1)
    counts = np.bincount(places, minlength=n_bins)
    hits = np.bincount(places, right, n_bins)
    accuracy, low, high = compute_wilson(hits, counts)
    sums = np.bincount(places, confidences, n_bins)
    confidence = np.divide(sums, counts, out=np.full(n_bins, np.nan), where=counts > 0)
    gaps = np.abs(confidence - accuracy)
    return Reliability(
        edges=edges,
        counts=counts,
        confidence=confidence,
        accuracy=accuracy,
        low=low,
        high=high,
        expected_error=float(np.nansum(gaps * counts) / counts.sum()),
        maximum_error=float(np.nanmax(gaps)),
        mean_confidence=float(confidences.mean()),
        mean_accuracy=float(right.mean()),
    )


def apply_temperature(probabilities: NDArray[np.floating], temperature: float) -> Floats:
    """Return softmax(log probabilities / temperature), (n, 10) float64: the network's logits divided by it.

    Above 1 it is less sure, below 1 more; the order of the classes, and so every answer, stays. Logits are only
    known up to a number that is the same for all classes, which softmax takes away again. A probability of 0, which
    rounding may have left of a small one, counts as 1e-7.

    Args:
        probabilities: (n, 10).
        temperature: above 0.
    """
    logits = np.log(np.maximum(probabilities.astype(np.float64), LEAST_PROBABILITY)) / temperature
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def fit_temperature(labels: NDArray[np.uint8], probabilities: NDArray[np.floating]) -> float:
    """Return the temperature that makes the truth of these items most probable, within `TEMPERATURES`.

    They must not be items that the network was trained on, nor those that judge the result: validation items.
    Probabilities kept in half precision will do: those below 1e-7 count as that, see `apply_temperature`.

    Args:
        labels: true classes, (n,), n at least 1.
        probabilities: (n, 10).

    Raises:
        InvalidSettingError: if there are no items.
    """
    from scipy.optimize import minimize_scalar

    if len(labels) == 0:
        raise InvalidSettingError("The number of items must be at least 1. Received: 0.")

    # The loss is convex in 1 / temperature, so it has one valley; its logarithm makes both sides alike.
    def compute_loss(exponent: float) -> float:
        return float(compute_log_losses(labels, apply_temperature(probabilities, np.exp(exponent))).mean())

    found = minimize_scalar(compute_loss, bounds=np.log(TEMPERATURES), method="bounded", options={"xatol": 1e-4})
    return float(np.exp(found.x))


@dataclass(frozen=True, eq=False)
class Mending:
    """What a temperature makes of the test items' probabilities.

    Attributes:
        temperature: fitted on other items.
        probabilities: of the test items, (n, 10) float64.
        before, after: how they are calibrated.
        loss_before, loss_after: their log loss.
    """

    temperature: float
    probabilities: Floats
    before: Reliability
    after: Reliability
    loss_before: float
    loss_after: float


def mend(
    labels: NDArray[np.uint8],
    probabilities: NDArray[np.floating],
    other_labels: NDArray[np.uint8],
    other_probabilities: NDArray[np.floating],
    n_bins: int = BINS,
) -> Mending:
    """Fit a temperature on some items, (m,) and (m, 10), and see what it does for others, (n,) and (n, 10)."""
    temperature = fit_temperature(other_labels, other_probabilities)
    mended = apply_temperature(probabilities, temperature)
    return Mending(
        temperature=temperature,
        probabilities=mended,
        before=compute_reliability(labels, probabilities, n_bins),
        after=compute_reliability(labels, mended, n_bins),
        loss_before=float(compute_log_losses(labels, probabilities).mean()),
        loss_after=float(compute_log_losses(labels, mended).mean()),
    )


def say_temperature(temperature: float) -> str:
    """Say in a few words what a temperature tells of a network."""
    # Two decimals are what is shown; what rounds to 1 changes next to nothing.
    if abs(temperature - 1) < 0.05:
        return "about as sure as it may be"
    return "over-confident" if temperature > 1 else "under-confident"
