"""How a layer makes one of its maps: the numbers from which the browser, or a notebook, does it again.

Most layers of the lab are sums over a window: a convolution with its kernel, a normalization with one weight, an
addition of two maps with the weight 1. Layers come as Keras objects, of which their settings and weights are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.interpretation.activations import Activation, read_activation, read_layer_activation
from fmnist_core.interpretation.weights import read_array, read_normalization

Floats = NDArray[np.float32]
Pair = tuple[int, int]

SUM, MAX, MEAN, SHOW = "sum", "max", "mean", "show"


@dataclass(frozen=True, eq=False)
class MapOperation:
    """How one map is made: each of its pixels from a window of one or more maps.

    Attributes:
        kind: SUM of products, MAX or MEAN of the window; SHOW if the maps are shown and no more.
        inputs: the maps that it is made from, (n, height, width); beyond their edges a SUM takes zeros.
        titles: what these are, n texts.
        outputs: the map that Keras makes, (height, width).
        size: of the window, height and width.
        weights: of a SUM, (n, *size).
        bias: of a SUM, None if the layer has none.
        activation: of what comes out.
        strides: how far the window moves from one output pixel to the next.
        dilation: how far apart the pixels of the window are.
        offset: how far above and left of the inputs the first window begins.
        enlarge: how many output pixels side by side share a window.
    """

    kind: str
    inputs: Floats
    titles: tuple[str, ...]
    outputs: Floats
    size: Pair = (1, 1)
    weights: Floats | None = None
    bias: float | None = None
    activation: Activation = field(default_factory=Activation)
    strides: Pair = (1, 1)
    dilation: Pair = (1, 1)
    offset: Pair = (0, 0)
    enlarge: Pair = (1, 1)

    def find_window(self, row: int, column: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the rows and the columns of the inputs that an output pixel is made from; some may lie outside."""
        rows, columns = (
            place // enlarge * stride - offset + dilation * np.arange(size)
            for place, enlarge, stride, offset, dilation, size in zip(
                (row, column), self.enlarge, self.strides, self.offset, self.dilation, self.size, strict=True
            )
        )
        return rows, columns

    def explain(self, row: int, column: int) -> "Explanation":
        """Return how one pixel comes about, in double precision."""
        rows, columns = self.find_window(row, column)
        height, width = self.inputs.shape[1:]
        inside = np.outer((rows >= 0) & (rows < height), (columns >= 0) & (columns < width))
        values = self.inputs[:, rows.clip(0, height - 1)][:, :, columns.clip(0, width - 1)].astype(np.float64)
        if self.kind == MAX:
            before = values[:, inside].max()
        elif self.kind == MEAN:
            before = values[:, inside].mean()
        elif self.kind == SUM and self.weights is not None:
            parts = (np.where(inside, values, 0) * self.weights).sum(axis=(1, 2))
            before = parts.sum() + (self.bias or 0.0)
            return Explanation(parts, float(before), self._finish(before, row, column))
        else:
            before = self.outputs[row, column]
        return Explanation(np.array([before]), float(before), self._finish(before, row, column))

    def _finish(self, before: float, row: int, column: int) -> float:
        if self.activation.is_known:
            return float(self.activation(before))
        return float(self.outputs[row, column])  # a softmax over all channels


@dataclass(frozen=True, eq=False)
class Explanation:
    """How one output comes about.

    Attributes:
        parts: what each input map adds, (n,); for MAX and MEAN their result alone.
        before: the sum of all parts and the bias.
        output: the same after the activation.
    """

    parts: NDArray[np.float64]
    before: float
    output: float


def describe_map(
    layer: Any, inputs: Sequence[Floats], outputs: Floats, channel: int, names: Sequence[str]
) -> MapOperation:
    """Return how a layer makes one of its maps.

    Args:
        layer: a Keras layer.
        inputs: what it takes, for one item: one array (height, width, channels), several for a layer that joins.
        outputs: what it makes of them, (height, width, channels), or (channels,) if it leaves one value a map.
        channel: the map that is asked about.
        names: of the layers that the inputs come from.
    """
    describe = _MAPS.get(type(layer).__name__.removeprefix("Fused"), _describe_unknown)
    made = outputs[..., channel].reshape(outputs.shape[:2] if outputs.ndim == 3 else (1, 1))
    return describe(layer, inputs, np.ascontiguousarray(made), channel, names)


def _describe_conv(
    layer: Any, inputs: Sequence[Floats], outputs: Floats, channel: int, names: Sequence[str]
) -> MapOperation:
    kernel = read_array(layer.kernel)[..., channel]
    maps = inputs[0].transpose(2, 0, 1)
    if len(maps) != kernel.shape[2]:  # groups of channels
        group = channel // (layer.filters // layer.groups)
        first = group * kernel.shape[2]
        titles = _number(range(first, first + kernel.shape[2]))
        maps = maps[first : first + kernel.shape[2]]
    else:
        titles = _number(range(len(maps)))
    size = (kernel.shape[0], kernel.shape[1])
    return MapOperation(
        SUM,
        np.ascontiguousarray(maps),
        titles,
        outputs,
        size=size,
        weights=np.ascontiguousarray(kernel.transpose(2, 0, 1)),
        bias=float(read_array(layer.bias)[channel]) if layer.use_bias else None,
        activation=read_activation(layer.get_config()["activation"]),
        strides=_pair(layer.strides),
        dilation=_pair(layer.dilation_rate),
        offset=_find_offset(layer.padding, maps.shape[1:], size, _pair(layer.strides), _pair(layer.dilation_rate)),
    )


