"""Checks of printed classification reports: what precision, recall, F1 and accuracy say about each other.

A figure printed with two digits stands for all that round to it; a check fails only if no choice among these fits.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.papers.documents import Document, Report
from fmnist_core.papers.findings import AMBIGUOUS, CONTRADICTION, HOLDS, Finding, write_share
from fmnist_core.papers.results import Result

# Test items of each class, where a split has as many of each.
_BALANCED = {"official": 1_000, "silwimba": 1_000, "threads": 1_400}
# Claims are printed in per cent with two digits.
_CLAIM_ROUNDING = 0.00005
_FLOATS = 1e-9

Floats = NDArray[np.float64]


def check_recall(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """The mean recall, weighted by the items of each class, is the accuracy."""
    for report in document.reports:
        claimed, mean = _find_claim(document, report), compute_mean_recall(document, report)
        if claimed is None or mean is None:
            continue
        fits = abs(mean - claimed) <= _reach(report) + _CLAIM_ROUNDING + _FLOATS
        how = "weighted by the printed items of each class" if report.support else "with equally many of every class"
        yield Finding(
            key=f"recall-{report.recipe}",
            title="Mean recall is the accuracy" if fits else "Mean recall is not the accuracy",
            claim=f"Test accuracy {write_share(claimed)}; {report.where} prints the recall of each class.",
            computed=f"Mean recall {mean:.4f}, {how}: {100 * (mean - claimed):+.2f} points from the claim. "
            f"Rounding explains {100 * (_reach(report) + _CLAIM_ROUNDING):.3f} points.",
            reasoning="Recall is the share of a class that is found, so its mean over all test items is the accuracy. "
            + ("Both agree." if fits else "The report and the accuracy cannot be of the same network."),
            kind=HOLDS if fits else CONTRADICTION,
            recipe=report.recipe,
        )


def check_swap(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """Whether two reports that contradict their claims would fit better if they had changed places."""
    for first, second in combinations(document.reports, 2):
        claims = [_find_claim(document, report) for report in (first, second)]
        means = [compute_mean_recall(document, report) for report in (first, second)]
        if None in claims or None in means:
            continue
        known, recalls = np.array(claims, dtype=float), np.array(means, dtype=float)
        printed, swapped = np.abs(recalls - known), np.abs(recalls[::-1] - known)
        limits = [_reach(report) + _CLAIM_ROUNDING + _FLOATS for report in (first, second)]
        if (printed <= limits).all() or swapped.sum() >= printed.sum():
            continue
        whole = bool((swapped <= limits[::-1]).all())
        yield Finding(
            key=f"swap-{first.recipe}-{second.recipe}",
            title="Swapped, the two reports fit" + ("" if whole else " better, but not well"),
            claim=f"{first.where} is of {_title(document, first)}, {second.where} of {_title(document, second)}.",
            computed=f"As printed they are {_points(printed)} points from the claims, swapped {_points(swapped)}.",
            reasoning="They may have been confused with each other. "
            + ("" if whole else "Even so neither agrees with its accuracy: perhaps they are of other trainings."),
            kind=AMBIGUOUS,
        )


def check_f1(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """Every F1 score is the harmonic mean of its precision and recall."""
    for report in document.reports:
        low, high = (_harmonic(report, sign * _reach(report)) for sign in (-1, 1))
        printed, reach = np.array(report.f1), _reach(report) + _FLOATS
        wrong = (printed + reach < low) | (printed - reach > high)
        names = ", ".join(
            f"{name} {f1}, computed {from_:.4f} to {to:.4f}"
            for name, f1, from_, to, is_wrong in zip(CLASS_NAMES, report.f1, low, high, wrong, strict=True)
            if is_wrong
        )
        yield Finding(
            key=f"f1-{report.recipe}",
            title="F1 scores do not follow from precision and recall" if names else "F1 scores fit",
            claim=f"{report.where} prints precision, recall and F1 score of ten classes.",
            computed=names
            or f"All {len(printed)} lie where rounding allows; "
            f"the farthest is {np.abs(printed - _harmonic(report, 0.0)).max():.4f} from the harmonic mean.",
            reasoning="The F1 score is the harmonic mean of precision and recall, within what rounding leaves open.",
            kind=CONTRADICTION if names else HOLDS,
            recipe=report.recipe,
        )


def check_total(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """As many items are answered as there are: hits / precision, summed over the classes, is all of them."""
    for report in document.reports:
        supports = _find_supports(document, report)
        if supports is None:
            continue
        reach, total = _reach(report), int(supports.sum())
        recall, precision = np.array(report.recall), np.array(report.precision)
        low = (supports * np.clip(recall - reach, 0, 1) / np.clip(precision + reach, _FLOATS, 1)).sum()
        high = (supports * np.clip(recall + reach, 0, 1) / np.clip(precision - reach, _FLOATS, 1)).sum()
        fits = low <= total <= high
        yield Finding(
            key=f"total-{report.recipe}",
            title="Precision and recall count the same items" if fits else "Precision and recall count other items",
            claim=f"{report.where} prints precision and recall of ten classes, tested on {total:,} items.",
            computed=f"They imply {low:,.0f} to {high:,.0f} answers.",
            reasoning="Recall times the items of a class are its hits; divided by the precision they are the answers "
            "for that class. Summed up these must be all items.",
            kind=HOLDS if fits else CONTRADICTION,
            recipe=report.recipe,
        )


def check_hits(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """Hits told in the text are the recall of the report times the items of the class."""
    for report in document.reports:
        supports = _find_supports(document, report)
        told = [item for item in document.find_statements("hits") if item.recipe == report.recipe]
        if supports is None or not told:
            continue
        parts, fits = [], True
        for item in told:
            name, hits = item.value
            index = CLASS_NAMES.index(name)
            share = hits / supports[index]
            fits &= abs(share - report.recall[index]) <= _reach(report) + _FLOATS
            parts.append(f"{name}: {hits} of {supports[index]:,} is {share:.3f}, printed recall {report.recall[index]}")
        yield Finding(
            key=f"hits-{report.recipe}",
            title="The hits told in the text " + ("are those of the report" if fits else "are not those of the report"),
            claim="; ".join(f"{item.value[1]} hits for {item.value[0]} ({item.where})" for item in told) + ".",
            computed="; ".join(parts) + ".",
            reasoning="Text and report are of the same network." if fits else "They cannot be of the same network.",
            kind=HOLDS if fits else CONTRADICTION,
            recipe=report.recipe,
        )


def compute_mean_recall(document: Document, report: Report) -> float | None:
    """Return the mean recall over all test items, 0 to 1; None if it is not known how many each class has."""
    supports = _find_supports(document, report)
    return None if supports is None else float(np.average(report.recall, weights=supports))


def _find_supports(document: Document, report: Report) -> Floats | None:
    if report.support:
        return np.array(report.support)
    each = _BALANCED.get(document.recipes[report.recipe].config.split)
    return None if each is None else np.full(len(report.recall), each)


def _find_claim(document: Document, report: Report) -> float | None:
    return document.recipes[report.recipe].claims.get("test")


def _title(document: Document, report: Report) -> str:
    return document.recipes[report.recipe].title.partition(":")[0]


def _reach(report: Report) -> float:
    """How far a printed figure may be from the one that was rounded."""
    return float(0.5 * 10.0**-report.digits)


def _harmonic(report: Report, shift: float) -> Floats:
    precision, recall = (np.clip(np.array(part) + shift, _FLOATS, 1) for part in (report.precision, report.recall))
    return np.asarray(2 * precision * recall / (precision + recall))


def _points(differences: Floats) -> str:
    return " and ".join(f"{100 * difference:.2f}" for difference in differences)


CHECKS = (check_recall, check_swap, check_f1, check_total, check_hits)
