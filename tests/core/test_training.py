import json
import zipfile

import keras
import numpy as np
import pytest

from fmnist_core.config import OPTIMIZERS, TrainingConfig
from fmnist_core.errors import InvalidSettingError
from fmnist_core.observing import NoObserver
from fmnist_core.schedules import learning_rates
from fmnist_core.telemetry import as_input, predict_probabilities
from fmnist_core.training import Checkpoint, compile_model, train

# The quickest network, for tests that need no accuracy.
QUICK = TrainingConfig("threads/ann", epochs=1, subset=1_000, validation_split=1 / 60, mixed_precision="off")


@pytest.fixture(scope="module")
def trained(small_config, dataset):
    """What the rehearsal trains, without recording it."""
    return train(small_config, dataset)


def accuracy(probabilities, labels):
    return (probabilities.argmax(axis=1) == labels).mean()


def test_a_small_training_learns(trained, dataset):
    # Five seeds gave 0.748 to 0.768.
    assert accuracy(trained.probabilities, dataset.labels[trained.split.test]) > 0.70
    first, second = trained.history
    assert second.loss < first.loss
    assert second.accuracy > first.accuracy
    assert not trained.stopped


def test_the_answers_are_the_model_s_for_the_test_items(trained, dataset):
    assert trained.probabilities.shape == (10_000, 10)
    assert trained.probabilities.dtype == np.float32
    some = trained.split.test[::500]
    np.testing.assert_allclose(
        trained.model.predict_on_batch(as_input(dataset.images[some])), trained.probabilities[::500], atol=1e-5
    )


def test_the_same_seed_gives_the_same_curve_whether_it_is_recorded_or_not(trained, rehearsal):
    def curve(records):
        return [(r.epoch, r.loss, r.accuracy, r.val_loss, r.val_accuracy, r.learning_rate) for r in records]

    assert curve(trained.history) == curve(rehearsal.records)
    with np.load(rehearsal.home / "runs" / rehearsal.run_id / "evaluation.npz") as evaluation:
        np.testing.assert_array_equal(evaluation["probabilities"], trained.probabilities)
        np.testing.assert_array_equal(evaluation["items"], trained.split.test)


def test_another_seed_gives_another_curve_from_other_items(dataset):
    first, second = (train(QUICK.with_settings(seed=seed, validation_split=0), dataset) for seed in (1, 2))
    assert first.history[0].loss != second.history[0].loss
    assert not np.array_equal(first.split.train, second.split.train)


def test_validation_figures_are_what_keras_works_out(trained, dataset):
    items = trained.split.validation
    trained.model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    loss, share = trained.model.evaluate(as_input(dataset.images[items]), dataset.labels[items], verbose=0)
    assert trained.history[-1].val_loss == pytest.approx(loss, abs=1e-5)
    assert trained.history[-1].val_accuracy == pytest.approx(share, abs=1e-5)


def test_an_observer_hears_the_probabilities_behind_the_validation_figures(listener, dataset):
    heard = listener()
    trained = train(QUICK.with_settings(epochs=2), dataset, heard)
    assert heard.records == trained.history
    labels = dataset.labels[trained.split.validation]
    for record, probabilities in zip(heard.records, heard.probabilities, strict=True):
        assert probabilities.shape == (1_000, 10)
        assert record.val_accuracy == pytest.approx(accuracy(probabilities, labels))
        of_label = probabilities[np.arange(1_000), labels]
        assert record.val_loss == pytest.approx(-np.log(np.maximum(of_label, 1e-7)).mean(), rel=1e-5)


def test_points_cover_every_epoch_and_average_to_its_figures(rehearsal):
    positions = [point.epoch for point in rehearsal.points]
    assert positions == sorted(set(positions))
    seconds = [point.seconds for point in rehearsal.points]
    assert seconds == sorted(seconds)
    for record in rehearsal.records:
        points = [point for point in rehearsal.points if record.epoch - 1 < point.epoch <= record.epoch]
        assert len(points) > 1
        assert points[-1].epoch == record.epoch
        covered = np.diff([record.epoch - 1, *(point.epoch for point in points)])
        for name in ("loss", "accuracy"):
            mean = np.average([getattr(point, name) for point in points], weights=covered)
            assert mean == pytest.approx(getattr(record, name), rel=1e-5)
            assert all(getattr(point, name) >= 0 for point in points)


def test_the_first_point_comes_after_the_first_batches(rehearsal):
    assert rehearsal.points[0].epoch < 0.5


def test_speed_counts_the_items_that_were_seen(trained):
    assert trained.images_per_second * trained.seconds == pytest.approx(2 * 3_000)
    assert sum(record.seconds for record in trained.history) <= trained.seconds
    for record in trained.history:
        assert record.images_per_second >= 3_000 / record.seconds


