import gc
import weakref

import keras
import numpy as np
import pytest

from fmnist_core import architectures
from fmnist_core.errors import InvalidSettingError
from fmnist_core.interpretation import attribution
from fmnist_core.interpretation.methods import METHODS
from fmnist_core.interpretation.probing import Probe
from fmnist_core.stacks import Layer
from tests.core.interpretation.networks import QUADRANTS, build_linear, build_quadrants

GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.integers(0, 256, (3, 28, 28), np.uint8)
WEIGHTS = GENERATOR.normal(size=(28, 28, 10)).astype(np.float32)
CORNERS = np.ix_([0, 27], [0, 27])


@pytest.fixture(scope="module")
def linear():
    return build_linear(WEIGHTS)


@pytest.fixture(scope="module")
def quadrants():
    return build_quadrants()


@pytest.fixture(scope="module")
def residual():
    keras.utils.set_random_seed(0)
    stack = (
        Layer("Conv2D", {"filters": 4, "kernel_size": 3, "activation": "relu"}),
        Layer("MaxPooling2D", {"pool_size": 2}),
        Layer("Residual", {"filters": 6, "strides": 2}),
        Layer("Flatten", {}),
        Layer("Dense", {"units": 16, "activation": "relu"}),
    )
    return Probe(architectures.build_model(stack))


def test_grad_cam_is_what_was_worked_out_by_hand(quadrants):
    # Mean weights 2.5 and -0.5, so 2.5 q - 0.5 · 2 q = 1.5 q for a quadrant's mean q.
    cam = attribution.compute_grad_cam(quadrants, QUADRANTS[None], 3, "maps")[0]
    np.testing.assert_allclose(cam[CORNERS], [[0, 0.3], [0.6, 1.5]], rtol=1e-5, atol=1e-6)
    # From one centre to the next it rises in a straight line: halfway between 0 and 0.3, and all four at once.
    np.testing.assert_allclose(cam[0, 13:15].mean(), 0.15, rtol=1e-5)
    np.testing.assert_allclose(cam[13:15, 13:15].mean(), 0.6, rtol=1e-5)


def test_grad_cam_plus_plus_is_what_was_worked_out_by_hand(quadrants):
    # The maps sum to 1.6 and 3.2, so a gradient g counts g / (2 + 1.6 g), if it is above zero.
    first = 1 / 3.6 + 2 / 5.2 + 3 / 6.8 + 4 / 8.4
    second = 1 / 5.2
    expected = (first + 2 * second) * np.array([[0, 0.2], [0.4, 1]])
    cam = attribution.compute_grad_cam_plus_plus(quadrants, QUADRANTS[None], 3, "maps")[0]
    np.testing.assert_allclose(cam[CORNERS], expected, rtol=1e-5, atol=1e-6)


def test_what_speaks_for_nothing_is_black(quadrants):
    for method in ("grad-cam", "grad-cam++"):
        found = attribution.explain(quadrants, method, QUADRANTS[None], 5)
        assert not found.values.any()
        assert not found.heatmaps.any()


def test_the_gradient_of_a_linear_network_is_its_weights_also_with_noise(linear):
    for compute in (attribution.compute_saliency, attribution.compute_smooth_grad):
        found = compute(linear, IMAGES, 7)
        np.testing.assert_allclose(found, np.broadcast_to(WEIGHTS[..., 7], (3, 28, 28)), atol=1e-5)


def test_noise_is_of_the_size_that_was_asked_for_and_the_same_for_a_seed(residual):
    def compute(**settings):
        return attribution.compute_smooth_grad(residual, IMAGES, 2, copies=4, **settings)

    np.testing.assert_allclose(compute(noise=0.0), attribution.compute_saliency(residual, IMAGES, 2), atol=1e-5)
    assert np.array_equal(compute(seed=1), compute(seed=1))
    assert not np.allclose(compute(seed=1), compute(seed=2), atol=1e-4)


def test_integrated_gradients_of_a_linear_network_are_weight_times_pixel(linear):
    found = attribution.compute_integrated_gradients(linear, IMAGES, 4, steps=3)
    np.testing.assert_allclose(found, WEIGHTS[..., 4] * IMAGES / 255, atol=1e-5)


def test_integrated_gradients_sum_to_what_the_logit_gains_over_black(residual):
    logits = residual.ask(residual.scale(np.concatenate([IMAGES, np.zeros_like(IMAGES[:1])])))
    for class_index in (0, 9):
        gained = logits[:3, class_index] - logits[3, class_index]
        sums = attribution.compute_integrated_gradients(residual, IMAGES, class_index, steps=400).sum(axis=(1, 2))
        np.testing.assert_allclose(sums, gained, atol=0.01 * np.abs(logits).max())


def test_occlusion_of_a_linear_network_is_what_was_hidden(linear):
    products = WEIGHTS[..., 1] * IMAGES / 255
    each = attribution.compute_occlusion(linear, IMAGES, 1, patch=1, stride=1)
    np.testing.assert_allclose(each, products, atol=1e-4)
    tiles = attribution.compute_occlusion(linear, IMAGES, 1, patch=4, stride=4)
    sums = products.reshape(3, 7, 4, 7, 4).sum(axis=(2, 4))
    np.testing.assert_allclose(tiles, np.kron(sums, np.ones((1, 4, 4))), atol=1e-4)
    everything = attribution.compute_occlusion(linear, IMAGES[:1], 1, patch=28)
    np.testing.assert_allclose(everything, np.full((1, 28, 28), products[0].sum()), atol=1e-3)
    # A pixel that several squares hide gets their mean: the first row of squares ends at 4, the next begins at 2.
    default = attribution.compute_occlusion(linear, IMAGES[:1], 1)[0]
    assert default[0, 0] == pytest.approx(products[0, :4, :4].sum(), abs=1e-4)
    assert default[2, 0] == pytest.approx(products[0, [range(4), range(2, 6)], :4].sum() / 2, abs=1e-4)


