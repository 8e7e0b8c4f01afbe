import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmnist_core.architectures import (
    ARCHITECTURES,
    BATCH_NORMALIZATION,
    FLATTEN,
    Layer,
    build_model,
    conv,
    count_operations,
    count_parameters,
    dense,
    dropout,
    find_stack,
    pool,
    summarize,
    tabulate_layers,
    write_code,
)
from fmnist_core.errors import InvalidSettingError

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 28, 28, 1), dtype=np.uint8)
TINY = (conv(2, 3), pool(), FLATTEN, dense(5))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_layer_is_what_keras_makes_of_it(architecture):
    stack = find_stack(architecture)
    model = build_model(stack)
    summaries = summarize(stack)
    assert [summary.layer.class_name for summary in summaries] == [type(layer).__name__ for layer in model.layers]
    assert [summary.output_shape for summary in summaries] == [tuple(layer.output.shape[1:]) for layer in model.layers]
    assert [summary.parameters for summary in summaries] == [layer.count_params() for layer in model.layers]
    assert count_parameters(stack) == model.count_params()
    trainable = sum(int(np.prod(weights.shape)) for weights in model.trainable_weights)
    assert sum(summary.trainable_parameters for summary in summaries) == trainable


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_network_takes_raw_pixels_and_gives_probabilities(architecture):
    probabilities = build_model(find_stack(architecture)).predict_on_batch(IMAGES)
    assert probabilities.shape == (4, 10)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("architecture", "parameters", "trainable"),
    [
        # 784·64 + 64 + 64·128 + 128 + 128·10 + 10
        ("threads/ann", 59_850, 59_850),
        # 16·32 + 32 + 12·12·32·128 + 128 + 128·10 + 10
        ("threads/model-1", 591_786, 591_786),
        ("threads/model-2", 591_786, 591_786),
        # 544 + 16·32·64 + 64 + 4·4·64·128 + 128 + 1,290
        ("threads/model-3", 165_866, 165_866),
        # 640 + 73,856 + 295,168 + 3·3·256·256 + 256 + 32,896 + 1,290
        ("fitch/model-7", 993_930, 993_930),
        # as the paper prints them
        ("mcnn/proposed", 213_354, 211_690),
    ],
)
def test_networks_are_as_large_as_worked_out_by_hand(architecture, parameters, trainable):
    summaries = summarize(find_stack(architecture))
    assert sum(summary.parameters for summary in summaries) == parameters
    assert sum(summary.trainable_parameters for summary in summaries) == trainable


def test_model_1_and_model_2_are_the_same_function():
    first, second = (build_model(find_stack(f"threads/model-{number}")) for number in (1, 2))
    second.set_weights(first.get_weights())
    np.testing.assert_array_equal(first.predict_on_batch(IMAGES), second.predict_on_batch(IMAGES))


def test_the_dense_network_computes_what_the_formula_says():
    model = build_model(find_stack("threads/ann"))
    # Not the zeros that biases begin with.
    model.set_weights([weights + 0.01 for weights in model.get_weights()])
    kernel_1, bias_1, kernel_2, bias_2, kernel_3, bias_3 = (w.astype(np.float64) for w in model.get_weights())
    hidden = np.maximum(IMAGES.reshape(4, 784) / 255 @ kernel_1 + bias_1, 0)
    hidden = np.maximum(hidden @ kernel_2 + bias_2, 0)
    exponentials = np.exp(hidden @ kernel_3 + bias_3)
    expected = exponentials / exponentials.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict_on_batch(IMAGES), expected, rtol=1e-4)


def test_a_convolution_computes_what_the_formula_says():
    model = build_model((conv(1, 2), FLATTEN))
    kernel, bias = model.layers[1].get_weights()
    scaled = IMAGES[0, :, :, 0] / 255
    windows = np.lib.stride_tricks.sliding_window_view(scaled, (2, 2))
    expected = np.maximum((windows * kernel[:, :, 0, 0]).sum(axis=(2, 3)) + bias[0], 0)
    maps = keras.Model(model.inputs, model.layers[1].output).predict_on_batch(IMAGES[:1])
    np.testing.assert_allclose(maps[0, :, :, 0], expected, atol=1e-6)


def test_shapes_parameters_and_operations_of_a_tiny_network_by_hand():
    scaling, convolution, pooling, flat, hidden, output = summarize(TINY)
    assert (scaling.output_shape, scaling.parameters, scaling.operations) == ((28, 28, 1), 0, 0)
    assert (convolution.output_shape, convolution.parameters) == ((26, 26, 2), 2 * 9 + 2)
    assert convolution.operations == 26 * 26 * 2 * 9
    assert (pooling.output_shape, pooling.parameters, pooling.operations) == ((13, 13, 2), 0, 0)
    assert (flat.output_shape, flat.operations) == ((338,), 0)
    assert (hidden.output_shape, hidden.parameters, hidden.operations) == ((5,), 338 * 5 + 5, 338 * 5)
    assert (output.output_shape, output.parameters, output.operations) == ((10,), 60, 50)
    assert count_parameters(TINY) == 20 + 1_695 + 60
    assert count_operations(TINY) == 12_168 + 1_690 + 50


