import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.config import TrainingConfig
from fmnist_core.learner import Learner, choose_order, find_generators, preview, weigh_classes
from fmnist_core.telemetry import as_input
from fmnist_core.training import compile_model

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (60, 28, 28), dtype=np.uint8)
LABELS = np.repeat([0, 1, 2], [30, 20, 10]).astype(np.uint8)
CONFIG = TrainingConfig("threads/ann", batch_size=20, seed=3)


def make_learner(**settings):
    config = CONFIG.with_settings(**settings)
    return Learner(compile_model(config), config, IMAGES, LABELS)


def first_loss(learner):
    """The loss of the first batch, before any step, and which items it held."""
    learner.begin_epoch(0)
    found = learner(np.arange(20), training=False)
    loss = learner.compute_loss(None, None, found, None)
    return float(keras.ops.convert_to_numpy(loss)), choose_order(60, 60, 3, 0)[:20]


@given(items=st.integers(1, 50), length=st.integers(1, 120), seed=st.integers(0, 5), epochs=st.integers(1, 6))
def test_all_items_come_equally_often_over_the_epochs(items, length, seed, epochs):
    orders = [choose_order(items, length, seed, epoch) for epoch in range(epochs)]
    assert {len(order) for order in orders} == {length}
    seen = np.concatenate(orders)
    for start in range(0, len(seen), items):
        part = seen[start : start + items]
        assert len(set(part)) == len(part)
        assert set(part) <= set(range(items))


def test_another_epoch_or_seed_has_another_order():
    orders = [choose_order(1_000, 1_000, seed, epoch) for seed, epoch in ((0, 0), (0, 1), (1, 0))]
    assert not any(np.array_equal(orders[a], orders[b]) for a, b in ((0, 1), (0, 2), (1, 2)))


def test_balanced_weights_let_all_classes_count_alike_and_sum_to_the_items():
    weights = weigh_classes(LABELS)
    np.testing.assert_allclose(weights, [60 / 90, 1, 2] + [0] * 7, rtol=1e-6)
    np.testing.assert_array_equal(weigh_classes(np.arange(10).repeat(6)), np.ones(10))


def test_a_batch_is_the_items_of_the_order_with_their_labels():
    learner = make_learner()
    learner.begin_epoch(4)
    probabilities, targets, labels = (
        keras.ops.convert_to_numpy(part) for part in learner(np.array([5, 0, 59]), training=False)
    )
    items = choose_order(60, 60, seed=3, epoch=4)[[5, 0, 59]]
    np.testing.assert_array_equal(labels, LABELS[items])
    np.testing.assert_array_equal(targets, np.eye(10)[LABELS[items]])
    np.testing.assert_allclose(probabilities, learner.network.predict_on_batch(as_input(IMAGES[items])), atol=1e-6)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_cross_entropy_is_smoothed_as_told(smoothing):
    learner = make_learner(label_smoothing=smoothing)
    loss, items = first_loss(learner)
    probabilities = learner.network.predict_on_batch(as_input(IMAGES[items]))
    targets = np.eye(10)[LABELS[items]] * (1 - smoothing) + smoothing / 10
    assert loss == pytest.approx(-(targets * np.log(np.maximum(probabilities, 1e-7))).sum(axis=1).mean(), rel=1e-4)


def test_the_mean_squared_error_is_that_of_the_probabilities():
    learner = make_learner(loss="mse")
    loss, items = first_loss(learner)
    probabilities = learner.network.predict_on_batch(as_input(IMAGES[items]))
    assert loss == pytest.approx(np.square(probabilities - np.eye(10)[LABELS[items]]).mean(), rel=1e-5)


def test_class_weights_weigh_items():
    learner = make_learner(class_weights="balanced")
    loss, items = first_loss(learner)
    probabilities = learner.network.predict_on_batch(as_input(IMAGES[items]))
    losses = -np.log(np.maximum(probabilities[np.arange(20), LABELS[items]], 1e-7))
    assert loss == pytest.approx((losses * weigh_classes(LABELS)[LABELS[items]]).mean(), rel=1e-4)


def test_images_are_augmented_in_training_only_and_labels_mixed_with_them():
    learner = make_learner(shift=4, erase=1, cutmix=1)
    learner.begin_epoch(0)
    positions = np.arange(60)
    trained, mixed, labels = (keras.ops.convert_to_numpy(part) for part in learner(positions, training=True))
    tested, targets, _ = (keras.ops.convert_to_numpy(part) for part in learner(positions, training=False))
    assert (trained != tested).any(axis=1).all()
    np.testing.assert_array_equal(targets, np.eye(10)[labels])
    assert (mixed != targets).any()
    np.testing.assert_allclose(mixed.sum(axis=1), 1, rtol=1e-5)


def test_the_network_keeps_its_own_layers_and_shares_weights_and_optimizer():
    learner = make_learner(flip=True)
    assert learner.network.optimizer is learner.optimizer
    own = learner.network.trainable_variables
    assert [id(weight) for weight in learner.trainable_variables] == [id(weight) for weight in own]
    assert {type(layer).__module__.split(".")[0] for layer in learner.network.layers} == {"keras"}


def test_dropout_is_decided_by_seed_and_epoch():
    learner = make_learner(architecture="threads/model-3")
    assert len(find_generators(learner.network)) > 0

    def draw(epoch):
        learner.begin_epoch(epoch)
        return keras.ops.convert_to_numpy(learner(np.arange(10), training=True)[0])

    first = draw(1)
    moved_on = keras.ops.convert_to_numpy(learner(np.arange(10), training=True)[0])
    assert (first != moved_on).any()
    np.testing.assert_array_equal(draw(1), first)


def test_a_preview_shows_what_a_seed_would_do():
    config = CONFIG.with_settings(flip=True, shift=2, erase=0.5, rotate=10, cutmix=0.5, street=0.5)
    images, labels = IMAGES[:12], LABELS[:12]
    shown = preview(images, labels, config, seed=4)
    assert (shown.shape, shown.dtype) == ((12, 28, 28), np.uint8)
    np.testing.assert_array_equal(shown, preview(images, labels, config, seed=4))
    assert (shown != preview(images, labels, config, seed=5)).any()
    np.testing.assert_array_equal(preview(images, labels, CONFIG, seed=4), images)
