"""Activations by name, in double precision: what the numbers of an explanation go through."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

LINEAR = "linear"

_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805


@dataclass(frozen=True)
class Activation:
    """What follows the sum.

    Attributes:
        name: as Keras calls it.
        settings: those that it has, by the names of Keras.
    """

    name: str = LINEAR
    settings: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def is_known(self) -> bool:
        """Whether it can be computed from one value; a softmax needs all of them."""
        return self.name in FUNCTIONS

    def __call__(self, values: ArrayLike) -> Floats:
        """Return it of one value, or of some of any shape."""
        return np.asarray(FUNCTIONS[self.name](np.asarray(values, np.float64), **self.settings), np.float64)


def read_activation(config: Any) -> Activation:
    """Read an activation as a Keras layer's config has it: a name, or a dict of a function or a layer."""
    if isinstance(config, dict):
        # A function of one's own is a dict with a dict inside.
        named = config.get("config")
        return Activation(named if isinstance(named, str) else str(config.get("class_name", LINEAR)).lower())
    return Activation(str(config or LINEAR))


def read_layer_activation(layer: Any) -> Activation:
    """Return the activation of a Keras layer that applies one, or nothing else; the linear one of any other."""
    kind, config = type(layer).__name__, layer.get_config()
    if kind == "ReLU":
        names = ("negative_slope", "max_value", "threshold")
        settings = {name: config[name] for name in names if config.get(name)}
        return Activation("relu", settings)
    return read_activation(config.get("activation", LINEAR))


def _relu(x: Floats, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Floats:
    kept = np.where(x > threshold, x, negative_slope * (x - threshold))
    return kept if max_value is None else np.minimum(kept, max_value)


def _elu(x: Floats) -> Floats:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def _gelu(x: Floats) -> Floats:
    from scipy.special import erf

    return np.asarray(0.5 * x * (1 + erf(x / np.sqrt(2))), np.float64)


def _sigmoid(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))


FUNCTIONS: Mapping[str, Callable[..., Floats]] = {
    LINEAR: lambda x: x,
    "relu": _relu,
    "elu": _elu,
    "gelu": _gelu,
    "leaky_relu": lambda x: np.where(x >= 0, x, 0.2 * x),
    "selu": lambda x: _SELU_SCALE * np.where(x > 0, x, _SELU_ALPHA * np.expm1(np.minimum(x, 0))),
    "sigmoid": _sigmoid,
    "silu": lambda x: x * _sigmoid(x),
    "softplus": lambda x: np.logaddexp(x, 0),
    "tanh": np.tanh,
}
