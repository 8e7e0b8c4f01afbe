import keras
import numpy as np
import pytest

from fmnist_core.interpretation.activations import FUNCTIONS, Activation, read_activation, read_layer_activation
from fmnist_core.kinds import ACTIVATIONS

VALUES = np.linspace(-8, 8, 161, dtype=np.float32)


def test_all_but_softmax_can_be_computed_from_one_value():
    assert set(FUNCTIONS) == set(ACTIVATIONS) - {"softmax"}
    assert not Activation("softmax").is_known


@pytest.mark.parametrize("name", FUNCTIONS)
def test_they_are_keras_own(name):
    expected = keras.ops.convert_to_numpy(keras.activations.get(name)(keras.ops.convert_to_tensor(VALUES)))
    assert np.allclose(Activation(name)(VALUES), expected, atol=1e-6)


@pytest.mark.parametrize("settings", [{}, {"max_value": 6.0}, {"negative_slope": 0.1, "threshold": 1.0}])
def test_a_relu_layer_keeps_its_settings(settings):
    layer = keras.layers.ReLU(**settings)
    expected = keras.ops.convert_to_numpy(layer(keras.ops.convert_to_tensor(VALUES)))
    assert np.allclose(read_layer_activation(layer)(VALUES), expected, atol=1e-6)


def test_it_is_read_from_a_config():
    assert read_activation(None) == read_activation("linear") == Activation()
    assert read_activation({"class_name": "function", "config": "tanh"}) == Activation("tanh")
    assert read_layer_activation(keras.layers.Activation("elu")) == Activation("elu")
    assert read_layer_activation(keras.layers.Dropout(0.5)) == Activation()
