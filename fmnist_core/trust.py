"""When to believe a network: how sure it may be, and how far a picture is from all that it learned from.

What is known of a run lies in one file, `trust.npz` in its folder for a run that came with the lab, else the result
of the study "trust". `trust_fitting` makes it.

The distance is the mean one to the nearest training items in the penultimate layer, on its first principal components
(Sun et al., "Out-of-distribution detection with deep nearest neighbors", ICML 2022, arXiv 2204.06507).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core import projection_files, strangeness, studies
from fmnist_core.evaluation.calibration import TEMPERATURES
from fmnist_core.evaluation.metrics import LEAST_PROBABILITY
from fmnist_core.runs import Run

Floats = NDArray[np.float32]

N_NEIGHBORS = 5
STUDY = "trust"
FILE = "trust.npz"

# Rows compared at once: few enough for BLAS to stay in one thread, which is quicker where others compute as well.
_ROWS = 256


@dataclass(frozen=True, eq=False)
class Trust:
    """What is known about a network beside its answers.

    Attributes:
        network: checksum of its file, as of `projection_files.checksum`.
        center: mean output of the penultimate layer, (d,) float32.
        axes: its principal components, (d, p) float32.
        steps: length of one step of `codes` along each of them, (p,) float32.
        codes: where the training items lie, (n, p) int8.
        items: their numbers, (n,) int32.
        quantiles: distances of the run's test items in ascending order, (q,) float32, evenly from them all.
        temperature: of a picture as far away as the middle test item.
        growth: power of the distance with which the temperature grows.
        least_confidence: below it the answer is "not sure".
        largest_distance: beyond it the answer is "not sure"; infinite where strangeness decides, which knows more.
        strange_weights: of the numbers by which strange pictures are told, see `strangeness`, (k,) float32; (0,) if
            nobody has found out.
        strange_bias: added to them.
        largest_strangeness: beyond it the answer is "not sure".
        validated: how many validation items decided the last seven; 0 if there were none.
    """

    network: str
    center: Floats
    axes: Floats
    steps: Floats
    codes: NDArray[np.int8]
    items: NDArray[np.int32]
    quantiles: Floats
    temperature: float
    growth: float
    least_confidence: float
    largest_distance: float
    strange_weights: Floats
    strange_bias: float
    largest_strangeness: float
    validated: int

    @cached_property
    def _points(self) -> Floats:
        # Four times as large as the codes, but ready to compute with.
        return self.codes.astype(np.float32) * self.steps

    @cached_property
    def _squares(self) -> Floats:
        return np.einsum("ij,ij->i", self._points, self._points)

    def find_nearest(self, features: Floats, n: int) -> tuple[NDArray[np.int32], Floats]:
        """Return the numbers of the training items nearest to a picture, nearest first, and their distances.

        Args:
            features: what the penultimate layer says of it, (d,).
            n: how many, 1 to the number of training items.
        """
        place = (features - self.center) @ self.axes
        products = np.empty(len(self._points), np.float32)
        for start in range(0, len(products), _ROWS):
            np.dot(self._points[start : start + _ROWS], place, out=products[start : start + _ROWS])
        squares = self._squares - 2 * products
        some = np.argpartition(squares, n - 1)[:n]
        nearest = some[np.argsort(squares[some], kind="stable")]
        return self.items[nearest], np.sqrt(np.maximum(squares[nearest] + place @ place, 0))

    def measure(self, features: Floats, n: int = N_NEIGHBORS) -> Floats:
        """Return the mean distance of pictures to their nearest training items, (m, d) to (m,)."""
        places = (features - self.center) @ self.axes
        distances = np.empty(len(places), np.float32)
        for start in range(0, len(places), _ROWS):
            part = places[start : start + _ROWS]
            squares = self._squares - 2 * part @ self._points.T
            nearest = np.partition(squares, n - 1, axis=1)[:, :n] + np.einsum("ij,ij->i", part, part)[:, np.newaxis]
            distances[start : start + _ROWS] = np.sqrt(np.maximum(nearest, 0)).mean(axis=1)
        return distances

    def compute_strangeness(self, images: NDArray[np.uint8], features: Floats, probabilities: Floats) -> Floats:
        """Return how little pictures look like garments, (n,): above `largest_strangeness` too little to answer.

        Args:
            images: (n, 28, 28) uint8.
            features: what the penultimate layer says of them, (n, d).
            probabilities: what the network says, (n, 10).
        """
        if not len(self.strange_weights):
            return np.full(len(images), -np.inf, np.float32)
        described = self.describe(images, features, probabilities)
        return np.asarray(described @ self.strange_weights + self.strange_bias, np.float32)

    def describe(self, images: NDArray[np.uint8], features: Floats, probabilities: Floats) -> NDArray[np.float64]:
        """Return the numbers by which strange pictures are told, (n, k); the arguments as above."""
        places = (features - self.center) @ self.axes
        return strangeness.describe(images, places, self.measure(features), probabilities)

    def rank(self, distance: float) -> float:
        """Return the share of the run's test items that lie nearer than this, 0 to 1."""
        shares = np.linspace(0, 1, len(self.quantiles))
        return float(np.interp(distance, self.quantiles, shares))

    def calibrate(self, probabilities: Floats, distances: NDArray[Any]) -> Floats:
        """Return probabilities as often right as they say, (m, 10), for pictures at some distances, (m,)."""
        return calibrate(probabilities, self.scale(distances), self.temperature, self.growth)

    def scale(self, distances: NDArray[Any]) -> NDArray[np.float64]:
        """Return distances as multiples of that of the middle test item."""
        middle = float(self.quantiles[len(self.quantiles) // 2])
        return np.maximum(np.asarray(distances, np.float64), 1e-6) / max(middle, 1e-6)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return what `from_arrays` reads."""
        return {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Trust":
        """Read what `to_arrays` gave.

        Raises:
            KeyError: if something is missing.
        """
        found: dict[str, Any] = {field.name: arrays[field.name] for field in fields(cls)}
        return cls(**{name: array.item() if array.ndim == 0 else array for name, array in found.items()})


def calibrate(
    probabilities: NDArray[np.floating], scaled: NDArray[np.float64], temperature: float, growth: float
) -> Floats:
    """Divide logits by a temperature that grows with the distance.

    Temperature scaling, see `evaluation.calibration`, says how sure a network may be of pictures like those that it
    was fitted on. Of what is further away it may be less sure, although it seldom is by itself.

    Args:
        probabilities: (m, 10).
        scaled: distances, (m,), in units of that of the middle test item; above 0.
        temperature: at distance 1.
        growth: power of the distance.
    """
    temperatures = np.clip(temperature * scaled**growth, *TEMPERATURES)
    logits = np.log(np.maximum(probabilities.astype(np.float64), LEAST_PROBABILITY)) / temperatures[:, np.newaxis]
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)


def find_file(run: Run) -> Path | None:
    """Return the file of what is known of a run, or None if there is none."""
    for path in (run.path / FILE, studies.Request(run, STUDY, {}).path):
        if path.is_file():
            return path
    return None


def load_trust(run: Run) -> Trust | None:
    """Return what is known of a run, or None if nothing is, or only of an earlier state of its network."""
    path = find_file(run)
    if path is None:
        return None
    try:
        with np.load(path) as arrays:
            found = Trust.from_arrays(arrays)
    except Exception:  # numpy raises whatever zipfile, zlib and its own parser raise
        return None
    return found if found.network == projection_files.checksum(run.path / "model.keras") else None
