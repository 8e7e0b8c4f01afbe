"""The command `search`."""

import argparse
import json
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

from fmnist_core.commands.console import Commands, print_json, silenced
from fmnist_core.errors import InvalidSettingError

if TYPE_CHECKING:
    from fmnist_core.search import Parameter, Search, SearchConfig, Trial

_LIMITS = ("trials", "seconds", "budget", "seed", "sampler", "pruner")


def add(commands: Commands) -> None:
    """Add the command."""
    search = commands.add("search", _search, "Search for better settings of a recipe, or look at searches.")
    search.add_argument("recipe", metavar="RECIPE", nargs="?", help="as listed by `recipes`")
    search.add_argument("--name", help="what the search is called; by default as its recipe, with a number if need be")
    search.add_argument("--trials", type=int, metavar="N", help="how many trials at most, 20 unless told otherwise")
    search.add_argument(
        "--range", action="append", default=[], metavar="KEY=LOW..HIGH", help="vary a number; :log or :STEP may follow"
    )
    search.add_argument(
        "--choice", action="append", default=[], metavar="KEY=A,B", help="vary among these; a grid takes numbers too"
    )
    search.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of all trials")
    search.add_argument("--sampler", help="grid, random or tpe, which is Bayesian and the default")
    search.add_argument("--pruner", help="none, median, successive-halving or hyperband")
    search.add_argument("--seconds", type=float, metavar="S", help="begin no trial after so long")
    search.add_argument("--budget", type=int, metavar="EPOCHS", help="epochs that all trials may train together")
    search.add_argument("--seed", type=int, help="decides what is sampled")
    search.add_argument("--preset", metavar="NAME", help="a ready-made search of a paper's series; `list` lists them")
    others = search.add_mutually_exclusive_group()
    others.add_argument("--list", action="store_true", help="list all searches")
    others.add_argument("--show", metavar="NAME", help="print the trials of a search")
    others.add_argument("--go-on", metavar="NAME", help="go on with a search that was stopped or interrupted")
    others.add_argument("--stop", metavar="NAME", help="stop a search that is driven elsewhere")
    others.add_argument("--delete", metavar="NAME", help="delete a search; its runs stay")


def _search(options: argparse.Namespace) -> None:
    from fmnist_core import search

    if options.list:
        _list(options)
    elif options.preset == "list":
        _list_presets(options)
    elif options.show:
        _show(options, search.load_search(options.show))
    elif options.stop:
        search.stop(options.stop)
    elif options.delete:
        search.delete_search(options.delete)
    elif options.go_on:
        if options.trials is not None:
            from fmnist_core.search.driver import extend_search

            extend_search(options.go_on, options.trials)
        _drive(options, options.go_on)
    else:
        _drive(options, search.create_search(_read_config(options)).name)


def _drive(options: argparse.Namespace, name: str) -> None:
    from fmnist_core import jobs
    from fmnist_core.search import load_search
    from fmnist_core.search.driver import run_search

    stop = threading.Event()
    search = load_search(name)
    # Ctrl-C in a terminal goes to the workers too, but the search stops those: they inherit this.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        # The news of the workers' libraries would stand between the lines.
        with silenced():
            workers = jobs.count_workers()
        signal.signal(signal.SIGINT, lambda *_: _stop_gently(stop))
        print(
            f"{name}: {search.config.planned} trials of {search.config.recipe}, "
            f"{workers} at once; Ctrl-C stops, and it can go on later.",
            file=sys.stderr,
        )
        search = run_search(name, _Printer(search), stop)
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        jobs.close()
    if search.can_go_on:
        print(f"Stopped. To go on: python -m fmnist_core search --go-on {name}", file=sys.stderr)
    if options.json:
        print_json(_summarize(search))
    else:
        print(f"{name}: {search.status}, {_say_best(search)}")


def _stop_gently(stop: threading.Event) -> None:
    stop.set()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    print("\nStopping after the current batches; once more to break off.", file=sys.stderr)


class _Printer:
    """Prints a line a trial that has ended, and on a terminal keeps one about those that train up to date."""

    def __init__(self, search: "Search") -> None:
        self._planned = search.config.planned
        self._live: dict[int, Trial] = {}
        self._best = search.best.value if search.best else None

    def __call__(self, trial: "Trial") -> None:
        """Print what has become of a trial."""
        start = "\r\033[K" if sys.stderr.isatty() else ""
        if trial.ended:
            self._live.pop(trial.number, None)
            if trial.state == "complete" and trial.value is not None:
                self._best = max(trial.value, self._best or 0.0)
            print(f"{start}{self._describe(trial)}", file=sys.stderr, flush=True)
        else:
            self._live[trial.number] = trial
        if sys.stderr.isatty() and self._live:
            training = ", ".join(f"{one.number + 1}: epoch {one.epochs}" for one in self._live.values())
            print(f"\r\033[Ktraining {training}", end="", file=sys.stderr, flush=True)

    def _describe(self, trial: "Trial") -> str:
        value = "no value" if trial.value is None else f"val_accuracy {trial.value:.2%}"
        best = "" if self._best is None else f"  best {self._best:.2%}"
        reason = f"  {trial.error}" if trial.error else ""
        said = ", ".join(f"{name} {_say(setting)}" for name, setting in trial.parameters.items())
        return f"trial {trial.number + 1}/{self._planned}  {trial.state:8}  {value}{best}  {said}{reason}"