def test_hiding_what_is_black_changes_nothing(linear):
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 20, 20] = 255
    found = attribution.compute_occlusion(linear, image, 1)[0]
    assert not found[:16].any()
    assert found[20, 20] == pytest.approx(WEIGHTS[20, 20, 1], abs=1e-4)


def test_grad_cam_counts_both_ways_where_the_network_forks():
    # Gradients of m + m² are 1 + 2 m times the weights: on average 5.3 and -0.1, so 5.3 q - 0.1 · 2 q.
    cam = attribution.compute_grad_cam(build_quadrants(forked=True), QUADRANTS[None], 3, "maps")[0]
    np.testing.assert_allclose(cam[CORNERS], [[0, 1.02], [2.04, 5.1]], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_a_batch_says_the_same_as_its_items_one_by_one(residual, method):
    together = attribution.explain(residual, method, IMAGES, 2)
    assert together.heatmaps.shape == together.values.shape == (3, 28, 28)
    assert together.heatmaps.dtype == together.values.dtype == np.float32
    assert together.heatmaps.min() >= 0
    assert together.heatmaps.max() == 1
    for image, values in zip(IMAGES, together.values, strict=True):
        alone = attribution.explain(residual, method, image[None], 2).values[0]
        np.testing.assert_allclose(alone, values, atol=1e-4 * max(np.abs(values).max(), 1))


def test_more_items_than_fit_a_batch_are_all_answered(linear):
    images = np.concatenate([IMAGES] * 50)
    found = attribution.compute_saliency(linear, images, 0)
    np.testing.assert_allclose(found, np.broadcast_to(WEIGHTS[..., 0], found.shape), atol=1e-5)


def test_heat_is_what_speaks_for_a_class_and_without_a_sign_the_magnitude(linear):
    products = WEIGHTS[..., 4] * IMAGES / 255
    found = attribution.explain(linear, "integrated-gradients", IMAGES, 4).heatmaps
    np.testing.assert_allclose(found, np.maximum(products, 0) / products.max(axis=(1, 2), keepdims=True), atol=1e-5)
    found = attribution.explain(linear, "saliency", IMAGES, 4).heatmaps[0]
    np.testing.assert_allclose(found, np.abs(WEIGHTS[..., 4]) / np.abs(WEIGHTS[..., 4]).max(), atol=1e-5)


def test_maps_are_enlarged_as_keras_does():
    for shape in ((2, 2), (7, 7), (4, 9), (28, 28), (1, 1)):
        maps = GENERATOR.random((2, *shape)).astype(np.float32)
        expected = keras.ops.image.resize(maps[..., None], (28, 28), interpolation="bilinear")
        expected = keras.ops.convert_to_numpy(expected)[..., 0]
        np.testing.assert_allclose(attribution.resize_bilinear(maps), expected, atol=1e-5)


def test_grad_cam_takes_the_last_layer_with_maps_larger_than_one_pixel():
    pixels = keras.Input((28, 28, 1), dtype="uint8")
    x = keras.layers.Rescaling(1 / 255)(pixels)
    x = keras.layers.Conv2D(2, 3, strides=2, name="last")(x)
    x = keras.layers.Dropout(0.5)(x)
    x = keras.layers.GlobalAveragePooling2D(keepdims=True, name="mean")(x)
    probe = Probe(keras.Model(pixels, keras.layers.Dense(10, activation="softmax")(keras.layers.Flatten()(x))))
    assert [layer.name for layer in attribution.list_layers(probe)] == ["last"]
    assert attribution.find_layer(probe, None).name == "last"
    with pytest.raises(InvalidSettingError, match=r"larger than 1 × 1. Received: mean, 1 × 1 × 2"):
        attribution.explain(probe, "grad-cam", IMAGES, 0, "mean")


def test_a_layer_that_says_little_about_where_is_not_the_first_choice():
    pixels = keras.Input((28, 28, 1), dtype="uint8")
    x = keras.layers.Rescaling(1 / 255)(pixels)
    x = keras.layers.Conv2D(2, 7, strides=7, name="four")(x)
    x = keras.layers.MaxPooling2D(name="two")(x)
    probe = Probe(keras.Model(pixels, keras.layers.Dense(10, activation="softmax")(keras.layers.Flatten()(x))))
    assert attribution.find_layer(probe, None).name == "four"
    assert attribution.find_layer(probe, "two").name == "two"


def test_what_cannot_be_asked_is_said(linear, quadrants):
    with pytest.raises(InvalidSettingError, match=r"Received: a network of Flatten, Dense"):
        attribution.explain(linear, "grad-cam++", IMAGES, 0)
    with pytest.raises(InvalidSettingError, match=r"`method` must be one of grad-cam, .* Received: lime"):
        attribution.explain(linear, "lime", IMAGES, 0)
    with pytest.raises(InvalidSettingError, match=r"from 0 to 9. Received: 10"):
        attribution.explain(linear, "saliency", IMAGES, 10)
    with pytest.raises(InvalidSettingError, match=r"from 0 to 9. Received: -1"):
        attribution.explain(linear, "occlusion", IMAGES, -1)
    with pytest.raises(InvalidSettingError, match="conv9"):
        attribution.explain(quadrants, "grad-cam", IMAGES, 0, "conv9")


def test_a_probe_that_nobody_needs_any_more_goes_with_its_gradients():
    probe = build_quadrants()
    for method in METHODS:
        attribution.explain(probe, method, QUADRANTS[None], 3)
    gone = weakref.ref(probe)
    del probe
    gc.collect()
    assert gone() is None
