import numpy as np
import pytest

from fmnist_core import comparing, runs
from fmnist_core.config import TrainingConfig, choose_items
from fmnist_core.errors import InvalidSettingError, RunNotFoundError


@pytest.fixture
def make_run(fmnist_home, dataset):
    """Make a run that has answered some items, each with its true class or the next one."""

    def make(items, wrong=(), split="official"):
        run = runs.create_run(TrainingConfig(split=split), "threads/model-3", status=runs.FINISHED)
        items = np.asarray(items)
        labels = dataset.labels[items]
        predicted = (labels + np.isin(items, wrong)) % 10
        probabilities = np.eye(10, dtype=np.float32)[predicted]
        np.savez(run.path / "evaluation.npz", items=items, labels=labels, probabilities=probabilities)
        return run

    return make


def test_the_answers_for_the_same_items_are_put_side_by_side(make_run, dataset):
    first = make_run([60_004, 60_001, 60_002, 60_003], wrong=[60_001])
    second = make_run([60_002, 60_009, 60_001, 60_004], wrong=[60_002, 60_009, 60_004])
    pair = comparing.compare_runs(first, second, dataset.labels)
    assert pair.first.items.tolist() == pair.second.items.tolist() == [60_001, 60_002, 60_004]
    assert pair.first.labels.tolist() == pair.second.labels.tolist() == dataset.labels[pair.first.items].tolist()
    assert pair.first.items[pair.comparison.only_first].tolist() == [60_002, 60_004]
    assert pair.first.items[pair.comparison.only_second].tolist() == [60_001]


def test_what_one_was_trained_on_does_not_count(make_run, dataset):
    split = choose_items(TrainingConfig(split="threads"), dataset.labels)
    tested, trained = split.test[split.test >= 60_000][:3], split.train[split.train >= 60_000][:2]
    first = make_run([*tested, *trained])
    second = make_run([*tested, *trained], split="threads")
    assert comparing.find_shared(first, second, dataset.labels).tolist() == tested.tolist()


def test_nothing_in_common_is_refused(make_run, dataset):
    first, second = make_run([60_000]), make_run([60_001])
    assert len(comparing.find_shared(first, second, dataset.labels)) == 0
    with pytest.raises(InvalidSettingError, match=f"the same items to be compared. Received: {first.run_id}"):
        comparing.compare_runs(first, second, dataset.labels)


def test_an_untested_run_is_refused(make_run, dataset):
    run = runs.create_run(TrainingConfig(), "threads/model-3")
    with pytest.raises(RunNotFoundError, match="has not been tested yet"):
        comparing.compare_runs(make_run([60_000]), run, dataset.labels)
