import keras
import numpy as np
import pytest

from fmnist_core.architectures import ARCHITECTURES, build_model
from fmnist_core.config import TrainingConfig
from fmnist_core.kernels import fuse_layers
from fmnist_core.layer_norms import MOST_ITEMS, LayerWatch, choose_watched, compute_change, find_layers

CONFIG = TrainingConfig()


@pytest.fixture
def network():
    """Ten times the same answer: weights of nothing but zeros."""
    model = keras.Sequential(
        [keras.Input((2, 2, 1), dtype="uint8"), keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")]
    )
    model.set_weights([np.zeros((4, 10)), np.zeros(10)])
    return model


def watch(config=CONFIG):
    """One item of class 3 whose pixels have a norm of 6."""
    return LayerWatch(config, np.array([[[4, 4], [2, 0]]], dtype=np.uint8), np.array([3], dtype=np.uint8))


def test_the_norms_of_a_single_layer_are_those_worked_out_by_hand(network):
    watcher = watch()
    watcher.begin(network)
    (row,) = watcher.measure(epoch=1)
    assert (row.epoch, row.layer, row.weight_norm, row.change) == (1, "1 Dense", 0.0, None)
    # All probabilities are 0.1, so the gradient is 0.1 - 1 for the class and 0.1 for the nine others, for the bias as
    # it is and for the kernel times each pixel: sqrt(0.9 * (36 + 1)).
    assert row.gradient_norm == pytest.approx(np.sqrt(0.9 * 37), rel=1e-5)


def test_the_change_is_that_of_the_epoch_as_a_part_of_what_was_there(network):
    watcher = watch()
    kernel = np.zeros((4, 10))
    kernel[0, :2] = 3, 4
    network.set_weights([kernel, np.zeros(10)])
    watcher.begin(network)
    kernel[0, 0] = 4
    network.set_weights([kernel, np.zeros(10)])
    (row,) = watcher.measure(epoch=1)
    assert row.weight_norm == pytest.approx(np.sqrt(32))
    assert row.change == pytest.approx(1 / 5)
    # The next epoch is measured from this one's end.
    (row,) = watcher.measure(epoch=2)
    assert row.change == 0


def test_the_loss_is_the_one_that_is_trained_with(network):
    norms = {}
    for name, config in {
        "plain": CONFIG,
        "smoothed": CONFIG.with_settings(label_smoothing=0.5),
        "squares": CONFIG.with_settings(loss="mse"),
    }.items():
        watcher = watch(config)
        watcher.begin(network)
        norms[name] = watcher.measure(epoch=1)[0].gradient_norm
    # With smoothing the targets are 0.55 and 0.05: half as far from 0.1.
    assert norms["smoothed"] == pytest.approx(norms["plain"] / 2, rel=1e-5)
    # Mean of squares: 2 / 10 (p - t), times the softmax's derivative, p (d - p·d), which is a tenth of it here.
    assert norms["squares"] == pytest.approx(norms["plain"] * 0.02, rel=1e-4)


def test_a_layer_of_no_weight_has_no_relative_change():
    assert compute_change([np.zeros(3)], [np.ones(3)]) is None
    assert compute_change([np.array([3.0]), np.array([4.0])], [np.array([3.0]), np.array([9.0])]) == 1.0


@pytest.mark.parametrize(("n_items", "expected"), [(1, 1), (100, 100), (54_000, MOST_ITEMS)])
def test_the_watched_items_are_few_and_spread_over_all(n_items, expected):
    items = np.arange(n_items) * 2
    chosen = choose_watched(items)
    assert len(np.unique(chosen)) == expected
    assert (chosen[0], chosen[-1]) == (items[0], items[-1])


@pytest.mark.parametrize("architecture", ["threads/model-3", "mcnn/proposed", "lab/small"])
def test_all_trainable_weights_belong_to_one_layer_each(architecture):
    model = build_model(ARCHITECTURES[architecture])
    found = [weight.path for layer in find_layers(model) for weight in layer.trainable_variables]
    assert sorted(found) == sorted(weight.path for weight in model.trainable_variables)


def test_layers_are_named_alike_however_many_networks_were_built_before():
    names = []
    for _ in range(2):
        watcher = LayerWatch(CONFIG, np.zeros((2, 28, 28), np.uint8), np.array([0, 1]))
        watcher.begin(fuse_layers(build_model(ARCHITECTURES["mcnn/proposed"])))
        names.append([row.layer for row in watcher.measure(epoch=1)])
    assert names[0] == names[1]
    assert names[0][:3] == ["1 Conv2D", "2 BatchNormalization", "3 Conv2D"]
