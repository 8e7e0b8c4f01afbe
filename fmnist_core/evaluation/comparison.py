"""Two networks on the same items: who is right where, and whether the difference may be chance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import InvalidSettingError
from fmnist_core.evaluation.scores import Proportion, compute_accuracy, compute_confusion_matrix

# Below so many items that only one gets right the exact test is taken; the usual rule of thumb.
_EXACT_BELOW = 25
# A smaller chance than this is called none.
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class McNemar:
    """McNemar's test of whether two networks are equally often right.

    Attributes:
        p_value: chance of a result at least as uneven, if both were equally good.
        statistic: chi-square with one degree of freedom; None if the test is exact.
    """

    p_value: float
    statistic: float | None


@dataclass(frozen=True, eq=False)
class Comparison:
    """How two networks answered the same n items.

    Attributes:
        items: n, how many.
        first, second: their accuracies.
        difference: of the accuracies, first minus second, with its interval from a paired bootstrap, -1 to 1.
        both, neither: how many items both or none got right.
        only_first, only_second: positions of the items that one alone got right, those first of which the other was
            surest that they are something else.
        test: McNemar's, on these.
        confusion: (10, 10), first's confusion matrix minus second's.
    """

    items: int
    first: Proportion
    second: Proportion
    difference: Proportion
    both: int
    neither: int
    only_first: NDArray[np.int64]
    only_second: NDArray[np.int64]
    test: McNemar
    confusion: NDArray[np.int64]

    @property
    def decided(self) -> bool:
        """Whether chance alone would hardly bring about such a difference."""
        return self.test.p_value < SIGNIFICANT


def compute_mcnemar(only_first: int, only_second: int) -> McNemar:
    """Test whether two networks are equally often right, from how many items only one of them gets right.

    Of fewer than 25 such items the exact binomial test, two-sided; of more McNemar's chi-square (Psychometrika 12,
    1947) with Edwards's correction for continuity (Psychometrika 13, 1948).

    Args:
        only_first: how many the first alone gets right.
        only_second: how many the second alone does.
    """
    from scipy.stats import binomtest, chi2

    uneven = only_first + only_second
    if uneven == 0:
        return McNemar(1.0, None)
    if uneven < _EXACT_BELOW:
        return McNemar(float(binomtest(only_first, uneven, 0.5).pvalue), None)
    statistic = max(abs(only_first - only_second) - 1, 0) ** 2 / uneven
    return McNemar(float(chi2.sf(statistic, 1)), statistic)


def bootstrap_difference(
    only_first: int, only_second: int, items: int, seed: int = 0, resamples: int = 10_000
) -> Proportion:
    """Return the difference of two accuracies on the same items, with its 95% interval from a paired bootstrap.

    Items are drawn anew with replacement (Efron and Tibshirani, An Introduction to the Bootstrap, 1993), each with both
    its answers. All that matters of an item is whether only the first, only the second or neither is alone in being
    right, so that the counts of the three are drawn at once.

    Args:
        only_first: how many items the first alone gets right.
        only_second: how many the second alone does.
        items: how many there are in all, at least 1.
        seed: decides the draws.
        resamples: how many draws.

    Raises:
        InvalidSettingError: if there are no items.
    """
    if items < 1:
        raise InvalidSettingError(f"The number of items must be at least 1. Received: {items}.")
    shares = np.array([only_first, only_second, items - only_first - only_second]) / items
    drawn = np.random.default_rng(seed).multinomial(items, shares, size=resamples)
    low, high = np.quantile((drawn[:, 0] - drawn[:, 1]) / items, [0.025, 0.975])
    return Proportion((only_first - only_second) / items, float(low), float(high))


def compare_answers(
    labels: NDArray[np.uint8], first: NDArray[np.float32], second: NDArray[np.float32], seed: int = 0
) -> Comparison:
    """Compare two networks' answers for the same items.

    Args:
        labels: true classes, (n,), n at least 1.
        first: probabilities, (n, 10).
        second: probabilities, (n, 10).
        seed: of the bootstrap.

    Raises:
        InvalidSettingError: if there are no items.
    """
    accuracies = compute_accuracy(labels, first), compute_accuracy(labels, second)
    called_first, called_second = first.argmax(axis=1), second.argmax(axis=1)
    right_first, right_second = called_first == labels, called_second == labels
    only_first = _order(np.flatnonzero(right_first & ~right_second), second)
    only_second = _order(np.flatnonzero(right_second & ~right_first), first)
    return Comparison(
        items=len(labels),
        first=accuracies[0],
        second=accuracies[1],
        difference=bootstrap_difference(len(only_first), len(only_second), len(labels), seed),
        both=int((right_first & right_second).sum()),
        neither=int((~right_first & ~right_second).sum()),
        only_first=only_first,
        only_second=only_second,
        test=compute_mcnemar(len(only_first), len(only_second)),
        confusion=compute_confusion_matrix(labels, called_first) - compute_confusion_matrix(labels, called_second),
    )


def find_common_items(first: NDArray[np.int64], second: NDArray[np.int64], *trained_on: NDArray[np.int64]) -> NDArray:
    """Return the numbers of the items that both have answered and neither was trained on, sorted.

    Args:
        first: numbers of the items that the first has answered.
        second: of those that the second has.
        trained_on: item numbers that do not count.
    """
    common = np.intersect1d(first, second)
    for items in trained_on:
        common = common[~np.isin(common, items)]
    return common


def judge_comparison(comparison: Comparison, first: str, second: str) -> str:
    """Say in a few sentences what a comparison means, as one would tell a pupil; plain text.

    Args:
        comparison: of the two.
        first: what to call the one.
        second: what to call the other.
    """
    alone = len(comparison.only_first), len(comparison.only_second)
    if not any(alone):
        return f"Both are right about the same of the {comparison.items:,} garments, and wrong about the same."
    counts = (
        f"{alone[0]:,} of {comparison.items:,} garments only {first} gets right, {alone[1]:,} only {second}. "
        "The others do not tell the two apart."
    )
    chance = f"two equally good networks would come out at least as far apart in {say_chance(comparison.test.p_value)}"
    if comparison.decided:
        better, worse = (first, second) if alone[0] > alone[1] else (second, first)
        return f"{better[0].upper()}{better[1:]} is better than {worse}. {counts} By chance alone {chance}."
    return f"This does not show which is better. {counts} By chance alone {chance}."


def say_chance(p_value: float) -> str:
    """Return a probability as so many of so many tests, with no more digits than anybody needs."""
    if p_value < 0.001:
        return "fewer than 1 of 1,000 such tests"
    if p_value < 0.0095:
        return f"about {round(1000 * p_value)} of 1,000 such tests"
    if p_value < 0.995:
        return f"about {round(100 * p_value)} of 100 such tests"
    return "practically every such test"


def _order(positions: NDArray[np.int64], mistaken: NDArray[np.float32]) -> NDArray[np.int64]:
    return positions[np.argsort(-mistaken[positions].max(axis=1), kind="stable")]
