import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmnist_core.architectures import ARCHITECTURES, add_layer, build_model, find_stack, write_code
from fmnist_core.errors import InvalidSettingError
from fmnist_core.shapes import count_parameters, summarize
from fmnist_core.stacks import BATCH_NORMALIZATION, FLATTEN, Layer, conv, dense, dropout, pool, residual

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 28, 28, 1), dtype=np.uint8)
TINY = (conv(2, 3), pool(), FLATTEN, dense(5))


# Built once each: a test that needs weights of its own builds its own.
@pytest.fixture(scope="module")
def built():
    models = {}

    def build(architecture):
        if architecture not in models:
            models[architecture] = build_model(find_stack(architecture))
        return models[architecture]

    return build


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_network_takes_raw_pixels_and_gives_probabilities(architecture, built):
    model = built(architecture)
    assert model.inputs[0].dtype == "uint8"
    probabilities = model.predict_on_batch(IMAGES)
    assert probabilities.shape == (4, 10)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_networks_have_as_many_weights_as_keras_counts(architecture, built):
    model, summaries = built(architecture), summarize(find_stack(architecture))
    assert count_parameters(find_stack(architecture)) == model.count_params()
    assert sum(summary.trainable_parameters for summary in summaries) == count_weights(model.trainable_weights)


def count_weights(weights):
    return sum(int(np.prod(array.shape)) for array in weights)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_layer_has_the_shape_and_the_weights_that_keras_gives_it(architecture):
    check_against_keras(find_stack(architecture))


def check_against_keras(stack):
    """Lay one layer of a stack upon the other and compare each with its summary."""
    x = keras.Input((28, 28, 1))
    pixels, parameters, trainable = x, 0, 0
    for summary in summarize(stack):
        x = (
            keras.layers.Rescaling(1 / 255)(x)
            if summary.layer.class_name == "Rescaling"
            else add_layer(x, summary.layer)
        )
        so_far = keras.Model(pixels, x)
        assert tuple(x.shape[1:]) == summary.output_shape
        parameters += summary.parameters
        trainable += summary.trainable_parameters
        assert so_far.count_params() == parameters
        assert count_weights(so_far.trainable_weights) == trainable


@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("filters", [3, 5])
def test_a_residual_block_has_the_shape_and_the_weights_that_keras_gives_it(filters, strides):
    check_against_keras((conv(3, 4), residual(filters, strides, 0.2), FLATTEN))


@pytest.mark.parametrize("network", ["ResNet50", "VGG16"])
def test_a_backbone_follows_its_input(network):
    grown = (Layer("ZeroPadding2D", {"padding": [3, 5]}), Layer("RepeatChannels", {"times": 3}))
    check_against_keras((*grown, Layer("Backbone", {"network": network}), Layer("GlobalAveragePooling2D")))


def test_plain_stacks_are_sequential_and_those_with_blocks_are_not(built):
    sequential = {name for name in ARCHITECTURES if isinstance(built(name), keras.Sequential)}
    ours = {"lab/half-hour", "lab/afternoon", "lab/small", "lab/wide"}
    assert set(ARCHITECTURES) - sequential == {"mcnn/resnet50", "mcnn/vgg16", *ours}
    for name in sequential:
        kinds = [summary.layer.class_name for summary in summarize(find_stack(name))]
        assert kinds == [type(layer).__name__ for layer in built(name).layers]


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
        # 320 + 18,496 + 5·5·64·128 + 128 + 1,290
        ("conquering/cnn", 225_034, 225_034),
        # 320 + 18,496 + 36,928 + 3·3·64·64 + 64 + 650
        ("fitch/model-1", 93_322, 93_322),
        # 640 + 73,856 + 295,168 + 3·3·256·256 + 256 + 32,896 + 1,290
        ("fitch/model-7", 993_930, 993_930),
        # 784·256 + 256 + 2,570
        ("fitch/model-8", 203_530, 203_530),
        # as the paper prints them
        ("mcnn/proposed", 213_354, 211_690),
        # the first dense layer takes 64·4·4, as the paper says: 832 + 51,264 + 524,800 + 131,328 + 32,896 + 1,290
        ("silwimba/network-1-trial-1", 742_410, 742_410),
        # 784 → 392 → 10, as printed: 40 + 16 + 1,616 + 64 + 307,720 + 3,930
        ("silwimba/network-2-trial-2", 313_386, 313_346),
    ],
)
def test_networks_are_as_large_as_worked_out_by_hand(architecture, parameters, trainable):
    summaries = summarize(find_stack(architecture))
    assert sum(summary.parameters for summary in summaries) == parameters
    assert sum(summary.trainable_parameters for summary in summaries) == trainable


@pytest.mark.parametrize(("trial", "inputs"), enumerate([1024, 1280, 1408, 1536, 1664, 1792, 1920], 1))
def test_network_1_flattens_to_what_its_table_says(trial, inputs):
    assert (inputs,) in [row.output_shape for row in summarize(find_stack(f"silwimba/network-1-trial-{trial}"))]


@pytest.mark.parametrize(("trial", "inputs"), enumerate([784, 784, 1176, 1568, 1960, 3528, 3920], 1))
def test_network_2_flattens_to_what_its_table_says(trial, inputs):
    assert (inputs,) in [row.output_shape for row in summarize(find_stack(f"silwimba/network-2-trial-{trial}"))]


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


