import os
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fmnist_core import dynamics, runs
from fmnist_core.config import TrainingConfig
from fmnist_core.dynamics import AMBIGUOUS, EASY, HARD, RANKINGS, Timeline
from fmnist_core.errors import RunNotFoundError

CONFIG = TrainingConfig("threads/ann", split="official")
# Items 0 and 1 are an ankle boot and a T-shirt, see the labels of the official training items.
ITEMS = np.array([0, 1, 16])


def answer(*rows):
    """One epoch: for each item (class, its probability); what is left is spread over the other nine."""
    probabilities = np.empty((len(rows), 10))
    for row, (class_index, share) in zip(probabilities, rows, strict=True):
        row[:] = (1 - share) / 9
        row[class_index] = share
    return probabilities.astype(np.float16)


def make_timeline(labels, *epochs, numbers=None):
    return Timeline(
        items=np.arange(len(labels)),
        labels=np.array(labels, np.uint8),
        epochs=np.array(numbers or range(1, len(epochs) + 1)),
        probabilities=np.stack([answer(*rows) for rows in epochs]),
    )


# Three epochs of five items. Item 0 (class 3) is right from the first, item 1 (class 5) is learned in epoch 2,
# item 2 (class 5) is forgotten in epoch 2 and learned again, item 3 (class 6) is forgotten for good, item 4 (class 6)
# is never right.
STORY = make_timeline(
    [3, 5, 5, 6, 6],
    [(3, 0.75), (7, 0.91), (5, 1.0), (6, 0.5), (0, 1.0)],
    [(3, 0.75), (5, 0.5), (7, 1.0), (6, 0.5), (0, 1.0)],
    [(3, 0.75), (5, 1.0), (5, 1.0), (2, 0.91), (0, 1.0)],
)
TOLD = dynamics.compute_dynamics(STORY)


def test_each_item_is_learned_when_it_stays_right_to_the_end():
    assert TOLD.learned_at.tolist() == [1, 2, 3, 0, 0]
    assert TOLD.forgotten.tolist() == [0, 0, 1, 1, 0]
    np.testing.assert_allclose(TOLD.correctness, [1, 2 / 3, 2 / 3, 2 / 3, 0])
    assert TOLD.predicted[:, 2].tolist() == [5, 7, 5]


def test_epochs_bear_their_own_numbers_where_some_are_missing():
    timeline = make_timeline([1, 1], [(0, 0.9), (1, 0.9)], [(1, 0.9), (1, 0.9)], numbers=[4, 9])
    assert dynamics.compute_dynamics(timeline).learned_at.tolist() == [9, 4]


def test_confidence_and_variability_are_mean_and_deviation_of_the_true_class():
    np.testing.assert_allclose(TOLD.confidence[[0, 2, 4]], [0.75, 2 / 3, 0])
    np.testing.assert_allclose(TOLD.variability[[0, 2, 4]], [0, np.sqrt(2) / 3, 0], atol=1e-12)
    np.testing.assert_allclose(TOLD.confidence[1], (0.01 + 0.5 + 1) / 3, atol=1e-4)


def test_every_epoch_has_its_confusion_and_its_accuracies():
    first = np.zeros((10, 10), int)
    first[3, 3] = first[5, 7] = first[5, 5] = first[6, 6] = first[6, 0] = 1
    np.testing.assert_array_equal(TOLD.confusion[0], first)
    assert TOLD.confusion.sum(axis=(1, 2)).tolist() == [5, 5, 5]
    np.testing.assert_allclose(TOLD.accuracy, [3 / 5, 3 / 5, 3 / 5])
    np.testing.assert_allclose(TOLD.class_accuracy[:, [3, 5, 6]], [[1, 0.5, 0.5], [1, 0.5, 0.5], [1, 1, 0]])
    assert np.isnan(TOLD.class_accuracy[:, [0, 1, 2, 4, 7, 8, 9]]).all()


def test_the_summary_counts_the_items():
    assert dynamics.compute_summary(TOLD) == dynamics.Summary(5, at_once=1, forgotten=2, wrong_at_end=2, never_right=1)


def test_the_regions_part_the_items():
    regions = {region: dynamics.find_region(TOLD, region).tolist() for region in (EASY, AMBIGUOUS, HARD)}
    assert regions == {EASY: [0], AMBIGUOUS: [1, 2], HARD: [3, 4]}