@pytest.mark.parametrize("position", [0.0, 0.3])
def test_a_wish_to_stop_ends_the_training_within_the_execution(dataset, listener, position):
    config = QUICK.with_settings(subset=None, batch_size=100)
    heard = listener(stops_at=position)
    trained = train(config, dataset, heard)
    assert trained.stopped
    assert trained.history == []
    assert heard.points[-1].epoch >= position
    assert all(point.epoch < position for point in heard.points[:-1])
    # It is asked after every execution, and nothing follows the one after which it wished to stop.
    items_per_execution = compile_model(config).steps_per_execution * config.batch_size
    assert trained.images_per_second * trained.seconds == pytest.approx(heard.questions * items_per_execution)
    assert trained.probabilities.shape == (10_000, 10)


def test_a_stop_after_the_last_batch_of_an_epoch_keeps_the_epoch(dataset, listener):
    trained = train(QUICK.with_settings(epochs=3), dataset, listener(stops_at=1.0))
    assert [record.epoch for record in trained.history] == [1]
    assert trained.stopped


# So large a step leaves a network that cannot learn, hence epochs without a better one.
DIVERGING = QUICK.with_settings(epochs=8, learning_rate=10.0, subset=500)


def test_early_stopping_waits_as_long_as_told_and_goes_back_to_the_best(dataset):
    trained = train(DIVERGING.with_settings(early_stopping=2), dataset)
    shares = [record.val_accuracy for record in trained.history]
    best = int(np.argmax(shares))
    assert len(shares) == best + 3 < DIVERGING.epochs
    assert not trained.stopped
    images, labels = (array[trained.split.validation] for array in (dataset.images, dataset.labels))
    assert accuracy(predict_probabilities(trained.model, images), labels) == pytest.approx(shares[best])


def test_the_learning_rate_is_halved_on_a_plateau(dataset):
    trained = train(DIVERGING.with_settings(reduce_on_plateau=1, epochs=5), dataset)
    rate, best, expected = 10.0, -np.inf, []
    for record in trained.history:
        expected.append(rate)
        if record.val_accuracy > best + 1e-4:
            best = record.val_accuracy
        else:
            rate /= 2
    assert expected[-1] < 10
    assert [record.learning_rate for record in trained.history] == expected


def test_without_validation_there_are_no_validation_figures(dataset, listener):
    heard = listener()
    trained = train(QUICK.with_settings(validation_split=0, subset=100), dataset, heard)
    assert len(trained.split.validation) == 0
    assert (trained.history[0].val_loss, trained.history[0].val_accuracy) == (None, None)
    assert heard.probabilities == [None]


def test_items_that_do_not_fill_the_last_batch_count_as_well(dataset, listener):
    heard = listener()
    trained = train(QUICK.with_settings(subset=130, batch_size=64), dataset, heard)
    assert trained.images_per_second * trained.seconds == pytest.approx(130)
    assert heard.points[-1].epoch == 1
    images, labels = (array[trained.split.train] for array in (dataset.images, dataset.labels))
    assert accuracy(predict_probabilities(trained.model, images), labels) > 0.1


def test_impossible_settings_are_refused_before_anything_is_built(dataset):
    with pytest.raises(InvalidSettingError, match=r"`batch_size` must be at most .* Received: 200\."):
        train(QUICK.with_settings(subset=100, batch_size=200), dataset)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_is_keras_s_with_the_learning_rate(optimizer):
    class_name, arguments = OPTIMIZERS[optimizer]
    made = compile_model(TrainingConfig("threads/ann", optimizer=optimizer, learning_rate=0.25)).optimizer
    assert isinstance(made, getattr(keras.optimizers, class_name))
    settings = made.get_config()
    assert settings["learning_rate"] == pytest.approx(0.25)
    assert {name: settings[name] for name in arguments} == arguments


def test_a_larger_network_is_looked_at_after_fewer_batches():
    # Stop must feel immediate, and small networks must not be slowed down by being looked at.
    steps = {
        name: compile_model(TrainingConfig(name, batch_size=128)).steps_per_execution
        for name in ("threads/ann", "threads/model-3", "fitch/model-7")
    }
    assert steps["threads/ann"] == 32
    assert 1 <= steps["fitch/model-7"] < steps["threads/model-3"] <= 32


def test_images_get_the_channel_that_a_model_expects():
    images = np.arange(2 * 28 * 28, dtype=np.uint8).reshape(2, 28, 28)
    assert as_input(images).shape == (2, 28, 28, 1)
    np.testing.assert_array_equal(as_input(images)[..., 0], images)


