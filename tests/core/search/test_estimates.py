from types import MappingProxyType

import pytest

from fmnist_core import runs
from fmnist_core.config import TrainingConfig
from fmnist_core.runs import Run
from fmnist_core.search.estimates import ASSUMED, HERE, SAME, estimate_search, estimate_training
from fmnist_core.search.presets import PRESETS

CONFIG = TrainingConfig("threads/model-3", epochs=2, subset=1000)


def make_run(config, seconds, items=1000, status=runs.FINISHED, shipped=False):
    record = {"result": {"seconds": seconds, "epochs": config.epochs}, "items": {"train": items}}
    return Run("run", None, "threads/model-3", config, status, 0.0, 0, shipped, MappingProxyType(record))


def test_a_run_of_the_same_settings_says_it_exactly():
    estimate = estimate_training(CONFIG, 1000, [make_run(CONFIG, 7.0)])
    assert (estimate.seconds, estimate.source, estimate.n_runs) == (pytest.approx(4.0 + 7.0), SAME, 1)


def test_twice_the_epochs_and_three_times_the_items_take_six_times_as_long():
    estimate = estimate_training(CONFIG.with_settings(epochs=4), 3000, [make_run(CONFIG, 7.0)])
    assert estimate.seconds == pytest.approx(4.0 + 42.0)


def test_runs_of_other_networks_stand_in_by_their_multiplications():
    small = TrainingConfig("threads/ann", epochs=2)
    estimate = estimate_training(CONFIG, 1000, [make_run(small, 1.0)])
    assert estimate.source == HERE
    assert estimate.seconds - 4.0 == pytest.approx((3_106_560 + 500_000) / (59_648 + 500_000))


def test_without_runs_a_common_machine_is_assumed():
    unknown = [make_run(CONFIG, 7.0, shipped=True), make_run(CONFIG, 7.0, status=runs.STOPPED), make_run(CONFIG, 0.0)]
    estimate = estimate_training(CONFIG, 6700, unknown)
    assert (estimate.source, estimate.n_runs) == (ASSUMED, 0)
    assert estimate.seconds == pytest.approx(4.0 + 2 * (3_106_560 + 500_000) / 3_600_000)


def test_a_search_takes_the_mean_of_its_ends():
    config = PRESETS["lab-first-look"].make("x", settings={})
    run = make_run(TrainingConfig("threads/model-3", epochs=10), 60.0, items=42_000)
    assert estimate_search(config, 42_000, [run]).seconds == pytest.approx(64.0)
