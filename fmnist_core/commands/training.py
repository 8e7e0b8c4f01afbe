"""The commands `recipes` and `train`."""

import argparse
import json
import signal
import sys
from itertools import groupby
from typing import Any

from fmnist_core import runs
from fmnist_core.commands.console import Commands, import_keras, print_json, show_share, stop_gently
from fmnist_core.errors import FmnistError, InvalidSettingError


def add(commands: Commands) -> None:
    """Add the commands."""
    commands.add("recipes", _recipes, "List networks and classical classifiers, with what is claimed for them.")
    train = commands.add("train", _train, "Train a recipe in this process.")
    train.add_argument("recipe", metavar="RECIPE", help="as listed by `recipes`, for example threads/model-3")
    train.add_argument("--epochs", type=int, help="how often all training items are seen")
    train.add_argument("--batch-size", type=int, help="items per step")
    train.add_argument("--learning-rate", type=float, help="step size of the optimizer")
    train.add_argument("--seed", type=int, help="decides weights, order and subset")
    train.add_argument("--subset", type=int, help="number of training items, classes balanced")
    train.add_argument("--repeats", type=int, metavar="N", help="train it with N seeds, one after the other")
    train.add_argument(
        "--folds", type=int, metavar="K", help="cross-validate it: train it K times, on all but one fold"
    )
    train.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="any other setting; may be repeated"
    )


def _recipes(options: argparse.Namespace) -> None:
    from fmnist_core.recipes import load_own_recipes, load_recipes

    rows: list[dict[str, Any]] = [
        {
            "name": recipe.name,
            "paper": recipe.paper,
            "parameters": recipe.config.parameters,
            "claims": dict(recipe.claims),
        }
        for recipe in (load_recipes() | load_own_recipes()).values()
    ]
    if options.json:
        print_json(rows)
        return
    width = max(len(row["name"]) for row in rows)
    for paper, described in groupby(rows, key=lambda row: row["paper"]):
        print(paper)
        for row in described:
            claims = ", ".join(f"{name} {value:.2%}" for name, value in row["claims"].items()) or "no figure"
            print(f"  {row['name']:{width}} {row['parameters']:>10,} parameters   claimed: {claims}")


def _train(options: argparse.Namespace) -> None:
    from fmnist_core.baselines import check_installed
    from fmnist_core.commands import repeating
    from fmnist_core.config import choose_items
    from fmnist_core.data import load_dataset
    from fmnist_core.recipes import find_recipe

    recipe = find_recipe(options.recipe)
    config = recipe.config.with_settings(**_read_settings(options))
    configs = repeating.plan(options, config)
    choose_items(configs[0], load_dataset(show_share).labels)

    from fmnist_core.progress import Printer

    if config.is_baseline:
        check_installed()
    import_keras()
    if options.repeats is not None or options.folds is not None:
        repeating.train_all(options, configs, recipe.name)
        return
    from fmnist_core import recording

    run = runs.create_run(config, recipe.name, status=runs.RUNNING)
    # The first Ctrl-C stops and keeps what was learned; the second one breaks off.
    signal.signal(signal.SIGINT, lambda *_: stop_gently(run))
    run = recording.execute(run.run_id, Printer(config, sys.stderr))
    result = run.record["result"]
    if result is None:
        raise FmnistError(f"The fit was stopped before it was done, and half a fit is none. Received: {run.run_id}.")
    if options.json:
        print_json({"run_id": run.run_id} | {k: result[k] for k in ("test_accuracy", "seconds", "images_per_second")})
    else:
        print(f"{run.run_id}: {run.status}, test accuracy {result['test_accuracy']:.2%}, {result['seconds']:.1f} s")


def _read_settings(options: argparse.Namespace) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for pair in options.set:
        key, separator, text = pair.partition("=")
        if not separator:
            raise InvalidSettingError(f"`--set` takes KEY=VALUE. Received: {pair}.")
        settings[key.replace("-", "_")] = _read_value(text)
    for key in ("epochs", "batch_size", "learning_rate", "seed", "subset"):
        if getattr(options, key) is not None:
            settings[key] = getattr(options, key)
    return settings


def _read_value(text: str) -> Any:
    """Read a number, true, false or null as JSON does, anything else as the text it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text
