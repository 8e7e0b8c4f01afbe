"""The kinds of layers that a stack may hold, and what their arguments may be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from fmnist_core.settings import is_number

ACTIVATIONS = ("relu", "elu", "gelu", "leaky_relu", "selu", "sigmoid", "silu", "softmax", "softplus", "tanh", "linear")
PADDINGS = ("valid", "same")
INTERPOLATIONS = ("nearest", "bilinear")
BACKBONES = ("ResNet50", "VGG16")


class Rule(Protocol):
    """What a value has to be."""

    def accepts(self, value: object) -> bool:
        """Tell whether a value keeps to the rule."""

    def __str__(self) -> str:
        """Return the rule in words that follow "must be"."""


@dataclass(frozen=True)
class Whole:
    """A whole number within bounds."""

    lowest: int
    highest: int

    def accepts(self, value: object) -> bool:
        """Tell whether a value keeps to the rule."""
        return isinstance(value, int) and not isinstance(value, bool) and self.lowest <= value <= self.highest

    def __str__(self) -> str:
        return f"a whole number from {self.lowest} to {self.highest:,}"


@dataclass(frozen=True)
class Size:
    """A whole number within bounds, or two: height and width."""

    lowest: int
    highest: int

    def accepts(self, value: object) -> bool:
        """Tell whether a value keeps to the rule."""
        whole = Whole(self.lowest, self.highest)
        if isinstance(value, list | tuple):
            return len(value) == 2 and all(whole.accepts(part) for part in value)
        return whole.accepts(value)

    def __str__(self) -> str:
        return f"one whole number, or two, from {self.lowest} to {self.highest}"


@dataclass(frozen=True)
class Real:
    """A number from `lowest` to below `limit`."""

    lowest: float
    limit: float

    def accepts(self, value: object) -> bool:
        """Tell whether a value keeps to the rule."""
        return is_number(value) and self.lowest <= value < self.limit  # type: ignore[operator]

    def __str__(self) -> str:
        return f"a number from {self.lowest} to below {self.limit}"


@dataclass(frozen=True)
class Choice:
    """One of some values."""

    values: tuple[Any, ...]

    def accepts(self, value: object) -> bool:
        """Tell whether a value keeps to the rule."""
        # 1 equals True, but is none of (True, False).
        return any(type(value) is type(choice) and value == choice for choice in self.values)

    def __str__(self) -> str:
        return f"one of {', '.join(map(str, self.values))}"


@dataclass(frozen=True)
class Kind:
    """A kind of layer.

    Attributes:
        arguments: what each argument may be.
        required: the arguments without a default.
        is_keras: whether it is the Keras layer of its name; the others are functions of `blocks`.
    """

    arguments: Mapping[str, Rule] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    is_keras: bool = True


_WINDOW = Size(1, 64)
_ACTIVATION = Choice(ACTIVATIONS)
_POOLING: dict[str, Rule] = {"pool_size": _WINDOW, "strides": _WINDOW, "padding": Choice(PADDINGS)}
_YES_OR_NO = Choice((True, False))

KINDS: dict[str, Kind] = {
    "Conv2D": Kind(
        {
            "filters": Whole(1, 1024),
            "kernel_size": _WINDOW,
            "strides": _WINDOW,
            "padding": Choice(PADDINGS),
            "activation": _ACTIVATION,
            "use_bias": _YES_OR_NO,
        },
        required=("filters", "kernel_size"),
    ),
    "MaxPooling2D": Kind(_POOLING),
    # Keras has no default for this one.
    "AveragePooling2D": Kind(_POOLING, required=("pool_size",)),
    "GlobalAveragePooling2D": Kind(),
    "BatchNormalization": Kind({"momentum": Real(0, 1), "epsilon": Real(0, 1)}),
    "Activation": Kind({"activation": _ACTIVATION}, required=("activation",)),
    "ReLU": Kind(),
    "Dropout": Kind({"rate": Real(0, 1)}, required=("rate",)),
    "Flatten": Kind(),
    "Dense": Kind({"units": Whole(1, 4096), "activation": _ACTIVATION, "use_bias": _YES_OR_NO}, required=("units",)),
    "UpSampling2D": Kind({"size": Size(1, 8), "interpolation": Choice(INTERPOLATIONS)}),
    "ZeroPadding2D": Kind({"padding": Size(0, 28)}),
    "Residual": Kind(
        {"filters": Whole(1, 1024), "strides": Whole(1, 4), "dropout": Real(0, 1)},
        required=("filters",),
        is_keras=False,
    ),
    "RepeatChannels": Kind({"times": Whole(2, 8)}, required=("times",), is_keras=False),
    "Backbone": Kind({"network": Choice(BACKBONES)}, required=("network",), is_keras=False),
}


def check_arguments(class_name: str, arguments: Mapping[str, Any]) -> None:
    """Raise ValueError unless a layer's kind and all its arguments are known, there, and within their rules."""
    if class_name not in KINDS:
        raise ValueError("must be of a known kind.")
    kind = KINDS[class_name]
    for name in kind.required:
        if name not in arguments:
            raise ValueError(f"needs `{name}`, {kind.arguments[name]}.")
    for name, value in arguments.items():
        if name not in kind.arguments:
            known = ", ".join(kind.arguments) or "no arguments"
            raise ValueError(f"takes {known}. Received: {name:.80}.")
        if not kind.arguments[name].accepts(value):
            raise ValueError(f"`{name}` must be {kind.arguments[name]}. Received: {value!s:.80}.")