def test_rankings_hold_what_they_are_named_for_the_most_interesting_first():
    ranked = {key: dynamics.rank_items(TOLD, STORY.labels, key).tolist() for key in RANKINGS}
    # Item 2 wavers more than item 3; item 4 is surer of its mistake than item 3.
    assert ranked == {"forgotten": [2, 3], "late": [2, 1], "wrong": [4, 3], "easy": [0]}


def test_a_ranking_shows_each_class_once_before_it_shows_one_twice():
    right = [[(1, 0.9), (1, 0.8), (2, 0.7), (2, 0.6)]]
    timeline = make_timeline([1, 1, 2, 2], *right)
    assert dynamics.rank_items(dynamics.compute_dynamics(timeline), timeline.labels, "easy").tolist() == [0, 2, 1, 3]


def tell_slowly(right, epochs):
    """The same numbers, item by item in plain words."""
    learned, forgotten = [], []
    for story in right.T.tolist():
        forgotten.append(sum(before and not after for before, after in pairwise(story)))
        since = 0
        for epoch, hit in zip(epochs, story, strict=True):
            since = (since or epoch) if hit else 0
        learned.append(since)
    return learned, forgotten


@given(arrays(bool, st.tuples(st.integers(1, 6), st.integers(1, 4))))
def test_learning_and_forgetting_agree_with_a_count_by_hand(right):
    epochs = np.arange(2, 2 + len(right))
    learned, forgotten = tell_slowly(right, epochs.tolist())
    assert dynamics.compute_learned_at(right, epochs).tolist() == learned
    assert dynamics.count_forgotten(right).tolist() == forgotten


@given(
    arrays(np.float32, (3, 6, 10), elements=st.floats(0.015625, 1, width=16)),
    arrays(np.uint8, 6, elements=st.integers(0, 9)),
)
def test_the_numbers_of_any_run_fit_together(weights, labels):
    probabilities = (weights / weights.sum(axis=2, keepdims=True)).astype(np.float16)
    told = dynamics.compute_dynamics(Timeline(np.arange(6), labels, np.arange(1, 4), probabilities))
    np.testing.assert_allclose(told.correctness.mean(), told.accuracy.mean())
    np.testing.assert_allclose(np.einsum("ecc->e", told.confusion) / 6, told.accuracy)
    assert ((told.variability >= 0) & (told.variability <= 0.5)).all()
    regions = [dynamics.find_region(told, region) for region in (EASY, AMBIGUOUS, HARD)]
    assert sorted(np.concatenate(regions).tolist()) == list(range(6))
    assert ((told.learned_at > 0) == (told.predicted[-1] == labels)).all()


def test_epochs_are_said_in_words():
    assert dynamics.say_epochs([3]) == "epoch 3"
    assert dynamics.say_epochs([3, 4, 9]) == "epochs 3, 4 and 9"


# Reading


@pytest.fixture
def run(fmnist_home):
    return runs.create_run(CONFIG, "threads/ann", status=runs.FINISHED)


def keep(run, *epochs, items=ITEMS):
    folder = run.path / "epochs"
    folder.mkdir(exist_ok=True)
    np.savez(folder / "items.npz", items=items)
    for number, rows in enumerate(epochs, start=1):
        np.savez(folder / f"{number:04d}.npz", probabilities=answer(*rows))


EPOCH = [(9, 0.5), (0, 0.5), (3, 1.0)]


def test_a_run_is_read_with_the_labels_of_its_items(run, dataset):
    keep(run, EPOCH, [(9, 1.0), (1, 0.5), (3, 1.0)])
    timeline = dynamics.load_timeline(run, dataset.labels)
    assert timeline.items.tolist() == ITEMS.tolist()
    assert timeline.labels.tolist() == dataset.labels[ITEMS].tolist()
    assert timeline.epochs.tolist() == [1, 2]
    assert timeline.probabilities.shape == (2, 3, 10)
    assert timeline.probabilities.dtype == np.float16
    assert timeline.probabilities[:, 0, 9].tolist() == [0.5, 1.0]
    assert timeline.unreadable == ()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(path.read_bytes()[:100]),
        lambda path: path.write_bytes(b""),
        lambda path: np.savez(path, probabilities=np.zeros((2, 10))),
        lambda path: np.savez(path, probabilities=np.full((3, 10), np.nan)),
        lambda path: np.savez(path, probabilities=np.full((3, 10), "x")),
        lambda path: np.savez(path, answers=np.zeros((3, 10))),
    ],
    ids=["cut short", "empty", "too few items", "no numbers", "texts", "another name"],
)
def test_a_damaged_epoch_is_named_and_left_out(run, dataset, damage):
    keep(run, EPOCH, EPOCH, EPOCH)
    damage(run.path / "epochs" / "0002.npz")
    timeline = dynamics.load_timeline(run, dataset.labels)
    assert timeline.epochs.tolist() == [1, 3]
    assert timeline.unreadable == (2,)
    assert len(timeline.probabilities) == 2


