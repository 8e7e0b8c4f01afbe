"""The command `papers`: claim beside result, the queue that trains what is missing, and the runs that are shipped."""

import argparse
import signal
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fmnist_core import runs
from fmnist_core.commands.console import Commands, import_keras, print_json, show_share, stop_gently
from fmnist_core.errors import FmnistError, InvalidSettingError, StorageError

if TYPE_CHECKING:
    from fmnist_core.papers.results import Result
    from fmnist_core.papers.running import Job


def add(commands: Commands) -> None:
    """Add the command and what it can be asked."""
    described = "Compare what papers claim with what was measured, and measure what is missing."
    parser = commands.add("papers", _show, described)
    parser.set_defaults(names=())
    parts = Commands(parser.add_subparsers(title="what to do", metavar="ACTION"))
    show = parts.add("show", _show, "Print claim beside result, paper by paper; so does `papers` alone.")
    show.add_argument("names", nargs="*", metavar="NAME", help="papers, for example fitch; all if there is none")
    run = parts.add("run", _run, "Train and record what is not recorded yet; stop it as you like, it goes on.")
    _add_choice(run)
    run.add_argument("--quick", action="store_true", help="a tenth of the epochs; recorded only in a --folder")
    record = parts.add("record", _record, "Record what this machine's runs hold already, training nothing.")
    _add_choice(record)
    record.add_argument("--cut-short", action="store_true", help="those too that were cut short, with a note")
    ship = parts.add("ship", _ship, "Copy a finished run into those that come with the lab, without what it can spare.")
    ship.add_argument("run", metavar="RUN", help="as listed by `runs`")
    ship.add_argument("--name", help="what it is called there; by default after its recipe")


def _add_choice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="recipes (fitch/model-7) or papers (fitch); all if there is none"
    )
    parser.add_argument(
        "--seeds", type=int, help="how many of each; by default three of each paper's headline, else one"
    )
    parser.add_argument("--folder", type=Path, help="where the table lies; by default the lab's own")


def _show(options: argparse.Namespace) -> None:
    from fmnist_core.papers.documents import load_documents
    from fmnist_core.papers.results import load_results
    from fmnist_core.papers.verdicts import compare
    from fmnist_core.settings import check_choice

    documents, results = load_documents(), load_results()
    for name in options.names:
        check_choice("NAME", name, documents)
    shown = [documents[name] for name in options.names or documents]
    tables = [(document, table, compare(table, document, results)) for document in shown for table in document.tables]
    if options.json:
        print_json(
            [
                {"paper": document.key, "table": table.title, "recipe": line.recipe.name, "verdict": line.verdict}
                | {"figures": {name: asdict(figure) for name, figure in line.figures.items()}}
                | {"seconds": line.seconds and asdict(line.seconds), "why_not": line.why_not}
                for document, table, lines in tables
                for line in lines
            ]
        )
        return
    width = max(len(line.recipe.name) for _, _, lines in tables for line in lines)
    for document, table, lines in tables:
        print(f"{document.label}: {table.title}")
        for line in lines:
            print(f"  {line.recipe.name:{width}}  {line.words}{f'. {line.why_not}' if line.why_not else ''}")


def _run(options: argparse.Namespace) -> None:
    from fmnist_core.baselines import check_installed
    from fmnist_core.papers import running
    from fmnist_core.papers.results import FOLDER, load_results

    jobs = running.plan_jobs(options.names, options.seeds, options.quick)
    folder = options.folder or (None if options.quick else FOLDER)
    if options.quick and folder and folder.resolve() == FOLDER:
        raise InvalidSettingError(f"`--folder` of a quick run must not be the lab's own. Received: {folder}.")
    recorded = load_results(folder) if folder else ()
    listing = runs.list_runs()
    found = [job for job in running.find_missing(jobs, recorded) if _is_finished(job, listing)]
    if folder and found:
        recorded = running.record_runs(found, listing, folder)
    missing = [job for job in running.find_missing(jobs, recorded) if job not in found]
    print(
        f"{len(jobs)} runs: {len(jobs) - len(found) - len(missing)} recorded before, {len(found)} trained already, "
        f"{len(missing)} to train.",
        file=sys.stderr,
    )
    if missing:
        if any(job.config.is_baseline for job in missing):
            check_installed()
        made = _train_all(missing, recorded, folder, quiet=options.json)
        recorded = load_results(folder) if folder else made
    if options.json:
        print_json(_list_rows(jobs, recorded))