# What the settings do


EVERYTHING = TrainingConfig(
    "threads/model-3",
    epochs=3,
    batch_size=32,
    learning_rate=0.1,
    optimizer="sgd-nesterov",
    subset=3_000,
    validation_split=1 / 60,
    label_smoothing=0.1,
    mixed_precision="off",
    schedule="cosine",
    warmup_epochs=0.5,
    weight_decay=5e-4,
    momentum=0.9,
    ema=0.9,
    class_weights="balanced",
    flip=True,
    shift=2,
    rotate=5,
    zoom=0.1,
    shear=0.05,
    contrast=0.2,
    erase=0.3,
    cutmix=0.3,
)


def curve(records):
    return [(r.epoch, r.loss, r.accuracy, r.val_loss, r.val_accuracy, r.learning_rate) for r in records]


class Keeper(NoObserver):
    """Keeps every epoch's checkpoint as a file, as a run does."""

    def __init__(self, folder):
        self.folder, self.records = folder, []

    def on_epoch(self, record, model, probabilities):
        self.records.append(record)
        model.save(self.folder / f"{record.epoch}.keras")

    def load(self, epochs, best=None):
        model = keras.saving.load_model(self.folder / f"{epochs}.keras", safe_mode=True)
        return Checkpoint(model, epochs, [r.val_accuracy for r in self.records[:epochs]], best)


@pytest.fixture(scope="module")
def everything(dataset, tmp_path_factory):
    """A training with nearly all settings on, and the checkpoints of its epochs."""
    keeper = Keeper(tmp_path_factory.mktemp("everything"))
    return train(EVERYTHING, dataset, keeper), keeper


def test_a_training_with_everything_on_learns_and_follows_its_schedule(everything, dataset):
    trained, _ = everything
    assert accuracy(trained.probabilities, dataset.labels[trained.split.test]) > 0.65
    assert trained.history[-1].val_loss < trained.history[0].val_loss
    steps = EVERYTHING.count_steps(3_000)
    rates = [*learning_rates(EVERYTHING, steps)[[steps, 2 * steps]], 0]
    assert [record.learning_rate for record in trained.history] == pytest.approx(rates, abs=1e-6)


def test_a_training_that_goes_on_does_what_it_would_have_done_without_the_break(everything, dataset):
    trained, keeper = everything
    resumed = train(EVERYTHING, dataset, checkpoint=keeper.load(1))
    assert curve(resumed.history) == curve(trained.history[1:])
    np.testing.assert_array_equal(resumed.probabilities, trained.probabilities)


def test_a_checkpoint_of_a_training_with_everything_on_holds_the_network_alone(everything):
    _, keeper = everything
    with zipfile.ZipFile(keeper.folder / "2.keras") as archive:
        written = json.loads(archive.read("config.json"))
    plain = [type(layer).__name__ for layer in compile_model(TrainingConfig("threads/model-3")).layers]
    assert [layer["class_name"] for layer in written["config"]["layers"]] == ["InputLayer", *plain]


def test_dropout_goes_on_where_it_was(dataset, tmp_path):
    config = TrainingConfig("threads/model-3", epochs=2, subset=500, validation_split=1 / 60)
    keeper = Keeper(tmp_path)
    trained = train(config, dataset, keeper)
    assert curve(train(config, dataset, checkpoint=keeper.load(1)).history) == curve(trained.history[1:])


def test_the_average_of_the_weights_is_judged_and_kept(everything, dataset):
    trained, keeper = everything
    raw = keeper.load(3).model
    averages = [keras.ops.convert_to_numpy(value) for value in raw.optimizer._model_variables_moving_average]
    for kept, average, own in zip(trained.model.trainable_variables, averages, raw.trainable_variables, strict=True):
        np.testing.assert_array_equal(kept, average)
        assert (np.array(own) != average).any()
    labels = dataset.labels[trained.split.validation]
    probabilities = predict_probabilities(trained.model, dataset.images[trained.split.validation])
    assert accuracy(probabilities, labels) == trained.history[-1].val_accuracy


def test_an_average_without_memory_is_the_weights_themselves(dataset):
    # Keras starts the average with the first step's weights; 0.0001 of the past is as good as nothing.
    plain, averaged = (train(QUICK.with_settings(ema=ema), dataset) for ema in (0, 1e-7))
    np.testing.assert_allclose(averaged.probabilities, plain.probabilities, atol=1e-4)


