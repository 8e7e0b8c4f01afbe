"""From one picture of 28 × 28 pixels to an honest answer: what it is, how likely, and whether to believe it."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fmnist_core import data
from fmnist_core.data import IMAGE_SHAPE
from fmnist_core.errors import InvalidSettingError
from fmnist_core.prediction import SURE_FROM
from fmnist_core.runs import Run
from fmnist_core.trust import N_NEIGHBORS, Trust, load_trust
from fmnist_core.verdict import Verdict

if TYPE_CHECKING:
    import keras

Images = NDArray[np.uint8]
Floats = NDArray[np.float32]

# Height and width that a garment is stretched to, about the middle, and by how many pixels it is moved down and right.
# The first leaves it as it is. Each is asked about as it is and mirrored, so that there are twice as many variants.
VARIANTS: Sequence[tuple[float, float, float, float]] = (
    (1.0, 1.0, 0.0, 0.0),
    (0.8, 0.8, 0.0, 0.0),
    (0.8, 1.0, 0.0, 0.0),
    (1.0, 0.8, 0.0, 0.0),
)
N_VARIANTS = 2 * len(VARIANTS)

# How much more often than one another garments of the ten classes are photographed. People own more T-shirts, trousers
# and jumpers than coats; and whatever is box-shaped looks like a bag, which is rarely laid out to be classified.
WARDROBE = np.array([2, 2, 3, 1, 1, 1, 1, 1, 0.5, 1], np.float32)

# By how much the mirror image must be surer to be believed, so that of two that are alike the user's own is seen.
_SURER = 0.02
# Pictures asked about at once in `Answerer.ask_many`.
_TOGETHER = 64


@dataclass(frozen=True, eq=False)
class Observations:
    """What a network says of n pictures before anything is known about when to believe it.

    Attributes:
        features: what its penultimate layer says of the picture that is believed, (n, d) float32.
        probabilities: means over variants, (n, 10) float32.
        mirrored: whether the mirror image is believed, (n,).
    """

    features: Floats
    probabilities: Floats
    mirrored: NDArray[np.bool_]


class Answerer:
    """A run's network and what is known about when to believe it, for all of a process's threads.

    Attributes:
        trust: what is known, None if nothing is; probabilities are then not calibrated.
    """

    def __init__(self, network: "keras.Model", trust: Trust | None = None, images: Images | None = None) -> None:
        """Take a network and warm it.

        Args:
            network: from (n, 28, 28, 1) uint8 to what its penultimate layer says, (n, d), and probabilities (n, 10).
            trust: what is known about it.
            images: pictures of all items, (70000, 28, 28): by them a training item is not taken for its own neighbour.
        """
        self.trust = trust
        self._network = network
        self._images = images
        self._lock = threading.Lock()
        self.ask(np.zeros(IMAGE_SHAPE, np.uint8))

    @classmethod
    def load(cls, run: Run) -> "Answerer":
        """Load a run's network.

        Raises:
            RunNotFoundError: if the run has no network, or one that cannot be loaded or ends in no dense layer.
        """
        from fmnist_core.layers import load_network

        images = data.load_dataset().images if data.is_decoded() else None
        return cls(load_network(run), load_trust(run), images)

    def ask(self, image: Images, photographed: bool = False) -> Verdict:
        """Answer about one picture.

        Args:
            image: (28, 28) uint8, bright garment on black.
            photographed: whether it comes from a photograph: then what people photograph is taken into account.

        Raises:
            InvalidSettingError: if it has another shape or type.
        """
        return self.ask_many(np.asarray(image)[np.newaxis], [photographed])[0]

    def ask_many(self, images: Images, photographed: Sequence[bool] | None = None) -> list[Verdict]:
        """Answer about pictures, (n, 28, 28) uint8, as `ask` does; none of them photographed unless it is said.

        Raises:
            InvalidSettingError: if they have another shape or type.
        """
        photographed = [False] * len(images) if photographed is None else photographed
        seen = self.observe(images, photographed)
        found = zip(images, seen.features, seen.probabilities, seen.mirrored, photographed, strict=True)
        return [self._judge(*each) for each in found]

    def observe(self, images: Images, photographed: Sequence[bool] | None = None) -> Observations:
        """Ask the network about variants of pictures, (n, 28, 28) uint8; see `combine_variants`.

        Raises:
            InvalidSettingError: if they have another shape or type.
        """
        if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != IMAGE_SHAPE:
            raise InvalidSettingError(
                f"Pictures must be uint8 of shape (28, 28). Received: {images.dtype} of shape {images.shape[1:]}."
            )
        flags = np.zeros(len(images), bool) if photographed is None else np.asarray(photographed, bool)
        parts = [
            self._observe(images[start : start + _TOGETHER], flags[start : start + _TOGETHER])
            for start in range(0, len(images), _TOGETHER)
        ]
        if not parts:
            return Observations(np.zeros((0, 0), np.float32), np.zeros((0, 10), np.float32), np.zeros(0, bool))
        return Observations(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))

    def _observe(self, images: Images, photographed: NDArray[np.bool_]) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        variants = np.concatenate([make_variants(image) for image in images])
        # Singly or in full batches, as the network is compiled anew for each size.
        size = len(variants) if len(images) == 1 else _TOGETHER * N_VARIANTS
        padded = np.resize(variants, (size, *IMAGE_SHAPE))[..., np.newaxis]
        # Keras keeps state between the calls on some backends; one at a time, then.
        with self._lock:
            outputs = self._network.predict_on_batch(padded)
        features, answers = (
            np.asarray(output[: len(variants)], np.float32).reshape(len(images), N_VARIANTS, -1) for output in outputs
        )
        probabilities, mirrored = combine_variants(answers, photographed)
        believed = np.where(mirrored, len(VARIANTS), 0)
        return features[np.arange(len(images)), believed], probabilities, mirrored

    def _judge(
        self, image: Images, features: Floats, probabilities: Floats, is_mirrored: bool, photographed: bool
    ) -> Verdict:
        seen = image[:, ::-1] if is_mirrored else image
        if self.trust is None:
            probabilities = weigh(probabilities, photographed)
            is_unsure = probabilities.max() < SURE_FROM or not image.any()
            return Verdict(probabilities, seen, abstained=bool(is_unsure), photographed=photographed)
        items, distances = self.trust.find_nearest(features, N_NEIGHBORS + 1)
        others = np.array([not self._is_item(image, item) for item in items])
        nearest, distance = items[others][:N_NEIGHBORS], float(distances[others][:N_NEIGHBORS].mean())
        calibrated = self.trust.calibrate(probabilities[np.newaxis], np.array([distance]))[0]
        calibrated = weigh(calibrated, photographed)
        strangeness = self.trust.compute_strangeness(image[np.newaxis], features[np.newaxis], probabilities[np.newaxis])
        is_strange = bool(strangeness[0] > self.trust.largest_strangeness or distance > self.trust.largest_distance)
        is_unsure = is_strange or calibrated.max() < self.trust.least_confidence
        return Verdict(
            probabilities=calibrated,
            seen=seen,
            distance=self.trust.rank(distance),
            neighbors=tuple(int(item) for item in nearest),
            abstained=bool(is_unsure or not image.any()),
            is_strange=is_strange,
            photographed=photographed,
        )

    def _is_item(self, image: Images, item: int) -> bool:
        if self._images is None:
            return False
        other = self._images[item]
        return np.array_equal(image, other) or np.array_equal(image[:, ::-1], other)


def make_variants(image: Images) -> Images:
    """Return what the network is asked about in the place of a picture: (k, 28, 28) uint8.

    The first half shows it as it is and a little stretched, see `VARIANTS`; the second half is the mirror image of
    the first.
    """
    rows, columns = _matrices()
    stretched = np.clip(rows @ image.astype(np.float32) @ columns, 0, 255).round().astype(np.uint8)
    return np.concatenate([stretched, stretched[:, :, ::-1]])


def weigh(probabilities: Floats, photographed: bool) -> Floats:
    """Return probabilities (…, 10), of a photograph weighted by how often each class is photographed."""
    if not photographed:
        return probabilities
    weighted = probabilities * WARDROBE
    return weighted / weighted.sum(axis=-1, keepdims=True)


def combine_variants(answers: Floats, photographed: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.bool_]]:
    """Make one answer of those for all variants of a picture, for each of n pictures.

    Nearly all shoes of the data point to the left, so that many a network takes one that points to the right for a
    bag: of the two halves the mirrored one is believed where it is clearly surer. Items and drawings fill the picture
    just as those do that the network has learned from, so that of them only the first variant of a half counts.

    Args:
        answers: (n, k, 10), in the order of `make_variants`.
        photographed: whether each picture comes from a photograph, (n,).

    Returns:
        The mean of the half that is believed, (n, 10) float32, and whether that is the mirrored one, (n,).
    """
    variants = answers.reshape(len(answers), 2, -1, answers.shape[2])
    halves = np.where(photographed[:, np.newaxis, np.newaxis], variants.mean(axis=2), variants[:, :, 0])
    mirrored = halves[:, 1].max(axis=1) > halves[:, 0].max(axis=1) + _SURER
    return halves[np.arange(len(answers)), mirrored.astype(int)], mirrored


def _matrices() -> tuple[Floats, Floats]:
    """Return matrices that stretch and move pictures from the left, (m, 28, 28), and from the right."""
    if not _KEPT:
        height, width = IMAGE_SHAPE
        rows = np.stack([_interpolate(height, stretch, shift) for stretch, _, shift, _ in VARIANTS])
        columns = np.stack([_interpolate(width, stretch, shift).T for _, stretch, _, shift in VARIANTS])
        _KEPT.append((rows, columns))
    return _KEPT[0]


_KEPT: list[tuple[Floats, Floats]] = []


def _interpolate(side: int, stretch: float, shift: float) -> Floats:
    """Return the matrix (side, side) that resamples a row of pixels, each weighted between the two next to it."""
    middle = (side - 1) / 2
    places = (np.arange(side) - middle - shift) / stretch + middle
    return np.maximum(0, 1 - np.abs(places[:, np.newaxis] - np.arange(side))).astype(np.float32)