def test_batch_normalization_keeps_four_numbers_a_channel_and_trains_two():
    *_, normalization, _, _ = summarize((conv(3, 3), BATCH_NORMALIZATION, FLATTEN))
    assert (normalization.parameters, normalization.trainable_parameters) == (12, 6)
    assert normalization.operations == 2 * 26 * 26 * 3


def test_a_table_has_a_row_for_each_layer():
    assert tabulate_layers(summarize(TINY))[1:3] == [
        {
            "layer": "Conv2D",
            "arguments": "filters=2, kernel_size=3, activation='relu'",
            "output shape": "26 × 26 × 2",
            "parameters": 20,
        },
        {"layer": "MaxPooling2D", "arguments": "", "output shape": "13 × 13 × 2", "parameters": 0},
    ]


@pytest.mark.parametrize(
    ("stack", "message"),
    [
        ((conv(8, 29), FLATTEN), r"Layer 1, Conv2D\(filters=8, .*\): its window 29×29 must fit into 28×28\."),
        ((FLATTEN, conv(8, 3)), r"Layer 2, Conv2D\(.*\): needs maps of height × width × channels, but gets \(784,\)\."),
        ((FLATTEN, pool()), r"Layer 2, MaxPooling2D\(\): needs maps"),
        (
            (*(pool() for _ in range(5)), FLATTEN),
            r"Layer 5, MaxPooling2D\(\): its window 2×2 must fit into 1×1\.",
        ),
        ((Layer("LSTM", {"units": 4}),), r"Layer 1 must be of a known kind\. Received: LSTM\(units=4\)\."),
    ],
)
def test_an_impossible_stack_is_refused_by_the_layer_and_the_reason(stack, message):
    for refusing in (summarize, build_model, count_parameters, count_operations):
        with pytest.raises(InvalidSettingError, match=message):
            refusing(stack)


def test_an_unknown_network_is_refused_with_those_that_there_are():
    with pytest.raises(InvalidSettingError, match=r"`architecture` must be one of threads/ann, .* Received: vgg\."):
        find_stack("vgg")


SAME_OR_VALID = st.sampled_from(["same", "valid"])
SPATIAL = st.one_of(
    st.builds(
        lambda filters, kernel, padding, strides: conv(filters, kernel, padding, strides=strides),
        st.integers(1, 3),
        st.one_of(st.integers(1, 15), st.tuples(st.integers(1, 9), st.integers(1, 9))),
        SAME_OR_VALID,
        st.one_of(st.integers(1, 3), st.tuples(st.integers(1, 3), st.integers(1, 3)).map(list)),
    ),
    st.builds(pool, SAME_OR_VALID),
    st.builds(
        lambda size, strides: Layer("MaxPooling2D", {"pool_size": size, "strides": strides}), *[st.integers(1, 5)] * 2
    ),
    st.just(BATCH_NORMALIZATION),
    st.builds(dropout, st.floats(0, 0.9)),
)
FLAT = st.one_of(st.builds(dense, st.integers(1, 20)), st.just(BATCH_NORMALIZATION), st.builds(dropout, st.just(0.5)))
STACKS = st.builds(
    lambda spatial, flat: (*spatial, FLATTEN, *flat), st.lists(SPATIAL, max_size=5), st.lists(FLAT, max_size=3)
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STACKS)
def test_any_stack_has_keras_s_shapes_or_is_refused_as_keras_refuses_it(stack):
    try:
        summaries = summarize(stack)
    except InvalidSettingError:
        with pytest.raises(ValueError, match="negative"):
            _build_unchecked(stack)
        return
    model = _build_unchecked(stack)
    assert [summary.output_shape for summary in summaries] == [tuple(layer.output.shape[1:]) for layer in model.layers]
    assert [summary.parameters for summary in summaries] == [layer.count_params() for layer in model.layers]


def _build_unchecked(stack):
    layers = [getattr(keras.layers, layer.class_name)(**layer.arguments) for layer in stack]
    return keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Rescaling(1 / 255), *layers, keras.layers.Dense(10, "softmax")]
    )


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_written_code_makes_the_same_network(architecture):
    stack = find_stack(architecture)
    namespace = {}
    exec(write_code(stack), namespace)
    written, built = namespace["model"], build_model(stack)
    assert written.count_params() == built.count_params()
    written.set_weights(built.get_weights())
    np.testing.assert_array_equal(written.predict_on_batch(IMAGES), built.predict_on_batch(IMAGES))
