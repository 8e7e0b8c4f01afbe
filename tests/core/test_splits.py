import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedKFold, train_test_split

from fmnist_core.errors import InvalidSettingError
from fmnist_core.splits import (
    ITEMS,
    MOST_FOLDS,
    SPLITS,
    TRAIN_ITEMS,
    deal_folds,
    describe_item,
    make_fold,
    make_split,
    take_stratified,
)

GENERATOR = np.random.default_rng(0)
# Stand in for the real labels: 6,000 and then 1,000 of each class.
LABELS = np.concatenate([GENERATOR.permutation(np.repeat(np.arange(10, dtype=np.uint8), n)) for n in (6_000, 1_000)])


def sizes(split):
    return {name: len(part) for name, part in split.parts().items()}


@pytest.mark.parametrize(
    ("name", "train", "validation", "test"),
    [
        ("official", 60_000, 0, 10_000),
        ("threads", 42_000, 14_000, 14_000),
        ("mcnn", 48_000, 6_000, 6_000),
        ("silwimba", 50_000, 10_000, 10_000),
    ],
)
def test_parts_have_the_sizes_that_the_papers_name(name, train, validation, test):
    assert sizes(make_split(name, LABELS)) == {"train": train, "validation": validation, "test": test}


def test_every_split_has_its_size_tested_above():
    assert set(SPLITS) == {"official", "threads", "mcnn", "silwimba"}


@pytest.mark.parametrize("name", SPLITS)
def test_no_item_is_in_two_parts_and_all_are_item_numbers(name):
    items = np.concatenate(list(make_split(name, LABELS, 0.1).parts().values()))
    assert len(np.unique(items)) == len(items)
    assert items.min() >= 0
    assert items.max() < ITEMS


@pytest.mark.parametrize("name", SPLITS)
def test_a_split_is_the_same_each_time(name):
    first, second = make_split(name, LABELS, 0.1), make_split(name, LABELS, 0.1)
    for part, items in first.parts().items():
        np.testing.assert_array_equal(items, second.parts()[part])


def test_official_tests_on_the_last_ten_thousand_and_validates_on_the_end_of_training():
    split = make_split("official", LABELS, 0.25)
    np.testing.assert_array_equal(split.train, np.arange(45_000))
    np.testing.assert_array_equal(split.validation, np.arange(45_000, 60_000))
    np.testing.assert_array_equal(split.test, np.arange(60_000, 70_000))


def test_mcnn_is_what_scikit_learn_gives():
    train, rest = train_test_split(np.arange(TRAIN_ITEMS), test_size=0.2, random_state=42)
    validation, test = train_test_split(rest, test_size=0.5, random_state=42)
    split = make_split("mcnn", LABELS)
    np.testing.assert_array_equal(split.train, train)
    np.testing.assert_array_equal(split.validation, validation)
    np.testing.assert_array_equal(split.test, test)


def test_threads_cuts_every_class_in_the_same_proportion():
    for part, expected in zip(make_split("threads", LABELS).parts().values(), (4_200, 1_400, 1_400), strict=True):
        np.testing.assert_array_equal(np.bincount(LABELS[part]), [expected] * 10)


def test_threads_takes_from_both_official_parts():
    for part in make_split("threads", LABELS).parts().values():
        assert part.min() < TRAIN_ITEMS <= part.max()


def test_unknown_names_and_shares_are_refused():
    with pytest.raises(InvalidSettingError, match=r"`split` must be one of official, .*\. Received: mnist\."):
        make_split("mnist", LABELS)
    for share in (-0.1, 1.0, float("nan")):
        with pytest.raises(InvalidSettingError, match=f"`validation_split` must be .* Received: {share}"):
            make_split("official", LABELS, share)


# Folds


@pytest.mark.parametrize("folds", [2, 3, 5, 7, 10, MOST_FOLDS])
def test_folds_validate_every_training_item_once_and_keep_the_test_items_out(folds):
    parts = [make_fold(LABELS, folds, fold) for fold in range(folds)]
    np.testing.assert_array_equal(
        np.sort(np.concatenate([split.validation for split in parts])), np.arange(TRAIN_ITEMS)
    )
    for split in parts:
        np.testing.assert_array_equal(np.sort(np.concatenate([split.train, split.validation])), np.arange(TRAIN_ITEMS))
        np.testing.assert_array_equal(split.test, np.arange(TRAIN_ITEMS, ITEMS))


@given(labels=st.lists(st.integers(0, 9), min_size=60, max_size=300), folds=st.integers(2, 6))
def test_folds_have_as_many_of_each_class_as_those_of_scikit_learn(labels, folds):
    # It counts classes as they first appear.
    labels = np.array([*range(10), *labels], dtype=np.uint8)
    counted = np.bincount(labels, minlength=10)
    labels = np.concatenate([labels, np.repeat(np.arange(10, dtype=np.uint8), np.maximum(folds - counted, 0))])
    dealt = deal_folds(labels, folds)
    ours = [np.bincount(labels[dealt == fold], minlength=10) for fold in range(folds)]
    theirs = [
        np.bincount(labels[validated], minlength=10)
        for _, validated in StratifiedKFold(folds, shuffle=True, random_state=0).split(labels, labels)
    ]
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("folds", [3, 7, 11])
def test_no_fold_has_two_more_of_anything_than_another(folds):
    dealt = deal_folds(LABELS[: TRAIN_ITEMS - 5], folds)
    assert np.ptp(np.bincount(dealt)) <= 1
    for class_index in range(10):
        assert np.ptp(np.bincount(dealt[LABELS[: TRAIN_ITEMS - 5] == class_index])) <= 1


def test_folds_are_shuffled_and_the_same_every_time():
    dealt = deal_folds(LABELS[:TRAIN_ITEMS], 5)
    np.testing.assert_array_equal(dealt, deal_folds(LABELS[:TRAIN_ITEMS], 5))
    # Neighbours are in the same fold as often as chance has it, one time in five.
    assert 0.19 < (dealt[1:] == dealt[:-1]).mean() < 0.21


@given(n=st.integers(1, 3_000), seed=st.integers(0, 2**32 - 1))
def test_a_stratified_choice_has_n_items_with_classes_as_even_as_can_be(n, seed):
    items = np.arange(3_000)
    chosen = take_stratified(items, LABELS, n, seed)
    assert len(np.unique(chosen)) == n
    assert np.isin(chosen, items).all()
    assert (np.diff(chosen) > 0).all()
    there, taken = (np.bincount(LABELS[part], minlength=10) for part in (items, chosen))
    # A class lags behind the others only where it has no more to give.
    assert (taken[taken < there] >= taken.max() - 1).all()


def test_a_stratified_choice_depends_on_the_seed_alone():
    items = np.arange(1_000)
    first = take_stratified(items, LABELS, 100, seed=1)
    np.testing.assert_array_equal(first, take_stratified(items, LABELS, 100, seed=1))
    assert not np.array_equal(first, take_stratified(items, LABELS, 100, seed=2))


@pytest.mark.parametrize("n", [0, 1_001])
def test_more_than_there_are_and_none_are_refused(n):
    with pytest.raises(InvalidSettingError, match=r"must be from 1 to 1,000\. Received: "):
        take_stratified(np.arange(1_000), LABELS, n, seed=0)


@pytest.mark.parametrize(
    ("item", "split", "index"),
    [(0, "train", 0), (59_999, "train", 59_999), (60_000, "test", 0), (69_999, "test", 9_999)],
)
def test_items_are_told_by_split_and_index(item, split, index):
    assert describe_item(item) == {"split": split, "index": index}