def _list(options: argparse.Namespace) -> None:
    from fmnist_core.search import list_searches

    listing = list_searches()
    for reason in listing.unreadable.values():
        print(f"fmnist_core: left out {reason}", file=sys.stderr)
    if options.json:
        print_json([_summarize(one) | {"status": one.status, "recipe": one.config.recipe} for one in listing.searches])
        return
    for one in listing.searches:
        print(f"{one.name:32} {one.status:12} {one.done:>4}/{one.config.planned:<4} {_say_best(one)}")


def _list_presets(options: argparse.Namespace) -> None:
    from fmnist_core.search import PRESETS

    if options.json:
        print_json([{"name": key, "title": entry.title, "paper": entry.paper} for key, entry in PRESETS.items()])
        return
    for key, entry in PRESETS.items():
        print(f"{key:24} {entry.description}")


def _show(options: argparse.Namespace, search: "Search") -> None:
    if options.json:
        trials = [
            {
                "number": trial.number,
                "state": trial.state,
                "value": trial.value,
                "parameters": dict(trial.parameters),
                "epochs": trial.epochs,
                "run_id": trial.run_id,
            }
            for trial in search.begun
        ]
        print_json(_summarize(search) | {"status": search.status, "config": search.config.to_dict(), "all": trials})
        return
    print(f"{search.name}: {search.status}, {search.done} of {search.config.planned} trials, {_say_best(search)}")
    for trial in search.begun:
        value = "" if trial.value is None else f"{trial.value:.2%}"
        said = ", ".join(f"{name} {_say(setting)}" for name, setting in trial.parameters.items())
        print(f"{trial.number + 1:>5} {trial.state:9} {value:>7} {trial.epochs:>4} epochs  {said}  {trial.error or ''}")


def _summarize(search: "Search") -> dict[str, Any]:
    best = search.best
    return {
        "name": search.name,
        "trials": search.done,
        "best_value": best.value if best else None,
        "best_parameters": dict(best.parameters) if best else None,
        "run_id": best.run_id if best else None,
    }


def _say_best(search: "Search") -> str:
    best = search.best
    if best is None:
        return "no complete trial"
    said = ", ".join(f"{name} {_say(setting)}" for name, setting in best.parameters.items())
    return f"best val_accuracy {best.value:.2%} with {said}, run {best.run_id}"


def _say(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _read_config(options: argparse.Namespace) -> "SearchConfig":
    from fmnist_core.search import PRESETS, SearchConfig, find_free_name
    from fmnist_core.settings import check_choice

    given = {name: getattr(options, name) for name in _LIMITS if getattr(options, name) is not None}
    settings = dict(_read_pair("--set", pair) for pair in options.set)
    fixed = {name: read_value(text) for name, text in settings.items()}
    if options.preset:
        check_choice("preset", options.preset, PRESETS)
        preset = PRESETS[options.preset]
        if options.recipe or options.range or options.choice:
            raise InvalidSettingError(f"A preset must be given alone: it has its recipe. Received: {options.preset}.")
        name = options.name or find_free_name(options.preset)
        return preset.make(name, **given, settings={**preset.settings.get("settings", {}), **fixed})
    if not options.recipe:
        raise InvalidSettingError("`search` must be given a RECIPE, a --preset, --list, --show or --go-on.")
    parameters = [read_range(text) for text in options.range]
    parameters += [read_choice(text, given.get("sampler") == "grid") for text in options.choice]
    if not parameters:
        raise InvalidSettingError("`search` must be told what to vary: --range or --choice, once or more.")
    return SearchConfig.from_dict(
        {
            "name": options.name or find_free_name(options.recipe),
            "recipe": options.recipe,
            "parameters": tuple(parameters),
            "settings": fixed,
            **given,
        }
    )


def read_range(text: str) -> "Parameter":
    """Read "learning_rate=1e-4..1e-1:log", "dropout=0..0.5:0.1" or "epochs=5..20".

    Raises:
        InvalidSettingError: if it is written in another way, or no such range can be.
    """
    from fmnist_core.search import VARIABLES, Parameter
    from fmnist_core.settings import check_choice, is_number

    name, said = _read_pair("--range", text)
    check_choice("parameter", name, VARIABLES)
    ends, _, how = said.partition(":")
    low, _, high = (read_value(end) for end in ends.partition(".."))
    step = None if how in ("", "log") else read_value(how)
    if not all(is_number(number) for number in (low, high, step or 0)):
        raise InvalidSettingError(f"`--range` takes KEY=LOW..HIGH, and :log or :STEP behind it. Received: {text}.")
    return Parameter(name, VARIABLES[name].kind, low, high, log=how == "log", step=step)


def read_choice(text: str, as_values: bool = False) -> "Parameter":
    """Read "optimizer=adam,sgd" or "batch_size=16,32".

    Args:
        text: a setting and its choices.
        as_values: whether numbers are points of a range, as a grid has them, and not choices without an order.

    Raises:
        InvalidSettingError: if it is written in another way, or these choices cannot be.
    """
    from fmnist_core.search import VARIABLES, Parameter
    from fmnist_core.search.parameters import CHOICE
    from fmnist_core.settings import check_choice

    name, said = _read_pair("--choice", text)
    check_choice("parameter", name, VARIABLES)
    choices = tuple(read_value(choice.strip()) for choice in said.split(",") if choice.strip())
    kind = VARIABLES[name].kind
    if as_values and kind != CHOICE and choices:
        return Parameter(name, kind, values=choices)
    return Parameter(name, CHOICE, choices=choices)


def read_value(text: str) -> Any:
    """Read a number, true, false or null as JSON does, anything else as the text it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _read_pair(option: str, pair: str) -> tuple[str, str]:
    key, separator, text = pair.partition("=")
    if not separator:
        raise InvalidSettingError(f"`{option}` takes KEY=…. Received: {pair}.")
    return key.replace("-", "_"), text
