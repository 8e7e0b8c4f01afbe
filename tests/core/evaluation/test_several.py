import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fmnist_core.errors import InvalidSettingError
from fmnist_core.evaluation import several


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_exact_mcnemar_test_is_scipys_binomial_test(only_first, only_second):
    expected = stats.binomtest(only_first, only_first + only_second, 0.5).pvalue if only_first + only_second else 1.0
    assert several.compute_exact_mcnemar(only_first, only_second) == pytest.approx(expected, rel=1e-9)


def test_the_exact_mcnemar_test_by_hand():
    # None or one of six heads, or of six tails: (1 + 6 + 6 + 1) / 64.
    assert several.compute_exact_mcnemar(1, 5) == pytest.approx(14 / 64)
    assert several.compute_exact_mcnemar(3, 3) == 1.0


def test_holm_by_hand():
    # The smallest times 4, the next times 3 …; the last one may not fall below the one before it.
    assert several.correct_holm([0.04, 0.01, 0.03, 0.005]).tolist() == pytest.approx([0.06, 0.03, 0.06, 0.02])
    assert several.correct_holm([0.9, 0.8]).tolist() == [1.0, 1.0]
    assert several.correct_holm([]).tolist() == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_lies_between_no_correction_and_bonferroni(p_values):
    corrected, raw = several.correct_holm(p_values), np.array(p_values)
    assert (corrected >= raw).all()
    assert (corrected <= np.minimum(raw * len(raw), 1) + 1e-12).all()
    assert (np.diff(corrected[np.argsort(raw, kind="stable")]) >= 0).all()


def test_pairs_are_tested_on_what_both_have_answered():
    right = np.array([[1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 1], [1, 0, 1, 1, 1, 1]], bool)
    answered = np.array([[1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1], [0, 1, 0, 0, 0, 0]], bool)
    first, second, third = several.compute_pair_tests(right, answered)
    assert (first.first, first.second, first.items, first.only_first, first.only_second) == (0, 1, 5, 5, 0)
    assert first.difference == 1.0
    assert first.p_value == pytest.approx(2 / 32)
    assert first.corrected == pytest.approx(3 * 2 / 32)
    assert not first.decided
    assert (second.items, second.only_first, second.p_value) == (1, 1, 1.0)
    assert (third.items, third.only_first, third.only_second) == (1, 0, 0)


def test_a_pair_without_common_items_is_left_out():
    answered = np.array([[1, 0], [0, 1]], bool)
    assert several.compute_pair_tests(np.ones((2, 2), bool), answered) == []


samples = st.lists(st.floats(0, 1).map(lambda value: round(value, 3)), min_size=2, max_size=5)


@pytest.mark.filterwarnings("ignore:Precision loss occurred")
@given(samples, samples)
def test_welchs_test_is_scipys(first, second):
    found = several.compute_welch(first, second)
    if np.ptp(first) == np.ptp(second) == 0:
        assert found is None
    else:
        assert found == pytest.approx(stats.ttest_ind(first, second, equal_var=False).pvalue, rel=1e-6, abs=1e-12)


def test_the_permutation_test_by_hand():
    # Of the C(4, 2) = 6 ways only {1, 2} | {3, 4} and its mirror image have means 2 apart.
    assert several.compute_permutation([0.3, 0.4], [0.1, 0.2]) == pytest.approx((2 / 6, 2 / 6))
    # Two of five above all others: no other way has means 2.5 apart, {1, 2} | {3, 4, 5} being as far with another sign.
    assert several.compute_permutation([0.5, 0.4], [0.1, 0.2, 0.3]) == pytest.approx((2 / 10, 1 / 10))


@given(samples, samples)
def test_the_permutation_test_counts_every_way(first, second):
    found, least = several.compute_permutation(first, second)
    gaps = [
        abs(np.mean(chosen) - np.mean([value for place, value in enumerate(pool) if place not in places]))
        for pool in [[*first, *second]]
        for places in itertools.combinations(range(len(pool)), len(first))
        for chosen in [[pool[place] for place in places]]
    ]
    assert found == pytest.approx(np.mean(np.array(gaps) >= gaps[0] - 1e-9))
    assert found >= least - 1e-12