def test_weights_decay_by_the_learning_rate_even_where_nothing_is_learned(dataset):
    settings = {"optimizer": "sgd", "learning_rate": 1e-6, "subset": 320, "batch_size": 32, "weight_decay": 1.0}
    plain, decayed = (
        train(QUICK.with_settings(**settings | {"weight_decay": decay}), dataset).model.get_weights()
        for decay in (0.0, 1.0)
    )
    np.testing.assert_allclose(decayed[0], plain[0] * (1 - 1e-6) ** 10, rtol=1e-5, atol=1e-7)
    assert not np.array_equal(decayed[0], plain[0])


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"optimizer": "sgd"}, {"momentum": 0, "nesterov": False, "weight_decay": None, "use_ema": False}),
        ({"optimizer": "sgd-nesterov"}, {"momentum": 0.9, "nesterov": True}),
        ({"optimizer": "sgd-nesterov", "momentum": 0.5}, {"momentum": 0.5, "nesterov": True}),
        ({"optimizer": "rmsprop", "momentum": 0.5, "weight_decay": 0.01}, {"momentum": 0.5, "weight_decay": 0.01}),
        ({"optimizer": "adamw"}, {"weight_decay": 0.004}),
        ({"ema": 0.998}, {"use_ema": True, "ema_momentum": 0.998}),
    ],
)
def test_the_optimizer_is_given_its_settings(settings, expected):
    found = compile_model(TrainingConfig("threads/ann", **settings)).optimizer.get_config()
    assert {name: found[name] for name in expected} == expected


def test_with_the_squared_error_both_losses_are_squared_errors(dataset):
    trained = train(QUICK.with_settings(loss="mse"), dataset)
    items = trained.split.validation
    probabilities = predict_probabilities(trained.model, dataset.images[items])
    expected = np.square(probabilities - np.eye(10)[dataset.labels[items]]).mean()
    assert trained.history[0].val_loss == pytest.approx(expected, rel=1e-5)
    assert 0 < trained.history[0].loss < 0.1


def test_an_epoch_of_some_batches_counts_only_these(dataset, listener, tmp_path):
    heard, keeper = listener(), Keeper(tmp_path)
    config = QUICK.with_settings(epochs=3, steps_per_epoch=7, batch_size=64)
    trained = train(config, dataset, heard)
    assert [record.epoch for record in trained.history] == [1, 2, 3]
    assert trained.images_per_second * trained.seconds == pytest.approx(3 * 7 * 64)
    assert [point.epoch for point in heard.points if point.epoch % 1 == 0] == [1, 2, 3]
    train(config, dataset, keeper)
    assert int(keeper.load(3).model.optimizer.iterations) == 21


def test_an_epoch_may_have_more_batches_than_there_are_items_for(dataset):
    trained = train(QUICK.with_settings(subset=100, steps_per_epoch=10, batch_size=64), dataset)
    assert trained.images_per_second * trained.seconds == pytest.approx(640)


def test_mixed_precision_trains_in_half_and_keeps_a_network_in_single(dataset, tmp_path):
    before = keras.config.dtype_policy().name
    keeper = Keeper(tmp_path)
    config = QUICK.with_settings(mixed_precision="on", subset=2_000)
    trained = train(config, dataset, keeper)
    assert keras.config.dtype_policy().name == before == "float32"
    assert [layer.compute_dtype for layer in compile_model(config).layers][-1] == "float32"
    *_, hidden, _ = keeper.load(1).model.layers
    assert (hidden.compute_dtype, hidden.variable_dtype) == ("bfloat16", "float32")
    assert {layer.compute_dtype for layer in trained.model.layers} == {"float32"}
    assert trained.probabilities.dtype == np.float32
    assert accuracy(trained.probabilities, dataset.labels[trained.split.test]) > 0.5


def test_stopping_early_after_a_break_waits_and_goes_back_as_without_it(dataset, tmp_path):
    config = DIVERGING.with_settings(early_stopping=3)
    keeper = Keeper(tmp_path)
    whole = train(config, dataset, keeper)
    shares = [record.val_accuracy for record in whole.history]
    best = int(np.argmax(shares))
    assert len(shares) == best + 4 < config.epochs
    resumed = train(config, dataset, checkpoint=keeper.load(best + 2, best=keeper.load(best + 1).model.get_weights()))
    assert [record.epoch for record in resumed.history] == [best + 3, best + 4]
    np.testing.assert_array_equal(resumed.probabilities, whole.probabilities)


def test_the_rate_is_halved_after_a_break_as_without_it(dataset, tmp_path):
    config = DIVERGING.with_settings(reduce_on_plateau=2, epochs=6)
    keeper = Keeper(tmp_path)
    whole = curve(train(config, dataset, keeper).history)
    assert whole[-1][-1] < 10
    for epochs in (2, 4):
        assert curve(train(config, dataset, checkpoint=keeper.load(epochs)).history) == whole[epochs:]
