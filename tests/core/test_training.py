import keras
import numpy as np
import pytest

from fmnist_core.config import OPTIMIZERS, TrainingConfig
from fmnist_core.errors import InvalidSettingError
from fmnist_core.telemetry import as_input, predict_probabilities
from fmnist_core.training import compile_model, train

# The quickest network, for tests that need no accuracy.
QUICK = TrainingConfig("threads/ann", epochs=1, subset=1_000, validation_split=1 / 60)


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
    assert trained.model.evaluate(as_input(images), labels, verbose=0)[1] > 0.1


def test_impossible_settings_are_refused_before_anything_is_built(dataset):
    with pytest.raises(InvalidSettingError, match=r"`batch_size` must be at most .* Received: 200\."):
        train(QUICK.with_settings(subset=100, batch_size=200), dataset)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_is_keras_s_own_with_the_learning_rate(optimizer):
    class_name, arguments = OPTIMIZERS[optimizer]
    made = compile_model(TrainingConfig("threads/ann", optimizer=optimizer, learning_rate=0.25)).optimizer
    assert type(made) is getattr(keras.optimizers, class_name)
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
