import numpy as np
import pytest

from fmnist_core.dynamics import Timeline, compute_dynamics, compute_summary
from fmnist_core.evaluation.intervals import estimate_difference, estimate_share
from fmnist_core.evaluation.overfitting import FATES, compute_gaps, count_fates, count_part, find_turn


def make_part(items, hits):
    """A part with so many items of class 0, 1, … and so many of them answered rightly."""
    labels = np.repeat(np.arange(len(items)), items).astype(np.uint8)
    predicted = labels.astype(np.int64)
    starts = np.cumsum([0, *items[:-1]])
    for start, n_items, hit in zip(starts, items, hits, strict=True):
        predicted[start + hit : start + n_items] = 9
    return count_part(labels, predicted)


def test_a_part_is_counted_by_class():
    part = make_part([4, 10], [3, 5])
    assert part.items.tolist() == [4, 10] + [0] * 8
    assert part.hits.tolist() == [3, 5] + [0] * 8
    assert part.accuracy == estimate_share(8, 14)
    value, low, high = part.class_accuracy
    assert value[:2].tolist() == [0.75, 0.5]
    assert np.isnan(value[2:]).all()
    assert (low[0], high[0]) == pytest.approx((estimate_share(3, 4).low, estimate_share(3, 4).high))
    assert (low[5], high[5]) == (0, 1)


def test_gaps_are_differences_with_newcombes_interval():
    gaps = compute_gaps(make_part([70, 50, 10], [56, 50, 0]), make_part([80, 50], [48, 50]))
    assert gaps.by_class[0].value == pytest.approx(0.2)
    assert (gaps.by_class[0].low, gaps.by_class[0].high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert gaps.by_class[1].value == 0
    assert gaps.by_class[2:] == (None,) * 8  # a class that only one of them has
    assert gaps.overall == estimate_difference(estimate_share(106, 130), estimate_share(98, 130))


def test_every_item_has_one_fate():
    right = np.array(
        [
            # at once, learned, relearned, lost, lost, never
            [1, 0, 1, 1, 0, 0],
            [1, 1, 0, 0, 1, 0],
            [1, 1, 1, 0, 0, 0],
        ]
    )
    probabilities = np.zeros((3, 6, 10), np.float16)
    labels = np.array([0, 0, 0, 1, 1, 2], np.uint8)
    for epoch, item in np.ndindex(right.shape):
        probabilities[epoch, item, labels[item] if right[epoch, item] else 9] = 1
    dynamics = compute_dynamics(Timeline(np.arange(6), labels, np.array([1, 2, 3]), probabilities))
    fates = count_fates(dynamics, labels)
    assert list(FATES) == ["at_once", "learned", "relearned", "lost", "never"]
    assert fates[:3].tolist() == [[1, 1, 1, 0, 0], [0, 0, 0, 2, 0], [0, 0, 0, 0, 1]]
    summary = compute_summary(dynamics)
    assert fates.sum() == summary.items
    assert fates[:, 0].sum() == summary.at_once
    assert fates[:, 3:].sum() == summary.wrong_at_end
    assert fates[:, 4].sum() == summary.never_right


@pytest.mark.parametrize(
    ("train", "validation", "turn"),
    [
        ([0.9, 0.5, 0.3, 0.2], [0.8, 0.4, 0.5, 0.6], 2),
        ([0.9, 0.5, 0.3, 0.2], [0.8, 0.6, 0.5, 0.4], None),  # both fell to the end
        ([0.9, 0.5, 0.6, 0.7], [0.8, 0.4, 0.5, 0.6], None),  # it got worse at everything
        ([0.9, 0.5, 0.3, 0.2], [np.nan] * 4, None),
        ([0.9], [0.8], None),
        ([0.9, 0.5, np.nan, 0.2], [0.8, 0.4, 0.3, 0.6], 2),  # what is not known does not count
    ],
)
def test_the_turn_is_where_only_training_goes_on(train, validation, turn):
    epochs = np.arange(1.0, len(train) + 1)
    assert find_turn(epochs, {"train": np.array(train), "validation": np.array(validation)}) == turn
