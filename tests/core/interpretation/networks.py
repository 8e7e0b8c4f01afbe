"""Networks small enough to work out by hand what any method must say of them."""

import keras
import numpy as np

from fmnist_core.interpretation.probing import Probe

# Quadrants of 0, 51, 102 and 255: 0, 0.2, 0.4 and 1 for the network.
QUADRANTS = np.kron(np.array([[0, 51], [102, 255]], np.uint8), np.ones((14, 14), np.uint8))


def start():
    pixels = keras.Input((28, 28, 1), dtype="uint8")
    return pixels, keras.layers.Rescaling(1 / 255)(pixels)


def build_linear(weights):
    """A network whose logits are the sums of the scaled pixels times `weights`, (28, 28, 10)."""
    pixels, x = start()
    model = keras.Model(pixels, keras.layers.Dense(10, activation="softmax")(keras.layers.Flatten()(x)))
    model.layers[-1].set_weights([weights.reshape(784, 10), np.zeros(10)])
    return Probe(model)


def build_quadrants(forked=False):
    """Two maps of 2 × 2, the means of the quadrants and twice them, and known weights for class 3.

    Forked, what is weighted is the maps plus their squares.
    """
    pixels, x = start()
    x = keras.layers.Conv2D(2, 14, strides=14, name="maps")(x)
    x = keras.layers.Add()([x, keras.layers.Multiply()([x, x])]) if forked else x
    model = keras.Model(pixels, keras.layers.Dense(10, activation="softmax")(keras.layers.Flatten()(x)))
    means = np.full((14, 14, 1), 1 / 196)
    model.get_layer("maps").set_weights([np.stack([means, 2 * means], axis=-1), np.zeros(2)])
    weights = np.zeros((2, 2, 2, 10))
    weights[..., 0, 3] = [[1, 2], [3, 4]]
    weights[..., 1, 3] = [[-1, -1], [-1, 1]]
    model.layers[-1].set_weights([weights.reshape(8, 10), np.zeros(10)])
    return Probe(model)
