import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.config import SCHEDULES, TrainingConfig
from fmnist_core.optimizers import build_optimizer
from fmnist_core.schedules import compute_rate, learning_rates, sample_rates


def rates(schedule, epochs=10, steps=3, **settings):
    return learning_rates(TrainingConfig(schedule=schedule, epochs=epochs, learning_rate=0.1, **settings), steps)


def test_a_constant_rate_is_the_set_one():
    np.testing.assert_array_equal(rates("constant"), np.full(30, 0.1))


def test_a_warm_up_rises_evenly_and_the_rest_is_as_without_it():
    warmed = rates("constant", warmup_epochs=2)
    np.testing.assert_allclose(warmed[:6], 0.1 * np.array([1, 2, 3, 4, 5, 6]) / 6)
    np.testing.assert_allclose(warmed[6:], 0.1)
    # The schedule itself begins where the warm-up ends.
    np.testing.assert_allclose(rates("cosine", warmup_epochs=2)[6:], rates("cosine", epochs=8))


def test_steps_divide_by_ten_at_the_thirds():
    np.testing.assert_allclose(rates("step"), np.repeat([0.1, 0.01, 0.001], 10))


def test_a_cosine_starts_at_the_rate_halves_it_in_the_middle_and_ends_at_zero():
    found = rates("cosine")
    assert found[0] == 0.1
    assert found[15] == pytest.approx(0.05)
    assert found[10] == pytest.approx(0.075)
    config = TrainingConfig(schedule="cosine", epochs=10, learning_rate=0.1)
    assert compute_rate(config, 3, 30) == 0
    assert (np.diff(found) < 0).all()


def test_one_cycle_rises_to_the_rate_and_falls_to_zero():
    found = rates("one-cycle")
    assert found[0] == pytest.approx(0.1 / 25)
    assert found.argmax() == 9
    assert found[9] == pytest.approx(0.1)
    assert (np.diff(found[:10]) > 0).all()
    assert (np.diff(found[9:]) < 0).all()
    assert compute_rate(TrainingConfig(schedule="one-cycle", epochs=10), 3, 30) == pytest.approx(0, abs=1e-12)


@given(
    schedule=st.sampled_from(list(SCHEDULES)),
    epochs=st.integers(1, 30),
    steps=st.integers(1, 50),
    warmup=st.floats(0, 40),
)
def test_no_rate_is_negative_or_above_the_set_one(schedule, epochs, steps, warmup):
    settings = {} if schedule == "one-cycle" else {"warmup_epochs": warmup}
    found = rates(schedule, epochs, steps, **settings)
    assert found.shape == (epochs * steps,)
    assert (found >= 0).all()
    assert (found <= 0.1 * (1 + 1e-9)).all()


@pytest.mark.parametrize(
    "settings",
    [{"schedule": schedule} for schedule in SCHEDULES]
    + [{"schedule": "cosine", "warmup_epochs": 1.5}, {"warmup_epochs": 2}],
)
def test_the_optimizer_follows_the_picture_also_after_it_was_written_and_read(settings):
    config = TrainingConfig(epochs=5, learning_rate=0.1, **settings)
    optimizer = build_optimizer(config, steps_per_epoch=6)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    for made in (optimizer, again):
        found = []
        for step in range(30):
            made.iterations.assign(step)
            found.append(float(keras.ops.convert_to_numpy(made.learning_rate)))
        np.testing.assert_allclose(found, learning_rates(config, 6), rtol=1e-5, atol=1e-8)


def test_a_sample_spans_the_training_with_few_points():
    config = TrainingConfig(schedule="cosine", epochs=100, learning_rate=0.1)
    positions, found = sample_rates(config, 1_000, points=50)
    assert len(positions) == len(found) == 50
    assert (positions[0], positions[-1]) == (0, 99.999)
    np.testing.assert_array_equal(found, learning_rates(config, 1_000)[(positions * 1_000).round().astype(int)])
    assert len(sample_rates(TrainingConfig(epochs=1), 3)[0]) == 3
