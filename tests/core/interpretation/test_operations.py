import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmnist_core import architectures
from fmnist_core.interpretation.operations import MAX, MEAN, SHOW, SUM, MapOperation, describe_map
from fmnist_core.interpretation.probing import PIXELS, Probe
from fmnist_core.interpretation.units import describe_units
from fmnist_core.interpretation.weights import read_filters
from fmnist_core.kinds import ACTIVATIONS, KINDS
from fmnist_core.stacks import Layer

RNG = np.random.default_rng(0)
IMAGE = RNG.integers(0, 256, (28, 28), np.uint8)

# Every kind of layer that a network of the lab can have.
STACK = (
    Layer("ZeroPadding2D", {"padding": (1, 2)}),
    Layer("Conv2D", {"filters": 4, "kernel_size": (3, 5), "strides": (2, 1), "padding": "same", "activation": "elu"}),
    Layer("AveragePooling2D", {"pool_size": 3, "strides": 2, "padding": "same"}),
    Layer("BatchNormalization", {}),
    Layer("Activation", {"activation": "tanh"}),
    Layer("Residual", {"filters": 6, "strides": 2, "dropout": 0.1}),
    Layer("RepeatChannels", {"times": 2}),
    Layer("UpSampling2D", {"size": (2, 3)}),
    Layer("MaxPooling2D", {"pool_size": 2, "padding": "same"}),
    Layer("ReLU", {}),
    Layer("Conv2D", {"filters": 5, "kernel_size": 2, "use_bias": False, "activation": "softmax"}),
    Layer("UpSampling2D", {"size": 2, "interpolation": "bilinear"}),
    Layer("Flatten", {}),
    Layer("Dense", {"units": 12, "activation": "gelu"}),
    Layer("BatchNormalization", {}),
    Layer("Dropout", {"rate": 0.5}),
    Layer("Activation", {"activation": "relu"}),
)


@pytest.fixture(scope="module")
def opened():
    keras.utils.set_random_seed(0)
    model = architectures.build_model(STACK)
    for layer in model.layers:
        if type(layer).__name__ == "BatchNormalization":
            layer.set_weights([RNG.uniform(0.5, 2, each.shape) for each in layer.weights])
    probe = Probe(model)
    outputs = probe.compute_outputs(IMAGE[None], [layer.name for layer in probe.layers])
    return probe, {PIXELS: probe.scale(IMAGE[None])[0], **{name: made[0] for name, made in outputs.items()}}


def describe(opened, name, channel):
    probe, outputs = opened
    sources = probe.find_inputs(name)
    layer = probe.get_keras_layer(name)
    return describe_map(layer, [outputs[source] for source in sources], outputs[name], channel, sources)


def recompute(operation):
    height, width = operation.outputs.shape
    return np.array([[operation.explain(row, column).output for column in range(width)] for row in range(height)])


def test_the_stack_has_every_kind():
    assert {layer.class_name for layer in STACK} >= set(KINDS) - {"Backbone", "GlobalAveragePooling2D"}


def test_every_map_comes_out_as_keras_makes_it(opened):
    probe, outputs = opened
    kinds = set()
    for layer in probe.layers:
        if not layer.has_maps:
            continue
        for channel in (0, layer.shape[-1] - 1):
            operation = describe(opened, layer.name, channel)
            assert np.allclose(recompute(operation), outputs[layer.name][..., channel], rtol=1e-5, atol=1e-5)
            kinds.add(operation.kind)
            assert len(operation.titles) == len(operation.inputs)
    assert kinds == {SUM, MAX, MEAN, SHOW}


def test_every_unit_comes_out_as_keras_makes_it(opened):
    probe, outputs = opened
    for layer in probe.layers:
        if layer.has_maps or layer.kind == "Flatten":
            continue
        (source,) = probe.find_inputs(layer.name)
        operation = describe_units(probe.get_keras_layer(layer.name), outputs[source], outputs[layer.name], 0)
        terms = (operation.values.astype(np.float64) * operation.weights).sum(axis=1) + operation.rest
        before = terms + (0 if operation.bias is None else operation.bias)
        assert np.allclose(before, operation.before[operation.units], atol=1e-5)
        after = np.exp(before) / np.exp(before).sum()
        if operation.activation.is_known:
            after = operation.activation(before)
        assert np.allclose(after, outputs[layer.name], atol=1e-5)


def test_the_layers_that_feed_a_layer_are_found(opened):
    probe, _ = opened
    names = [layer.name for layer in probe.layers]
    assert probe.find_inputs(names[0]) == (PIXELS,)
    assert probe.find_inputs(names[1]) == (names[0],)
    (add,) = (layer.name for layer in probe.layers if layer.kind == "Add")
    shortcut, branch = probe.find_inputs(add)
    assert names.index(branch) == names.index(add) - 1
    assert probe.find_layer(shortcut).kind == "Conv2D"
    (joined,) = (layer.name for layer in probe.layers if layer.kind == "Concatenate")
    assert probe.find_inputs(joined) == (add, add)


@given(data=st.data())
@settings(max_examples=25)
def test_a_convolution_of_any_geometry_is_keras_own(data):
    size = data.draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    padding = data.draw(st.sampled_from(["same", "valid"]))
    # Keras takes strides or a dilation, not both.
    is_strided = data.draw(st.booleans())
    steps = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    geometry = {"strides": steps} if is_strided else {"dilation_rate": steps}
    least = [(kernel - 1) * (1 if is_strided else step) + 1 for kernel, step in zip(size, steps, strict=True)]
    height, width = (data.draw(st.integers(smallest, 12)) for smallest in least)
    layer = keras.layers.Conv2D(2, size, padding=padding, **geometry, bias_initializer="random_normal")
    maps = RNG.normal(size=(height, width, 3)).astype(np.float32)
    outputs = keras.ops.convert_to_numpy(layer(maps[None]))[0]
    operation = describe_map(layer, [maps], outputs, 1, ["pixels"])
    assert np.allclose(recompute(operation), outputs[..., 1], atol=1e-5)


