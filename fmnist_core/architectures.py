"""The networks by name, built with Keras or written as code that stands alone."""

import ast
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fmnist_core.errors import InvalidSettingError
from fmnist_core.kinds import KINDS
from fmnist_core.shapes import (
    INPUT_SHAPE,
    OUTPUT,
    SCALING,
    LayerSummary,
    count_operations,
    count_parameters,
    summarize,
    tabulate_layers,
)
from fmnist_core.stacks import STACKS, Layer, Stack

if TYPE_CHECKING:
    import keras

__all__ = [
    "ARCHITECTURES",
    "INPUT_SHAPE",
    "Layer",
    "LayerSummary",
    "Stack",
    "add_layer",
    "build_model",
    "count_operations",
    "count_parameters",
    "find_stack",
    "summarize",
    "tabulate_layers",
    "write_code",
]

ARCHITECTURES: dict[str, Stack] = STACKS

# The kinds that Keras has no layer for, by the function of `blocks` that builds them.
_FUNCTIONS = {"Residual": "residual", "RepeatChannels": "repeat_channels", "Backbone": "backbone"}


def find_stack(architecture: str) -> Stack:
    """Return the stack of a key of `ARCHITECTURES`.

    Raises:
        InvalidSettingError: for an unknown key.
    """
    if architecture not in ARCHITECTURES:
        raise InvalidSettingError(
            f"`architecture` must be one of {', '.join(ARCHITECTURES)}. Received: {architecture}."
        )
    return ARCHITECTURES[architecture]


def build_model(stack: Stack, name: str | None = None) -> "keras.Model":
    """Build the Keras model: raw pixels (n, 28, 28, 1) uint8 in, probabilities (n, 10) float32 out.

    It is a keras.Sequential unless a layer of the stack is a block of several.

    Raises:
        InvalidSettingError: if the stack is impossible.
    """
    summarize(stack)
    import keras

    pixels = keras.Input(INPUT_SHAPE, dtype="uint8", name="pixels")
    network = (SCALING, *stack, OUTPUT)
    if _is_sequential(stack):
        return keras.Sequential([pixels, *(_make_layer(layer) for layer in network)], name=name)
    outputs = pixels
    for layer in network:
        outputs = add_layer(outputs, layer)
    return keras.Model(pixels, outputs, name=name)


def add_layer(x: Any, layer: Layer) -> Any:
    """Return the Keras tensor that a layer makes of another."""
    if layer.class_name not in _FUNCTIONS:
        return _make_layer(layer)(x)
    from fmnist_core import blocks

    return getattr(blocks, _FUNCTIONS[layer.class_name])(x, **layer.arguments)


def _make_layer(layer: Layer) -> "keras.layers.Layer":
    import keras

    return getattr(keras.layers, layer.class_name)(**layer.arguments)


def _is_sequential(stack: Stack) -> bool:
    return all(KINDS[layer.class_name].is_keras for layer in stack)


def write_code(stack: Stack) -> str:
    """Write the network as plain Keras code that stands alone.

    Raises:
        InvalidSettingError: if the stack is impossible.
    """
    summarize(stack)
    return _write_sequential(stack) if _is_sequential(stack) else _write_functional(stack)


def _write_sequential(stack: Stack) -> str:
    layers = "\n".join(f"    layers.{layer}," for layer in (*stack, OUTPUT))
    return (
        "import keras\nfrom keras import layers\n\nmodel = keras.Sequential([\n"
        f"    keras.Input({INPUT_SHAPE}, dtype='uint8'),\n    layers.Rescaling(1 / 255),\n{layers}\n])\n"
    )


def _write_functional(stack: Stack) -> str:
    used = {_FUNCTIONS[layer.class_name] for layer in stack if layer.class_name in _FUNCTIONS}
    functions = "".join(f"\n\n{source}\n" for name, source in _read_blocks().items() if name in used)
    layers = "\n".join(f"x = {_write_call(layer)}" for layer in stack)
    return (
        f"import keras\nfrom keras import layers\n{functions}\n\n"
        f"inputs = keras.Input({INPUT_SHAPE}, dtype='uint8')\nx = layers.Rescaling(1 / 255)(inputs)\n{layers}\n"
        f"outputs = layers.{OUTPUT}(x)\nmodel = keras.Model(inputs, outputs)\n"
    )


def _write_call(layer: Layer) -> str:
    if layer.class_name not in _FUNCTIONS:
        return f"layers.{layer}(x)"
    arguments = ", ".join(["x", *(f"{name}={value!r}" for name, value in layer.arguments.items())])
    return f"{_FUNCTIONS[layer.class_name]}({arguments})"


@cache
def _read_blocks() -> dict[str, str]:
    """Return the source of each function of `blocks`; read, not imported, as importing it would load Keras."""
    source = Path(__file__).with_name("blocks.py").read_text(encoding="utf-8")
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return {node.name: ast.get_source_segment(source, node) or "" for node in functions}
