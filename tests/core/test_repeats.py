from datetime import datetime

import numpy as np
import pytest

from fmnist_core import repeats, runs
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import InvalidSettingError

CONFIG = TrainingConfig("threads/ann", epochs=3, subset=500)
NOON = datetime(2026, 5, 4, 12).timestamp()


@pytest.fixture
def make_run(tmp_path):
    made = []

    def make(
        seed=0, recipe="threads/ann", status=runs.FINISHED, created=None, accuracy=None, shipped=False, **settings
    ):
        made.append(None)
        config = CONFIG.with_settings(seed=seed, **settings)
        record = {"result": {"test_accuracy": accuracy}} if accuracy is not None else {}
        moment = NOON + len(made) if created is None else created
        return runs.Run(f"run-{len(made):04d}", tmp_path, recipe, config, status, moment, 1, shipped, record)

    return make


def test_repeats_have_one_seed_after_the_other_and_nothing_else_changed():
    configs = repeats.repeat_config(CONFIG.with_settings(seed=7), 3)
    assert [config.seed for config in configs] == [7, 8, 9]
    assert {config.with_settings(seed=0) for config in configs} == {CONFIG}


@pytest.mark.parametrize("n_repeats", [0, 11, 1.5])
def test_there_are_one_to_ten_repeats(n_repeats):
    with pytest.raises(InvalidSettingError, match="`repeats` must be a whole number from 1 to 10"):
        repeats.repeat_config(CONFIG, n_repeats)


def test_seeds_must_not_run_out():
    with pytest.raises(InvalidSettingError, match="`seed`"):
        repeats.repeat_config(CONFIG.with_settings(seed=2**31 - 2), 3)


def test_runs_are_repeats_if_they_differ_in_nothing_but_their_seed(make_run):
    run = make_run()
    assert repeats.are_repeats(run, make_run(seed=4, status=runs.STOPPED))
    assert not repeats.are_repeats(run, make_run(seed=4, recipe="threads/model-3"))
    for change in ({"epochs": 4}, {"learning_rate": 0.01}, {"subset": None}, {"flip": True}):
        assert not repeats.are_repeats(run, make_run(seed=4, **change))


def test_repeats_come_by_seed_and_each_seed_once(make_run):
    newest, older, run, other, shipped = (
        make_run(seed=5),
        make_run(seed=5),
        make_run(seed=1),
        make_run(seed=0, epochs=9),
        make_run(seed=2, shipped=True),
    )
    twin = make_run(seed=1)
    listing = [twin, newest, older, other, run, shipped]
    assert repeats.find_repeats(run, listing) == [run, newest]
    assert repeats.find_repeats(newest, listing) == [twin, newest]
    assert repeats.find_repeats(shipped, listing) == [shipped]


def test_earlier_runs_are_the_newest_finished_ones_that_are_no_repeats(make_run):
    shipped = make_run(shipped=True, epochs=7)
    oldest, old, stopped, new = (make_run(epochs=epochs) for epochs in (4, 5, 6, 7))
    stopped = make_run(epochs=6, status=runs.STOPPED, created=stopped.created)
    repeat, run, later = make_run(seed=3), make_run(), make_run(epochs=8)
    listing = [later, run, repeat, new, stopped, old, oldest, shipped]
    assert repeats.find_earlier(run, listing) == [new, old]
    assert repeats.find_earlier(run, listing, most=5) == [new, old, oldest]
    assert repeats.find_earlier(oldest, listing) == []


def test_of_an_earlier_training_one_seed_is_enough(make_run):
    oldest, *seeds = make_run(epochs=9), make_run(seed=0), make_run(seed=1)
    run = make_run(epochs=4)
    assert repeats.find_earlier(run, [run, *seeds[::-1], oldest]) == [seeds[1], oldest]


def test_the_spread_is_that_of_a_sample_of_those_that_have_finished(make_run):
    accuracies = [0.90, 0.92, 0.94]
    group = [make_run(seed=seed, accuracy=accuracy) for seed, accuracy in enumerate(accuracies)]
    unfinished = [make_run(seed=8, accuracy=0.1, status=runs.STOPPED), make_run(seed=9)]
    spread = repeats.compute_spread([*group, *unfinished])
    assert spread.seeds == 3
    assert spread.mean == pytest.approx(0.92)
    assert spread.deviation == pytest.approx(0.02) == pytest.approx(np.std(accuracies, ddof=1))
    assert repeats.compute_spread(group[:1]) == repeats.Spread(0.90, 0.0, 1)
    assert repeats.compute_spread(unfinished) is None


def test_titles_tell_runs_apart_that_were_submitted_together(make_run):
    alone, one, two = make_run(created=NOON), make_run(0, created=NOON + 9), make_run(1, created=NOON + 9)
    titles = repeats.title_runs([alone, one, two])
    assert titles[alone.run_id] == "threads/ann · 04 May 12:00:00"
    assert [titles[run.run_id] for run in (one, two)] == [f"threads/ann · 04 May 12:00:09 · seed {n}" for n in (0, 1)]
    twins = [make_run(created=NOON), make_run(created=NOON)]
    assert len(set(repeats.title_runs(twins).values())) == 2


def test_labels_are_short_and_tell_apart(make_run):
    runs_of_a_day = [make_run(0, created=NOON), make_run(1, created=NOON), make_run(epochs=2, shipped=True)]
    assert repeats.label_runs(runs_of_a_day) == ["ann 4 May seed 0", "ann 4 May seed 1", "ann reference"]
    alike = [make_run(0, created=NOON), make_run(0, created=NOON + 7)]
    assert repeats.label_runs(alike) == ["ann 4 May 12:00:00", "ann 4 May 12:00:07"]
    today = datetime.now().replace(hour=0, minute=5, second=9)
    twice = [make_run(0, created=today.timestamp()), make_run(0, created=today.timestamp() + 1)]
    assert repeats.label_runs(twice) == ["ann 00:05:09", "ann 00:05:10"]
    assert repeats.label_runs([make_run(created=today.timestamp())]) == ["ann 00:05"]