@given(
    size=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    strides=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.sampled_from(["same", "valid"]),
    kind=st.sampled_from(["Max", "Average"]),
    shape=st.tuples(st.integers(4, 9), st.integers(4, 9)),
)
@settings(max_examples=25)
def test_a_pooling_of_any_geometry_is_keras_own(size, strides, padding, kind, shape):
    layer = getattr(keras.layers, f"{kind}Pooling2D")(size, strides=strides, padding=padding)
    maps = RNG.normal(size=(*shape, 2)).astype(np.float32)
    outputs = keras.ops.convert_to_numpy(layer(maps[None]))[0]
    operation = describe_map(layer, [maps], outputs, 1, ["pixels"])
    assert np.allclose(recompute(operation), outputs[..., 1], atol=1e-6)


def test_a_convolution_worked_out_by_hand():
    layer = keras.layers.Conv2D(1, 2, activation="relu")
    layer.build((None, 3, 3, 1))
    layer.set_weights([np.array([[1, 2], [3, -4]], np.float32).reshape(2, 2, 1, 1), np.array([0.5], np.float32)])
    maps = np.arange(9, dtype=np.float32).reshape(3, 3, 1)
    outputs = keras.ops.convert_to_numpy(layer(maps[None]))[0]
    operation = describe_map(layer, [maps], outputs, 0, ["pixels"])
    # 1·1 + 2·2 + 3·4 − 4·5 = −3
    found = operation.explain(0, 1)
    assert found.parts.tolist() == [-3.0]
    assert (found.before, found.output) == (-2.5, 0.0)
    rows, columns = operation.find_window(0, 1)
    assert (rows.tolist(), columns.tolist()) == ([0, 1], [1, 2])


@pytest.mark.parametrize("name", ["GlobalAveragePooling2D", "GlobalMaxPooling2D"])
def test_a_global_pooling_has_one_window(name):
    layer = getattr(keras.layers, name)()
    maps = RNG.normal(size=(3, 4, 2)).astype(np.float32)
    outputs = keras.ops.convert_to_numpy(layer(maps[None]))[0]
    operation = describe_map(layer, [maps], outputs, 1, ["conv"])
    assert operation.outputs.shape == (1, 1)
    assert operation.explain(0, 0).output == pytest.approx(outputs[1], abs=1e-6)


def test_groups_take_their_own_channels():
    layer = keras.layers.Conv2D(4, 1, groups=2)
    maps = RNG.normal(size=(2, 2, 6)).astype(np.float32)
    outputs = keras.ops.convert_to_numpy(layer(maps[None]))[0]
    operation = describe_map(layer, [maps], outputs, 2, ["conv"])
    assert operation.titles == ("channel 3", "channel 4", "channel 5")
    assert np.allclose(recompute(operation), outputs[..., 2], atol=1e-5)


def test_a_layer_of_another_kind_is_shown_without_a_calculation():
    layer = keras.layers.GaussianNoise(0.1)
    maps = RNG.normal(size=(2, 2, 3)).astype(np.float32)
    operation = describe_map(layer, [maps], maps, 1, ["conv"])
    assert operation.kind == SHOW
    assert np.array_equal(recompute(operation), maps[..., 1])


def test_the_largest_terms_of_a_unit_come_first_and_the_rest_is_summed_up():
    layer = keras.layers.Dense(2, activation="relu")
    layer.build((None, 20))
    kernel = np.zeros((20, 2), np.float32)
    kernel[:, 1] = np.arange(20)
    layer.set_weights([kernel, np.array([0, -100], np.float32)])
    inputs = np.ones(20, np.float32)
    inputs[19] = -1
    outputs = keras.ops.convert_to_numpy(layer(inputs[None]))[0]
    operation = describe_units(layer, inputs, outputs, 1)
    assert operation.places[1].tolist() == list(range(19, 11, -1))
    assert operation.rest[1] == sum(range(12))
    assert operation.before[1] == sum(range(19)) - 19 - 100
    assert operation.outputs[1] == 52
    assert operation.n_inputs == 20


def test_of_very_many_products_only_the_unit_asked_about_is_explained(monkeypatch):
    monkeypatch.setattr("fmnist_core.interpretation.units._MOST_PRODUCTS", 5)
    layer = keras.layers.Dense(3)
    inputs = RNG.normal(size=4).astype(np.float32)
    outputs = keras.ops.convert_to_numpy(layer(inputs[None]))[0]
    operation = describe_units(layer, inputs, outputs, 2)
    assert operation.units.tolist() == [2]
    assert operation.values.shape == (1, 4)
    assert np.allclose(operation.before, outputs, atol=1e-6)


def test_all_activations_of_the_lab_are_explained_in_a_dense_layer():
    inputs = RNG.normal(size=4).astype(np.float32)
    for name in ACTIVATIONS:
        layer = keras.layers.Dense(3, activation=name)
        outputs = keras.ops.convert_to_numpy(layer(inputs[None]))[0]
        assert describe_units(layer, inputs, outputs, 0).activation.name == name


def test_filters_come_first():
    layer = keras.layers.Conv2D(4, (2, 3))
    layer.build((None, 8, 8, 5))
    assert read_filters(layer).shape == (4, 2, 3, 5)


def test_an_operation_needs_no_keras():
    operation = MapOperation(MAX, np.arange(4, dtype=np.float32).reshape(1, 2, 2), ("a",), np.array([[3.0]]), (2, 2))
    assert operation.explain(0, 0).output == 3.0
