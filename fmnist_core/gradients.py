"""Gradients: the one place that asks the three Keras backends for them."""

from collections.abc import Callable
from typing import Any, Literal

import keras
import numpy as np
from numpy.typing import NDArray

# Turns a model's outputs into a scalar, with keras.ops.
Score = Callable[[Any], Any]
# What a backend offers: from inputs to the score and its gradients, all as the backend's own tensors.
_Function = Callable[[Any], tuple[Any, list[Any]]]


class Tap(keras.layers.Layer):
    """Passes on what it is given, plus an offset while one is set.

    The gradient for that offset is the gradient for what passes. Behind a layer in the middle of a network this holds
    also where several others take what that layer makes, so that the network cannot be cut in two there.
    """

    offset: Any = None

    def call(self, inputs: Any) -> Any:
        """Return `inputs`, plus the offset if there is one."""
        return inputs if self.offset is None else inputs + self.offset

    def compute_zeros(self, n: int) -> Any:
        """Return an offset that changes nothing, for n items."""
        return keras.ops.zeros((n, *self.input.shape[1:]))


def build_weight_gradients(model: keras.Model, score: Score) -> Callable[[NDArray], tuple[float, list[NDArray]]]:
    """Return a function from inputs to the score of the model's outputs and its gradient for each trainable weight.

    The function asks the model as it is then, in inference: dropout and the like are off. Where the backend compiles,
    it does so at the first call, so a function is worth keeping.

    Args:
        model: any whose outputs are one array.
        score: from the outputs (n, …) to a scalar.
    """
    function = _build(model, score, "weights")

    def compute(inputs: NDArray) -> tuple[float, list[NDArray]]:
        value, gradients = function(inputs)
        return float(keras.ops.convert_to_numpy(value)), [keras.ops.convert_to_numpy(found) for found in gradients]

    return compute


def build_input_gradients(model: keras.Model, score: Score) -> Callable[[NDArray], tuple[float, NDArray]]:
    """Return a function from inputs to the score of the model's outputs and its gradient for the inputs.

    Pixels are whole numbers, which have no gradient: a network of pixels has to be cut behind its scaling. Cut at any
    other layer, `keras.Model(layer.output, network.outputs)`, its rest gives the gradient for that layer's output.

    Args:
        model: any whose inputs are floats and whose outputs are one array.
        score: from the outputs (n, …) to a scalar; a sum over items gives each of them its own gradient.
    """
    function = _build(model, score, "inputs")

    def compute(inputs: NDArray) -> tuple[float, NDArray]:
        value, (gradient,) = function(np.asarray(inputs, dtype="float32"))
        return float(keras.ops.convert_to_numpy(value)), keras.ops.convert_to_numpy(gradient)

    return compute


def build_tap_gradients(model: keras.Model, tap: Tap, score: Score) -> Callable[[NDArray], tuple[float, NDArray]]:
    """Return a function from inputs to the score of the model's outputs and its gradient for what passes a tap.

    Only one thread at a time may call it.

    Args:
        model: any with this tap in it, once, and whose outputs are one array.
        tap: where the gradient is wanted.
        score: from the outputs (n, …) to a scalar; a sum over items gives each of them its own gradient.
    """
    function = _build(model, score, tap)

    def compute(inputs: NDArray) -> tuple[float, NDArray]:
        try:
            value, (gradient,) = function(np.asarray(inputs, dtype="float32"))
        finally:
            tap.offset = None
        return float(keras.ops.convert_to_numpy(value)), keras.ops.convert_to_numpy(gradient)

    return compute


def _build(model: keras.Model, score: Score, of: Literal["weights", "inputs"] | Tap) -> _Function:
    return _BACKENDS[keras.backend.backend()](model, score, of)


def _with_tensorflow(model: keras.Model, score: Score, of: str | Tap) -> _Function:
    import tensorflow as tf

    def compute(inputs: Any) -> tuple[Any, list[Any]]:
        inputs = tf.convert_to_tensor(inputs)
        if isinstance(of, Tap):
            of.offset = of.compute_zeros(len(inputs))
            sources = [of.offset]
        else:
            sources = [inputs] if of == "inputs" else [weight.value for weight in model.trainable_variables]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(sources)
            value = score(model(inputs, training=False))
        return value, tape.gradient(value, sources, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    return compute


def _with_jax(model: keras.Model, score: Score, of: str | Tap) -> _Function:
    import jax

    def compute_score(weights: list[Any], inputs: Any, offset: Any, others: list[Any]) -> Any:
        if isinstance(of, Tap):
            of.offset = offset
        outputs, _ = model.stateless_call(weights, others, inputs, training=False)
        return score(outputs)

    place = 2 if isinstance(of, Tap) else 1 if of == "inputs" else 0
    differentiate = jax.jit(jax.value_and_grad(compute_score, argnums=place))

    def compute(inputs: Any) -> tuple[Any, list[Any]]:
        weights = [weight.value for weight in model.trainable_variables]
        others = [weight.value for weight in model.non_trainable_variables]
        offset = of.compute_zeros(len(inputs)) if isinstance(of, Tap) else None
        value, gradients = differentiate(weights, inputs, offset, others)
        return value, gradients if of == "weights" else [gradients]

    return compute


def _with_torch(model: keras.Model, score: Score, of: str | Tap) -> _Function:
    import torch

    def compute(inputs: Any) -> tuple[Any, list[Any]]:
        with torch.enable_grad():
            inputs = keras.ops.convert_to_tensor(inputs)
            if isinstance(of, Tap):
                of.offset = of.compute_zeros(len(inputs)).requires_grad_()
                sources = [of.offset]
            elif of == "inputs":
                inputs = inputs.detach().requires_grad_()
                sources = [inputs]
            else:
                sources = [weight.value for weight in model.trainable_variables]
            value = score(model(inputs, training=False))
            # Not `backward`: it would add to the gradients that the training keeps with its weights.
            found = torch.autograd.grad(value, sources, allow_unused=True)
        zeros = (torch.zeros_like(source) for source in sources)
        return value, [zero if gradient is None else gradient for gradient, zero in zip(found, zeros, strict=True)]

    return compute


_BACKENDS = {"tensorflow": _with_tensorflow, "jax": _with_jax, "torch": _with_torch}
