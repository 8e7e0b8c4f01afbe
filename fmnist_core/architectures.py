"""The networks: layer stacks as data, from which models, tables, drawings and code are made.

A stack lists what stands between the raw pixels and the ten probabilities. The layers around it are
the same for every network: scaling of the pixels to [0, 1] before it, a 10-way softmax after it.
Shapes and parameters are worked out here without Keras, so that a page can show them at once.
"""

from dataclasses import dataclass, field
from math import ceil, prod
from typing import TYPE_CHECKING, Any

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import InvalidSettingError

if TYPE_CHECKING:
    import keras

INPUT_SHAPE = (28, 28, 1)


@dataclass(frozen=True)
class Layer:
    """One Keras layer: its class name and the arguments that differ from Keras's defaults."""

    class_name: str
    arguments: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())
        return f"{self.class_name}({arguments})"


def conv(filters: int, kernel_size: int, padding: str = "valid", **arguments: Any) -> Layer:
    """Return a convolution with stride 1 and ReLU, unless `arguments` say otherwise."""
    padded = {} if padding == "valid" else {"padding": padding}
    return Layer(
        "Conv2D",
        {"filters": filters, "kernel_size": kernel_size, **padded, "activation": "relu", **arguments},
    )


def pool(padding: str = "valid") -> Layer:
    """Return max-pooling over 2×2."""
    return Layer("MaxPooling2D", {} if padding == "valid" else {"padding": padding})


def dense(units: int) -> Layer:
    """Return a dense layer with ReLU."""
    return Layer("Dense", {"units": units, "activation": "relu"})


def dropout(rate: float) -> Layer:
    """Return dropout of a share `rate` of its inputs."""
    return Layer("Dropout", {"rate": rate})


FLATTEN = Layer("Flatten")
BATCH_NORMALIZATION = Layer("BatchNormalization")


def _mcnn_block(filters: int) -> tuple[Layer, ...]:
    return (conv(filters, 3, padding="same"), BATCH_NORMALIZATION, pool(padding="same"), dropout(0.25))


Stack = tuple[Layer, ...]

ARCHITECTURES: dict[str, Stack] = {
    "threads/ann": (FLATTEN, dense(64), dense(128)),
    "threads/model-1": (conv(32, 4), pool(), FLATTEN, dense(128)),
    # The same function as model-1: [1, 1] is the default. Kept as the paper writes it.
    "threads/model-2": (conv(32, 4, strides=[1, 1]), pool(), FLATTEN, dense(128)),
    "threads/model-3": (conv(32, 4), pool(), conv(64, 4), pool(), FLATTEN, dense(128), dropout(0.2)),
    "fitch/model-7": (
        *(conv(64, 3), pool(), conv(128, 3), pool(), conv(256, 3)),
        *(FLATTEN, dense(256), dropout(0.5), dense(128)),
    ),
    "mcnn/proposed": (
        *(layer for filters in (32, 32, 64, 64, 128) for layer in _mcnn_block(filters)),
        *(FLATTEN, dense(512), BATCH_NORMALIZATION),
    ),
}

_SCALING = Layer("Rescaling", {"scale": 1 / 255})
_OUTPUT = Layer("Dense", {"units": len(CLASS_NAMES), "activation": "softmax"})


@dataclass(frozen=True)
class LayerSummary:
    """What a table or a drawing shows of one layer.

    Attributes:
        layer: the layer.
        output_shape: shape of what it passes on for one item.
        parameters: number of weights.
        trainable_parameters: number of weights that training changes.
        operations: multiplications of one item on its way through.
    """

    layer: Layer
    output_shape: tuple[int, ...]
    parameters: int = 0
    trainable_parameters: int = 0
    operations: int = 0


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


def summarize(stack: Stack) -> list[LayerSummary]:
    """Work out shapes and parameters of a whole network, scaling and softmax included.

    Raises:
        InvalidSettingError: if a layer cannot follow the one before it; the message says which and why.
    """
    shape: tuple[int, ...] = INPUT_SHAPE
    summaries = []
    for position, layer in enumerate((_SCALING, *stack, _OUTPUT)):
        try:
            summary = _SUMMARIES[layer.class_name](layer, shape)
        except KeyError:
            raise InvalidSettingError(f"Layer {position} must be of a known kind. Received: {layer}.") from None
        except ValueError as error:
            raise InvalidSettingError(f"Layer {position}, {layer}: {error}") from None
        summaries.append(summary)
        shape = summary.output_shape
    return summaries


