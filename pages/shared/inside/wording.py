"""Layers in words: what they are called, and what one of them does to make a map or a unit."""

from collections.abc import Sequence
from typing import Any

from fmnist_core.interpretation.activations import LINEAR, read_layer_activation
from fmnist_core.interpretation.weights import read_normalization
from fmnist_core.palette import GROUPS

# Layers that hand on what they take while a network is asked.
PASSING = ("Dropout", "Flatten", "GaussianNoise", "SpatialDropout2D")

_TITLES = {kind: offer.title for group in GROUPS.values() for kind, offer in group.items()} | {
    "BatchNormalization": "Normalization",
    "Add": "Addition",
    "Concatenate": "Joining",
}
_ACTIVATIONS = {
    "relu": "ReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "leaky_relu": "leaky ReLU",
    "selu": "SELU",
    "silu": "SiLU",
}


def name_kind(kind: str) -> str:
    """Return what a kind of Keras layer is called."""
    kind = kind.removeprefix("Fused")
    return _TITLES.get(kind, kind)


def write_shape(shape: Sequence[int]) -> str:
    """Return a shape as a text, such as "28 × 28 × 32"."""
    return " × ".join(f"{size:,}" for size in shape) + (" units" if len(shape) == 1 else "")


def explain_layer(layer: Any, kind: str, inputs: int, channel: int) -> str:
    """Return in a sentence or two what a layer does.

    Args:
        layer: a Keras layer.
        kind: the name of its class.
        inputs: how many maps or units it takes.
        channel: the map or unit that is asked about.
    """
    kind = kind.removeprefix("Fused")
    explain = _SENTENCES.get(kind)
    return explain(layer, inputs, channel) if explain else f"A layer of the kind {kind}, as Keras has it."


def _explain_conv(layer: Any, inputs: int, channel: int) -> str:
    maps = "the input" if inputs == 1 else f"each of {inputs} maps"
    bias = ", plus one bias" if layer.use_bias else ""
    moves = _write_moves(layer.strides)
    spread = "" if tuple(layer.dilation_rate) == (1, 1) else f" Its pixels lie {_by(layer.dilation_rate)} apart."
    edge = " Beyond the edges it finds zeros." if layer.padding == "same" else ""
    return (
        f"A window of {_by(layer.kernel_size)} pixels in {maps}, times the {'kernel' if inputs == 1 else 'kernels'} of "
        f"this filter, summed{bias}{_write_activation(layer)}. {moves}{spread}{edge}"
    )


def _explain_pooling(layer: Any, inputs: int, channel: int) -> str:
    what = "the largest value" if "Max" in type(layer).__name__ else "the mean"
    return f"Of each window of {_by(layer.pool_size)} pixels {what} stays. {_write_moves(layer.strides)}"


def _explain_normalization(layer: Any, inputs: int, channel: int) -> str:
    factors, shifts = read_normalization(layer)
    return (
        f"Multiplied by {factors[channel]:.4g}, then {shifts[channel]:+.4g}".replace("-", "−")
        + ": learned in training, so that the values of each channel keep a handy range."
    )


def _explain_activation(layer: Any, inputs: int, channel: int) -> str:
    return f"Each value goes through {_name_activation(layer)} by itself."


def _explain_dropout(layer: Any, inputs: int, channel: int) -> str:
    return (
        f"Hands everything on as it is. Only in training it silences {layer.rate:.0%} of the values, others each time, "
        "so that the network relies on none alone."
    )


def _explain_dense(layer: Any, inputs: int, channel: int) -> str:
    if _name_activation(layer) == "softmax":
        return (
            f"Weighted sums of {inputs:,} inputs, the logits, one for each class. The exponential of a logit, "
            "divided by the sum of all ten, is the probability."
        )
    bias = " plus a bias" if layer.use_bias else ""
    return (
        f"A weighted sum of all {inputs:,} inputs{bias}{_write_activation(layer)}. Shown are the terms that weigh most."
    )


def _explain_flatten(layer: Any, inputs: int, channel: int) -> str:
    return "Lays the pixels of all maps out in one row, all channels of a pixel side by side. Nothing is computed."


def _explain_enlargement(layer: Any, inputs: int, channel: int) -> str:
    if layer.interpolation == "nearest":
        return f"Each pixel becomes {_by(layer.size)} of the same value."
    return f"Enlarged {_by(layer.size)} times, with values in between those of the pixels nearby."


def _write_moves(strides: Sequence[int]) -> str:
    down, right = strides
    if down == right == 1:
        return "The window moves by one pixel."
    return (
        f"The window moves by {down} pixels." if down == right else f"The window moves by {down} down, {right} across."
    )


def _write_activation(layer: Any) -> str:
    name = _name_activation(layer)
    return "" if name == LINEAR else f", then {name}"


def _name_activation(layer: Any) -> str:
    name = read_layer_activation(layer).name
    return _ACTIVATIONS.get(name, name)


def _by(size: Sequence[int]) -> str:
    return " × ".join(map(str, size))


_SENTENCES = {
    "Conv2D": _explain_conv,
    "MaxPooling2D": _explain_pooling,
    "AveragePooling2D": _explain_pooling,
    "BatchNormalization": _explain_normalization,
    "Activation": _explain_activation,
    "ReLU": _explain_activation,
    "Dropout": _explain_dropout,
    "Dense": _explain_dense,
    "Flatten": _explain_flatten,
    "UpSampling2D": _explain_enlargement,
    "GlobalAveragePooling2D": lambda *_: "The mean of the whole map: one number a channel.",
    "GlobalMaxPooling2D": lambda *_: "The largest value of the whole map: one number a channel.",
    "Add": lambda *_: "Two maps added, pixel by pixel: what the block has made, and the shortcut around it.",
    "Concatenate": lambda *_: "The maps of several layers behind each other, as they are.",
    "ZeroPadding2D": lambda *_: "The same map in a frame of zeros.",
}
