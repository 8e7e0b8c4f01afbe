"""How one map or unit is made, in the browser: point at an output and see what it is made of."""

import json
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.interpretation.activations import Activation
from fmnist_core.interpretation.operations import SUM, MapOperation, describe_map
from fmnist_core.interpretation.units import UnitOperation, describe_units
from pages.shared.components import pack, register
from pages.shared.inside.wording import PASSING

if TYPE_CHECKING:
    from fmnist_core.interpretation.probing import Probe, ProbedLayer

_CLASSES = [{"name": name, "color": color} for name, color in zip(CLASS_NAMES, CLASS_COLORS, strict=True)]
_PIXELS = "pixels"
# Layers whose sum has no weights to speak of.
_PLAIN = ("Add", "Concatenate", "Activation", "ReLU", "ZeroPadding2D", "UpSampling2D", *PASSING)

_operation = register("operation", "shared/paint")


def show_operation(
    probe: "Probe", layer: "ProbedLayer", outputs: Mapping[str, NDArray[np.float32]], channel: int, *, key: str
) -> None:
    """Show how a layer makes one of its channels or units.

    Args:
        probe: the network.
        layer: the layer.
        outputs: what all layers make of the item, by name, and the scaled pixels as "pixels".
        channel: the map or unit that is asked about.
        key: the component's key.
    """
    sources = probe.find_inputs(layer.name)
    inputs = [outputs[source] for source in sources]
    keras_layer = probe.get_keras_layer(layer.name)
    made = outputs[layer.name]
    titles = {"fromTitle": f"From {_name_sources(sources)}", "toTitle": f"{layer.name}, channel {channel}"}
    if layer.has_maps or (inputs[0].ndim == 3 and "Global" in layer.kind):
        operation = describe_map(keras_layer, inputs, made, channel, sources)
        header, payload = _pack_map(operation, gray=sources == (_PIXELS,))
        is_scaled = layer.kind.endswith("BatchNormalization")
        header["plain"] = layer.kind in _PLAIN
        header["sumName"] = "input" if header["plain"] else "input × scale" if is_scaled else "sum of products"
        header["partsName"] = "maps" if len(sources) > 1 else "channels"
    else:
        units = describe_units(keras_layer, inputs[0], made, channel)
        header, payload = _pack_units(units, channel, _find_shape(probe, sources[0], outputs))
        titles["toTitle"] = layer.name
        if layer is probe.layers[-1]:
            header |= {"classes": _CLASSES, "names": list(CLASS_NAMES)}
    header |= titles
    header["version"] = zlib.crc32(payload, zlib.crc32(json.dumps(header).encode()))
    _operation(key=key, data=pack(header, payload))


def _pack_map(operation: MapOperation, gray: bool) -> tuple[dict[str, Any], bytes]:
    header = {
        "mode": "map",
        "kind": operation.kind,
        "titles": ["the item"] if gray and len(operation.titles) == 1 else list(operation.titles),
        "shape": operation.inputs.shape,
        "outputShape": operation.outputs.shape,
        "size": operation.size,
        "strides": operation.strides,
        "dilation": operation.dilation,
        "offset": operation.offset,
        "enlarge": operation.enlarge,
        "bias": operation.bias,
        "activation": _write(operation.activation),
        "gray": gray,
    }
    weights = [operation.weights] if operation.kind == SUM and operation.weights is not None else []
    return header, _join(operation.inputs, *weights, operation.outputs)


def _pack_units(operation: UnitOperation, unit: int, source_shape: tuple[int, ...]) -> tuple[dict[str, Any], bytes]:
    header = {
        "mode": "units",
        "unit": unit,
        "explained": len(operation.units),
        "terms": operation.places.shape[1],
        "inputs": operation.n_inputs,
        "hasBias": operation.bias is not None,
        "total": len(operation.outputs),
        "activation": _write(operation.activation),
        "sourceShape": source_shape,
        "sumName": "input × scale" if operation.bias is not None else "input",
    }
    parts = (operation.units, operation.places, operation.values, operation.weights, operation.rest)
    biases = [] if operation.bias is None else [operation.bias]
    return header, _join(*parts, *biases, operation.before, operation.outputs)


def _find_shape(probe: "Probe", source: str, outputs: Mapping[str, NDArray[np.float32]]) -> tuple[int, ...]:
    """Return the shape of the maps that a layer's inputs were before they were laid out in a row."""
    while outputs[source].ndim == 1 and probe.find_layer(source).kind in PASSING:
        (source,) = probe.find_inputs(source)
    return outputs[source].shape


def _join(*arrays: NDArray[Any]) -> bytes:
    return b"".join(np.ascontiguousarray(array, np.float32).tobytes() for array in arrays)


def _write(activation: Activation) -> dict[str, Any]:
    return {"name": activation.name, "settings": dict(activation.settings), "known": activation.is_known}


def _name_sources(sources: tuple[str, ...]) -> str:
    return " and ".join("the item" if source == _PIXELS else source for source in dict.fromkeys(sources))
