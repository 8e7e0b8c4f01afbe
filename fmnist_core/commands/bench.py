"""The command `bench`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fmnist_core import runs
from fmnist_core.commands.console import Commands, import_keras, print_json, show_share
from fmnist_core.errors import RunNotFoundError
from fmnist_core.evaluation.intervals import Estimate
from fmnist_core.photographs import HALVES, Comparison, Outcome, Photograph, find_photographs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PLAIN_RUN = "mcnn-proposed"
COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)

_HELP = """Measure how well garments are recognised on a folder of labelled photographs.

The folder has a sub-folder for each class, or for several that count as right alike; the digits in its name are those
classes: "0-t-shirt" holds T-shirts, "shoe-5-7-or-9" shoes for which sandal, sneaker and ankle boot are right. Files
that are no pictures are listed and left out.

Compared are naive ways with a network trained on the data as they are, the lab's own way, and the lab's own way less
one of its parts. Shares stand beside their 95% intervals (Wilson)."""


def add(commands: Commands) -> None:
    """Add the command."""
    bench = commands.add("bench", _bench, "Measure how well garments are recognised on labelled photographs.")
    bench.formatter_class = argparse.RawDescriptionHelpFormatter
    bench.description = _HELP
    bench.add_argument("--photos", required=True, type=Path, metavar="DIR", help="the folder of labelled photographs")
    bench.add_argument("--run", help="the run whose network answers; the lab's own by default")
    bench.add_argument("--plain-run", help=f"the run to compare it with; {PLAIN_RUN} by default")
    bench.add_argument(
        "--half",
        choices=list(HALVES),
        default="all",
        help="only every other photograph of each sub-folder, in the order of their names, counted from 0",
    )
    bench.add_argument("--ways", metavar="KEY,…", help="only these ways: ours, naive, … as the table names them")


def _bench(options: argparse.Namespace) -> None:
    run, plain_run = runs.find_answering_run(options.run), _find_plain_run(options.plain_run)
    photographs = find_photographs(options.photos, options.half)
    only = options.ways.split(",") if options.ways is not None else None
    import_keras()
    from fmnist_core.photographs import compare_ways
    from fmnist_core.ways import list_ways

    comparison = compare_ways(photographs, list_ways(run, plain_run or run, only), show_share)
    if options.json:
        print_json(_describe(comparison, run))
        return
    for path, reason in comparison.unreadable.items():
        print(f"{path}: {reason}")
    if comparison.photographs:
        _print_ways(comparison)
        for outcome in comparison.outcomes:
            if outcome.way.key in ("ours", "naive") or len(comparison.outcomes) == 1:
                _print_outcome(outcome, comparison.photographs)


def _find_plain_run(run_id: str | None) -> runs.Run | None:
    try:
        return runs.find_answering_run(run_id or PLAIN_RUN)
    except RunNotFoundError:
        if run_id is None:
            return None
        raise


def _choose(photographs: tuple[Photograph, ...], half: str = "all", group: str | None = None) -> "NDArray[np.bool_]":
    import numpy as np

    return np.array([HALVES[half](photo.place) and group in (None, photo.group) for photo in photographs], bool)


def _describe(comparison: Comparison, run: runs.Run) -> dict[str, Any]:
    photographs = comparison.photographs
    return {
        "run_id": run.run_id,
        "photographs": len(photographs),
        "unreadable": [{"file": str(path), "error": reason} for path, reason in comparison.unreadable.items()],
        "ways": [_describe_outcome(outcome, photographs) for outcome in comparison.outcomes] if photographs else [],
    }


def _describe_outcome(outcome: Outcome, photographs: tuple[Photograph, ...]) -> dict[str, Any]:
    from fmnist_core.photographs import compute_abstention_curve, estimate_accuracy

    curve = compute_abstention_curve(outcome.confidences, outcome.right)
    groups = dict.fromkeys(photo.group for photo in photographs)
    return {
        "key": outcome.way.key,
        "title": outcome.way.title,
        **{half: _describe_share(estimate_accuracy(outcome, _choose(photographs, half))) for half in HALVES},
        "answered": int((~outcome.abstained).sum()),
        "of_those_answered": _describe_share(estimate_accuracy(outcome, ~outcome.abstained)),
        "log_loss": round(outcome.log_loss, 4),
        "median_seconds": round(_median(outcome.seconds), 4),
        "groups": {
            group: _describe_share(estimate_accuracy(outcome, _choose(photographs, group=group))) for group in groups
        },
        "abstention_curve": {
            "threshold": curve.thresholds.round(4).tolist(),
            "coverage": curve.coverage.round(4).tolist(),
            "accuracy": curve.accuracy.round(4).tolist(),
        },
        "answers": [
            {
                "file": str(photo.path),
                "class_index": int(probabilities.argmax()),
                "confidence": round(float(probabilities.max()), 4),
                "abstained": bool(abstained),
                "right": bool(right),
            }
            for photo, probabilities, abstained, right in zip(
                photographs, outcome.probabilities, outcome.abstained, outcome.right, strict=True
            )
        ],
    }


def _describe_share(share: Estimate | None) -> dict[str, float] | None:
    return None if share is None else {name: round(value, 4) for name, value in vars(share).items()}


def _print_ways(comparison: Comparison) -> None:
    from fmnist_core.photographs import estimate_accuracy

    photographs = comparison.photographs
    print(f"{len(photographs)} photographs, read in {_median(comparison.decoding):.3f} s each (median)\n")
    print(f"{'way':18}{'right':>7}  95%          even   odd  answered, right  log loss  seconds")
    for outcome in comparison.outcomes:
        whole, even, odd = (estimate_accuracy(outcome, _choose(photographs, half)) for half in ("all", "even", "odd"))
        answered = estimate_accuracy(outcome, ~outcome.abstained)
        print(
            f"{outcome.way.key:18}{_say(whole):>7}  {_say_interval(whole)}  {_say(even):>6}{_say(odd):>6}"
            f"{1 - outcome.abstained.mean():>10.0%}{_say(answered):>7}{outcome.log_loss:>10.2f}"
            f"{_median(outcome.seconds):>9.3f}  {outcome.way.title}"
        )


def _print_outcome(outcome: Outcome, photographs: tuple[Photograph, ...]) -> None:
    from fmnist_core.photographs import compute_abstention_curve, estimate_accuracy

    print(f"\n{outcome.way.key}: {outcome.way.title}")
    for group in dict.fromkeys(photo.group for photo in photographs):
        chosen = _choose(photographs, group=group)
        share, answered = estimate_accuracy(outcome, chosen), estimate_accuracy(outcome, chosen & ~outcome.abstained)
        print(
            f"  {group:18}{int(outcome.right[chosen].sum()):>4} of {int(chosen.sum()):<4}{_say(share):>6}  "
            f"{_say_interval(share)}  answered {1 - outcome.abstained[chosen].mean():4.0%}, "
            f"{_say(answered)} of these right"
        )
    curve = compute_abstention_curve(outcome.confidences, outcome.right)
    places = dict.fromkeys(curve.at(coverage) for coverage in COVERAGES)
    print("  answered from the confidence  " + "".join(f"{curve.thresholds[place]:>7.2f}" for place in places))
    print("  … share of all                " + "".join(f"{curve.coverage[place]:>7.0%}" for place in places))
    print("  … right among these           " + "".join(f"{curve.accuracy[place]:>7.0%}" for place in places))


def _say(share: Estimate | None) -> str:
    return "–" if share is None else f"{share.value:.1%}"


def _say_interval(share: Estimate | None) -> str:
    return " " * 12 if share is None else f"{share.low:>4.0%} to {share.high:>4.0%}"


def _median(values: "NDArray[np.float64]") -> float:
    import numpy as np

    return float(np.median(values))
