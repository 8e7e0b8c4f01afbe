"""Claim and result compared: a paper's table, rebuilt with what was measured here beside what it claims."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from fmnist_core.papers.documents import Document, Table
from fmnist_core.papers.results import Result, Summary, find_results, summarize
from fmnist_core.recipes import Recipe

REPRODUCED, ABOVE, BELOW, UNKNOWN = "reproduced", "above", "below", "unknown"
MARGIN = 0.007
# Claims have four digits; what is exactly at the margin must not be decided by how floats are stored.
_ROUNDING = 1e-9


class Verdict(NamedTuple):
    """What a verdict is called, and what it says, as a sentence."""

    label: str
    sentence: str


_POINTS = f"{100 * MARGIN:.1f}"
VERDICTS: dict[str, Verdict] = {
    REPRODUCED: Verdict("reproduced", f"Within ± {_POINTS} points of the claim."),
    ABOVE: Verdict("above the claim", f"More than {_POINTS} points better than claimed."),
    BELOW: Verdict("below the claim", f"More than {_POINTS} points worse than claimed."),
    UNKNOWN: Verdict("cannot be told", "The paper prints no figure, or nothing was trained in full here."),
}

# The figures that a paper may claim, the most telling one first; a result has an attribute for each.
FIGURES: dict[str, str] = {
    "test": "Test accuracy",
    "f1": "Mean F1 score",
    "validation": "Best validation accuracy",
    "train": "Best training accuracy",
}
_ATTRIBUTES = {"test": "test_accuracy", "f1": "f1", "validation": "val_accuracy", "train": "train_accuracy"}


@dataclass(frozen=True)
class Comparison:
    """A figure as claimed and as measured.

    Attributes:
        claimed: by the paper, 0 to 1; None if it prints none.
        measured: over the seeds that were trained in full; None if there is none.
        verdict: key of `VERDICTS`.
    """

    claimed: float | None
    measured: Summary | None
    verdict: str


@dataclass(frozen=True)
class Line:
    """A row of a paper's table, rebuilt.

    Attributes:
        recipe: the network of the row.
        results: all results of it, by seed, those cut short included.
        figures: claim and measurement of each of `FIGURES`.
        verdict: key of `VERDICTS`, of the most telling figure that the paper claims.
        seconds: what a full training took; None if there was none.
        why_not: why nothing was trained in full, or not as often as planned; mostly empty.
    """

    recipe: Recipe
    results: tuple[Result, ...]
    figures: Mapping[str, Comparison]
    verdict: str
    seconds: Summary | None
    why_not: str = ""

    @property
    def telling(self) -> str | None:
        """The most telling figure that the paper claims, a key of `FIGURES`; None if it claims none."""
        return _find_telling(self.figures)

    @property
    def words(self) -> str:
        """The row as a sentence: "Test accuracy: claimed 91.73%, measured 91.39 ± 0.20% (3 seeds): reproduced"."""
        name = self.telling or next(iter(FIGURES))
        figure = self.figures[name]
        claimed = "nothing claimed" if figure.claimed is None else f"claimed {100 * figure.claimed:.2f}%"
        measured = "not measured" if figure.measured is None else f"measured {write_summary(figure.measured)}"
        return f"{FIGURES[name]}: {claimed}, {measured}: {VERDICTS[self.verdict].label}"


def write_summary(summary: Summary) -> str:
    """Return a share over seeds in per cent: "91.39 ± 0.20% (3 seeds)", "91.39% (1 seed)"."""
    spread = "" if summary.spread is None else f" ± {100 * summary.spread:.2f}"
    return f"{100 * summary.mean:.2f}{spread}% ({summary.n} {'seed' if summary.n == 1 else 'seeds'})"


def is_complete(result: Result) -> bool:
    """Whether a result is of a training in full; only such results are held against a claim."""
    return result.complete


def judge(claimed: float | None, measured: Summary | None) -> str:
    """Compare a claim with the mean over seeds.

    Args:
        claimed: 0 to 1, None if nothing is claimed.
        measured: likewise.

    Returns:
        A key of `VERDICTS`.
    """
    if claimed is None or measured is None:
        return UNKNOWN
    difference = measured.mean - claimed
    if abs(difference) <= MARGIN + _ROUNDING:
        return REPRODUCED
    return ABOVE if difference > 0 else BELOW


def compare(table: Table, document: Document, results: Iterable[Result]) -> tuple[Line, ...]:
    """Rebuild a table: a line for each of its recipes, in its order.

    Args:
        table: of the document.
        document: says why a recipe was not measured.
        results: of any recipes; those that do not belong to the table are passed over.
    """
    known = tuple(results)
    return tuple(_compare_recipe(recipe, document, find_results(known, recipe.name)) for recipe in table.recipes)


def _compare_recipe(recipe: Recipe, document: Document, results: tuple[Result, ...]) -> Line:
    complete = [result for result in results if is_complete(result)]
    figures = {}
    for name, attribute in _ATTRIBUTES.items():
        claimed, measured = recipe.claims.get(name), summarize([getattr(result, attribute) for result in complete])
        figures[name] = Comparison(claimed, measured, judge(claimed, measured))
    telling = _find_telling(figures)
    return Line(
        recipe=recipe,
        results=results,
        figures=figures,
        verdict=UNKNOWN if telling is None else figures[telling].verdict,
        seconds=summarize([result.seconds for result in complete]),
        why_not=document.unmeasured.get(recipe.name, ""),
    )


def _find_telling(figures: Mapping[str, Comparison]) -> str | None:
    return next((name for name in FIGURES if figures[name].claimed is not None), None)
