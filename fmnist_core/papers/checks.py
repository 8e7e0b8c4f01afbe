"""Contradictions of a paper, computed from what it prints, from its networks and from what was measured here."""

from collections.abc import Iterable, Iterator, Sequence

from fmnist_core.evaluation.intervals import estimate_share
from fmnist_core.papers import claim_checks, network_checks, report_checks
from fmnist_core.papers.documents import Document
from fmnist_core.papers.findings import CONTRADICTION, HOLDS, IMPLAUSIBLE, KINDS, Finding, write_share
from fmnist_core.papers.literature import Claim, load_literature
from fmnist_core.papers.results import Result
from fmnist_core.splits import TEST_ITEMS

__all__ = ["KINDS", "Finding", "check_document", "compute_limit", "find_implausible"]

# Steps of a log are printed as a mean that leaves the first one out, and seconds are whole.
_TIME_TOLERANCE = 0.02


def check_document(document: Document, results: Iterable[Result] = ()) -> tuple[Finding, ...]:
    """Check a paper against itself, and against results where there are any.

    Returns:
        What was found, contradictions first and what holds last.
    """
    known = tuple(results)
    checks = (*report_checks.CHECKS, *claim_checks.CHECKS, *network_checks.CHECKS, *_CHECKS)
    findings = [finding for check in checks for finding in check(document, known)]
    return tuple(sorted(findings, key=lambda finding: list(KINDS).index(finding.kind)))


def compute_limit(claims: Sequence[Claim], results: Iterable[Result] = ()) -> tuple[float, float]:
    """Return the best credible accuracy, ours or others', and how far chance may take another above it.

    The second is the upper end of the 95% interval of such a share of the official test items.
    """
    credible = [claim.accuracy for claim in claims if claim.credible]
    ours = [result.test_accuracy for result in results if result.complete and result.split == "official"]
    best = max((*credible, *ours), default=1.0)
    return best, estimate_share(round(best * TEST_ITEMS), TEST_ITEMS).high


def find_implausible(claims: Sequence[Claim], results: Iterable[Result] = ()) -> tuple[Claim, ...]:
    """Return the claims that no credible result comes near."""
    limit = compute_limit(claims, results)[1]
    return tuple(claim for claim in claims if claim.accuracy > limit)


def check_cited(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """Figures of others that the paper cites are possible."""
    claims = load_literature()
    best, limit = compute_limit(claims, results)
    implausible = find_implausible(claims, results)
    for claim in (claim for claim in claims if document.key in claim.cited_by):
        if claim in implausible:
            yield Finding(
                key=f"cited-{claim.name}",
                title=f"{write_share(claim.accuracy)} is more than anybody reaches",
                claim=f"{claim.name}: {write_share(claim.accuracy)} ({claim.source}).",
                computed=f"The best credible figure is {write_share(best)}, with chance up to {write_share(limit)}. "
                f"The claim leaves {round((1 - claim.accuracy) * TEST_ITEMS):,} mistakes of 10,000, not "
                f"{round((1 - best) * TEST_ITEMS):,}.",
                reasoning="Nothing on today's data comes near it. Perhaps it was measured on training items, or on "
                "handwritten digits.",
                kind=IMPLAUSIBLE,
            )


def check_outperforming(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """A paper that prints a log only says no more of its accuracy than the log does."""
    implausible = find_implausible(load_literature(), results)
    for printed in document.logs:
        best = max(printed.val_accuracy)
        others = [claim for claim in load_literature() if claim not in implausible]
        better = [claim for claim in others if claim.accuracy > best]
        wins = len(better) < len(others) / 2
        yield Finding(
            key="outperforming",
            title="It does better than most" if wins else "Most others do better",
            claim=f"It outperforms earlier approaches; the only figures are those of {printed.where}.",
            computed=f"Its best accuracy on validation items is {write_share(best)}. Of {len(others)} plausible "
            f"figures from the literature {len(better)} are higher, up to "
            f"{write_share(max(c.accuracy for c in others))}.",
            reasoning="Figures of others are claims on other splits, too, but it is not above them."
            if not wins
            else "Its figure is above most of them.",
            kind=HOLDS if wins else IMPLAUSIBLE,
            recipe=printed.recipe,
        )


def check_times(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """Seconds of an epoch are those of its steps."""
    for printed in document.logs:
        config = document.recipes[printed.recipe].config
        steps = config.steps_per_epoch
        if steps is None:
            continue
        ratios = [s / (steps * ms / 1000) for s, ms in zip(printed.seconds, printed.milliseconds, strict=True)]
        fits = all(abs(ratio - 1) <= _TIME_TOLERANCE for ratio in ratios)
        rate = config.batch_size * steps * len(printed.seconds) / sum(printed.seconds)
        yield Finding(
            key="times",
            title="The times of the log fit" if fits else "The times of the log do not fit",
            claim=f"{min(printed.seconds)} to {max(printed.seconds)} s an epoch of {steps} steps, "
            f"{min(printed.milliseconds)} to {max(printed.milliseconds)} ms a step ({printed.where}).",
            computed=f"Epoch through steps: {min(ratios):.3f} to {max(ratios):.3f}. With batches of "
            f"{config.batch_size}, which are our choice, it saw {rate:,.0f} images a second.",
            reasoning="An epoch lasts as long as its steps.",
            kind=HOLDS if fits else CONTRADICTION,
            recipe=printed.recipe,
        )


_CHECKS = (check_cited, check_outperforming, check_times)
