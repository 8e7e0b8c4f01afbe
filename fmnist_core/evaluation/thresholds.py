"""Curves of one class against the other nine: what a threshold on its probability finds, and what that costs."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.evaluation.intervals import Floats

# Points of a curve that is drawn: more cannot be seen.
MOST_POINTS = 150


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve through the points of all thresholds, (p,) each, from the highest threshold to the lowest.

    Attributes:
        x, y: false alarms and recall (ROC), or recall and precision; all 0 to 1.
        thresholds: from which probability on an item is given the class; NaN where there is no single one.
        area: below the curve: AUC of a ROC curve, average precision of the other.
    """

    x: Floats
    y: Floats
    thresholds: Floats
    area: float


@dataclass(frozen=True, eq=False)
class ClassCurves:
    """Curves by class index, of the classes that have items and are not all there is, and the mean of them."""

    by_class: dict[int, Curve]
    macro: Curve


def compute_roc_curves(labels: NDArray[np.uint8], probabilities: NDArray[np.floating]) -> ClassCurves | None:
    """Return ROC curves: false alarms (share of the other classes' items) against recall.

    The mean curve has at each rate of false alarms the mean recall, so that its area is the mean of the areas.

    Args:
        labels: true classes, (n,).
        probabilities: (n, 10).

    Returns:
        The curves, or None if there are not two classes.
    """
    return _collect(labels, probabilities, _build_roc, _average_roc)


def compute_precision_recall_curves(
    labels: NDArray[np.uint8], probabilities: NDArray[np.floating]
) -> ClassCurves | None:
    """Return curves of recall against precision; see `compute_roc_curves` for the arguments.

    The area is average precision, the sum of the precisions weighted by the steps in recall. The mean curve has at
    each recall the mean precision.
    """
    return _collect(labels, probabilities, _build_precision_recall, _average_precision_recall)


def _collect(
    labels: NDArray[np.uint8],
    probabilities: NDArray[np.floating],
    build: Callable[[Floats, Floats, Floats], Curve],
    average: Callable[[list[Curve]], Curve],
) -> ClassCurves | None:
    by_class = {}
    for class_index in range(len(CLASS_NAMES)):
        belongs = labels == class_index
        if 0 < belongs.sum() < len(labels):
            by_class[class_index] = build(*_count_above(belongs, probabilities[:, class_index]))
    if not by_class:
        return None
    return ClassCurves({index: thin_out(curve) for index, curve in by_class.items()}, average(list(by_class.values())))


def _count_above(belongs: NDArray[np.bool_], scores: NDArray[np.floating]) -> tuple[Floats, Floats, Floats]:
    """Return at each threshold that occurs, falling, how many hits and false alarms there are, and the threshold."""
    order = np.argsort(-scores, kind="stable")
    sorted_scores = scores[order].astype(np.float64)
    last_of_equals = np.append(np.flatnonzero(np.diff(sorted_scores)), len(scores) - 1)
    hits = np.cumsum(belongs[order], dtype=np.float64)[last_of_equals]
    return hits, last_of_equals + 1 - hits, sorted_scores[last_of_equals]


def _build_roc(hits: Floats, alarms: Floats, thresholds: Floats) -> Curve:
    x, y = np.append(0.0, alarms / alarms[-1]), np.append(0.0, hits / hits[-1])
    return Curve(x, y, np.append(np.nan, thresholds), float(np.trapezoid(y, x)))


def _build_precision_recall(hits: Floats, alarms: Floats, thresholds: Floats) -> Curve:
    recall, precision = hits / hits[-1], hits / (hits + alarms)
    area = float(np.diff(recall, prepend=0.0) @ precision)
    # Where nothing is found yet, nothing is wrong: the customary beginning.
    return Curve(np.append(0.0, recall), np.append(1.0, precision), np.append(np.nan, thresholds), area)


def _average_roc(curves: list[Curve]) -> Curve:
    # Between its points a curve is a line; at a step the upper end counts, as it is what can be had.
    grid = np.unique(np.concatenate([curve.x for curve in curves]))
    y = np.mean([_interpolate_upper(grid, curve) for curve in curves], axis=0)
    x, y = np.append(0.0, grid), np.append(0.0, y)
    area = float(np.mean([curve.area for curve in curves]))
    return thin_out(Curve(x, y, np.full(len(x), np.nan), area))


def _interpolate_upper(grid: Floats, curve: Curve) -> Floats:
    last_of_equals = np.append(np.flatnonzero(np.diff(curve.x)), len(curve.x) - 1)
    return np.interp(grid, curve.x[last_of_equals], curve.y[last_of_equals])


def _average_precision_recall(curves: list[Curve]) -> Curve:
    grid = np.unique(np.concatenate([curve.x for curve in curves]))
    # To find that much, one must go down to the first threshold that does.
    y = np.mean([curve.y[np.searchsorted(curve.x, grid)] for curve in curves], axis=0)
    area = float(np.mean([curve.area for curve in curves]))
    return thin_out(Curve(grid, y, np.full(len(grid), np.nan), area))


def thin_out(curve: Curve, most: int = MOST_POINTS) -> Curve:
    """Return a curve with `most` of its points at most, evenly spread along it, its ends among them."""
    if len(curve.x) <= most:
        return curve
    way = np.append(0.0, np.cumsum(np.abs(np.diff(curve.x)) + np.abs(np.diff(curve.y))))
    # By its course alone all would lie in the steep parts, and by count alone in the crowded ones: half of each.
    share = way / way[-1] + np.linspace(0, 1, len(way))
    kept = np.unique(np.searchsorted(share, np.linspace(0, 2, most)).clip(0, len(way) - 1))
    return Curve(curve.x[kept], curve.y[kept], curve.thresholds[kept], curve.area)
