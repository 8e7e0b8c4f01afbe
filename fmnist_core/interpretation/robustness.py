"""How a network's accuracy falls as its pictures are changed more and more."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.config import choose_items
from fmnist_core.evaluation.intervals import compute_wilson
from fmnist_core.fetch import Report, no_report
from fmnist_core.interpretation.changes import CHANGES
from fmnist_core.runs import Run
from fmnist_core.splits import take_stratified

Predict = Callable[[NDArray[np.uint8]], NDArray[np.float32]]

ITEMS = 2_000
SEED = 0
# Of the study, so that one made with other strengths is not taken for it.
SETTINGS = {"strengths": {name: list(change.strengths) for name, change in CHANGES.items()}}


@dataclass(frozen=True, eq=False)
class Curve:
    """The accuracy of a network under one change, from its lowest to its highest strength.

    Attributes:
        strengths: (k,), rising.
        accuracy, low, high: (k,) each, with the 95% interval, from 0 to 1.
    """

    strengths: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def draw_sample(run: Run, labels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the numbers of `ITEMS` items of the run's own test part, evenly from its classes.

    Args:
        run: it need not have been tested.
        labels: of all 70,000 items.
    """
    test = choose_items(run.config, labels).test
    return take_stratified(test, labels, min(ITEMS, len(test)), SEED)


def count_right(
    predict: Predict, images: NDArray[np.uint8], labels: NDArray[np.uint8], report: Report = no_report
) -> dict[str, NDArray[np.int64]]:
    """Count how many pictures a network names rightly under each change, at each of its strengths.

    Args:
        predict: from pictures (n, 28, 28) uint8 to probabilities (n, 10), as a `Predictor` does.
        images: (n, 28, 28) uint8.
        labels: (n,).
        report: called with a sentence and the share done, before each strength.

    Returns:
        By key of `CHANGES` an array (k,), one number for each of its `strengths`.
    """
    total = sum(len(change.strengths) for change in CHANGES.values())
    unchanged, done = int((predict(images).argmax(axis=1) == labels).sum()), 0
    counts = {}
    for key, change in CHANGES.items():
        counts[key] = np.full(len(change.strengths), unchanged)
        for place, strength in enumerate(change.strengths):
            report(f"{change.title} {change.say(strength)}", done / total)
            done += 1
            if strength != change.neutral:
                answers = predict(change(images, strength)).argmax(axis=1)
                counts[key][place] = (answers == labels).sum()
    return counts


def compute_curves(counts: Mapping[str, NDArray[np.int64]], n_items: int) -> dict[str, Curve]:
    """Return by key of `CHANGES` the curve that `count_right` of n items gives; a change it does not know has none."""
    curves = {}
    for key, change in CHANGES.items():
        if key in counts and len(counts[key]) == len(change.strengths):
            shares, low, high = compute_wilson(counts[key], np.full(len(counts[key]), n_items))
            curves[key] = Curve(np.array(change.strengths, float), shares, low, high)
    return curves


def find_weakest(curves: Mapping[str, Curve], key: str, loss: float) -> float | None:
    """Return the strength nearest to the neutral one that costs `loss` or more of the accuracy; None if none does.

    Args:
        curves: as of `compute_curves`.
        key: of the change.
        loss: in shares of all items.
    """
    curve, neutral = curves[key], CHANGES[key].neutral
    unchanged = curve.accuracy[curve.strengths == neutral][0]
    fallen = curve.strengths[curve.accuracy <= unchanged - loss]
    return None if len(fallen) == 0 else float(fallen[np.abs(fallen - neutral).argmin()])


def study_robustness(run: Run, settings: Mapping[str, Any], report: Report) -> dict[str, NDArray[Any]]:
    """Count for a run what `count_right` counts, over `draw_sample`; a study, see `studies`.

    Returns:
        `items`, the sample, and by key of `CHANGES` the counts.

    Raises:
        RunNotFoundError: if the run has no network that can be loaded.
    """
    from fmnist_core.data import load_dataset
    from fmnist_core.prediction import Predictor

    report("Loading the network", 0.0)
    dataset = load_dataset()
    items = draw_sample(run, dataset.labels)
    predictor = Predictor(run.path / "model.keras")
    return {"items": items, **count_right(predictor, dataset.images[items], dataset.labels[items], report)}
