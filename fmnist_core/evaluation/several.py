"""More than two networks: every pair of them tested, with what it costs to ask so many questions at once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import InvalidSettingError
from fmnist_core.evaluation.comparison import SIGNIFICANT, say_chance

Floats = NDArray[np.float64]

# Of ten runs there are no more than C(10, 5) = 252 ways to share them out.
_MOST_WAYS = 200_000
_SURE = 1_000_000


@dataclass(frozen=True)
class PairTest:
    """How two networks answered the same items.

    Attributes:
        first, second: their places in the sequence that was compared.
        items: how many items they share.
        only_first, only_second: how many of them one alone gets right.
        p_value: of McNemar's exact test.
        corrected: the same, for as many tests as were made at once; see `correct_holm`.
    """

    first: int
    second: int
    items: int
    only_first: int
    only_second: int
    p_value: float
    corrected: float

    @property
    def difference(self) -> float:
        """Accuracy of the first minus that of the second, -1 to 1."""
        return (self.only_first - self.only_second) / self.items

    @property
    def decided(self) -> bool:
        """Whether chance alone would hardly bring about such a difference, however many pairs were looked at."""
        return self.corrected < SIGNIFICANT


@dataclass(frozen=True)
class MeansTest:
    """Whether two recipes differ, judged by the accuracies of several seeds each.

    Attributes:
        first, second: their places in the sequence that was compared.
        means, deviations: of the accuracies, 0 to 1; the deviations of a sample, with n - 1.
        seeds: how many each has, at least 2.
        welch: p-value of Welch's t-test; None if no seed makes any difference, as then there is no spread to go by.
        permutation: p-value of the exact permutation test on the difference of the means.
        least: the smallest p-value that this test can have with so few seeds.
        corrected: `welch`, or `permutation` where that is None, for as many tests as were made at once.
    """

    first: int
    second: int
    means: tuple[float, float]
    deviations: tuple[float, float]
    seeds: tuple[int, int]
    welch: float | None
    permutation: float
    least: float
    corrected: float

    @property
    def difference(self) -> float:
        """Mean accuracy of the first minus that of the second, -1 to 1."""
        return self.means[0] - self.means[1]

    @property
    def decided(self) -> bool:
        """Whether chance in the seeds alone would hardly bring about such a difference."""
        return self.corrected < SIGNIFICANT


def compute_exact_mcnemar(only_first: int, only_second: int) -> float:
    """Return the two-sided p-value of McNemar's exact test: the binomial test of an even split."""
    from scipy.stats import binom

    uneven = only_first + only_second
    return 1.0 if uneven == 0 else min(1.0, 2 * float(binom.cdf(min(only_first, only_second), uneven, 0.5)))


def correct_holm(p_values: Sequence[float]) -> Floats:
    """Return p-values (n,) corrected for being n at once.

    If no pair differs, the chance that any at all is below 0.05 is then at most 5 of 100, as it is for a single test.
    Holm's step-down procedure (Scandinavian Journal of Statistics 6, 1979): the smallest is multiplied by n, the next
    by n - 1 and so on, none becomes smaller than one before it, and none greater than 1.
    """
    values = np.asarray(p_values, dtype=float)
    order = np.argsort(values, kind="stable")
    raised = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    corrected = np.empty(len(values))
    corrected[order] = np.minimum(raised, 1.0)
    return corrected


def compute_pair_tests(right: NDArray[np.bool_], answered: NDArray[np.bool_]) -> list[PairTest]:
    """Test every pair of networks on the items that both have answered; pairs without such items are left out.

    Args:
        right: whether a network is right about an item, (networks, items).
        answered: whether its answer counts, (networks, items).
    """
    found: list[tuple[int, int, int, int, int]] = []
    for first, second in combinations(range(len(right)), 2):
        shared = answered[first] & answered[second]
        if shared.any():
            alone = right[first] & ~right[second] & shared, right[second] & ~right[first] & shared
            found.append((first, second, int(shared.sum()), int(alone[0].sum()), int(alone[1].sum())))
    p_values = [compute_exact_mcnemar(*counts[3:]) for counts in found]
    return [
        PairTest(*counts, p_value=p_value, corrected=float(corrected))
        for counts, p_value, corrected in zip(found, p_values, correct_holm(p_values), strict=True)
    ]


def find_leader(tests: Sequence[PairTest]) -> int:
    """Return the place of the network that is ahead, by however little, of the most others; of equals the first.

    Args:
        tests: of at least one pair.
    """
    ahead: dict[int, int] = {}
    for test in tests:
        for place, sign in ((test.first, 1), (test.second, -1)):
            ahead[place] = ahead.get(place, 0) + (sign * test.difference > 0)
    return min(ahead, key=lambda place: (-ahead[place], place))


