import keras
import numpy as np
import pytest

from fmnist_core import architectures, kernels
from fmnist_core.kernels import FusedAdam, FusedAdamW, FusedBatchNormalization

SHAPES = [(6, 3), (4, 5, 7, 3)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("epsilon", [1e-3, 1e-5])
def test_the_fused_normalization_does_what_keras_s_does(shape, epsilon):
    random = np.random.default_rng(0)
    inputs = (random.normal(size=shape) * [1, 5, 20] + [0, 3, -50]).astype("float32")
    own, fused = (
        kind(momentum=0.9, epsilon=epsilon) for kind in (keras.layers.BatchNormalization, FusedBatchNormalization)
    )
    for layer in (own, fused):
        layer.build(shape)
        layer.gamma.assign([1.0, 2.0, -1.0])
        layer.beta.assign([0.5, 0.0, 3.0])
    for _ in range(3):
        np.testing.assert_allclose(fused(inputs, training=True), own(inputs, training=True), rtol=1e-4, atol=1e-4)
    for mine, theirs in zip(fused.get_weights(), own.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5)
    np.testing.assert_allclose(fused(inputs, training=False), own(inputs, training=False), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_fused_normalization_has_keras_s_gradient(shape):
    tf = pytest.importorskip("tensorflow")
    inputs = tf.constant(np.random.default_rng(1).normal(2, 3, shape).astype("float32"))
    weights = tf.constant(np.random.default_rng(2).normal(size=shape).astype("float32"))
    gradients = []
    for kind in (keras.layers.BatchNormalization, FusedBatchNormalization):
        layer = kind()
        layer.build(shape)
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            total = tf.reduce_sum(layer(inputs, training=True) * weights)
        gradients.append(tape.gradient(total, [inputs, *[weight.value for weight in layer.trainable_weights]]))
    for mine, theirs in zip(gradients[1], gradients[0], strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(("own", "fused"), [(keras.optimizers.Adam, FusedAdam), (keras.optimizers.AdamW, FusedAdamW)])
@pytest.mark.parametrize("settings", [{}, {"beta_1": 0.5, "epsilon": 0.1}, {"weight_decay": 0.01, "use_ema": True}])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_fused_steps_are_keras_s(own, fused, settings, dtype):
    ended = []
    for kind in (own, fused):
        values = [np.linspace(-1, 1, 12).reshape(3, 4), [0.3]]
        weights = [keras.Variable(value, dtype=dtype) for value in values]
        optimizer = kind(learning_rate=0.1, **settings)
        random = np.random.default_rng(3)
        for _ in range(5):
            optimizer.apply(
                [keras.ops.convert_to_tensor(random.normal(size=w.shape), "float32") for w in weights], weights
            )
        ended.append([np.array(variable) for variable in (*weights, *optimizer.variables)])
    for mine, theirs in zip(ended[1], ended[0], strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)


def test_a_network_keeps_its_layers_and_shapes_when_they_are_fused():
    network = architectures.build_model(architectures.find_stack("mcnn/proposed"))
    fused = kernels.fuse_layers(network)
    assert [type(layer).__name__.removeprefix("Fused") for layer in fused.layers] == [
        type(layer).__name__ for layer in network.layers
    ]
    fused.set_weights(network.get_weights())
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28, 1), dtype=np.uint8)
    np.testing.assert_array_equal(fused.predict(images, verbose=0), network.predict(images, verbose=0))


def test_fused_parts_survive_saving(tmp_path):
    network = kernels.fuse_layers(architectures.build_model(architectures.find_stack("mcnn/proposed")))
    network.compile(optimizer=kernels.find_optimizer("Adam")(0.01), loss="sparse_categorical_crossentropy")
    network.optimizer.build(network.trainable_variables)
    network.save(tmp_path / "network.keras")
    again = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True)
    assert isinstance(again.optimizer, FusedAdam)
    assert sum(isinstance(layer, FusedBatchNormalization) for layer in again.layers) == 6


def test_every_other_optimizer_is_keras_s_own():
    assert kernels.find_optimizer("RMSprop") is keras.optimizers.RMSprop
