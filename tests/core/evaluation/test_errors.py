import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.evaluation import (
    CLOSE_MARGIN,
    KINDS,
    compute_margins,
    draw_positions,
    find_close_calls,
    find_first,
    find_first_mistakes,
    find_mistakes,
    find_resembling,
    find_rivals,
    find_unsure_mistakes,
)
from tests.core.evaluation.small_answers import LABELS, PREDICTED, PROBABILITIES, TINY, TINY_LABELS, answers


def test_mistakes_come_most_confident_first_and_in_order_where_they_are_as_sure():
    assert find_mistakes(TINY_LABELS, TINY).tolist() == [1, 4, 2]
    assert find_mistakes(TINY_LABELS[[0, 3]], TINY[[0, 3]]).tolist() == []


def test_mistakes_come_least_confident_first_and_in_order_where_they_are_as_sure():
    assert find_unsure_mistakes(TINY_LABELS, TINY).tolist() == [2, 1, 4]


def test_the_first_mistakes_are_in_the_items_own_order():
    assert find_first_mistakes(TINY_LABELS, TINY).tolist() == [1, 2, 4]
    assert find_first(TINY_LABELS, TINY).tolist() == [0, 1, 2, 3, 4, 5]


def test_a_margin_is_the_lead_of_the_first_class_over_the_second():
    np.testing.assert_allclose(compute_margins(TINY), [0.8, 0.6, 0.2, 1.0, 0.6, 0.05], atol=1e-6)
    ordered = np.sort(PROBABILITIES, axis=1)
    np.testing.assert_array_equal(compute_margins(PROBABILITIES), ordered[:, -1] - ordered[:, -2])


def test_close_calls_are_right_or_wrong_and_the_closest_comes_first():
    labels = np.array([0, 0, 0, 1], np.uint8)
    probabilities = answers({0: 0.52, 1: 0.48}, {1: 0.51, 0: 0.49}, {0: 0.7, 1: 0.3}, {0: 0.54, 1: 0.46})
    assert find_close_calls(labels, probabilities).tolist() == [1, 0, 3]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_finds_each_item_once_at_most_and_holds_what_it_says(kind):
    found = KINDS[kind].find(LABELS, PROBABILITIES)
    assert len(found) > 5
    assert len(set(found.tolist())) == len(found)
    if kind == "close":
        assert (compute_margins(PROBABILITIES)[found] <= CLOSE_MARGIN).all()
    else:
        assert sorted(found) == np.flatnonzero(PREDICTED != LABELS).tolist()


@given(st.integers(0, 300), st.integers(0, 80), st.integers(0, 5))
def test_drawn_positions_are_different_and_the_same_for_the_same_seed(n_items, size, seed):
    drawn = draw_positions(n_items, size, seed).tolist()
    assert len(set(drawn)) == len(drawn) == min(n_items, size)
    assert set(drawn) <= set(range(n_items))
    assert drawn == draw_positions(n_items, size, seed).tolist()


def test_another_seed_draws_others():
    assert draw_positions(1_000, 60, 0).tolist() != draw_positions(1_000, 60, 1).tolist()


def test_items_that_resemble_a_picture_come_nearest_first_with_their_distance_in_shares_of_the_largest():
    images = np.zeros((5, 28, 28), np.uint8)
    for item, grey in enumerate([0, 255, 102, 51, 25]):
        images[item] = grey
    found = find_resembling(images, np.array([1, 2, 3]), images[0], 7, 2)
    assert found.class_index == 7
    assert found.items.tolist() == [3, 2]
    # Pixels that all differ by 51 of 255 differ by 0.2 in the root mean square.
    np.testing.assert_allclose(found.distances, [0.2, 0.4], rtol=1e-6)
    farthest = find_resembling(images, np.array([1]), images[0], 7, 3)
    assert (farthest.items.tolist(), farthest.distances.tolist()) == ([1], [1.0])


def test_where_nothing_may_be_found_nothing_is():
    found = find_resembling(np.zeros((3, 28, 28), np.uint8), np.zeros(0, np.int64), np.zeros((28, 28), np.uint8), 1, 4)
    assert (len(found.items), len(found.distances)) == (0, 0)


def test_the_rivals_of_a_mistake_are_the_true_class_and_what_it_was_taken_for():
    assert find_rivals(6, answers({0: 0.7, 2: 0.2, 6: 0.1})[0]) == (6, 0)


def test_the_rivals_of_an_item_that_is_right_are_its_class_and_the_second():
    assert find_rivals(6, answers({6: 0.7, 2: 0.2, 0: 0.1})[0]) == (6, 2)