def test_an_unknown_network_is_refused_with_those_that_there_are():
    with pytest.raises(InvalidSettingError, match=r"`architecture` must be one of threads/ann, .* Received: vgg\."):
        find_stack("vgg")


PADDINGS = st.sampled_from(["same", "valid"])
SIZES = st.one_of(st.integers(1, 5), st.tuples(st.integers(1, 5), st.integers(1, 5)).map(list))
SPATIAL = st.one_of(
    st.builds(
        lambda filters, kernel, padding, strides, bias: conv(filters, kernel, padding, strides=strides, use_bias=bias),
        st.integers(1, 3),
        st.one_of(st.integers(1, 15), st.tuples(st.integers(1, 9), st.integers(1, 9))),
        PADDINGS,
        st.one_of(st.integers(1, 3), st.tuples(st.integers(1, 3), st.integers(1, 3)).map(list)),
        st.booleans(),
    ),
    st.builds(pool, PADDINGS),
    st.builds(
        lambda kind, size, strides, padding: Layer(kind, {"pool_size": size, "strides": strides, "padding": padding}),
        st.sampled_from(["MaxPooling2D", "AveragePooling2D"]),
        SIZES,
        SIZES,
        PADDINGS,
    ),
    st.builds(lambda padding: Layer("ZeroPadding2D", {"padding": padding}), SIZES),
    st.builds(lambda size: Layer("UpSampling2D", {"size": size}), st.integers(1, 3)),
    st.builds(residual, st.integers(1, 4), st.integers(1, 3), st.sampled_from([0.0, 0.3])),
    st.builds(lambda times: Layer("RepeatChannels", {"times": times}), st.integers(2, 3)),
    st.just(BATCH_NORMALIZATION),
    st.sampled_from([Layer("ReLU"), Layer("Activation", {"activation": "tanh"})]),
    st.builds(dropout, st.floats(0, 0.9)),
    st.builds(dense, st.integers(1, 4)),
)
FLAT = st.one_of(st.builds(dense, st.integers(1, 20)), st.just(BATCH_NORMALIZATION), st.builds(dropout, st.just(0.5)))
STACKS = st.builds(
    lambda spatial, flattening, flat: (*spatial, flattening, *flat),
    st.lists(SPATIAL, max_size=5),
    st.sampled_from([FLATTEN, Layer("GlobalAveragePooling2D")]),
    st.lists(FLAT, max_size=3),
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STACKS)
def test_any_stack_has_keras_s_shapes_or_is_refused_as_keras_refuses_it(stack):
    try:
        summarize(stack)
    except InvalidSettingError:
        with pytest.raises(ValueError, match="negative"):
            build_unchecked(stack)
        return
    check_against_keras(stack)


def build_unchecked(stack):
    x = keras.Input((28, 28, 1))
    for layer in stack:
        x = add_layer(x, layer)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_written_code_makes_the_same_network(architecture, built):
    namespace = {}
    exec(write_code(find_stack(architecture)), namespace)
    written, model = namespace["model"], built(architecture)
    assert written.count_params() == model.count_params()
    written.set_weights(model.get_weights())
    np.testing.assert_array_equal(written.predict_on_batch(IMAGES), model.predict_on_batch(IMAGES))


def test_the_written_code_says_no_more_than_it_needs():
    assert write_code((conv(2, 3, strides=2), FLATTEN)) == (
        "import keras\nfrom keras import layers\n\n"
        "model = keras.Sequential([\n"
        "    keras.Input((28, 28, 1), dtype='uint8'),\n"
        "    layers.Rescaling(1 / 255),\n"
        "    layers.Conv2D(filters=2, kernel_size=3, activation='relu', strides=2),\n"
        "    layers.Flatten(),\n"
        "    layers.Dense(units=10, activation='softmax'),\n"
        "])\n"
    )
    code = write_code((residual(4, 2), FLATTEN))
    assert "x = residual(x, filters=4, strides=2)\n" in code
    assert "def residual(" in code
    assert "def backbone(" not in code


@pytest.mark.parametrize("architecture", ["lab/small", "mcnn/resnet50", "silwimba/network-2-trial-2"])
def test_a_saved_network_is_loaded_again_in_safe_mode(architecture, built, tmp_path):
    built(architecture).save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded.predict_on_batch(IMAGES), built(architecture).predict_on_batch(IMAGES))


def test_a_residual_block_computes_what_the_formula_says():
    model = build_model((residual(1), FLATTEN))
    normalizations = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    for layer, values in zip(normalizations, ((2.0, 0.1, 0.3, 0.5), (1.5, -0.2, 0.1, 0.7)), strict=True):
        layer.set_weights([np.array([value], np.float32) for value in values])
    kernels = [layer.get_weights()[0][:, :, 0, 0] for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    scaled = IMAGES[0, :, :, 0] / 255
    y = np.maximum(2.0 * (scaled - 0.3) / np.sqrt(0.5 + 1e-3) + 0.1, 0)
    y = np.maximum(1.5 * (convolve(y, kernels[0]) - 0.1) / np.sqrt(0.7 + 1e-3) - 0.2, 0)
    expected = scaled + convolve(y, kernels[1])
    flat = next(layer for layer in model.layers if isinstance(layer, keras.layers.Flatten))
    computed = keras.Model(model.inputs, flat.output).predict_on_batch(IMAGES[:1])
    np.testing.assert_allclose(computed.reshape(28, 28), expected, atol=1e-5)


def convolve(maps, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(maps, 1), (3, 3))
    return (windows * kernel).sum(axis=(2, 3))
