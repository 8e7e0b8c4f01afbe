"""Everything that is known of Fashion-MNIST in one list: what the lab measured, and what others claim."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from fmnist_core import architectures
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import InvalidSettingError
from fmnist_core.evaluation.intervals import estimate_share
from fmnist_core.papers.literature import load_literature
from fmnist_core.papers.results import Result, summarize
from fmnist_core.recipes import Recipe, load_recipes
from fmnist_core.runs import FINISHED, Listing, Run
from fmnist_core.settings import check_choice
from fmnist_core.splits import SPLITS

MEASURED, CLAIMED, LITERATURE, OWN = "measured", "claimed", "literature", "own"
# What each kind of entry is called, and what it means.
KINDS: dict[str, tuple[str, str]] = {
    MEASURED: ("Measured here", "Trained in full by the lab; the mean over seeds on the test part of its own split."),
    OWN: ("Your runs", "Trained on this machine, and not part of the lab's table."),
    CLAIMED: ("Claimed by the papers", "What one of the five papers says, never a result of the lab."),
    LITERATURE: ("Claimed elsewhere", "What the papers cite from others, never a result of the lab."),
}
# What an accuracy can be set against, by the attribute of an entry.
SIZES: dict[str, str] = {
    "parameters": "Parameters",
    "seconds": "Seconds of training",
    "operations": "Multiplications for one item",
}


@dataclass(frozen=True)
class Entry:
    """A line of the leaderboard.

    Attributes:
        name: of the network or system.
        kind: key of `KINDS`.
        accuracy: 0 to 1; of several seeds the mean.
        spread: sample standard deviation over the seeds; None for one seed and for claims.
        n_seeds: how many trainings it comes from; 0 for claims.
        interval: ends of the 95% interval that chance in choosing the test items leaves; None unless there is one
            seed.
        parameters: of the network; None if not known.
        seconds: of training, the mean over the seeds; None if not known.
        operations: multiplications of one item on its way through the network; None if not known.
        device: on which it was trained; empty for claims.
        split: key of `splits.SPLITS`, whose test part it was measured on; empty for literature.
        recipe: name of the recipe; empty for literature.
        run_id: of one of your own runs; None otherwise.
        measure: "test", or "validation" if a paper claims only that.
        remark: what is to be said of a claim; mostly empty.
    """

    name: str
    kind: str
    accuracy: float
    spread: float | None
    n_seeds: int
    interval: tuple[float, float] | None
    parameters: int | None
    seconds: float | None
    operations: int | None
    device: str
    split: str
    recipe: str
    run_id: str | None
    measure: str = "test"
    remark: str = ""


def collect_entries(results: Iterable[Result], listing: Listing) -> tuple[Entry, ...]:
    """Return all that can be compared, the most accurate first.

    Args:
        results: as recorded; trainings that were cut short are left out.
        listing: of the runs of this machine.
    """
    known = [result for result in results if result.complete and result.recipe in load_recipes()]
    entries = [*_measure(known), *_claim(), *_cite(), *_list_own(known, listing)]
    return tuple(sorted(entries, key=lambda entry: (-entry.accuracy, entry.kind, entry.name)))


def find_front(entries: Iterable[Entry], by: str) -> tuple[Entry, ...]:
    """Return the Pareto front of what was measured, the smallest first.

    An entry is on it if no other one is at least as accurate and at most as big, and better in one of the two.

    Args:
        entries: claims among them are passed over, and what is not known by that size.
        by: key of `SIZES`.

    Raises:
        InvalidSettingError: for an unknown size.
    """
    check_choice("by", by, SIZES)
    candidates = [entry for entry in entries if entry.kind in (MEASURED, OWN) and getattr(entry, by) is not None]
    candidates.sort(key=lambda entry: (getattr(entry, by), -entry.accuracy))
    front: list[Entry] = []
    for entry in candidates:
        best = front[-1] if front else None
        is_equal = best is not None and (getattr(best, by), best.accuracy) == (getattr(entry, by), entry.accuracy)
        if best is None or entry.accuracy > best.accuracy or is_equal:
            front.append(entry)
    return tuple(front)


def count_test_items(split: str) -> int:
    """Return how many items the test part of a split has.

    Raises:
        InvalidSettingError: for an unknown split.
    """
    if split not in SPLITS:
        raise InvalidSettingError(f"`split` must be one of {', '.join(SPLITS)}. Received: {split}.")
    return _TEST_ITEMS[split]


# Splits are cut from labels, which are not read for a list; a test holds these against them.
_TEST_ITEMS = {"official": 10_000, "threads": 14_000, "mcnn": 6_000, "silwimba": 10_000}


def _measure(results: Sequence[Result]) -> Iterator[Entry]:
    ordered = sorted(results, key=lambda result: (result.recipe, result.seed))
    for name, group in groupby(ordered, key=lambda result: result.recipe):
        yield _average(load_recipes()[name], list(group))


def _average(recipe: Recipe, results: Sequence[Result]) -> Entry:
    accuracy, seconds = (summarize([getattr(each, name) for each in results]) for name in ("test_accuracy", "seconds"))
    assert accuracy is not None
    total = count_test_items(results[0].split)
    share = estimate_share(round(accuracy.mean * total), total)
    return Entry(
        name=_name(recipe),
        kind=MEASURED,
        accuracy=accuracy.mean,
        spread=accuracy.spread,
        n_seeds=accuracy.n,
        interval=(share.low, share.high) if accuracy.n == 1 else None,
        parameters=results[0].parameters or None,
        seconds=seconds.mean if seconds else None,
        operations=_count_operations(recipe.config),
        device="; ".join(dict.fromkeys(result.device for result in results)),
        split=results[0].split,
        recipe=recipe.name,
        run_id=None,
    )


def _claim() -> Iterator[Entry]:
    for recipe in load_recipes().values():
        measure = next((name for name in ("test", "validation") if name in recipe.claims), None)
        if measure is None:
            continue
        yield Entry(
            name=_name(recipe),
            kind=CLAIMED,
            accuracy=recipe.claims[measure],
            spread=None,
            n_seeds=0,
            interval=None,
            parameters=recipe.config.parameters or None,
            seconds=None,
            operations=_count_operations(recipe.config),
            device="",
            split=recipe.config.split,
            recipe=recipe.name,
            run_id=None,
            measure=measure,
            remark="" if measure == "test" else "A validation accuracy: the paper prints no test accuracy for it.",
        )


def _cite() -> Iterator[Entry]:
    for claim in load_literature():
        yield Entry(
            name=claim.name,
            kind=LITERATURE,
            accuracy=claim.accuracy,
            spread=None,
            n_seeds=0,
            interval=None,
            parameters=claim.parameters,
            seconds=None,
            operations=None,
            device="",
            split="",
            recipe="",
            run_id=None,
            remark=" ".join(part for part in (claim.source, claim.remark) if part),
        )


def _list_own(results: Sequence[Result], listing: Listing) -> Iterator[Entry]:
    recorded = {(result.recipe, result.seed, f"{result.test_accuracy:.6g}") for result in results}
    for run in listing.runs:
        if run.shipped or run.imported or run.status != FINISHED or run.test_accuracy is None:
            continue
        if (run.recipe, run.config.seed, f"{run.test_accuracy:.6g}") not in recorded:
            yield _describe_own(run, run.test_accuracy)


def _describe_own(run: Run, accuracy: float) -> Entry:
    total = int((run.record.get("items") or {}).get("test") or count_test_items(run.config.split))
    share = estimate_share(round(accuracy * total), total)
    return Entry(
        name=run.title,
        kind=OWN,
        accuracy=accuracy,
        spread=None,
        n_seeds=1,
        interval=(share.low, share.high),
        parameters=run.parameters or None,
        seconds=run.record["result"].get("seconds"),
        operations=_count_operations(run.config),
        device=str(run.record.get("device", "")),
        split=run.config.split,
        recipe=run.recipe,
        run_id=run.run_id,
    )


def _name(recipe: Recipe) -> str:
    return f"{recipe.name}: {recipe.title}"


def _count_operations(config: TrainingConfig) -> int | None:
    return None if config.is_baseline else architectures.count_operations(config.stack)
