"""How large the weights of a network's layers are, how far an epoch moves them, and how hard the loss pulls at them."""

from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.config import TrainingConfig
from fmnist_core.gradients import build_weight_gradients
from fmnist_core.kernels import name_kind

# Enough for a gradient that hardly depends on which items they are, and a small part of an epoch.
MOST_ITEMS = 128


@dataclass(frozen=True)
class LayerNorms:
    """One layer after one epoch. A norm is the root of the sum of squares of all the layer's trainable weights.

    Attributes:
        epoch: 1 for the first.
        layer: its place among the layers with weights, and its kind: "2 Conv2D".
        weight_norm: of its weights.
        change: norm of what the epoch added to them, as a part of their norm before it; None if that is not known.
        gradient_norm: of the loss's gradient on the watched items.
    """

    epoch: int
    layer: str
    weight_norm: float
    change: float | None
    gradient_norm: float


class LayerWatch:
    """Follows the layers of one network from epoch to epoch.

    Args:
        config: of the training; decides which loss.
        images: training items as they are, (n, 28, 28) uint8; the same in every epoch, so that what changes is the
            network.
        labels: theirs, (n,).
    """

    def __init__(self, config: TrainingConfig, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> None:
        self._inputs = np.ascontiguousarray(images)[..., np.newaxis]
        self._targets = np.eye(len(CLASS_NAMES), dtype=np.float32)[labels]
        self._loss = (
            keras.losses.MeanSquaredError()
            if config.loss == "mse"
            else keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing)
        )

    def begin(self, model: keras.Model) -> None:
        """Get to know a network that is about to be trained."""
        # The learner's own names count up with every network that its process has built.
        self._layers = {
            f"{place} {name_kind(layer)}": layer.trainable_variables
            for place, layer in enumerate(find_layers(model), start=1)
        }
        self._before = {name: _read(weights) for name, weights in self._layers.items()}
        self._order = [weight.path for weight in model.trainable_variables]
        self._compute = build_weight_gradients(model, lambda outputs: self._loss(self._targets, outputs))

    def measure(self, epoch: int) -> list[LayerNorms]:
        """Return the norms of every layer after an epoch, from the first layer to the last."""
        _, found = self._compute(self._inputs)
        gradients = dict(zip(self._order, found, strict=True))
        rows = []
        for name, weights in self._layers.items():
            before, now = self._before[name], _read(weights)
            rows.append(
                LayerNorms(
                    epoch=epoch,
                    layer=name,
                    weight_norm=_norm(now),
                    change=compute_change(before, now),
                    gradient_norm=_norm([gradients[weight.path] for weight in weights]),
                )
            )
            self._before[name] = now
        return rows


def choose_watched(items: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return up to `MOST_ITEMS` of these items, evenly spread."""
    return items[np.linspace(0, len(items) - 1, min(len(items), MOST_ITEMS)).astype(int)]


def find_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """Return the layers that have trainable weights of their own, in the model's order."""
    layers = model._flatten_layers(include_self=False)
    return [layer for layer in layers if layer.trainable_variables and not layer._layers]


def compute_change(before: list[NDArray], after: list[NDArray]) -> float | None:
    """Return the norm of the difference as a part of the norm before; None if that was 0."""
    norm = _norm(before)
    return _norm([new - old for old, new in zip(before, after, strict=True)]) / norm if norm else None


def _read(weights: list[keras.Variable]) -> list[NDArray]:
    # Copies: TensorFlow's arrays may be views of what the next step overwrites.
    return [np.array(keras.ops.convert_to_numpy(weight)) for weight in weights]


def _norm(arrays: list[NDArray]) -> float:
    return float(np.sqrt(sum(float(np.square(array, dtype=np.float64).sum()) for array in arrays)))
