"""Shapes, weights and multiplications of a stack, worked out without Keras, so that a page has them at once."""

from dataclasses import dataclass, replace
from math import ceil, prod
from typing import Any

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import InvalidSettingError
from fmnist_core.kinds import check_arguments
from fmnist_core.stacks import BATCH_NORMALIZATION, RELU, Layer, Stack, conv, pool

INPUT_SHAPE = (28, 28, 1)
SCALING = Layer("Rescaling", {"scale": 1 / 255})
OUTPUT = Layer("Dense", {"units": len(CLASS_NAMES), "activation": "softmax"})
MOST_PARAMETERS = 100_000_000
# More than any layer makes of images enlarged four times, and not yet more than a machine can hold.
MOST_VALUES = 20_000_000

Shape = tuple[int, ...]


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
    output_shape: Shape
    parameters: int = 0
    trainable_parameters: int = 0
    operations: int = 0


@dataclass(frozen=True)
class Diagnosis:
    """How far a stack goes, and why no further.

    Attributes:
        summaries: of the layers up to the first impossible one, scaling first; of all, softmax included, if there
            is none.
        position: of the impossible layer in the stack, counted from 0, the stack's length for the softmax layer;
            None if none is.
        reason: what is wrong, in words that can follow the layer's name; None if the network can be built.
    """

    summaries: tuple[LayerSummary, ...]
    position: int | None = None
    reason: str | None = None

    @property
    def parameters(self) -> int:
        """The number of weights of the layers that were reached."""
        return sum(summary.parameters for summary in self.summaries)

    @property
    def operations(self) -> int:
        """The number of multiplications of one item on its way through the layers that were reached."""
        return sum(summary.operations for summary in self.summaries)


def diagnose(stack: Stack) -> Diagnosis:
    """Follow a stack to its first impossible layer, or to its end; it never raises."""
    summaries = [LayerSummary(SCALING, INPUT_SHAPE)]
    for position, layer in enumerate((*stack, OUTPUT)):
        try:
            summaries.append(_check_and_summarize(layer, summaries[-1].output_shape))
        except ValueError as error:
            return Diagnosis(tuple(summaries), position, str(error))
    found = Diagnosis(tuple(summaries))
    if found.parameters > MOST_PARAMETERS:
        rule = f"A network must have at most {MOST_PARAMETERS:,} parameters."
        return replace(found, reason=f"{rule} Received: {found.parameters:,}.")
    return found


def summarize(stack: Stack) -> list[LayerSummary]:
    """Work out shapes and parameters of a whole network, scaling and softmax included.

    Raises:
        InvalidSettingError: if a layer cannot follow the one before it; the message says which and why.
    """
    found = diagnose(stack)
    if found.position is not None:
        layer = (*stack, OUTPUT)[found.position]
        raise InvalidSettingError(f"Layer {found.position + 1}, {layer}: {found.reason}")
    if found.reason is not None:
        raise InvalidSettingError(found.reason)
    return list(found.summaries)


def count_parameters(stack: Stack) -> int:
    """Return the number of weights of the whole network."""
    return sum(summary.parameters for summary in summarize(stack))


def count_operations(stack: Stack) -> int:
    """Return the number of multiplications that one item takes on its way through."""
    return sum(summary.operations for summary in summarize(stack))


def tabulate_layers(summaries: list[LayerSummary]) -> list[dict[str, Any]]:
    """Return a row for each layer: kind, shape of its output, parameters, multiplications and arguments."""
    return [
        {
            "layer": summary.layer.class_name,
            "output shape": " × ".join(str(extent) for extent in summary.output_shape),
            "parameters": summary.parameters,
            "multiplications": summary.operations,
            "arguments": ", ".join(f"{name}={value!r}" for name, value in summary.layer.arguments.items()),
        }
        for summary in summaries
    ]


