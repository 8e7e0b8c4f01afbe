"""A trained network laid open: its layers, what each makes of an item, and copies with something put in between."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import InvalidSettingError, RunNotFoundError

_BATCH = 500

# What find_inputs calls the scaled pixels, which no layer makes.
PIXELS = "pixels"


@dataclass(frozen=True)
class ProbedLayer:
    """A layer as it can be asked for.

    Attributes:
        name: as in the network.
        kind: its Keras class.
        shape: of what it makes of one item, (height, width, channels) or (units,).
        parameters: how many it has, trainable or not.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int

    @property
    def has_maps(self) -> bool:
        """Whether it makes maps, which can be seen as pictures."""
        return len(self.shape) == 3


class Probe:
    """A network that can be looked into, for all of a process's threads.

    Attributes:
        model: from pixels (n, 28, 28, 1) uint8 to probabilities (n, 10), as it was trained.
        network: the same from pixels scaled to [0, 1], which have gradients, to logits, which do not saturate: the
            values before the softmax, (n, 10).
        layers: those that compute something, in the order in which they do, the scaling left out.
        lock: to be held by whoever changes something of the network for a moment.
    """

    def __init__(self, model: keras.Model) -> None:
        """Lay open a network of the lab.

        Raises:
            InvalidSettingError: if it does not scale its pixels first or does not end in a softmax over ten classes.
        """
        scaling = next((layer for layer in model.layers if isinstance(layer, keras.layers.Rescaling)), None)
        last = model.layers[-1]
        named = isinstance(last, keras.layers.Dense) and last.units == len(CLASS_NAMES)
        if scaling is None or not named or last.activation is not keras.activations.softmax:
            raise InvalidSettingError(
                "A network must scale its pixels first and end in a softmax over ten classes. "
                f"Received: {', '.join(type(layer).__name__ for layer in model.layers[-3:])} at its end."
            )
        self.lock = threading.RLock()
        self.model, outputs, inputs = _trace(model)
        # Layers come in the order in which they compute, and nothing goes around the last but one.
        before = list(outputs.values())[-2]
        self._scaling = scaling
        self._scaled = outputs.pop(scaling.name)
        names = {id(tensor): name for name, tensor in outputs.items()}
        self._inputs = {name: tuple(names.get(id(one), PIXELS) for one in inputs[name]) for name in outputs}
        self._outputs = outputs
        self.network = keras.Model(self._scaled, _without_softmax(last, before))
        self.layers = tuple(_describe(self.model.get_layer(name), made) for name, made in outputs.items())
        self._readers: dict[tuple[str, ...], keras.Model] = {}

    @classmethod
    def load(cls, path: Path) -> "Probe":
        """Lay open the network of a `.keras` file.

        Raises:
            RunNotFoundError: if the file is missing or holds no network that can be loaded safely.
            InvalidSettingError: see `Probe`.
        """
        try:
            model = keras.saving.load_model(path, compile=False, safe_mode=True)
        except Exception as error:  # Keras raises whatever zipfile, h5py and its own parser raise
            raise RunNotFoundError(f"A run must hold a network that can be loaded. Received: {path}.") from error
        return cls(model)

    def find_layer(self, name: str) -> ProbedLayer:
        """Return the layer of a name.

        Raises:
            InvalidSettingError: if there is none.
        """
        found = next((layer for layer in self.layers if layer.name == name), None)
        if found is None:
            raise InvalidSettingError(
                f"The layer must be one of {', '.join(layer.name for layer in self.layers)}. Received: {name}."
            )
        return found

    def get_keras_layer(self, name: str) -> keras.layers.Layer:
        """Return the Keras layer of a name, for its weights and settings.

        Raises:
            InvalidSettingError: if there is none.
        """
        return self.model.get_layer(self.find_layer(name).name)

    def find_inputs(self, name: str) -> tuple[str, ...]:
        """Return the names of the layers that a layer takes its inputs from; `PIXELS` for the scaled pixels.

        Raises:
            InvalidSettingError: if there is no layer of that name.
        """
        return self._inputs[self.find_layer(name).name]

    def scale(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return images (n, 28, 28) uint8 as the network computes with them: (n, 28, 28, 1) float32 in [0, 1]."""
        scaled = images[..., np.newaxis].astype(np.float32) * self._scaling.scale + self._scaling.offset
        return np.asarray(scaled, np.float32)

    def ask(self, scaled: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the logits (n, 10) for scaled images, (n, 28, 28, 1) float32."""
        return self._predict(self.network, scaled)[0]

    def compute_outputs(self, images: NDArray[np.uint8], names: Sequence[str]) -> Mapping[str, NDArray[np.float32]]:
        """Return what some layers make of items, all of them in one pass.

        Args:
            images: (n, 28, 28) uint8.
            names: of the layers.

        Returns:
            By name arrays (n, *shape) float32.

        Raises:
            InvalidSettingError: if there is no layer of one of these names.
        """
        wanted = tuple(self.find_layer(name).name for name in names)
        with self.lock:
            if wanted not in self._readers:
                outputs = [self._outputs[name] for name in wanted]
                self._readers[wanted] = keras.Model(self._scaled, outputs)
        return dict(zip(wanted, self._predict(self._readers[wanted], self.scale(images)), strict=True))

    def insert(self, name: str, layer: keras.layers.Layer) -> keras.Model:
        """Return a network like `network`, sharing its weights, with one more layer behind that of a name.

        Args:
            name: of the layer that it follows, also where others than the next layer take what that one makes.
            layer: it must leave the shape as it is.

        Raises:
            InvalidSettingError: if there is no layer of that name.
        """
        before = self.get_keras_layer(name)

        def call(each: keras.layers.Layer, *args: Any, **kwargs: Any) -> Any:
            outputs = each(*args, **kwargs)
            return layer(outputs) if each is before else outputs

        with self.lock:
            return keras.models.clone_model(self.network, clone_function=lambda each: each, call_function=call)

    def _predict(self, model: keras.Model, scaled: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        # One item, or full batches: Keras compiles once for each size.
        size = 1 if len(scaled) == 1 else _BATCH
        parts = []
        with self.lock:
            for start in range(0, len(scaled), size):
                part = scaled[start : start + size]
                outputs = model.predict_on_batch(np.resize(part, (size, *part.shape[1:])))
                outputs = outputs if isinstance(outputs, list) else [outputs]
                parts.append([output[: len(part)] for output in outputs])
        return [np.concatenate(together) for together in zip(*parts, strict=True)]


def _trace(
    model: keras.Model,
) -> tuple[keras.Model, dict[str, keras.KerasTensor], dict[str, list[keras.KerasTensor]]]:
    """Return a functional model of the same layers, and by name what each makes, in order, and what it takes.

    A layer that has been part of several models, as those of a Sequential one have, does not know by itself which of
    its outputs are meant.
    """
    outputs: dict[str, keras.KerasTensor] = {}
    inputs: dict[str, list[keras.KerasTensor]] = {}

    def call(layer: keras.layers.Layer, *args: Any, **kwargs: Any) -> Any:
        inputs[layer.name] = [one for one in keras.tree.flatten(args) if isinstance(one, keras.KerasTensor)]
        outputs[layer.name] = layer(*args, **kwargs)
        return outputs[layer.name]

    if not isinstance(model, keras.Sequential):
        traced = keras.models.clone_model(model, clone_function=lambda layer: layer, call_function=call)
        return traced, outputs, inputs
    pixels = x = keras.Input(model.input_shape[1:], dtype=model.input_dtype)
    for layer in model.layers:
        x = call(layer, x)
    return keras.Model(pixels, x), outputs, inputs


def _without_softmax(last: keras.layers.Dense, inputs: keras.KerasTensor) -> keras.KerasTensor:
    """Return what the last layer says before its softmax, computed from its own weights."""
    settings = {**last.get_config(), "activation": "linear", "name": f"{last.name}_logits"}
    logits = keras.layers.Dense.from_config(settings)
    outputs = logits(inputs)
    logits.set_weights(last.get_weights())
    return outputs


def _describe(layer: keras.layers.Layer, outputs: keras.KerasTensor) -> ProbedLayer:
    shape = tuple(int(size) for size in outputs.shape[1:])
    return ProbedLayer(layer.name, type(layer).__name__, shape, layer.count_params())
