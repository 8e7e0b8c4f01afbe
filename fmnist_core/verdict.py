"""What is answered about one picture, in numbers and in words."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.prediction import say_share


@dataclass(frozen=True, eq=False)
class Verdict:
    """What is answered about one picture.

    Attributes:
        probabilities: (10,) float32, averaged over variants of the picture and calibrated.
        seen: (28, 28) uint8, the picture or its mirror image, whichever the network was surer of.
        distance: share of the test items that lie nearer to the training items than this, 0 to 1; None if unknown.
        neighbors: numbers of the five nearest training items, nearest first; empty if unknown.
        abstained: whether the answer is "not sure".
        is_strange: whether it abstains because the picture looks like no garment that was learned.
        photographed: whether the probabilities take into account what people photograph, `WARDROBE`.
    """

    probabilities: NDArray[np.float32]
    seen: NDArray[np.uint8]
    distance: float | None = None
    neighbors: tuple[int, ...] = ()
    abstained: bool = False
    is_strange: bool = False
    photographed: bool = False

    @property
    def class_index(self) -> int:
        """The most likely class."""
        return int(self.probabilities.argmax())

    @property
    def class_name(self) -> str:
        """Name of the most likely class."""
        return CLASS_NAMES[self.class_index]

    @property
    def confidence(self) -> float:
        """Probability of the most likely class."""
        return float(self.probabilities.max())

    @property
    def candidates(self) -> tuple[int, ...]:
        """Classes from the most likely on, one to three, that together hold most of the probability."""
        ranked = np.argsort(-self.probabilities, kind="stable")
        enough = int(np.searchsorted(np.cumsum(self.probabilities[ranked]), 0.8)) + 1
        return tuple(int(class_index) for class_index in ranked[: min(enough, 3)])

    @property
    def headline(self) -> str:
        """The answer in a few words: "Ankle boot, 93%" or "Not sure"."""
        return "Not sure" if self.abstained else f"{self.class_name}, {say_share(self.confidence)}"

    @property
    def comment(self) -> str:
        """How sure this is, what else it could be, and how far it is from what was learned, in one or two sentences."""
        sentences = [self._say_doubt() if self.abstained else self._say_certainty()]
        if self.distance is not None and (self.abstained or self.distance >= 0.95):
            sentences.append(
                f"It is further from everything that the network learned from than {_say_nearer(self.distance)}."
            )
        return " ".join(sentences)

    def _say_doubt(self) -> str:
        *others, last = [
            f"{CLASS_NAMES[class_index]} ({say_share(float(self.probabilities[class_index]))})"
            for class_index in self.candidates
        ]
        names = f"{', '.join(others)} or {last}" if others else last
        return f"If it is a garment at all, it could be {names}." if self.is_strange else f"It could be {names}."

    def _say_certainty(self) -> str:
        if self.confidence < 0.8 and len(self.candidates) > 1:
            return f"The network is fairly sure, but thinks of {CLASS_NAMES[self.candidates[1]]} as well."
        return f"The network is {'quite' if self.confidence < 0.95 else 'very'} sure."


def _say_nearer(share: float) -> str:
    """Say how many of the test items lie nearer."""
    return "any of the test items is" if share >= 0.9995 else f"{min(round(100 * share), 99)}% of the test items are"
