"""The commands `runs` and `evaluate`."""

import argparse
import sys
from pathlib import Path

from fmnist_core import run_table, runs
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.commands import run_actions
from fmnist_core.commands.console import Commands, import_keras, print_json, show_share
from fmnist_core.errors import InvalidSettingError, RunNotFoundError


def add(commands: Commands) -> None:
    """Add the commands."""
    parser = commands.add("runs", _runs, "List all runs, and name, tag, delete, hand on or take in single ones.")
    run_actions.add(Commands(parser.add_subparsers(title="what to do instead", metavar="ACTION")))
    evaluate = commands.add("evaluate", _evaluate, "Score a run on the official test set.")
    evaluate.add_argument("run", metavar="RUN", help="as listed by `runs`, or the path of a run's folder")
    evaluate.add_argument(
        "--mirrored", action="store_true", help="average the answers for each item and for its mirror image"
    )
    evaluate.add_argument(
        "--report", metavar="FILE", type=Path, help="write all about its mistakes in its own test part as one HTML file"
    )
    evaluate.add_argument("--tables", metavar="FILE", type=Path, help="write the tables of that as CSV into one zip")


def _runs(options: argparse.Namespace) -> None:
    listing = runs.list_runs()
    for reason in listing.unreadable.values():
        print(f"fmnist_core: left out {reason}", file=sys.stderr)
    run_actions.print_rows(run_table.tabulate_runs(listing.runs), options.json)


def _evaluate(options: argparse.Namespace) -> None:
    from fmnist_core.data import load_dataset
    from fmnist_core.scoring import score_officially

    run = runs.load_run(options.run)
    if not (run.has_model or run.has_evaluation):
        raise RunNotFoundError(f"A run must have a network to be scored. Received: {run.run_id}, {run.status}.")
    if options.report or options.tables:
        _report(run, options.report, options.tables)
    import_keras()
    score = score_officially(run, load_dataset(show_share), options.mirrored)
    if score["items_trained_on"]:
        print(
            f"fmnist_core: {run.run_id} trained on {score['items_trained_on']:,} of the 10,000 official test items, "
            f"as its split says. On the others its accuracy is {score['accuracy_on_unseen']:.2%}.",
            file=sys.stderr,
        )
    if options.json:
        print_json(score)
        return
    averaged = ", averaged with the mirror image" if options.mirrored else ""
    print(f"{run.run_id}{averaged}: accuracy {score['accuracy']:.2%}, log loss {score['log_loss']:.4f}\n")
    print(f"{'':12} precision  recall  f1-score")
    for name in CLASS_NAMES:
        row = score["classification_report"][name]
        print(f"{name:12} {row['precision']:9.3f} {row['recall']:7.3f} {row['f1-score']:9.3f}")


def _report(run: runs.Run, page: Path | None, tables: Path | None) -> None:
    from fmnist_core import reporting
    from fmnist_core.data import load_dataset

    report = reporting.load_report(run, load_dataset(show_share))
    if page:
        _write(page, reporting.write_html(report).encode())
    if tables:
        _write(tables, reporting.export_tables(report))


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InvalidSettingError(
            f"The file must be one that can be written. Received: {path}: {error.strerror}."
        ) from None