def _check_and_summarize(layer: Layer, shape: Shape) -> LayerSummary:
    if layer is OUTPUT and len(shape) != 1:
        raise ValueError(f"needs a flat layer before it, such as Flatten, but gets {_write(shape)}.")
    check_arguments(layer.class_name, layer.arguments)
    summary = _summarize(layer, shape)
    if prod(summary.output_shape) > MOST_VALUES:
        raise ValueError(
            f"must pass on at most {MOST_VALUES:,} values an item. Received: {_write(summary.output_shape)}."
        )
    return summary


def _summarize(layer: Layer, shape: Shape) -> LayerSummary:
    return _SUMMARIES[layer.class_name](layer, shape)


def _passing(layer: Layer, shape: Shape) -> LayerSummary:
    return LayerSummary(layer, shape)


def _flattened(layer: Layer, shape: Shape) -> LayerSummary:
    return LayerSummary(layer, (prod(shape),))


def _averaged(layer: Layer, shape: Shape) -> LayerSummary:
    _check_maps(shape)
    return LayerSummary(layer, shape[-1:])


def _padded(layer: Layer, shape: Shape) -> LayerSummary:
    _check_maps(shape)
    height, width = _pair(layer.arguments.get("padding", 1))
    return LayerSummary(layer, (shape[0] + 2 * height, shape[1] + 2 * width, shape[2]))


def _upsampled(layer: Layer, shape: Shape) -> LayerSummary:
    _check_maps(shape)
    height, width = _pair(layer.arguments.get("size", 2))
    return LayerSummary(layer, (shape[0] * height, shape[1] * width, shape[2]))


def _repeated(layer: Layer, shape: Shape) -> LayerSummary:
    return LayerSummary(layer, (*shape[:-1], shape[-1] * layer.arguments["times"]))


def _normalized(layer: Layer, shape: Shape) -> LayerSummary:
    # Scale and shift are trained; moving mean and variance are only kept up.
    return LayerSummary(layer, shape, 4 * shape[-1], 2 * shape[-1], 2 * prod(shape))


def _densely_connected(layer: Layer, shape: Shape) -> LayerSummary:
    units = layer.arguments["units"]
    parameters = (shape[-1] + layer.arguments.get("use_bias", True)) * units
    output_shape = (*shape[:-1], units)
    return LayerSummary(layer, output_shape, parameters, parameters, shape[-1] * prod(output_shape))


def _convolved(layer: Layer, shape: Shape) -> LayerSummary:
    kernel = _pair(layer.arguments["kernel_size"])
    height, width = _slide(layer, shape, kernel, _pair(layer.arguments.get("strides", 1)))
    filters = layer.arguments["filters"]
    weights = prod(kernel) * shape[-1] * filters
    parameters = weights + filters * layer.arguments.get("use_bias", True)
    return LayerSummary(layer, (height, width, filters), parameters, parameters, weights * height * width)


def _pooled(layer: Layer, shape: Shape) -> LayerSummary:
    window = _pair(layer.arguments.get("pool_size", 2))
    height, width = _slide(layer, shape, window, _pair(layer.arguments.get("strides", window)))
    return LayerSummary(layer, (height, width, shape[-1]))


def _residual(layer: Layer, shape: Shape) -> LayerSummary:
    _check_maps(shape)
    filters, strides = layer.arguments["filters"], layer.arguments.get("strides", 1)
    bare: dict[str, Any] = {"activation": None, "use_bias": False}
    path = (
        *(BATCH_NORMALIZATION, RELU, conv(filters, 3, "same", strides=strides, **bare)),
        *(BATCH_NORMALIZATION, RELU, conv(filters, 3, "same", **bare)),
    )
    # The shortcut needs a projection where it would not fit.
    fits = strides == 1 and shape[-1] == filters
    shortcut = () if fits else (conv(filters, 1, strides=strides, **bare),)
    return _add_up(layer, _follow(path, shape), *_follow(shortcut, shape))


