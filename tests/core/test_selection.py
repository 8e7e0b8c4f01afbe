import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmnist_core.errors import InvalidSettingError
from fmnist_core.selection import (
    MAX_SIZE,
    ORDERS,
    PARTS,
    SIZES,
    Selection,
    count_pages,
    find_items,
    find_part,
    parse_indices,
    take_page,
)
from fmnist_core.splits import ITEMS, make_split

# Item 0 has class 0, item 1 class 1, and so on, over and over.
LABELS = (np.arange(ITEMS) % 10).astype(np.uint8)


def test_default_is_the_first_25_training_items_as_in_the_papers():
    selection = Selection()
    assert take_page(find_items(selection, LABELS), selection).tolist() == list(range(25))


def test_second_page_goes_on_where_the_first_ends():
    selection = Selection(size=100, page=2)
    assert take_page(find_items(selection, LABELS), selection).tolist() == list(range(100, 200))


def test_last_page_holds_what_is_left():
    selection = Selection(part="test", size=225, page=45)
    assert take_page(find_items(selection, LABELS), selection).tolist() == list(range(69_900, 70_000))
    assert count_pages(10_000, 225) == 45


def test_no_page_is_beyond_the_end_but_an_empty_one():
    assert take_page(np.arange(30), Selection(page=3)).tolist() == []


@pytest.mark.parametrize(("n_items", "pages"), [(0, 1), (1, 1), (25, 1), (26, 2), (70_000, 2_800)])
def test_pages_are_counted_up(n_items, pages):
    assert count_pages(n_items, 25) == pages


@pytest.mark.parametrize(
    ("part", "first", "last", "n"),
    [("train", 0, 59_999, 60_000), ("test", 60_000, 69_999, 10_000), ("all", 0, 69_999, 70_000)],
)
def test_official_parts(part, first, last, n):
    items = find_part(part, LABELS)
    assert (items[0], items[-1], len(items)) == (first, last, n)


@pytest.mark.parametrize("part", [part for part in PARTS if "-" in part])
def test_parts_of_the_papers_splits_are_what_the_split_says(part):
    split, name = part.split("-")
    np.testing.assert_array_equal(find_part(part, LABELS), make_split(split, LABELS).parts()[name])


def test_random_order_is_a_permutation_that_its_seed_decides():
    first, again, other = (find_items(Selection(order="random", part="test", seed=seed), LABELS) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    np.testing.assert_array_equal(np.sort(first), np.arange(60_000, 70_000))


def test_one_class_keeps_its_order():
    items = find_items(Selection(order="class", class_index=3, part="test"), LABELS)
    assert items[:3].tolist() == [60_003, 60_013, 60_023]
    assert len(items) == 1_000


def test_indices_count_within_the_part():
    items = find_items(Selection(order="index", part="test", indices=(4998, 0)), LABELS)
    assert items.tolist() == [64_998, 60_000]


def test_index_beyond_the_part_is_refused():
    with pytest.raises(InvalidSettingError, match=r"from 0 to 9,999 in this part. Received: 10,000"):
        find_items(Selection(order="index", part="test", indices=(0, 10_000)), LABELS)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"order": "backwards"}, "`order` must be one of first, random, class, index. Received: backwards"),
        ({"part": "mine"}, "`part` must be one of train, test, all, threads-train"),
        ({"size": 0}, "`size` must be from 1 to 400. Received: 0"),
        ({"size": MAX_SIZE + 1}, "`size` must be from 1 to 400. Received: 401"),
        ({"page": 0}, "`page` must be at least 1. Received: 0"),
        ({"seed": -1}, "`seed` must be at least 0. Received: -1"),
        ({"class_index": 10}, "`class_index` must be from 0 to 9. Received: 10"),
    ],
)
def test_settings_outside_their_range_are_refused(wrong, message):
    with pytest.raises(InvalidSettingError, match=message):
        Selection(**wrong)


@settings(deadline=None)
@given(
    order=st.sampled_from(list(ORDERS)), part=st.sampled_from(["train", "test", "all", "mcnn-validation"]),
    size=st.sampled_from(SIZES), seed=st.integers(0, 2**31), class_index=st.integers(0, 9),
)  # fmt: skip
def test_pages_together_are_the_whole_without_repetition(order, part, size, seed, class_index):
    selection = Selection(order=order, part=part, size=size, seed=seed, class_index=class_index)
    found = find_items(selection, LABELS)
    pages = [take_page(found, Selection(size=size, page=page)) for page in range(1, count_pages(len(found), size) + 1)]
    np.testing.assert_array_equal(np.concatenate(pages), found)
    assert len(np.unique(found)) == len(found)
    assert np.isin(found, find_part(part, LABELS)).all()


@pytest.mark.parametrize(
    ("text", "indices"),
    [
        ("7", (7,)),
        ("0-3, 42", (0, 1, 2, 3, 42)),
        ("42 0-3", (42, 0, 1, 2, 3)),
        (" 5 ,5,, 4-6 ", (5, 4, 6)),
        ("69999", (69_999,)),
    ],
)
def test_indices_are_read_in_their_order_once_each(text, indices):
    assert parse_indices(text) == indices


@pytest.mark.parametrize("text", ["", " , ", "x", "1-", "-1", "1-x", "1.5", "70000", "0-70000", "9" * 5000, "²", "5-3"])
def test_what_is_no_index_is_refused(text):
    with pytest.raises(InvalidSettingError, match=r"`indices` must be numbers and ranges"):
        parse_indices(text)


@given(st.lists(st.integers(0, ITEMS - 1), min_size=1, max_size=20, unique=True))
def test_written_indices_are_read_back(indices):
    assert parse_indices(", ".join(map(str, indices))) == tuple(indices)
