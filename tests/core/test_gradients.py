import keras
import numpy as np
import pytest
from keras import ops

from fmnist_core.gradients import Tap, build_input_gradients, build_tap_gradients, build_weight_gradients

INPUTS = np.array([[1.0, 2.0], [3.0, -1.0]], dtype="float32")


@pytest.fixture
def linear():
    """y = 2a + 5b, so that every gradient can be seen."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([np.array([[2.0], [5.0]])])
    return model


def test_the_gradient_for_the_weights_of_a_sum_is_the_sum_of_the_inputs(linear):
    value, (gradient,) = build_weight_gradients(linear, ops.sum)(INPUTS)
    assert value == 2 + 10 + 6 - 5
    assert gradient.tolist() == [[4.0], [1.0]]


def test_the_gradient_for_the_inputs_is_the_weights_for_each_item(linear):
    value, gradient = build_input_gradients(linear, ops.sum)(INPUTS)
    assert value == 13
    assert gradient.tolist() == [[2.0, 5.0], [2.0, 5.0]]


def test_the_weights_are_those_of_the_moment(linear):
    compute = build_input_gradients(linear, ops.sum)
    compute(INPUTS)
    linear.set_weights([np.array([[-1.0], [0.5]])])
    assert compute(INPUTS)[1].tolist() == [[-1.0, 0.5], [-1.0, 0.5]]


def test_a_network_cut_at_a_layer_gives_the_gradient_for_its_output():
    pixels = keras.Input((2,), dtype="uint8")
    hidden = keras.layers.Rescaling(0.5)(pixels)
    network = keras.Model(pixels, keras.layers.Dense(1, use_bias=False)(hidden))
    network.set_weights([np.array([[2.0], [5.0]])])
    rest = keras.Model(hidden, network.outputs[0])
    # Of the square of 2a + 5b: 2 (2a + 5b) times 2 and 5.
    value, gradient = build_input_gradients(rest, lambda outputs: ops.sum(outputs**2))(np.array([[1, 3]]))
    assert value == 17**2
    assert gradient.tolist() == [[68.0, 170.0]]


def test_dropout_is_off_and_what_has_no_part_in_the_score_has_no_gradient():
    inputs = keras.Input((2,))
    outputs = keras.layers.Dropout(0.9)(inputs)
    outputs = ops.concatenate([keras.layers.Dense(1)(outputs), keras.layers.Dense(3)(inputs)], axis=-1)
    model = keras.Model(inputs, outputs)
    _, gradients = build_weight_gradients(model, lambda outputs: ops.sum(outputs[:, 0]))(INPUTS)
    assert gradients[0].tolist() == [[4.0], [1.0]]
    assert gradients[1].tolist() == [2.0]
    assert [gradient.any() for gradient in gradients[2:]] == [False, False]


def test_the_gradient_of_a_loss_is_the_one_worked_out_by_hand():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, activation="softmax")])
    targets = np.eye(3, dtype="float32")[[2, 0]]
    loss = keras.losses.CategoricalCrossentropy()
    value, (kernel, bias) = build_weight_gradients(model, lambda outputs: loss(targets, outputs))(INPUTS)
    probabilities = model.predict_on_batch(INPUTS)
    assert value == pytest.approx(-np.log(probabilities[[0, 1], [2, 0]]).mean(), rel=1e-5)
    np.testing.assert_allclose(kernel, INPUTS.T @ (probabilities - targets) / 2, atol=1e-6)
    np.testing.assert_allclose(bias, (probabilities - targets).mean(axis=0), atol=1e-6)


def test_a_tap_gives_the_gradient_where_two_ways_part():
    inputs = keras.Input((2,))
    tap = Tap()
    tapped = tap(keras.layers.Rescaling(2.0)(inputs))
    # h squared, plus three times h: neither way alone.
    outputs = tapped * tapped + keras.layers.Rescaling(3.0)(tapped)
    model = keras.Model(inputs, outputs)
    compute = build_tap_gradients(model, tap, ops.sum)
    value, gradient = compute(INPUTS)
    hidden = 2 * INPUTS
    assert value == (hidden**2 + 3 * hidden).sum()
    assert gradient.tolist() == (2 * hidden + 3).tolist()
    # For any number of items, and the network is left as it was.
    assert compute(INPUTS[:1])[1].tolist() == (2 * hidden[:1] + 3).tolist()
    assert tap.offset is None
    assert np.asarray(model(INPUTS)).tolist() == (hidden**2 + 3 * hidden).tolist()
