"""Which part of the picture a place in a layer's map can see: its receptive field."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from fmnist_core.gradients import build_input_gradients
from fmnist_core.interpretation.probing import Probe

# A single picture might leave a way through the network closed, where no unit on it fires.
_PICTURES = 2
_SEED = 0


@dataclass(frozen=True, eq=False)
class Fields:
    """What the places in a layer's maps can see; a layer without maps has one place.

    Attributes:
        rows: (height, 2) int32, for each row of the map the first row of the picture and the one behind the last.
        columns: (width, 2) int32, the same for its columns.
    """

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]

    def find(self, position: int) -> tuple[int, int, int, int]:
        """Return what a place sees as (top, left, bottom, right), the last two exclusive.

        Args:
            position: row times width plus column.
        """
        row, column = divmod(position, len(self.columns))
        (top, bottom), (left, right) = self.rows[row].tolist(), self.columns[column].tolist()
        return top, left, bottom, right


def cut(probe: Probe, name: str, linear: bool = False) -> keras.Model:
    """Return the part of a network from the scaled pixels to what a layer makes, sharing its weights.

    Of the last layer that is its logits, which the softmax would hide behind each other.

    Args:
        probe: the network.
        name: of the layer.
        linear: leave out the layer's own activation, which has no gradient where it answers nothing.

    Raises:
        InvalidSettingError: if there is no layer of that name.
    """
    if probe.find_layer(name) is probe.layers[-1]:
        return probe.network
    last: list[keras.KerasTensor] = []

    def call(layer: keras.layers.Layer, *args: Any, **kwargs: Any) -> Any:
        outputs = layer(*args, **kwargs)
        if layer.name == name:
            last.append(_without_activation(layer)(*args, **kwargs) if linear else outputs)
        return outputs

    with probe.lock:
        copy = keras.models.clone_model(probe.network, clone_function=lambda layer: layer, call_function=call)
    return keras.Model(copy.inputs[0], last[0])


def compute_fields(probe: Probe, name: str) -> Fields:
    """Return the receptive fields of a layer's places, found by asking which pixels have a gradient for them.

    Raises:
        InvalidSettingError: if there is no layer of that name.
    """
    layer = probe.find_layer(name)
    side = int(probe.network.input_shape[1])
    if not layer.has_maps or max(layer.shape[:2]) == 1:
        everything = np.array([[0, side]], np.int32)
        return Fields(everything, everything)
    network = cut(probe, name)
    return Fields(_find(network, layer.shape, 0, side), _find(network, layer.shape, 1, side))


def _without_activation(layer: keras.layers.Layer) -> keras.layers.Layer:
    if getattr(layer, "activation", None) in (None, keras.activations.linear):
        return layer
    twin = type(layer).from_config({**layer.get_config(), "activation": "linear", "name": f"{layer.name}_linear"})
    twin.build(layer.input.shape)
    twin.set_weights(layer.get_weights())
    return twin


def _find(network: keras.Model, shape: tuple[int, ...], axis: int, side: int) -> NDArray[np.int32]:
    """Return which rows (axis 0) or columns (1) of the picture each row or column of the maps sees."""
    generator = np.random.default_rng(_SEED)
    places = shape[axis]
    seen = np.zeros((places, side), bool)
    for _ in range(_PICTURES):
        # One picture for each place, and in it only that place counts; weights at random, so that nothing cancels.
        weights = generator.standard_normal((places, *shape), np.float32)
        chosen = np.eye(places, dtype=np.float32).reshape(
            (places, places, 1, 1) if axis == 0 else (places, 1, places, 1)
        )
        gradient = _ask(network, weights * chosen, generator.random((places, side, side, 1), np.float32))
        seen |= (gradient != 0).any(axis=(2 - axis, 3))
    first, behind = seen.argmax(axis=1), side - seen[:, ::-1].argmax(axis=1)
    # Of a layer that never fires nothing is known.
    fires = seen.any(axis=1)
    return np.column_stack([np.where(fires, first, 0), np.where(fires, behind, side)]).astype(np.int32)


def _ask(network: keras.Model, weights: NDArray[np.float32], pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    compute: Callable[..., Any] = build_input_gradients(
        network, lambda outputs: keras.ops.sum(keras.ops.multiply(outputs, weights))
    )
    return compute(pictures)[1]