def _backbone(layer: Layer, shape: Shape) -> LayerSummary:
    if len(shape) != 3 or shape[2] != 3 or min(shape[:2]) < 32:
        raise ValueError(f"needs maps of at least 32×32 with three channels, but gets {_write(shape)}.")
    return {"ResNet50": _resnet50, "VGG16": _vgg16}[layer.arguments["network"]](layer, shape)


def _vgg16(layer: Layer, shape: Shape) -> LayerSummary:
    blocks = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))
    path = (part for depth, filters in blocks for part in (*[conv(filters, 3, "same")] * depth, pool()))
    return _add_up(layer, _follow(tuple(path), shape))


def _resnet50(layer: Layer, shape: Shape) -> LayerSummary:
    # As He et al. (2015) have it, with the biases that Keras gives the convolutions.
    stem = (
        *(Layer("ZeroPadding2D", {"padding": 3}), conv(64, 7, strides=2), BATCH_NORMALIZATION),
        *(Layer("ZeroPadding2D", {"padding": 1}), Layer("MaxPooling2D", {"pool_size": 3, "strides": 2})),
    )
    steps = _follow(stem, shape)
    beside: list[LayerSummary] = []
    for stage, (depth, filters) in enumerate(((3, 64), (4, 128), (6, 256), (3, 512))):
        for block in range(depth):
            strides = 2 if stage > 0 and block == 0 else 1
            path = [conv(filters, 1, strides=strides), conv(filters, 3, "same"), conv(4 * filters, 1)]
            if block == 0:
                projection = (conv(4 * filters, 1, strides=strides), BATCH_NORMALIZATION)
                beside += _follow(projection, steps[-1].output_shape)
            normalized = tuple(part for convolution in path for part in (convolution, BATCH_NORMALIZATION))
            steps += _follow(normalized, steps[-1].output_shape)
    return _add_up(layer, steps, *beside)


def _follow(layers: Stack, shape: Shape) -> list[LayerSummary]:
    summaries: list[LayerSummary] = []
    for layer in layers:
        summaries.append(_summarize(layer, summaries[-1].output_shape if summaries else shape))
    return summaries


def _add_up(layer: Layer, path: list[LayerSummary], *beside: LayerSummary) -> LayerSummary:
    """Sum a path up into what its block is as a whole, with what stands beside the path."""
    parts = [*path, *beside]
    return LayerSummary(
        layer,
        path[-1].output_shape,
        sum(part.parameters for part in parts),
        sum(part.trainable_parameters for part in parts),
        sum(part.operations for part in parts),
    )


def _slide(layer: Layer, shape: Shape, window: tuple[int, int], strides: tuple[int, int]) -> tuple[int, int]:
    _check_maps(shape)
    if layer.arguments.get("padding") == "same":
        height, width = (ceil(size / stride) for size, stride in zip(shape, strides, strict=False))
    else:
        height, width = (
            (size - extent) // stride + 1 for size, extent, stride in zip(shape, window, strides, strict=False)
        )
    if height < 1 or width < 1:
        raise ValueError(f"its window {window[0]}×{window[1]} must fit into {shape[0]}×{shape[1]}.")
    return height, width


def _check_maps(shape: Shape) -> None:
    if len(shape) != 3:
        raise ValueError(f"needs maps of height × width × channels, but gets {_write(shape)}.")


def _write(shape: Shape) -> str:
    return "×".join(f"{extent:,}" for extent in shape) if len(shape) > 1 else f"{shape[0]:,} values in a row"


def _pair(value: int | list[int] | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


_SUMMARIES = {
    "Conv2D": _convolved,
    "MaxPooling2D": _pooled,
    "AveragePooling2D": _pooled,
    "GlobalAveragePooling2D": _averaged,
    "BatchNormalization": _normalized,
    "Activation": _passing,
    "ReLU": _passing,
    "Dropout": _passing,
    "Flatten": _flattened,
    "Dense": _densely_connected,
    "UpSampling2D": _upsampled,
    "ZeroPadding2D": _padded,
    "Residual": _residual,
    "RepeatChannels": _repeated,
    "Backbone": _backbone,
}