def _describe_pooling(
    layer: Any, inputs: Sequence[Floats], outputs: Floats, channel: int, names: Sequence[str]
) -> MapOperation:
    maps = _take(inputs[0], channel)
    kind = MAX if "Max" in type(layer).__name__ else MEAN
    if "Global" in type(layer).__name__:
        return MapOperation(kind, maps, _number([channel]), outputs, size=maps.shape[1:])
    size, strides = _pair(layer.pool_size), _pair(layer.strides)
    offset = _find_offset(layer.padding, maps.shape[1:], size, strides, (1, 1))
    return MapOperation(kind, maps, _number([channel]), outputs, size=size, strides=strides, offset=offset)


def _describe_normalization(
    layer: Any, inputs: Sequence[Floats], outputs: Floats, channel: int, names: Sequence[str]
) -> MapOperation:
    factors, shifts = read_normalization(layer)
    weights = factors[channel].astype(np.float32).reshape(1, 1, 1)
    bias = float(shifts[channel])
    return MapOperation(SUM, _take(inputs[0], channel), _number([channel]), outputs, weights=weights, bias=bias)


def _describe_same(
    layer: Any, inputs: Sequence[Floats], outputs: Floats, channel: int, names: Sequence[str]
) -> MapOperation:
    activation = read_layer_activation(layer)
    return MapOperation(
        SUM, _take(inputs[0], channel), _number([channel]), outputs, weights=_ONE, activation=activation
    )


def _describe_sum(
    layer: Any, inputs: Sequence[Floats], outputs: Floats, channel: int, names: Sequence[str]
) -> MapOperation:
    maps = np.concatenate([_take(one, channel) for one in inputs])
    titles = tuple(f"{name}, channel {channel}" for name in names)
    return MapOperation(SUM, maps, titles, outputs, weights=np.repeat(_ONE, len(maps), axis=0))


def _describe_concatenation(
    layer: Any, inputs: Sequence[Floats], outputs: Floats, channel: int, names: Sequence[str]
) -> MapOperation:
    position, within = 0, channel
    while within >= inputs[position].shape[-1]:
        within -= inputs[position].shape[-1]
        position += 1
    title = f"{names[position]}, channel {within}"
    return MapOperation(SUM, _take(inputs[position], within), (title,), outputs, weights=_ONE)


def _describe_padding(
    layer: Any, inputs: Sequence[Floats], outputs: Floats, channel: int, names: Sequence[str]
) -> MapOperation:
    (top, _), (left, _) = layer.padding
    maps = _take(inputs[0], channel)
    return MapOperation(SUM, maps, _number([channel]), outputs, weights=_ONE, offset=(int(top), int(left)))


def _describe_enlargement(
    layer: Any, inputs: Sequence[Floats], outputs: Floats, channel: int, names: Sequence[str]
) -> MapOperation:
    maps, enlarge = _take(inputs[0], channel), _pair(layer.size)
    if layer.interpolation != "nearest":
        return MapOperation(SHOW, maps, _number([channel]), outputs, enlarge=enlarge)
    return MapOperation(SUM, maps, _number([channel]), outputs, weights=_ONE, enlarge=enlarge)


def _describe_unknown(
    layer: Any, inputs: Sequence[Floats], outputs: Floats, channel: int, names: Sequence[str]
) -> MapOperation:
    fits = inputs[0].ndim == 3 and inputs[0].shape[-1] > channel
    maps = _take(inputs[0], channel) if fits else outputs[np.newaxis]
    return MapOperation(SHOW, maps, _number([channel]), outputs)


_ONE = np.ones((1, 1, 1), np.float32)
_MAPS = {
    "Conv2D": _describe_conv,
    "MaxPooling2D": _describe_pooling,
    "AveragePooling2D": _describe_pooling,
    "GlobalAveragePooling2D": _describe_pooling,
    "GlobalMaxPooling2D": _describe_pooling,
    "BatchNormalization": _describe_normalization,
    "Activation": _describe_same,
    "ReLU": _describe_same,
    "Dropout": _describe_same,
    "Add": _describe_sum,
    "Concatenate": _describe_concatenation,
    "ZeroPadding2D": _describe_padding,
    "UpSampling2D": _describe_enlargement,
}


def _find_offset(padding: str, shape: Sequence[int], size: Pair, strides: Pair, dilation: Pair) -> Pair:
    """Return how many rows and columns of padding come first; an odd one goes to the end, as TensorFlow has it."""
    if padding != "same":
        return 0, 0
    missing = (
        max((-(-length // stride) - 1) * stride + (window - 1) * spread + 1 - length, 0)
        for length, window, stride, spread in zip(shape, size, strides, dilation, strict=True)
    )
    top, left = (total // 2 for total in missing)
    return top, left


def _take(maps: Floats, channel: int) -> Floats:
    return np.ascontiguousarray(maps[..., channel])[np.newaxis]


def _number(channels: Sequence[int] | range) -> tuple[str, ...]:
    return tuple(f"channel {channel}" for channel in channels)


def _pair(size: Any) -> Pair:
    first, second = (size, size) if isinstance(size, int) else size
    return int(first), int(second)
