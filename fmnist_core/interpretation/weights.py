"""The weights of a trained layer, as arrays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def read_array(variable: Any) -> NDArray[np.float32]:
    """Return a Keras variable's value."""
    return np.asarray(variable.numpy(), np.float32)


def read_normalization(layer: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what a trained BatchNormalization multiplies each channel with, and what it adds then."""
    deviation = np.sqrt(read_array(layer.moving_variance).astype(np.float64) + layer.epsilon)
    factors = (read_array(layer.gamma) if layer.scale else 1.0) / deviation
    shifts = (read_array(layer.beta) if layer.center else 0.0) - read_array(layer.moving_mean) * factors
    return factors, shifts


def read_filters(layer: Any) -> NDArray[np.float32]:
    """Return the filters of a convolution, (filters, height, width, input channels)."""
    return np.ascontiguousarray(read_array(layer.kernel).transpose(3, 0, 1, 2))
