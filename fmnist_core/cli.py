"""The command line: `python -m fmnist_core COMMAND`. Everything that the app does, without a browser.

Results go to standard output, progress and complaints to standard error. What the user got wrong ends
with one line and exit code 2.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from fmnist_core import runs
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import FmnistError, InvalidSettingError, RunNotFoundError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 if it worked, 2 if the user can mend what did not, 130 after Ctrl-C."""
    options = _build_parser().parse_args(arguments)
    try:
        options.command(options)
        # Now, and not when Python ends: there a reader who has gone could no longer be forgiven.
        sys.stdout.flush()
    except FmnistError as error:
        # One line, whatever the user typed that the message repeats.
        print(f"fmnist_core: {' '.join(str(error).splitlines())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader, `head` for example, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; --help lists what there is.\n")


def _build_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m fmnist_core", description="Fashion-MNIST Lab on the command line.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(name: str, command: Callable[[argparse.Namespace], None], description: str) -> argparse.ArgumentParser:
        entry = commands.add_parser(name, help=description, description=description)
        entry.set_defaults(command=command)
        entry.add_argument("--json", action="store_true", help="print the result as JSON")
        return entry

    add("data", _data, "Find or fetch Fashion-MNIST and say where it is.")
    add("recipes", _recipes, "List the networks of the papers with what is claimed for them.")
    train = add("train", _train, "Train a recipe in this process.")
    train.add_argument("recipe", metavar="RECIPE", help="as listed by `recipes`, for example threads/model-3")
    train.add_argument("--epochs", type=int, help="how often all training items are seen")
    train.add_argument("--batch-size", type=int, help="items per step")
    train.add_argument("--learning-rate", type=float, help="step size of the optimizer")
    train.add_argument("--seed", type=int, help="decides weights, order and subset")
    train.add_argument("--subset", type=int, help="number of training items, classes balanced")
    train.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="any other setting; may be repeated"
    )
    add("runs", _runs, "List all runs.")
    evaluate = add("evaluate", _evaluate, "Score a run on the official test set.")
    evaluate.add_argument("run", metavar="RUN", help="as listed by `runs`, or the path of a run's folder")
    classify = add("classify", _classify, "Say what garments pictures show.")
    classify.add_argument("images", nargs="+", metavar="IMAGE", type=Path, help="PNG, JPEG, WebP, GIF or BMP")
    classify.add_argument("--run", help="the run whose network answers; the lab's own by default")
    return parser