def _passing(layer: Layer, shape: tuple[int, ...]) -> LayerSummary:
    return LayerSummary(layer, shape)


def _flattened(layer: Layer, shape: tuple[int, ...]) -> LayerSummary:
    return LayerSummary(layer, (prod(shape),))


def _normalized(layer: Layer, shape: tuple[int, ...]) -> LayerSummary:
    # Scale and shift are trained; moving mean and variance are only kept up.
    return LayerSummary(layer, shape, 4 * shape[-1], 2 * shape[-1], 2 * prod(shape))


def _densely_connected(layer: Layer, shape: tuple[int, ...]) -> LayerSummary:
    units = layer.arguments["units"]
    parameters = (shape[-1] + 1) * units
    output_shape = (*shape[:-1], units)
    return LayerSummary(layer, output_shape, parameters, parameters, shape[-1] * prod(output_shape))


def _convolved(layer: Layer, shape: tuple[int, ...]) -> LayerSummary:
    kernel = _pair(layer.arguments["kernel_size"])
    height, width = _slide(layer, shape, kernel, _pair(layer.arguments.get("strides", 1)))
    filters = layer.arguments["filters"]
    weights = prod(kernel) * shape[-1] * filters
    parameters = weights + filters
    return LayerSummary(layer, (height, width, filters), parameters, parameters, weights * height * width)


def _pooled(layer: Layer, shape: tuple[int, ...]) -> LayerSummary:
    window = _pair(layer.arguments.get("pool_size", 2))
    height, width = _slide(layer, shape, window, _pair(layer.arguments.get("strides", window)))
    return LayerSummary(layer, (height, width, shape[-1]))


def _slide(layer: Layer, shape: tuple[int, ...], window: tuple[int, int], strides: tuple[int, int]) -> tuple[int, int]:
    if len(shape) != 3:
        raise ValueError(f"needs maps of height × width × channels, but gets {shape}.")
    if layer.arguments.get("padding") == "same":
        height, width = (ceil(size / stride) for size, stride in zip(shape, strides, strict=False))
    else:
        height, width = (
            (size - extent) // stride + 1 for size, extent, stride in zip(shape, window, strides, strict=False)
        )
    if height < 1 or width < 1:
        raise ValueError(f"its window {window[0]}×{window[1]} must fit into {shape[0]}×{shape[1]}.")
    return height, width


def _pair(value: int | list[int] | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


_SUMMARIES = {
    "Rescaling": _passing,
    "Dropout": _passing,
    "Flatten": _flattened,
    "BatchNormalization": _normalized,
    "Dense": _densely_connected,
    "Conv2D": _convolved,
    "MaxPooling2D": _pooled,
}


def tabulate_layers(summaries: list[LayerSummary]) -> list[dict[str, Any]]:
    """Return a row for each layer: its kind, its arguments, its output's shape and its parameters."""
    return [
        {
            "layer": summary.layer.class_name,
            "arguments": ", ".join(f"{name}={value!r}" for name, value in summary.layer.arguments.items()),
            "output shape": " × ".join(str(extent) for extent in summary.output_shape),
            "parameters": summary.parameters,
        }
        for summary in summaries
    ]


def count_parameters(stack: Stack) -> int:
    """Return the number of weights of the whole network."""
    return sum(summary.parameters for summary in summarize(stack))


def count_operations(stack: Stack) -> int:
    """Return the number of multiplications that one item takes on its way through."""
    return sum(summary.operations for summary in summarize(stack))


def build_model(stack: Stack, name: str | None = None) -> "keras.Sequential":
    """Build the Keras model: raw pixels (n, 28, 28, 1) uint8 in, probabilities (n, 10) float32 out.

    Raises:
        InvalidSettingError: if the stack is impossible.
    """
    summarize(stack)
    import keras

    model = keras.Sequential(name=name)
    model.add(keras.Input(INPUT_SHAPE, dtype="uint8", name="pixels"))
    for layer in (_SCALING, *stack, _OUTPUT):
        model.add(getattr(keras.layers, layer.class_name)(**layer.arguments))
    return model


def write_code(stack: Stack) -> str:
    """Write the network as plain Keras code that stands alone."""
    layers = "\n".join(f"    layers.{layer}," for layer in (*stack, _OUTPUT))
    return (
        "import keras\nfrom keras import layers\n\nmodel = keras.Sequential([\n"
        f"    keras.Input({INPUT_SHAPE}, dtype='uint8'),\n    layers.Rescaling(1 / 255),\n{layers}\n])\n"
    )
