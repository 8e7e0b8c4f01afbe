"""Checks of claims against each other: rates, gaps, rows that stand twice, figures that differ from place to place."""

from collections.abc import Iterator
from math import erfc, pi, sqrt

import numpy as np

from fmnist_core.papers.documents import Document, Statement
from fmnist_core.papers.findings import AMBIGUOUS, CONTRADICTION, HOLDS, IMPLAUSIBLE, Finding, write_share
from fmnist_core.papers.results import Result, find_results, summarize
from fmnist_core.recipes import Recipe
from fmnist_core.splits import ITEMS, make_split

_FLOATS = 1e-9
# Labels with as many items of each class as the data has; a split cuts no other way.
_LABELS = (np.arange(ITEMS) % 10).astype(np.uint8)
# A measurement so far from a claim, in points of accuracy, cannot be blamed on the seed.
_FAR = 0.05


def count_items(recipe: Recipe) -> dict[str, int]:
    """Return how many items train, validate and test, by "train", "validation" and "test"."""
    split = make_split(recipe.config.split, _LABELS, recipe.config.validation_split)
    return {name: len(items) for name, items in split.parts().items()}


def check_validation_is_test(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """Two accuracies on different items hardly are the same to the last digit."""
    both = [recipe for recipe in document.recipes.values() if {"validation", "test"} <= set(recipe.claims)]
    same = [recipe for recipe in both if abs(recipe.claims["validation"] - recipe.claims["test"]) < _FLOATS]
    if not same:
        return
    # The density of the difference at 0, times the width of the last digit.
    chances = [0.0001 / (sqrt(2 * pi) * compute_error(recipe)) for recipe in same]
    yield Finding(
        key="validation-is-test",
        title="Validation and test accuracy are the same to the last digit",
        claim="; ".join(f"{recipe.title}: {write_share(recipe.claims['test'])} for both" for recipe in same) + ".",
        computed=f"By chance: {', '.join(write_share(chance) for chance in chances)}"
        + (f"; all at once {write_share(float(np.prod(chances)), 4)}." if len(same) > 1 else " of all trainings."),
        reasoning="Even of a network that is equally good on both, two samples hardly ever have the same figure. "
        "It looks as if the test items had validated.",
        kind=IMPLAUSIBLE,
        recipe=same[0].name if len(same) == 1 else "",
    )


def compute_error(recipe: Recipe) -> float:
    """Return the standard error of the difference between a recipe's claims for validation and for test items."""
    items, claims = count_items(recipe), recipe.claims
    return sqrt(sum(claims[part] * (1 - claims[part]) / items[part] for part in ("validation", "test")))


def check_cells(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """Misclassification rate and delta follow from the accuracies."""
    follow = {
        "misclassification rate": ("1 minus the test accuracy", lambda claims: 1 - claims["test"]),
        "train–test delta": ("training minus test accuracy", lambda claims: claims["train"] - claims["test"]),
    }
    for column, (rule, compute) in follow.items():
        rows = [
            (recipe, float(table.cells[recipe.name][column].removesuffix("%")) / 100, compute(recipe.claims))
            for table in document.tables
            for recipe in table.recipes
            if table.cells and column in table.cells.get(recipe.name, {})
        ]
        if not rows:
            continue
        wrong = [row for row in rows if abs(row[1] - row[2]) > 0.00005 + _FLOATS]
        parts = (f"{row.title}: {write_share(printed)}, computed {write_share(right)}" for row, printed, right in wrong)
        yield Finding(
            key=column.replace(" ", "-"),
            title=f"The column “{column}” " + ("has errors" if wrong else "is right"),
            claim=f"The column “{column}” of {len(rows)} networks.",
            computed="; ".join(parts) or f"All {len(rows)} are {rule}.",
            reasoning=f"It is {rule}.",
            kind=CONTRADICTION if wrong else HOLDS,
        )


def check_champion(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """The network that is called the best one exists, and is the best."""
    for told in document.find_statements("champion"):
        best = max(document.recipes.values(), key=lambda recipe: recipe.claims.get("test", 0.0))
        right = best.name.endswith(f"model-{told.value}")
        yield Finding(
            key="champion",
            title="The champion is the best network" if right else f"The champion is not model {told.value}",
            claim=f"Model {told.value} is the champion ({told.where}).",
            computed=f"There are {len(document.recipes)} models. The best on the test set is “{best.title}” with "
            f"{write_share(best.claims['test'])}.",
            reasoning="Name and figure agree." if right else "The name is a slip: text and figure mean another model.",
            kind=HOLDS if right else CONTRADICTION,
            recipe=best.name,
        )


def check_increase(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """An increase in per cent is not one in points."""
    bases = document.find_statements("increase-base")
    for told, base in zip(document.find_statements("increase"), bases, strict=False):
        tests = [recipe.claims["test"] for recipe in document.recipes.values() if "test" in recipe.claims]
        points = [end - base.value for end in (min(tests), max(tests))]
        shares = [point / base.value for point in points]
        right = all(round(100 * share) == round(100 * said) for share, said in zip(shares, told.value, strict=True))
        yield Finding(
            key="increase",
            title="The increase is in per cent" if right else "The increase is in points, not in per cent",
            claim=f"An increase of {' to '.join(write_share(end, 0) for end in told.value)} ({told.where}), from "
            f"{write_share(base.value, 0)} ({base.where}).",
            computed=f"{100 * points[0]:.1f} to {100 * points[1]:.1f} points, which are {write_share(shares[0], 1)} to "
            f"{write_share(shares[1], 1)} of the base.",
            reasoning="A growth in per cent is measured against what was there before; differences of two percentages "
            "are points.",
            kind=HOLDS if right else AMBIGUOUS,
        )


def check_places(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """A figure told in several places is the same in all of them."""
    for key, what, kind in (
        ("test", "test accuracy", CONTRADICTION),
        ("dropout", "dropout", AMBIGUOUS),
        ("cited", "figure of others", CONTRADICTION),
    ):
        groups: dict[str, list[Statement]] = {}
        for told in document.find_statements(key):
            groups.setdefault(told.value[0] if key == "cited" else told.recipe, []).append(told)
        for subject, group in groups.items():
            values = [_read_number(told) for told in group]
            if len(values) < 2:
                continue
            differs = max(values) - min(values) > _FLOATS
            write, unit = (str, "") if key == "dropout" else (write_share, " points")
            difference = (max(values) - min(values)) * (100 if unit else 1)
            name = document.recipes[subject].title if subject in document.recipes else subject
            yield Finding(
                key=f"places-{key}-{subject}",
                title=f"The {what} {'differs from place to place' if differs else 'is the same everywhere'}",
                claim=f"{name}: "
                + "; ".join(f"{write(v)} in {t.where}" for v, t in zip(values, group, strict=True))
                + ".",
                computed=f"They differ by {difference:.3g}{unit}"
                + (f", {round(100 * difference):,} of 10,000 test items." if key == "test" else "."),
                reasoning="Only one of them can be meant." if differs else "The places agree.",
                kind=kind if differs else HOLDS,
                recipe=subject if subject in document.recipes else "",
            )


def _read_number(told: Statement) -> float:
    return float(told.value[-1] if isinstance(told.value, tuple) else told.value)


def check_odd_row(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """A row that stands in several tables, worst on validation items and best on test items."""
    for name, recipe in document.recipes.items():
        tables = [table for table in document.tables if recipe in table.recipes and len(table.recipes) > 1]
        if len(tables) < 2:
            continue
        others = [
            other.claims["validation"]
            for other in tables[0].recipes
            if other != recipe and "validation" in other.claims
        ]
        if not others or not {"validation", "test"} <= set(recipe.claims):
            continue
        validation, test = recipe.claims["validation"], recipe.claims["test"]
        is_odd = validation < min(others) and validation < test
        errors = (test - validation) / compute_error(recipe)
        chance = erfc(abs(errors) / sqrt(2))
        yield Finding(
            key=f"odd-row-{name}",
            title="One row stands out, in every table it is in" if is_odd else "A row that stands in several tables",
            claim=f"“{recipe.title}” stands in {len(tables)} tables: {write_share(validation)} on validation items, "
            f"{write_share(test)} on test items.",
            computed=f"Test minus validation: {100 * (test - validation):+.2f} points, {abs(errors):.1f} standard "
            f"errors (by chance {write_share(chance)}). The other rows of “{tables[0].title}” validate at "
            f"{write_share(min(others))} to {write_share(max(others))}.",
            reasoning="The epoch is chosen by its validation accuracy, so that should be the higher figure. "
            + ("Here it is the lower one, which chance alone seldom does." if is_odd else ""),
            kind=IMPLAUSIBLE if is_odd else HOLDS,
            recipe=name,
        )


def check_better(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """How many networks beat another one."""
    for told in document.find_statements("better-than"):
        base, number = document.recipes[told.value[0]], told.value[1]
        tests = {recipe.title: recipe.claims.get("test", 0.0) for recipe in document.recipes.values()}
        better = [title.partition(":")[0] for title, test in tests.items() if test > base.claims["test"]]
        right = len(better) == number
        yield Finding(
            key="better-than",
            title="As many networks beat the baseline as is said" if right else "Another number beats the baseline",
            claim=f"{number} networks are better than “{base.title}” ({told.where}).",
            computed=f"{len(better)}: {', '.join(better) or 'none'}.",
            reasoning="Counted from the table of test accuracies.",
            kind=HOLDS if right else CONTRADICTION,
        )


def check_gap(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """A gap told in the text is training minus test accuracy."""
    for told in document.find_statements("gap"):
        claims = document.recipes[told.recipe].claims
        gap = claims["train"] - claims["test"]
        right = round(gap, 2) == round(told.value, 2)
        yield Finding(
            key=f"gap-{told.recipe}",
            title=f"The gap {'is' if right else 'is not'} as told",
            claim=f"A gap of {write_share(told.value, 0)} between training and test accuracy ({told.where}).",
            computed=f"{write_share(claims['train'])} minus {write_share(claims['test'])} is {100 * gap:.2f} points.",
            reasoning="Rounded to whole points both agree." if right else "The difference is another.",
            kind=HOLDS if right else CONTRADICTION,
            recipe=told.recipe,
        )


def check_measured(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """A claim far from what was measured here cannot be blamed on the seed."""
    for name, recipe in document.recipes.items():
        for figure, attribute in (("test", "test_accuracy"), ("validation", "val_accuracy")):
            claimed = recipe.claims.get(figure)
            measured = summarize([getattr(run, attribute) for run in find_results(results, name) if run.complete])
            if claimed is None or measured is None or abs(measured.mean - claimed) <= _FAR:
                continue
            yield Finding(
                key=f"measured-{figure}-{name}",
                title=f"Measured here, it is {abs(100 * (measured.mean - claimed)):.0f} points "
                + ("lower" if measured.mean < claimed else "higher"),
                claim=f"{recipe.title}: {figure} accuracy {write_share(claimed)}.",
                computed=f"{write_share(measured.mean)} over {measured.n} {'seed' if measured.n == 1 else 'seeds'}.",
                reasoning="That is far more than the choice of the seed explains; some setting must have been another.",
                kind=IMPLAUSIBLE,
                recipe=name,
            )
            break


CHECKS = (
    *(check_validation_is_test, check_cells, check_champion, check_increase, check_places),
    *(check_odd_row, check_better, check_gap, check_measured),
)
