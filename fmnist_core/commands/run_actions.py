"""What `runs` can be asked beside a list of all: a leaderboard, one run, labels, the trash, files, room on the disk."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fmnist_core import run_labels, run_package, run_storage, run_table, run_trash, runs, storage
from fmnist_core.commands.console import Commands, print_json, show_share
from fmnist_core.errors import InvalidSettingError, RefusedFileError
from fmnist_core.run_table import Row


def add(parts: Commands) -> None:
    """Add what the command can be asked."""
    table = parts.add("list", _list, "List the runs that are wanted, in the order of a leaderboard if you like.")
    table.add_argument("--order", choices=list(run_table.ORDERS), default="newest", help="newest by default")
    table.add_argument("--text", default="", help="words that occur in name, recipe, tags, note or settings")
    table.add_argument("--status", action="append", default=[], choices=runs.STATUSES, help="may be repeated")
    table.add_argument("--recipe", action="append", default=[], help="a recipe (fitch/model-7) or a paper (fitch)")
    table.add_argument("--tag", action="append", default=[], help="may be repeated: runs that have all of them")
    table.add_argument("--archived", action="store_true", help="those too that were put aside")
    _add_run(parts.add("show", _show, "Print all about a run."))
    label = parts.add("label", _label, "Give a run a name, tags or a note, or put it aside.")
    _add_run(label)
    label.add_argument("--name", help='what it is called; "" for its recipe and date again')
    label.add_argument("--tags", help='with commas between them, in place of those that it has; "" for none')
    label.add_argument("--note", help='in place of the one that it has; "" for none')
    label.add_argument("--archive", action=argparse.BooleanOptionalAction, help="leave it out of lists, or no more")
    _add_run(parts.add("delete", _delete, f"Move runs to the trash for {run_trash.KEPT_DAYS} days."), many=True)
    _add_run(parts.add("undelete", _undelete, "Bring a run back from the trash."))
    trash = parts.add("trash", _trash, "List the deleted runs.")
    trash.add_argument("--empty", action="store_true", help="remove them for good")
    export = parts.add("export", _export, "Write a run as one file, to hand on.")
    _add_run(export)
    export.add_argument("--out", type=Path, required=True, metavar="FILE", help=f"for example mine{run_package.ENDING}")
    take_in = parts.add("import", _import, "Take in a run that was handed on, or a network (.keras) from elsewhere.")
    take_in.add_argument("file", metavar="FILE", type=Path)
    take_in.add_argument("--scale", action="store_true", help="divide pixels by 255 first, if the network wants that")
    free = parts.add("free", _free, "Say what runs take on the disk, or remove what they can do without.")
    free.add_argument("kind", nargs="?", choices=run_storage.FREEABLE, help="what to remove; none to say what there is")
    free.add_argument("runs", nargs="*", metavar="RUN", help="of which runs; of all that have ended if there is none")


def print_rows(rows: Sequence[Row], as_json: bool) -> None:
    """Print a line for each run."""
    if as_json:
        print_json([describe_row(row) for row in rows])
        return
    for row in rows:
        accuracy = "" if row.accuracy is None else f"{row.accuracy.value:.2%}"
        name = f"  {row.run.labels.name}" if row.run.labels.name else ""
        print(f"{row.run.run_id:48} {row.run.status:12} {accuracy:>7}{name}")


def describe_row(row: Row) -> dict[str, Any]:
    """Return what the table says of a run, ready for JSON."""
    run = row.run
    return {
        "run_id": run.run_id,
        "recipe": run.recipe,
        "status": run.status,
        "test_accuracy": run.test_accuracy,
        "parameters": run.parameters,
        "path": str(run.path),
        **run.labels.to_dict(),
        "rank": row.rank,
        "interval": None if row.accuracy is None else [row.accuracy.low, row.accuracy.high],
        "test_items": row.test_items,
        "official": row.official,
        "val_accuracy": row.val_accuracy,
        "val_loss": row.val_loss,
        "seconds": row.seconds,
        "bytes": row.model_bytes,
        "device": run.record.get("device"),
        "created": run.created,
        "imported": run.imported,
        "differences": None if row.differences is None else {name: own for name, (_, own) in row.differences.items()},
    }


def _add_run(parser: argparse.ArgumentParser, many: bool = False) -> None:
    parser.add_argument("run", metavar="RUN", nargs="+" if many else None, help="as listed by `runs`")


def _list(options: argparse.Namespace) -> None:
    choice = run_table.Choice(
        options.text, tuple(options.status), tuple(options.recipe), tuple(options.tag), options.archived
    )
    rows = run_table.choose_rows(run_table.tabulate_runs(runs.list_runs().runs), choice)
    print_rows(run_table.rank_rows(rows, options.order), options.json)


def _show(options: argparse.Namespace) -> None:
    (row,) = run_table.tabulate_runs([runs.load_run(options.run)])
    sizes = run_storage.measure_run(row.run)
    described = describe_row(row) | {"settings": row.run.config.to_dict(), "sizes": sizes}
    if options.json:
        print_json(described)
        return
    for name, value in described.items():
        print(f"{name:14} {'' if value is None else value}")


def _label(options: argparse.Namespace) -> None:
    run = runs.load_run(options.run)
    given = {"name": options.name, "note": options.note, "archived": options.archive}
    if options.tags is not None:
        given["tags"] = run_labels.read_tags(options.tags)
    labels = run.labels.with_settings(**{name: value for name, value in given.items() if value is not None})
    runs.save_labels(run, labels)
    if options.json:
        print_json({"run_id": run.run_id} | labels.to_dict())
    else:
        print(f"{run.run_id}: {replace(run, labels=labels).title}")


def _delete(options: argparse.Namespace) -> None:
    trashed = [runs.delete_run(run) for run in [runs.load_run(name) for name in options.run]]
    _print_trashed(trashed, options.json)
    if not options.json:
        print("`runs undelete RUN` brings it back.", file=sys.stderr)


def _undelete(options: argparse.Namespace) -> None:
    run = runs.restore_run(options.run)
    if options.json:
        print_json({"run_id": run.run_id, "path": str(run.path)})
    else:
        print(run.path)


def _trash(options: argparse.Namespace) -> None:
    run_trash.expire_trash()
    found = run_trash.list_trash()
    if options.empty:
        run_trash.empty_trash(found)
    _print_trashed(found, options.json)


def _print_trashed(trashed: Sequence[run_trash.Trashed], as_json: bool) -> None:
    if as_json:
        print_json([{"run_id": entry.run_id, "path": str(entry.path), "deleted": entry.deleted} for entry in trashed])
        return
    for entry in trashed:
        print(entry.run_id)


def _export(options: argparse.Namespace) -> None:
    run = runs.load_run(options.run)
    try:
        with storage.written_whole(options.out) as temporary, temporary.open("wb") as stream:
            run_package.write_package(run, stream)
    except OSError as error:
        raise InvalidSettingError(
            f"`--out` must be a file that can be written. Received: {options.out}: {error.strerror}."
        ) from None
    size = options.out.stat().st_size
    if options.json:
        print_json({"run_id": run.run_id, "path": str(options.out), "bytes": size})
    else:
        print(f"{options.out}: {run_storage.say_bytes(size)}")


def _import(options: argparse.Namespace) -> None:
    from fmnist_core.data import load_dataset
    from fmnist_core.importing import import_file

    if not options.file.is_file():
        raise InvalidSettingError(f"FILE must be a file that can be read. Received: {options.file}.")
    found = import_file(options.file, options.file.name, load_dataset(show_share), options.scale, show_share)
    if found.run is None:
        verdict = found.verdict
        raise RefusedFileError(
            "The network should take pixels from 0 to 255, and this one was trained on pixels from 0 to 1: "
            f"{verdict and verdict.scaled:.2%} of 2,000 training items are right with these, "
            f"{verdict and verdict.raw:.2%} with those. `--scale` puts a layer in front of it that divides by 255."
        )
    if options.json:
        print_json({"run_id": found.run.run_id, "test_accuracy": found.run.test_accuracy, "path": str(found.run.path)})
    else:
        print(f"{found.run.run_id}: test accuracy {found.run.test_accuracy:.2%}")


def _free(options: argparse.Namespace) -> None:
    listing = runs.list_runs()
    if options.kind:
        ended = [run for run in listing.runs if not run.shipped and not run.active]
        chosen = [runs.load_run(name) for name in options.runs] or ended
        freed = run_storage.free_runs(chosen, options.kind)
        if options.json:
            print_json({"freed": freed, "runs": [run.run_id for run in chosen]})
        else:
            print(f"{run_storage.say_bytes(freed)} of {len(chosen)} runs")
        return
    usage = run_storage.measure_usage(listing.runs)
    sizes = usage.by_kind | {"trash": usage.trash, "exports": usage.exports}
    if options.json:
        print_json(sizes)
        return
    for kind, size in sizes.items():
        print(f"{kind:12} {run_storage.say_bytes(size):>10}")
