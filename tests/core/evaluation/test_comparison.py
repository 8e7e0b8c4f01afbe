import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fmnist_core.errors import InvalidSettingError
from fmnist_core.evaluation.comparison import (
    bootstrap_difference,
    compare_answers,
    compute_mcnemar,
    find_common_items,
    judge_comparison,
    say_chance,
)

LABELS = np.array([0, 1, 2, 3, 4, 4], np.uint8)


def answer(predicted, confidence=0.91):
    """Probabilities of answers that are given so surely."""
    confidence = np.broadcast_to(confidence, len(predicted))
    probabilities = np.repeat((1 - confidence)[:, np.newaxis] / 9, 10, axis=1).astype(np.float32)
    probabilities[np.arange(len(predicted)), predicted] = confidence
    return probabilities


def make(alone_first, alone_second, items):
    """A comparison in which so many items are got right by one alone, and all others by both."""
    labels = np.zeros(items, np.uint8)
    first, second = np.zeros(items, int), np.zeros(items, int)
    second[:alone_first] = 1
    first[alone_first : alone_first + alone_second] = 1
    return compare_answers(labels, answer(first), answer(second))


def test_few_items_are_tested_exactly():
    # Nine of ten: 2 (1 + 10) / 2^10.
    assert compute_mcnemar(9, 1).p_value == pytest.approx(22 / 1024)
    assert compute_mcnemar(1, 9).statistic is None
    # All of five on one side: 2 / 2^5.
    assert compute_mcnemar(0, 5).p_value == pytest.approx(1 / 16)
    assert compute_mcnemar(12, 12).p_value == 1
    assert compute_mcnemar(0, 0).p_value == 1


def test_many_items_are_tested_by_chi_square_with_the_correction_for_continuity():
    # The example of McNemar's test in Agresti's Categorical Data Analysis (approval of the prime minister, 150 who
    # turned against him and 86 who turned to him): 17.36 uncorrected (z = -4.17), 16.82 corrected.
    test = compute_mcnemar(150, 86)
    assert test.statistic == pytest.approx(63**2 / 236)
    assert test.statistic == pytest.approx(16.82, abs=0.005)
    assert test.p_value == pytest.approx(4.115e-5, rel=1e-3)
    assert compute_mcnemar(20, 5).statistic == pytest.approx(14**2 / 25)
    # As R has it: nothing to correct where there is no difference.
    assert (compute_mcnemar(40, 40).statistic, compute_mcnemar(40, 40).p_value) == (0, 1)


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_test_knows_no_first_and_second(first, second):
    assert compute_mcnemar(first, second) == compute_mcnemar(second, first)
    p_value = compute_mcnemar(first, second).p_value
    assert 0 <= p_value <= 1
    # The approximation is close to the exact test, of which it is one.
    if first + second:
        assert p_value == pytest.approx(stats.binomtest(first, first + second, 0.5).pvalue, abs=0.01)


def test_the_bootstrap_is_that_of_a_plain_loop_over_items():
    only_first, only_second, items = 14, 6, 80
    outcomes = np.array([1] * only_first + [-1] * only_second + [0] * (items - 20))
    generator = np.random.default_rng(7)
    differences = [generator.choice(outcomes, items).mean() for _ in range(10_000)]
    found = bootstrap_difference(only_first, only_second, items)
    assert found.value == 0.1
    # One item more or less is 1/80.
    assert found.low == pytest.approx(np.quantile(differences, 0.025), abs=1 / 80 + 1e-12)
    assert found.high == pytest.approx(np.quantile(differences, 0.975), abs=1 / 80 + 1e-12)
    assert found == bootstrap_difference(only_first, only_second, items)
    assert -0.02 < found.low < 0.0 < found.high


def test_the_interval_of_many_items_is_the_normal_one():
    found = bootstrap_difference(431, 255, 10_000)
    deviation = np.sqrt((431 + 255) / 10_000 - 0.0176**2) / 100
    assert found.value == pytest.approx(0.0176)
    assert found.low == pytest.approx(0.0176 - 1.96 * deviation, abs=3e-4)
    assert found.high == pytest.approx(0.0176 + 1.96 * deviation, abs=3e-4)


def test_what_never_differs_has_an_interval_without_width():
    found = bootstrap_difference(0, 0, 50)
    assert (found.value, found.low, found.high) == (0, 0, 0)
    with pytest.raises(InvalidSettingError, match=r"at least 1\. Received: 0\."):
        bootstrap_difference(0, 0, 0)


def test_two_networks_are_compared_item_by_item():
    first = answer([0, 1, 2, 3, 4, 0], [0.9, 0.9, 0.9, 0.9, 0.9, 0.6])
    second = answer([0, 2, 0, 3, 4, 4], [0.9, 0.5, 0.8, 0.9, 0.9, 0.9])
    found = compare_answers(LABELS, first, second)
    assert (found.items, found.both, found.neither) == (6, 3, 0)
    assert (found.first.value, found.second.value) == (5 / 6, 4 / 6)
    assert found.difference.value == pytest.approx(1 / 6)
    # Where the second was surer of its mistake comes first.
    assert found.only_first.tolist() == [2, 1]
    assert found.only_second.tolist() == [5]
    assert found.test == compute_mcnemar(2, 1)


def test_the_difference_of_the_matrices_is_exact():
    found = compare_answers(LABELS, answer([0, 1, 2, 3, 4, 0]), answer([0, 2, 0, 3, 4, 4]))
    expected = np.zeros((10, 10), int)
    expected[1, 1], expected[1, 2] = 1, -1
    expected[2, 2], expected[2, 0] = 1, -1
    expected[4, 0], expected[4, 4] = 1, -1
    assert found.confusion.tolist() == expected.tolist()


def test_of_a_network_and_itself_nothing_differs():
    found = compare_answers(LABELS, answer(LABELS), answer(LABELS))
    assert not found.confusion.any()
    assert not found.decided
    assert judge_comparison(found, "A", "B").startswith("Both are right about the same of the 6 garments")


def test_the_verdict_says_who_is_better_only_if_chance_would_hardly_do_it():
    assert judge_comparison(make(40, 10, 1_000), "A", "B") == (
        "A is better than B. 40 of 1,000 garments only A gets right, 10 only B. The others do not tell the two "
        "apart. By chance alone two equally good networks would come out at least as far apart in fewer than 1 "
        "of 1,000 such tests."
    )
    assert judge_comparison(make(10, 40, 1_000), "this run", "the other").startswith(
        "The other is better than this run."
    )
    undecided = judge_comparison(make(12, 10, 1_000), "A", "B")
    assert undecided.startswith("This does not show which is better. 12 of 1,000 garments only A gets right, 10 only B")
    assert undecided.endswith("at least as far apart in about 83 of 100 such tests.")


@pytest.mark.parametrize(
    ("p_value", "said"),
    [
        (0.0009, "fewer than 1 of 1,000 such tests"),
        (0.0034, "about 3 of 1,000 such tests"),
        (0.0095, "about 1 of 100 such tests"),
        (0.34, "about 34 of 100 such tests"),
        (0.996, "practically every such test"),
    ],
)
def test_a_chance_is_said_in_whole_tests(p_value, said):
    assert say_chance(p_value) == said


def test_items_count_that_both_answered_and_none_was_trained_on():
    common = find_common_items(np.array([5, 3, 9, 7]), np.array([9, 1, 5, 3]), np.array([3]), np.array([4]))
    assert common.tolist() == [5, 9]
