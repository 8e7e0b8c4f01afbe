"""A run's network as plain Keras in float32, whatever it was trained with, so that others can load it."""

import json
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fmnist_core import kernels
from fmnist_core.export.formats import ExportError
from fmnist_core.runs import Run

_OWN_LAYERS = {kernels.FusedBatchNormalization: keras.layers.BatchNormalization}


def load_plain(run: Run) -> keras.Model:
    """Return the network that a run has kept, (n, 28, 28, 1) uint8 to probabilities (n, 10), built of Keras's layers.

    Raises:
        ExportError: if it cannot be loaded safely.
    """
    try:
        network = keras.saving.load_model(run.path / "model.keras", compile=False, safe_mode=True)
    except Exception as error:  # Keras raises whatever zipfile, h5py and its own parser raise
        raise ExportError(f"The run's network must be one that can be loaded. Received: {run.run_id}.") from error
    return make_plain(network)


def make_plain(network: keras.Model) -> keras.Model:
    """Return a network of the same weights that computes in float32 and holds no layer of this project.

    Those that are saved with a run are like that already; a checkpoint, or a file of an earlier version, is not.
    """
    layers = network._flatten_layers(include_self=False)
    if all(layer.dtype_policy.name == "float32" and type(layer) not in _OWN_LAYERS for layer in layers):
        return network
    plain = keras.models.clone_model(network, clone_function=_make_plain_layer)
    plain.set_weights(network.get_weights())
    return plain


def prepare_for_int8(network: keras.Model) -> keras.Model:
    """Return a network that answers the same and loses little in whole numbers: float32 pixels in, still 0 to 255.

    Its normalisations of feature maps are written as convolutions of 1×1 within each channel. Where nothing takes them
    in, a converter makes each a multiplication by one tensor, whose channels share a scale: eight bits are too few for
    channels that hardly ever fire beside those that always do. A convolution has a scale for each channel.
    """
    pixels = keras.Input((28, 28, 1), dtype="float32", name="pixels")
    prepared = keras.models.clone_model(network, input_tensors=pixels, clone_function=_make_quantizable)
    for layer in network._flatten_layers(include_self=False):
        if layer.get_weights():
            prepared.get_layer(layer.name).set_weights(_find_quantizable_weights(layer))
    return prepared


class _ChannelScale(keras.layers.DepthwiseConv2D):
    """A convolution within each channel that can stand where a normalisation was called."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        return super().call(inputs)


def _make_quantizable(layer: keras.layers.Layer) -> keras.layers.Layer:
    if _normalizes_maps(layer):
        return _ChannelScale(1, name=layer.name)
    return type(layer).from_config(layer.get_config())


def _find_quantizable_weights(layer: keras.layers.Layer) -> list[Any]:
    if not _normalizes_maps(layer):
        return layer.get_weights()
    scale, offset, mean, variance = layer.get_weights()
    factor = scale / np.sqrt(variance + layer.epsilon)
    return [factor[np.newaxis, np.newaxis, :, np.newaxis], offset - mean * factor]


def _normalizes_maps(layer: keras.layers.Layer) -> bool:
    is_usual = isinstance(layer, keras.layers.BatchNormalization) and layer.scale and layer.center
    return is_usual and len(layer.input.shape) == 4


def _make_plain_layer(layer: keras.layers.Layer) -> keras.layers.Layer:
    settings = layer.get_config()
    settings["dtype"] = "uint8" if isinstance(layer, keras.layers.InputLayer) else "float32"
    return _OWN_LAYERS.get(type(layer), type(layer)).from_config(settings)


def find_foreign_classes(path: Path) -> list[str]:
    """Return the names of all in a `.keras` file that Keras alone could not load.

    Raises:
        OSError: if it cannot be opened.
        ValueError: if it is no such file.
    """
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
    return sorted({name for module, name in _list_classes(config) if module.split(".")[0] not in ("keras", "builtins")})


def _list_classes(entry: Any) -> list[tuple[str, str]]:
    if isinstance(entry, list):
        return [found for part in entry for found in _list_classes(part)]
    if not isinstance(entry, dict):
        return []
    named = entry.get("class_name") and "module" in entry
    # What is registered by a project has no module, only the name it was registered under.
    own = [(str(entry["module"] or entry.get("registered_name") or "?"), str(entry["class_name"]))] if named else []
    return own + [found for part in entry.values() for found in _list_classes(part)]