def _is_finished(job: "Job", listing: runs.Listing) -> bool:
    from fmnist_core.papers.running import find_run

    run = find_run(job, listing)
    return run is not None and run.status == runs.FINISHED


def _train_all(
    jobs: Sequence["Job"], recorded: Sequence["Result"], folder: Path | None, quiet: bool
) -> tuple["Result", ...]:
    """Train jobs one after the other, and record each when it is done, until all are or somebody stops one."""
    from fmnist_core.data import load_dataset
    from fmnist_core.papers import records, running
    from fmnist_core.progress import say_duration

    labels = load_dataset(show_share).labels
    import_keras()
    made: list[Result] = []
    failed = 0
    for position, job in enumerate(jobs):
        where, left = (
            f"[{position + 1}/{len(jobs)}]",
            running.estimate_seconds(jobs[position:], made or recorded, labels),
        )
        ahead = "" if left is None else f", about {say_duration(left)} for all that is left, less if some stop early"
        print(f"{where} {job.title}: {job.config.epochs} epochs{ahead}", file=sys.stderr)
        try:
            run = _train(job)
        except StorageError:
            raise
        except FmnistError as error:
            failed += 1
            print(f"{where} {job.title}: failed: {error}", file=sys.stderr)
            continue
        if run.status == runs.STOPPED:
            print(f"{where} {job.title}: stopped; the same command goes on from its last whole epoch.", file=sys.stderr)
            break
        if run.status != runs.FINISHED:
            print(f"{where} {job.title}: left to the process that trains it.", file=sys.stderr)
            continue
        record = records.measure_run(run, job.recipe)
        made.append(record.result)
        if folder:
            records.keep_records([record], folder)
        if not quiet:
            print(f"{where} {job.title}: {_say(record.result)}, {say_duration(record.result.seconds)}", flush=True)
    if failed:
        raise FmnistError(
            f"All runs should come to their end; the same command tries again. Received: {failed} failed."
        )
    return tuple(made)


def _train(job: "Job") -> runs.Run:
    """Train a job, in this process, and return its run as it ended; one that another process trains as it is."""
    import keras

    from fmnist_core import recording
    from fmnist_core.papers.running import begin_run, find_run
    from fmnist_core.progress import Printer

    run = find_run(job, runs.list_runs())
    if run is not None and (run.active or run.status == runs.FINISHED):
        return run
    run = begin_run(job, run)
    before = signal.signal(signal.SIGINT, lambda *_: stop_gently(run))
    try:
        return recording.execute(run.run_id, Printer(job.config, sys.stderr))
    finally:
        signal.signal(signal.SIGINT, before)
        # A night of networks in one process: what the last one held is given back.
        keras.utils.clear_session()


def _record(options: argparse.Namespace) -> None:
    from fmnist_core.papers import running
    from fmnist_core.papers.results import FOLDER, load_results

    folder = options.folder or FOLDER
    jobs = running.plan_jobs(options.names, options.seeds)
    before = load_results(folder)
    recorded = running.record_runs(running.find_missing(jobs, before), runs.list_runs(), folder, options.cut_short)
    if options.json:
        print_json(_list_rows(jobs, recorded))
        return
    for result in recorded:
        if result not in before:
            print(f"{result.recipe}, seed {result.seed}: {_say(result)}")
    missing = running.find_missing(jobs, recorded)
    print(f"{len(jobs) - len(missing)} of {len(jobs)} runs are recorded in full.", file=sys.stderr)


def _ship(options: argparse.Namespace) -> None:
    from fmnist_core.papers.shipping import measure_folder, ship_run

    shipped = ship_run(runs.load_run(options.run), options.name)
    size = measure_folder(shipped.path)
    if options.json:
        print_json({"run_id": shipped.run_id, "path": str(shipped.path), "bytes": size})
    else:
        print(f"{shipped.run_id}: {size / 1e6:.1f} MB in {shipped.path}")


def _list_rows(jobs: Iterable["Job"], results: Iterable["Result"]) -> list[dict[str, Any]]:
    wanted = {(job.recipe.name, job.config.seed) for job in jobs}
    return [asdict(result) for result in results if (result.recipe, result.seed) in wanted]


def _say(result: "Result") -> str:
    note = f" ({result.note})" if result.note else ""
    return f"test accuracy {result.test_accuracy:.2%} after {result.epochs} of {result.epochs_planned} epochs{note}"