def _import_keras() -> None:
    """Import Keras without the news of its backend, which come from C++ straight to standard error.

    It takes seconds, so each command first says what the user got wrong.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    kept = os.dup(2)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        import keras

        keras.ops.zeros(1)  # the backend itself starts here
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2))


def _data(options: argparse.Namespace) -> None:
    from fmnist_core.data import load_dataset

    dataset = load_dataset(_show_share)
    summary = {
        "source": dataset.source,
        "path": str(dataset.path),
        "train": len(dataset.train_labels),
        "test": len(dataset.test_labels),
    }
    if options.json:
        _print_json(summary)
    else:
        print("{train:,} training and {test:,} test items in {path}\nfrom {source}".format(**summary))


def _show_share(sentence: str, share: float) -> None:
    """Keep one line of standard error up to date if somebody watches it."""
    if sys.stderr.isatty():
        print(f"\r\033[K{sentence} {share:4.0%}", end="\n" if share >= 1 else "", file=sys.stderr, flush=True)


def _recipes(options: argparse.Namespace) -> None:
    from fmnist_core.architectures import count_parameters, find_stack
    from fmnist_core.recipes import load_recipes

    rows: list[dict[str, Any]] = [
        {
            "name": recipe.name,
            "paper": recipe.paper,
            "parameters": count_parameters(find_stack(recipe.config.architecture)),
            "claims": dict(recipe.claims),
        }
        for recipe in load_recipes().values()
    ]
    if options.json:
        _print_json(rows)
        return
    for row in rows:
        claims = ", ".join(f"{name} {value:.2%}" for name, value in row["claims"].items()) or "no figure"
        print(f"{row['name']:18} {row['parameters']:>9,} parameters   claimed: {claims}")


def _train(options: argparse.Namespace) -> None:
    from fmnist_core.config import choose_items
    from fmnist_core.data import load_dataset
    from fmnist_core.recipes import find_recipe

    recipe = find_recipe(options.recipe)
    config = recipe.config.with_settings(**_read_settings(options))
    choose_items(config, load_dataset(_show_share).labels)

    from fmnist_core.progress import Printer

    _import_keras()
    from fmnist_core import recording

    run = runs.create_run(config, recipe.name, status=runs.RUNNING)
    # The first Ctrl-C stops and keeps what was learned; the second one breaks off.
    signal.signal(signal.SIGINT, lambda *_: _stop_gently(run))
    run = recording.execute(run.run_id, Printer(config, sys.stderr))
    result = run.record["result"]
    if options.json:
        _print_json({"run_id": run.run_id} | {k: result[k] for k in ("test_accuracy", "seconds", "images_per_second")})
    else:
        print(f"{run.run_id}: {run.status}, test accuracy {result['test_accuracy']:.2%}, {result['seconds']:.1f} s")


def _stop_gently(run: runs.Run) -> None:
    runs.request_stop(run)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    print("\nStopping after the current batches; once more to break off.", file=sys.stderr)


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


def _runs(options: argparse.Namespace) -> None:
    listing = runs.list_runs()
    rows = [
        {
            "run_id": run.run_id,
            "recipe": run.recipe,
            "status": run.status,
            "test_accuracy": run.test_accuracy,
            "parameters": run.parameters,
            "path": str(run.path),
        }
        for run in listing.runs
    ]
    for reason in listing.unreadable.values():
        print(f"fmnist_core: left out {reason}", file=sys.stderr)
    if options.json:
        _print_json(rows)
        return
    for row in rows:
        accuracy = "" if row["test_accuracy"] is None else f"{row['test_accuracy']:.2%}"
        print(f"{row['run_id']:48} {row['status']:12} {accuracy:>7}")


def _evaluate(options: argparse.Namespace) -> None:
    from fmnist_core.data import load_dataset
    from fmnist_core.scoring import score_officially

    run = runs.load_run(options.run)
    if not (run.has_model or run.has_evaluation):
        raise RunNotFoundError(f"A run must have a network to be scored. Received: {run.run_id}, {run.status}.")
    _import_keras()
    score = score_officially(run, load_dataset(_show_share))
    if score["items_trained_on"]:
        print(
            f"fmnist_core: {run.run_id} trained on {score['items_trained_on']:,} of the 10,000 official test items, "
            f"as its split says. On the others its accuracy is {score['accuracy_on_unseen']:.2%}.",
            file=sys.stderr,
        )
    if options.json:
        _print_json(score)
        return
    print(f"{run.run_id}: accuracy {score['accuracy']:.2%}, log loss {score['log_loss']:.4f}\n")
    print(f"{'':12} precision  recall  f1-score")
    for name in CLASS_NAMES:
        row = score["classification_report"][name]
        print(f"{name:12} {row['precision']:9.3f} {row['recall']:7.3f} {row['f1-score']:9.3f}")


def _classify(options: argparse.Namespace) -> None:
    from fmnist_core import photos
    from fmnist_core.prediction import Predictor, predict_either_way

    run = runs.find_answering_run(options.run)
    _import_keras()
    predictor = Predictor(run.path / "model.keras")
    answers: list[dict[str, Any]] = []
    for path in options.images:
        try:
            chain = photos.prepare_photo(photos.read_picture(path.read_bytes()))
            answer = _describe(predict_either_way(predictor, chain.image)[0])
            # Where no garment was found, nothing that the network says counts.
            answer["abstained"] |= chain.is_blank
            answers.append({"file": str(path), **answer})
        except OSError as error:
            answers.append({"file": str(path), "error": f"The file cannot be read: {error.strerror}."})
        except FmnistError as error:
            answers.append({"file": str(path), "error": str(error)})
    if options.json:
        _print_json(answers)
        return
    for answer in answers:
        print(f"{answer['file']}: {answer.get('error') or _say(answer)}")


def _describe(probabilities: "NDArray[np.float32]") -> dict[str, Any]:
    from fmnist_core.prediction import read_answer

    answer = read_answer(probabilities)
    return {
        "class_index": answer.class_index,
        "class_name": answer.class_name,
        "probabilities": [round(float(probability), 6) for probability in probabilities],
        "abstained": answer.abstained,
    }


def _say(answer: dict[str, Any]) -> str:
    confidence = f"{max(answer['probabilities']):.0%}"
    if answer["abstained"]:
        return f"not sure; perhaps {answer['class_name']} ({confidence})"
    return f"{answer['class_name']} ({confidence})"
