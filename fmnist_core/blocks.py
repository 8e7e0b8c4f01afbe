"""Layers of a stack that Keras has no layer for, built of those that it has.

`architectures.write_code` copies these functions into the code that it writes, so each needs `keras` and
`layers` and nothing else of this file.
"""

import keras
from keras import layers


def residual(x: keras.KerasTensor, filters: int, strides: int = 1, dropout: float = 0.0) -> keras.KerasTensor:
    """Add two convolutions of 3×3 to a shortcut, normalising before each (He et al. 2016, Zagoruyko 2016)."""
    y = layers.ReLU()(layers.BatchNormalization()(x))
    # Where the shapes differ, a convolution of 1×1 makes the shortcut fit.
    fits = strides == 1 and x.shape[-1] == filters
    shortcut = x if fits else layers.Conv2D(filters, 1, strides=strides, use_bias=False)(y)
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(y)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    if dropout:
        y = layers.Dropout(dropout)(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    return layers.Add()([shortcut, y])


def repeat_channels(x: keras.KerasTensor, times: int) -> keras.KerasTensor:
    """Put copies of the same maps behind each other."""
    return layers.Concatenate()([x] * times)


def backbone(x: keras.KerasTensor, network: str) -> keras.KerasTensor:
    """Put the convolutions of a well-known network on top, with random weights."""
    return getattr(keras.applications, network)(include_top=False, weights=None, input_tensor=x).output