def test_other_files_are_no_epochs(run, dataset):
    keep(run, EPOCH)
    for name in ("0000.npz", "2.npz", "0002.npz.tmp", "x0003.npz"):
        (run.path / "epochs" / name).write_bytes(b"x")
    timeline = dynamics.load_timeline(run, dataset.labels)
    assert (timeline.epochs.tolist(), timeline.unreadable) == ([1], ())


def test_of_a_long_run_epochs_are_read_evenly_with_the_first_and_the_last(run, dataset):
    keep(run, *[EPOCH] * 9)
    assert dynamics.load_timeline(run, dataset.labels, most=3).epochs.tolist() == [1, 5, 9]
    assert dynamics.load_timeline(run, dataset.labels, most=9).epochs.tolist() == list(range(1, 10))


@pytest.mark.parametrize(
    "items", [np.array([0, 1, 70_000]), np.array([-1, 0, 1]), np.zeros((3, 1), int), np.array([0.0, 1.0, 2.0])]
)
def test_items_that_are_none_are_damage(run, dataset, items):
    keep(run, EPOCH, items=items)
    with pytest.raises(RunNotFoundError, match="which items this run validates is damaged"):
        dynamics.load_timeline(run, dataset.labels)


def test_what_there_is_not_is_said(run, rewrite, dataset):
    with pytest.raises(RunNotFoundError, match="has kept no epochs"):
        dynamics.load_timeline(run, dataset.labels)
    keep(run, EPOCH)
    (run.path / "epochs" / "0001.npz").write_bytes(b"")
    with pytest.raises(RunNotFoundError, match="None of the epochs that this run has kept can be read"):
        dynamics.load_timeline(run, dataset.labels)
    (run.path / "epochs" / "items.npz").unlink()
    with pytest.raises(RunNotFoundError, match=r"no readable items\.npz"):
        dynamics.load_timeline(run, dataset.labels)
    without = rewrite(run, config={**run.record["config"], "validation_split": 0.0})
    with pytest.raises(RunNotFoundError, match="validates no items"):
        dynamics.load_timeline(without, dataset.labels)


def test_a_run_that_trains_may_have_no_epoch_yet(fmnist_home, dataset):
    run = runs.create_run(CONFIG, "threads/ann", status=runs.RUNNING)
    with pytest.raises(RunNotFoundError, match="not come to the end of its first epoch yet"):
        dynamics.load_timeline(run, dataset.labels)


def test_the_stamp_changes_with_each_epoch_and_when_one_is_written_again(run):
    stamps = [dynamics.stamp_epochs(run)]
    assert stamps == [(0, 0)]
    keep(run, EPOCH)
    stamps.append(dynamics.stamp_epochs(run))
    assert dynamics.stamp_epochs(run) == stamps[-1]
    keep(run, EPOCH, EPOCH)
    stamps.append(dynamics.stamp_epochs(run))
    os.utime(run.path / "epochs" / "0001.npz", (4e9, 4e9))
    stamps.append(dynamics.stamp_epochs(run))
    assert len(set(stamps)) == 4


def test_a_real_run_agrees_with_its_history(finished_run, rehearsal, dataset):
    timeline = dynamics.load_timeline(finished_run, dataset.labels)
    told = dynamics.compute_dynamics(timeline)
    recorded = [record.val_accuracy for record in rehearsal.records]
    # Half precision may turn a near tie around.
    np.testing.assert_allclose(told.accuracy, recorded, atol=2 / len(timeline.items))
