"""What the editor of networks offers: the kinds of layers in groups, and in plain words what each is for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fmnist_core.kinds import KINDS
from fmnist_core.stacks import Layer


@dataclass(frozen=True)
class Offer:
    """A kind of layer as the editor offers it.

    Attributes:
        title: what it is called.
        help: what it does, in a sentence.
        arguments: those that a new layer begins with.
    """

    title: str
    help: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Words:
    """What an argument is called, and what it does, in a sentence."""

    label: str
    help: str


GROUPS: dict[str, dict[str, Offer]] = {
    "Convolution": {
        "Conv2D": Offer(
            "Convolution",
            "Small filters slide over the picture; each draws a map of where its pattern occurs.",
            {"filters": 32, "kernel_size": 3, "padding": "same", "activation": "relu"},
        ),
        "Residual": Offer(
            "Residual block",
            "Two convolutions whose result is added to what came in; lets networks be deep.",
            {"filters": 32},
        ),
    },
    "Pooling": {
        "MaxPooling2D": Offer("Max pooling", "Shrinks the maps: of each window only the largest value stays."),
        "AveragePooling2D": Offer(
            "Average pooling", "Shrinks the maps: of each window the mean stays.", {"pool_size": 2}
        ),
        "GlobalAveragePooling2D": Offer(
            "Global average", "Makes one number of each map, its mean; a thrifty bridge to dense layers."
        ),
    },
    "Dense": {
        "Flatten": Offer("Flatten", "Lays all maps out in one row, as dense layers want them."),
        "Dense": Offer(
            "Dense", "Units that each look at all values that come in.", {"units": 128, "activation": "relu"}
        ),
    },
    "Steadying": {
        "BatchNormalization": Offer(
            "Batch normalisation", "Keeps values in a common range while the layers before it change."
        ),
        "Dropout": Offer(
            "Dropout", "Silences some values at random while it trains, against learning by heart.", {"rate": 0.25}
        ),
    },
    "Activation": {
        "ReLU": Offer("ReLU", "Cuts off what is below zero."),
        "Activation": Offer("Activation", "Bends values by a function of your choice.", {"activation": "elu"}),
    },
    "Size": {
        "UpSampling2D": Offer("Enlarge", "Makes the maps larger.", {"size": 2, "interpolation": "bilinear"}),
        "ZeroPadding2D": Offer("Border", "Puts a border of zeros around the maps.", {"padding": 2}),
        "RepeatChannels": Offer("Copies", "Puts copies of the same maps behind each other.", {"times": 3}),
        "Backbone": Offer(
            "Known network",
            "All convolutions of a network made for photographs; wants 32×32 or more and three channels, so put a "
            "border of 2 and 3 copies before it. Slow without a GPU.",
            {"network": "VGG16"},
        ),
    },
}
OFFERS: dict[str, Offer] = {kind: offer for group in GROUPS.values() for kind, offer in group.items()}

ARGUMENTS: dict[str, Words] = {
    "filters": Words("Filters", "How many patterns it looks for: so many maps come out."),
    "kernel_size": Words("Kernel", "Height and width of a filter, in pixels."),
    "pool_size": Words("Window", "Height and width of what becomes one value."),
    "strides": Words("Stride", "How far the window moves at a time; 2 halves the maps."),
    "padding": Words("Edges", "Whether a border keeps the size of the maps, or the window stays inside."),
    "activation": Words("Activation", "How each value is bent; without one, layers in a row are no more than one."),
    "use_bias": Words("Bias", "Whether each output has a number of its own added; needless before a normalisation."),
    "momentum": Words("Memory", "How slowly the kept mean and variance follow the batches."),
    "epsilon": Words("Least variance", "A small number that keeps it from dividing by zero."),
    "rate": Words("Share", "Share of the values that are silenced."),
    "units": Words("Units", "How many values come out."),
    "size": Words("Times", "How many times higher and wider."),
    "interpolation": Words("Between pixels", "Repeat the nearest pixel, or blend the neighbours."),
    "dropout": Words("Dropout", "Share of the values silenced between its two convolutions."),
    "times": Words("Copies", "How many times as many maps come out."),
    "network": Words("Network", "Which one; its weights start from random."),
}
# What the border of zeros takes is a width, what windows take is a choice.
BORDER = Words("Width", "How many zeros on each side.")

# What Keras, or the function of `blocks`, takes where nothing is given; None: as large as the window.
DEFAULTS: dict[str, dict[str, Any]] = {
    "Conv2D": {"strides": 1, "padding": "valid", "activation": "linear", "use_bias": True},
    "MaxPooling2D": {"pool_size": 2, "strides": None, "padding": "valid"},
    "AveragePooling2D": {"strides": None, "padding": "valid"},
    "BatchNormalization": {"momentum": 0.99, "epsilon": 0.001},
    "Dense": {"activation": "linear", "use_bias": True},
    "UpSampling2D": {"size": 2, "interpolation": "nearest"},
    "ZeroPadding2D": {"padding": 1},
    "Residual": {"strides": 1, "dropout": 0.0},
}

CHOICES: dict[Any, str] = {
    "same": "keep the size",
    "valid": "stay inside",
    "linear": "none",
    "leaky_relu": "leaky relu",
    "nearest": "nearest",
    "bilinear": "blend",
}


def words_of(class_name: str, argument: str) -> Words:
    """Return what an argument of a kind is called and does."""
    return BORDER if (class_name, argument) == ("ZeroPadding2D", "padding") else ARGUMENTS[argument]


def value_of(layer: Layer, argument: str) -> Any:
    """Return what a layer takes for an argument, be it given or not; a pair where it is as large as the window."""
    value = layer.arguments.get(argument, DEFAULTS.get(layer.class_name, {}).get(argument))
    if value is None and argument == "strides":
        return value_of(layer, "pool_size")
    return tuple(value) if isinstance(value, list) else value


def describe(layer: Layer) -> str:
    """Say in a few words what makes a layer this one; empty if there is nothing to say."""
    parts = [_say(layer, argument) for argument in KINDS[layer.class_name].arguments]
    return " · ".join(part for part in parts if part)


def _say(layer: Layer, argument: str) -> str:
    value = value_of(layer, argument)
    if argument in ("kernel_size", "pool_size", "size"):
        return write_size(value)
    if argument == "padding" and layer.class_name == "ZeroPadding2D":
        return f"{_write_step(value)} on each side"
    if argument == "strides":
        usual = value_of(layer, "pool_size") if layer.class_name.endswith("Pooling2D") else 1
        return "" if write_size(value) == write_size(usual) else f"stride {_write_step(value)}"
    if argument in ("rate", "dropout"):
        return f"{'dropout ' if argument == 'dropout' else ''}{value:.4g}" if value else ""
    if argument in ("filters", "units"):
        return f"{value:,} {argument if value != 1 else argument[:-1]}"
    if argument == "times":
        return f"{value} times"
    if argument == "use_bias":
        return "" if value else "no bias"
    if value == DEFAULTS.get(layer.class_name, {}).get(argument):
        return ""
    if argument == "padding":
        return "same"
    if argument in ("momentum", "epsilon"):
        return f"{words_of(layer.class_name, argument).label.lower()} {value:.4g}"
    return CHOICES.get(value, str(value))


def write_size(value: int | tuple[int, int]) -> str:
    """Write a size, "3×3"."""
    height, width = (value, value) if isinstance(value, int) else value
    return f"{height}×{width}"


def _write_step(value: int | tuple[int, int]) -> str:
    return str(value) if isinstance(value, int) else write_size(value)
