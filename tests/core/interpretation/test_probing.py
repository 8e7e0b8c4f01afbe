import keras
import numpy as np
import pytest

from fmnist_core import architectures
from fmnist_core.errors import InvalidSettingError, RunNotFoundError
from fmnist_core.interpretation.probing import Probe
from fmnist_core.stacks import Layer

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 28, 28), np.uint8)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    stack = (
        Layer("Conv2D", {"filters": 4, "kernel_size": 3, "activation": "relu"}),
        Layer("MaxPooling2D", {"pool_size": 2}),
        Layer("Residual", {"filters": 6, "strides": 2}),
        Layer("Flatten", {}),
    )
    return architectures.build_model(stack)


@pytest.fixture(scope="module")
def probe(model):
    return Probe(model)


def soften(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def test_the_logits_are_what_the_softmax_is_taken_of(model, probe):
    expected = model.predict_on_batch(IMAGES[..., None])
    assert np.allclose(soften(probe.ask(probe.scale(IMAGES))), expected, atol=1e-6)


def test_pixels_are_scaled_as_the_network_does(probe):
    scaled = probe.scale(IMAGES)
    assert (scaled.shape, scaled.dtype) == ((3, 28, 28, 1), np.float32)
    assert np.allclose(scaled[..., 0], IMAGES / 255)


def test_layers_come_in_order_without_the_scaling(probe):
    kinds = [layer.kind for layer in probe.layers]
    assert kinds[:2] == ["Conv2D", "MaxPooling2D"]
    assert kinds[-2:] == ["Flatten", "Dense"]
    assert "Rescaling" not in kinds
    assert (probe.layers[0].shape, probe.layers[0].parameters, probe.layers[0].has_maps) == ((26, 26, 4), 40, True)
    assert (probe.layers[-1].shape, probe.layers[-1].has_maps) == ((10,), False)


def test_outputs_of_layers_are_keras_own(model, probe):
    names = [layer.name for layer in probe.layers]
    outputs = probe.compute_outputs(IMAGES, names)
    scaled = keras.ops.convert_to_tensor(IMAGES[..., None] / np.float32(255))
    assert np.allclose(outputs[names[0]], keras.ops.convert_to_numpy(model.get_layer(names[0])(scaled)), atol=1e-6)
    assert np.allclose(outputs[names[-1]], model.predict_on_batch(IMAGES[..., None]), atol=1e-6)
    # Alone an item takes another path than in a batch.
    alone = probe.compute_outputs(IMAGES[:1], names)
    assert np.allclose(alone[names[2]], outputs[names[2]][:1], atol=1e-5)


def test_a_layer_put_in_between_acts_also_on_the_shortcut(probe):
    class Half(keras.layers.Layer):
        def call(self, inputs):
            return inputs / 2

    (pooling,) = (layer.name for layer in probe.layers if layer.kind == "MaxPooling2D")
    convolution = probe.layers[0].name
    halved = [
        keras.ops.convert_to_numpy(probe.insert(name, Half())(probe.scale(IMAGES))) for name in (convolution, pooling)
    ]
    # Half of the largest is the largest of the halves.
    assert np.allclose(halved[0], halved[1], atol=1e-5)
    assert not np.allclose(halved[0], probe.ask(probe.scale(IMAGES)), atol=1e-3)


def test_unknown_layers_and_other_networks_are_refused(probe, tmp_path):
    with pytest.raises(InvalidSettingError, match="conv9"):
        probe.find_layer("conv9")
    with pytest.raises(InvalidSettingError, match="softmax over ten classes"):
        Probe(keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)]))
    with pytest.raises(RunNotFoundError, match="can be loaded"):
        Probe.load(tmp_path / "model.keras")
