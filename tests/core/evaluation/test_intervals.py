import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from fmnist_core.evaluation import compute_accuracy
from fmnist_core.evaluation.intervals import (
    Estimate,
    compute_wilson,
    estimate_difference,
    estimate_share,
    find_ends,
    resample_confusion,
    resample_means,
)


@given(st.integers(1, 10_000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_shares_have_the_interval_of_scipy(counts):
    hits, total = counts
    expected = binomtest(hits, total).proportion_ci(0.95, method="wilson")
    found = estimate_share(hits, total)
    assert (found.value, found.low, found.high) == pytest.approx(
        (hits / total, expected.low, expected.high), rel=1e-9, abs=1e-12
    )


def test_it_is_the_interval_of_the_accuracy_above():
    labels = np.array([0, 1, 2, 3], np.uint8)
    probabilities = np.eye(10, dtype=np.float32)[[0, 1, 2, 9]]
    above = compute_accuracy(labels, probabilities)
    found = estimate_share(3, 4)
    assert (found.value, found.low, found.high) == pytest.approx((above.value, above.low, above.high), rel=1e-9)


def test_of_nothing_nothing_is_known():
    value, low, high = compute_wilson(np.array([0, 1]), np.array([0, 1]))
    assert np.isnan(value[0])
    assert (low[0], high[0]) == (0, 1)
    assert (value[1], high[1]) == (1, 1)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    # Newcombe (1998), table II, method 10: contrasts (a), (c), (d) and (g).
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((0, 10), (0, 20), -0.1611, 0.2775),
    ],
)
def test_differences_have_newcombes_interval(first, second, low, high):
    found = estimate_difference(estimate_share(*first), estimate_share(*second))
    assert found.value == pytest.approx(first[0] / first[1] - second[0] / second[1])
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_the_other_way_round_a_difference_is_the_same_turned_over():
    first, second = estimate_share(56, 70), estimate_share(48, 80)
    there, back = estimate_difference(first, second), estimate_difference(second, first)
    assert (back.value, back.low, back.high) == pytest.approx((-there.value, -there.high, -there.low))


def test_means_are_those_of_items_drawn_one_by_one():
    values = np.array([[0.0, 1.0], [2.0, 0.5], [10.0, -3.0], [4.0, 4.0], [5.0, 0.0]])
    generator = np.random.default_rng(7)
    expected = []
    for _ in range(45):  # more than are drawn at once
        drawn = [values[generator.integers(0, 5)] for _ in range(5)]
        expected.append(np.mean(drawn, axis=0))
    np.testing.assert_allclose(resample_means(values, seed=7, resamples=45), expected)


def test_matrices_scatter_like_those_of_items_drawn_one_by_one():
    cells = np.array([0, 0, 0, 1, 1, 2, 3, 3, 3, 3])
    matrix = np.bincount(cells, minlength=4).reshape(2, 2)
    generator = np.random.default_rng(0)
    looped = np.array(
        [np.bincount(generator.choice(cells, len(cells)), minlength=4).reshape(2, 2) for _ in range(4_000)]
    )
    found = resample_confusion(matrix, seed=1, resamples=4_000)
    assert (found.sum(axis=(1, 2)) == 10).all()
    np.testing.assert_allclose(found.mean(axis=0), matrix, atol=0.15)
    np.testing.assert_allclose(found.std(axis=0), looped.std(axis=0), atol=0.08)
    found_cells, looped_cells = found.reshape(4_000, 4), looped.reshape(4_000, 4)
    np.testing.assert_allclose(np.corrcoef(found_cells.T), np.corrcoef(looped_cells.T), atol=0.08)


def test_the_same_seed_draws_the_same():
    matrix, values = np.array([[3, 1], [0, 6]]), np.arange(6.0).reshape(3, 2)
    assert (resample_confusion(matrix, 3, 5) == resample_confusion(matrix, 3, 5)).all()
    assert (resample_confusion(matrix, 3, 5) != resample_confusion(matrix, 4, 5)).any()
    assert (resample_means(values, 3, 5) == resample_means(values, 3, 5)).all()
    assert (resample_means(values, 3, 5) != resample_means(values, 4, 5)).any()


def test_the_ends_hold_the_middle_of_the_resamples():
    low, high = find_ends(np.arange(1_001.0)[:, np.newaxis])
    assert (low[0], high[0]) == pytest.approx((25, 975))


def test_an_estimate_is_a_figure_with_its_ends():
    assert Estimate(0.5, 0.25, 0.75) == Estimate(0.5, low=0.25, high=0.75)
