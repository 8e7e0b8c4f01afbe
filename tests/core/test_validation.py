import numpy as np
import pytest

from fmnist_core import patience, run_data, runs
from fmnist_core.config import TrainingConfig, choose_items
from fmnist_core.errors import RunNotFoundError
from fmnist_core.evaluation import compute_accuracy
from fmnist_core.layers import LayerOutputs
from fmnist_core.run_data import HISTORY_COLUMNS
from fmnist_core.validation import count_parts, find_kept_epoch, is_from_amid_epoch, load_validation


def make_run(accuracies, status=runs.FINISHED, **settings):
    """A run with these validation accuracies, an epoch each."""
    run = runs.create_run(TrainingConfig(**settings), "threads/model-3", status=status)
    rows = [{"epoch": epoch, "val_accuracy": value} for epoch, value in enumerate(accuracies, start=1)]
    lines = [",".join(str(row.get(name, "")) for name in HISTORY_COLUMNS) for row in rows]
    (run.path / "history.csv").write_text("\n".join([",".join(HISTORY_COLUMNS), *lines]) + "\n")
    return run


def keep_epoch(run, epoch, items, probabilities):
    folder = run.path / "epochs"
    folder.mkdir(exist_ok=True)
    np.savez(folder / "items.npz", items=items)
    np.savez(folder / f"{epoch:04d}.npz", probabilities=probabilities)


def test_with_early_stopping_the_best_epoch_is_kept(fmnist_home):
    accuracies = [0.7, 0.9, 0.8, 0.9, 0.6]
    run = make_run(accuracies, early_stopping=3)
    assert find_kept_epoch(run) == 2 == patience.find_best(accuracies) + 1


def test_without_it_the_last_epoch_is_kept(fmnist_home):
    assert find_kept_epoch(make_run([0.7, 0.9, 0.8])) == 3
    assert find_kept_epoch(make_run(["", ""], validation_split=0.0)) == 2


def test_of_a_run_that_went_on_it_is_the_epoch_of_the_test(fmnist_home, rewrite):
    run = rewrite(make_run([0.7, 0.9, 0.8, 0.95, 0.6]), result={"epochs": 3})
    assert find_kept_epoch(run) == 3
    run = rewrite(make_run([0.7, 0.9, 0.8, 0.95, 0.6], early_stopping=4), result={"epochs": 3})
    assert find_kept_epoch(run) == 2


def test_a_run_without_a_history_says_so(fmnist_home):
    run = runs.create_run(TrainingConfig(), "threads/model-3", status=runs.FINISHED)
    with pytest.raises(RunNotFoundError, match="no readable history"):
        find_kept_epoch(run)


def test_only_a_run_that_was_stopped_may_have_other_weights(fmnist_home):
    assert is_from_amid_epoch(make_run([0.5], status=runs.STOPPED))
    assert not is_from_amid_epoch(make_run([0.5], status=runs.STOPPED, early_stopping=2))
    assert not is_from_amid_epoch(make_run([0.5]))


def test_the_kept_epochs_answers_are_read(fmnist_home, dataset):
    run = make_run([0.7, 0.9, 0.8], early_stopping=3)
    items = np.array([59_000, 59_001])
    for epoch in (1, 2, 3):
        keep_epoch(run, epoch, items, np.eye(10, dtype=np.float16)[[epoch, epoch]])
    found = load_validation(run, dataset.labels)
    assert found.items.tolist() == items.tolist()
    assert (found.labels == dataset.labels[items]).all()
    assert found.probabilities.argmax(axis=1).tolist() == [2, 2]


def test_they_are_those_of_the_network_that_a_real_run_has_kept(finished_run, dataset):
    from fmnist_core.prediction import Predictor

    found = load_validation(finished_run, dataset.labels)
    asked = Predictor(finished_run.path / "model.keras")(dataset.images[found.items])
    np.testing.assert_allclose(found.probabilities, asked, atol=1e-3)


def test_a_run_that_validates_nothing_says_so(fmnist_home, dataset):
    with pytest.raises(RunNotFoundError, match="no validation items"):
        load_validation(make_run(["", ""], validation_split=0.0), dataset.labels)


@pytest.mark.parametrize(
    ("items", "probabilities"),
    [
        (np.array([1, 2]), np.zeros((3, 10))),
        (np.array([1, 70_000]), np.zeros((2, 10))),
        (np.array([-1, 5]), np.zeros((2, 10))),
        (np.array([1.5, 2.0]), np.zeros((2, 10))),
        (np.array([1, 2]), np.full((2, 10), np.nan)),
        (np.array([], np.int64), np.zeros((0, 10))),
    ],
)
def test_damaged_answers_are_said_to_be(fmnist_home, dataset, items, probabilities):
    run = make_run([0.5])
    keep_epoch(run, 1, items, probabilities)
    with pytest.raises(RunNotFoundError, match="damaged"):
        load_validation(run, dataset.labels)


def test_a_missing_epoch_is_named(fmnist_home, dataset):
    run = make_run([0.5, 0.6])
    keep_epoch(run, 1, np.array([1]), np.zeros((1, 10)))
    with pytest.raises(RunNotFoundError, match=r"0002\.npz"):
        load_validation(run, dataset.labels)


def test_the_parts_of_a_split_are_counted(finished_run, dataset):
    generator = np.random.default_rng(0)
    shares = generator.random((70_000, 10)).astype(np.float16)
    tested = run_data.load_evaluation(finished_run)
    parts = count_parts(finished_run, dataset.labels, tested, LayerOutputs(shares[:, :1], shares))
    split = choose_items(finished_run.config, dataset.labels).parts()
    assert list(parts) == list(split)
    for name in ("train", "validation"):
        right = shares[split[name]].argmax(axis=1) == dataset.labels[split[name]]
        assert parts[name].items.sum() == len(split[name])
        assert parts[name].hits.sum() == right.sum()
    # Of the test items there is a better answer: what the run itself has kept.
    assert parts["test"].accuracy.value == pytest.approx(compute_accuracy(tested.labels, tested.probabilities).value)
    assert list(count_parts(finished_run, dataset.labels, tested, None)) == ["test"]