def test_recipes_with_a_single_seed_are_not_tested():
    (found,) = several.compute_means_tests([[0.91, 0.92, 0.93], [0.9], [0.88, 0.89, 0.87]])
    assert (found.first, found.second, found.seeds) == (0, 2, (3, 3))
    assert found.difference == pytest.approx(0.04)
    assert found.deviations == pytest.approx((0.01, 0.01))
    assert found.welch == pytest.approx(stats.ttest_ind([0.91, 0.92, 0.93], [0.88, 0.89, 0.87], equal_var=False).pvalue)
    assert (found.permutation, found.least) == pytest.approx((0.1, 0.1))
    assert found.corrected == found.welch
    assert found.decided


def test_without_any_spread_the_permutation_test_decides():
    (found,) = several.compute_means_tests([[0.9, 0.9, 0.9], [0.1, 0.1, 0.1]])
    assert found.welch is None
    assert found.corrected == pytest.approx(0.1)
    assert not found.decided


def test_too_few_seeds_are_refused():
    with pytest.raises(InvalidSettingError, match="at least 2 seeds to be tested"):
        several.compute_welch([0.9], [0.8, 0.7])
    with pytest.raises(InvalidSettingError, match="at most 200,000 ways"):
        several.compute_permutation([0.1] * 10, [0.2] * 20)


@pytest.mark.parametrize(
    ("p_value", "words"),
    [
        (0.0025, "once in 400"),
        (0.04, "once in 25"),
        (0.00012345, "once in 8,100"),
        (1e-9, "less than once in a million"),
    ],
)
def test_small_chances_are_said_as_once_in_so_many(p_value, words):
    assert several.say_once(p_value) == words


def test_a_difference_is_said_in_a_sentence():
    assert several.say_difference(0.008, 0.0025, "A", "B") == (
        "A is better than B by 0.80 points; that would be chance once in 400."
    )
    assert several.say_difference(-0.008, 0.0025, "A", "B").startswith("B is better than A by 0.80 points")
    assert several.say_difference(0.0, 1.0, "A", "B") == "A and B are equally often right."
    assert several.say_difference(0.001, 0.34, "A", "B") == (
        "A and B are 0.10 points apart, which does not show which is better: chance alone would bring that about in "
        "about 34 of 100 such tests."
    )


def test_the_leader_is_ahead_of_the_most():
    def pair(first, second, only_first, only_second):
        return several.PairTest(first, second, 100, only_first, only_second, 1.0, 1.0)

    assert several.find_leader([pair(0, 1, 1, 5), pair(0, 2, 9, 1), pair(1, 2, 2, 1)]) == 1
    assert several.find_leader([pair(0, 1, 3, 3)]) == 0


def test_what_is_decided_is_said_pair_by_pair_and_the_rest_at_once():
    tests = [
        several.PairTest(0, 1, 1000, 30, 10, 0.001, 0.0025),
        several.PairTest(0, 2, 1000, 7, 2, 0.3, 0.6),
        several.PairTest(1, 2, 1000, 7, 2, 0.3, 0.6),
        several.PairTest(0, 3, 1000, 1, 4, 0.3, 0.6),
    ]
    assert several.say_standing(tests, 0, ["A", "B", "C", "D"]) == [
        "A is better than B by 2.00 points; that would be chance once in 400.",
        "Chance alone may be what sets A apart from C (0.50 points), D (0.30 points).",
    ]
    assert several.say_standing(tests, 1, ["A", "B", "C", "D"])[1] == (
        "Chance alone may be what sets B apart from C (0.50 points)."
    )
    (only,) = several.say_standing(tests[1:2], 0, ["A", "B", "C"])
    assert only.startswith("A and C are 0.50 points apart, which does not show which is better")
