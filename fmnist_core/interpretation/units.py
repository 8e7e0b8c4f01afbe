"""How a layer makes its units: the largest terms of each sum, and what the others add up to."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.interpretation.activations import Activation, read_activation, read_layer_activation
from fmnist_core.interpretation.weights import read_array, read_normalization

Floats = NDArray[np.float32]

# How many products are sorted for all units at once (0.2 s); beyond that only for the one asked about.
_MOST_PRODUCTS = 8_000_000
_TERMS = 8


@dataclass(frozen=True, eq=False)
class UnitOperation:
    """How units are made: each is a weighted sum of inputs, of which the largest terms are given.

    Attributes:
        units: the units that are explained, (u,).
        places: which inputs the k largest terms of each are, (u, k), the largest in magnitude first.
        values: what these inputs are, (u, k).
        weights: what they are multiplied with, (u, k).
        rest: sum of all other terms, (u,).
        n_inputs: terms of each unit.
        bias: of each, (u,), None if the layer has none.
        before: of all units of the layer, before the activation, (all,).
        outputs: what Keras makes of these, (all,).
        activation: what lies between the two.
    """

    units: NDArray[np.int32]
    places: NDArray[np.int32]
    values: Floats
    weights: Floats
    rest: Floats
    n_inputs: int
    bias: Floats | None
    before: Floats
    outputs: Floats
    activation: Activation = field(default_factory=Activation)


def describe_units(layer: Any, inputs: Floats, outputs: Floats, unit: int) -> UnitOperation:
    """Return how a layer makes its units.

    Args:
        layer: a Keras layer that makes units: Dense, or one that treats each input by itself.
        inputs: what it takes, for one item: (n,), or maps (height, width, channels) that it flattens.
        outputs: what it makes of them, (all,).
        unit: the one that is asked about; where there are very many products only this one is explained.
    """
    flat = inputs.reshape(-1)
    if type(layer).__name__ == "Dense":
        return _describe_dense(layer, flat, outputs, unit)
    factors, shifts = np.ones(len(flat), np.float32), None
    activation = read_layer_activation(layer)
    if type(layer).__name__.removeprefix("Fused") == "BatchNormalization":
        scales, moves = read_normalization(layer)
        factors, shifts = scales.astype(np.float32), moves.astype(np.float32)
    before = flat.astype(np.float64) * factors + (0 if shifts is None else shifts)
    units = np.arange(len(flat), dtype=np.int32)
    return UnitOperation(
        units,
        units[:, np.newaxis],
        flat[:, np.newaxis],
        factors[:, np.newaxis],
        np.zeros(len(flat), np.float32),
        1,
        shifts,
        before.astype(np.float32),
        outputs,
        activation,
    )


def _describe_dense(layer: Any, inputs: Floats, outputs: Floats, unit: int) -> UnitOperation:
    kernel = read_array(layer.kernel)
    bias = read_array(layer.bias) if layer.use_bias else None
    sums = inputs.astype(np.float64) @ kernel.astype(np.float64)
    everything = kernel.size <= _MOST_PRODUCTS
    units = np.arange(kernel.shape[1], dtype=np.int32) if everything else np.array([unit], np.int32)
    products = (inputs[:, np.newaxis] * kernel[:, units]).T
    terms = min(_TERMS, len(inputs))
    places = np.argpartition(-np.abs(products), terms - 1, axis=1)[:, :terms]
    largest = np.take_along_axis(products, places, axis=1)
    order = np.argsort(-np.abs(largest), axis=1, kind="stable")
    places = np.take_along_axis(places, order, axis=1)
    values, weights = inputs[places], kernel[places, units[:, np.newaxis]]
    rest = sums[units] - (values.astype(np.float64) * weights).sum(axis=1)
    return UnitOperation(
        units,
        places.astype(np.int32),
        values,
        weights,
        rest.astype(np.float32),
        len(inputs),
        None if bias is None else bias[units],
        (sums + (0 if bias is None else bias)).astype(np.float32),
        outputs,
        read_activation(layer.get_config()["activation"]),
    )
