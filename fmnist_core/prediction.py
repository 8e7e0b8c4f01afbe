"""Ask a trained network, quickly enough to answer while somebody draws."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.data import IMAGE_SHAPE
from fmnist_core.errors import InvalidSettingError, RunNotFoundError

Images = NDArray[np.uint8]
Probabilities = NDArray[np.float32]

BATCH = 500
SURE_FROM = 0.5


class Predictor:
    """A saved network behind a lock, compiled and warmed, so that each call costs only its arithmetic.

    `Model.predict` spends 37 ms on its own machinery for one image, a plain call 3 ms, `predict_on_batch` 0.5 ms,
    since it compiles once for each batch size, on every backend. Images therefore go in singly or in full batches.
    """

    def __init__(self, path: Path) -> None:
        """Load and warm the network of a `.keras` file.

        Raises:
            RunNotFoundError: if the file is missing or holds no network that can be loaded safely.
        """
        import keras

        try:
            self._model = keras.saving.load_model(path, compile=False, safe_mode=True)
        except Exception as error:  # Keras raises whatever zipfile, h5py and its own parser raise
            raise RunNotFoundError(f"A run must hold a network that can be loaded. Received: {path}.") from error
        self._lock = threading.Lock()
        self(np.zeros((1, *IMAGE_SHAPE), np.uint8))

    def __call__(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the probabilities of the ten classes.

        Args:
            images: (n, 28, 28) uint8, bright garment on black.

        Returns:
            (n, 10) float32, each row summing to 1.

        Raises:
            InvalidSettingError: if `images` has another shape or type.
        """
        if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != IMAGE_SHAPE:
            raise InvalidSettingError(
                f"`images` must be uint8 of shape (n, 28, 28). Received: {images.dtype} of shape {images.shape}."
            )
        probabilities = np.empty((len(images), len(CLASS_NAMES)), np.float32)
        # Keras keeps state between the calls on some backends; one at a time, then.
        with self._lock:
            for start in range(0, len(images), BATCH):
                part = images[start : start + BATCH]
                padded = part if len(part) == 1 else np.resize(part, (BATCH, *IMAGE_SHAPE))
                outputs = self._model.predict_on_batch(padded[..., None])
                probabilities[start : start + BATCH] = outputs[: len(part)]
        return probabilities


def predict_either_way(predictor: Callable[[Images], Probabilities], image: Images) -> tuple[Probabilities, Images]:
    """Ask a network about a picture and about its mirror image, and return the answer that it is surer of.

    Nearly all shoes of the data point to the left, so that a network takes one that points to the right for a bag.

    Args:
        predictor: gives probabilities (n, 10) for images (n, 28, 28), as a `Predictor` does.
        image: (28, 28) uint8.

    Returns:
        The probabilities, (10,) float32, and the picture that they belong to, `image` or its mirror image.
    """
    # One by one: for a single image a `Predictor` is a hundred times as quick as for a batch.
    answers = [(predictor(seen[np.newaxis])[0], seen) for seen in (image, image[:, ::-1])]
    return max(answers, key=lambda answer: answer[0].max())


@dataclass(frozen=True)
class Answer:
    """What ten probabilities say in words.

    Attributes:
        class_index: the most likely class.
        confidence: its probability.
        candidates: classes from the most likely on, at most three, that together hold most of the probability.
    """

    class_index: int
    confidence: float
    candidates: tuple[int, ...]

    @property
    def class_name(self) -> str:
        """Name of the most likely class."""
        return CLASS_NAMES[self.class_index]

    @property
    def headline(self) -> str:
        """The answer in a few words: "Ankle boot, 93%" or "Not sure"."""
        if self.abstained:
            return "Not sure"
        return f"{self.class_name}, {say_share(self.confidence)}"

    @property
    def comment(self) -> str:
        """How sure the network is and what else it could be, as a sentence."""
        *others, last = (CLASS_NAMES[class_index] for class_index in self.candidates)
        if self.abstained:
            return f"It could be {', '.join(others)} or {last}: no class reaches {round(100 * SURE_FROM)}%."
        if self.confidence < 0.8:
            return f"The network is fairly sure, but thinks of {CLASS_NAMES[self.candidates[1]]} as well."
        return f"The network is {'quite' if self.confidence < 0.95 else 'very'} sure."

    @property
    def abstained(self) -> bool:
        """Whether no class reaches `SURE_FROM`, so that the answer should be "not sure"."""
        return self.confidence < SURE_FROM


def say_share(probability: float) -> str:
    """Return a probability, 0 to 1, in words that promise no more than a network can: "93%", "over 99%"."""
    if probability >= 0.995:
        return "over 99%"
    return "under 1%" if 0 < probability < 0.01 else f"{round(100 * probability)}%"


def read_answer(probabilities: NDArray[np.float32]) -> Answer:
    """Put ten probabilities, shape (10,), into an answer."""
    ranked = np.argsort(-probabilities, kind="stable")
    enough = int(np.searchsorted(np.cumsum(probabilities[ranked]), 0.8)) + 1
    return Answer(
        class_index=int(ranked[0]),
        confidence=float(probabilities[ranked[0]]),
        candidates=tuple(int(class_index) for class_index in ranked[: min(enough, 3)]),
    )