def compute_welch(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Return the two-sided p-value of Welch's t-test (Biometrika 34, 1947) for two samples of at least 2 each.

    None if neither varies.

    Raises:
        InvalidSettingError: if one has fewer than 2.
    """
    from scipy.stats import t

    _check_seeds(first, second)
    # Equal values have a variance of 1e-34 rather than 0 at times.
    if not np.ptp(first) and not np.ptp(second):
        return None
    shares = [float(np.var(values, ddof=1)) / len(values) for values in (first, second)]
    statistic = (np.mean(first) - np.mean(second)) / math.sqrt(sum(shares))
    parts = [share**2 / (len(values) - 1) for share, values in zip(shares, (first, second), strict=True)]
    return float(2 * t.sf(abs(statistic), sum(shares) ** 2 / sum(parts)))


def compute_permutation(first: Sequence[float], second: Sequence[float]) -> tuple[float, float]:
    """Return the p-value of the exact permutation test on the difference of two means, and the least that it can be.

    All ways of sharing out the values among two groups of these sizes are counted (Fisher, The Design of Experiments,
    1935); p is the share of them in which the means are at least as far apart.

    Raises:
        InvalidSettingError: if one has fewer than 2 values, or there are more than 200,000 ways.
    """
    _check_seeds(first, second)
    values = np.array([*first, *second], dtype=float)
    ways = math.comb(len(values), len(first))
    if ways > _MOST_WAYS:
        raise InvalidSettingError(
            f"A permutation test must have at most {_MOST_WAYS:,} ways to share out the values. Received: {ways:,}."
        )
    chosen = np.array(list(combinations(range(len(values)), len(first))))
    sums = values[chosen].sum(axis=1)
    gaps = np.abs(sums / len(first) - (values.sum() - sums) / len(second))
    # The first way is the one that was found; equal but for rounding counts as equal.
    share = float((gaps >= gaps[0] - 1e-12).mean())
    return share, (2 if len(first) == len(second) else 1) / ways


def compute_means_tests(samples: Sequence[Sequence[float]]) -> list[MeansTest]:
    """Test every pair of samples of accuracies that have at least 2 values each.

    Args:
        samples: accuracies, 0 to 1, of the seeds of each recipe.
    """
    found = []
    for first, second in combinations(range(len(samples)), 2):
        both = samples[first], samples[second]
        if min(map(len, both)) > 1:
            found.append((first, second, both, compute_welch(*both), compute_permutation(*both)))
    # Without any spread there is no t-test to correct.
    p_values = [permutation[0] if welch is None else welch for *_, welch, permutation in found]
    return [
        MeansTest(
            first=first,
            second=second,
            means=(float(np.mean(both[0])), float(np.mean(both[1]))),
            deviations=(float(np.std(both[0], ddof=1)), float(np.std(both[1], ddof=1))),
            seeds=(len(both[0]), len(both[1])),
            welch=welch,
            permutation=permutation[0],
            least=permutation[1],
            corrected=float(corrected),
        )
        for (first, second, both, welch, permutation), corrected in zip(found, correct_holm(p_values), strict=True)
    ]


def say_difference(difference: float, p_value: float, first: str, second: str) -> str:
    """Say in a sentence which of two is better and how likely that is chance; plain text.

    Args:
        difference: accuracy of the first minus that of the second, -1 to 1.
        p_value: chance of one at least as great if they were equally good.
        first: what to call the one.
        second: what to call the other.
    """
    points = f"{100 * abs(difference):.2f} points"
    if p_value >= SIGNIFICANT:
        if not difference:
            return f"{first} and {second} are equally often right."
        return (
            f"{first} and {second} are {points} apart, which does not show which is better: chance alone would bring "
            f"that about in {say_chance(p_value)}."
        )
    better, worse = (first, second) if difference > 0 else (second, first)
    return f"{better} is better than {worse} by {points}; that would be chance {say_once(p_value)}."


def say_standing(tests: Sequence[PairTest], place: int, labels: Sequence[str]) -> list[str]:
    """Say how one network compares with the others, a sentence each where chance is ruled out, one for the rest.

    Args:
        tests: of pairs.
        place: of the network, in `labels`.
        labels: what to call the networks.
    """
    mine = [test for test in tests if place in (test.first, test.second)]
    decided = [
        say_difference(test.difference, test.corrected, labels[test.first], labels[test.second])
        for test in mine
        if test.decided
    ]
    others = [
        f"{labels[test.first + test.second - place]} ({100 * abs(test.difference):.2f} points)"
        for test in mine
        if not test.decided
    ]
    if not others:
        return decided
    if len(mine) == 1:
        return [say_difference(mine[0].difference, mine[0].corrected, labels[mine[0].first], labels[mine[0].second])]
    return [*decided, f"Chance alone may be what sets {labels[place]} apart from {', '.join(others)}."]


def say_once(p_value: float) -> str:
    """Return a small probability as once in so many, rounded to two digits: "once in 400"."""
    if p_value * _SURE < 1:
        return "less than once in a million"
    times = 1 / p_value
    unit = 10 ** max(math.floor(math.log10(times)) - 1, 0)
    return f"once in {round(times / unit) * unit:,}"


def _check_seeds(*samples: Sequence[float]) -> None:
    fewest = min(map(len, samples))
    if fewest < 2:
        raise InvalidSettingError(f"Each recipe must have at least 2 seeds to be tested. Received: {fewest}.")
