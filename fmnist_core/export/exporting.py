"""A run written to a file, and the file checked."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fmnist_core import storage
from fmnist_core.config import choose_items
from fmnist_core.data import Dataset, load_dataset
from fmnist_core.errors import FmnistError, InvalidSettingError
from fmnist_core.export.checking import Check, Export, choose_checked, compare, measure_size
from fmnist_core.export.formats import FORMATS, ExportError, check_possible, find_format
from fmnist_core.fetch import Report, no_report
from fmnist_core.runs import Run
from fmnist_core.splits import Indices, take_stratified

if TYPE_CHECKING:
    import keras

# Training items that show a converter which values occur; more change nothing.
_SHOWN_ITEMS = 300
_INT8_NOTE = "Pixels go in as uint8, 0 to 255; probabilities come out as uint8, in 256ths."

Writer = Callable[[Run, Dataset, Path, Report], Check]


def suggest_name(run: Run, format: str) -> str:
    """Return a name for the file of a run in a format."""
    kind = {"litert-int8": "-int8", "saved_model": "-saved_model", "tensorboard": "-tensorboard"}.get(format, "")
    return f"{run.run_id}{kind}{find_format(format).ending}"


def export_run(run: Run, format: str, path: Path, report: Report = no_report) -> Export:
    """Write a run to a file in a format, load the file again in its own runtime, and compare.

    Args:
        run: the run; what it must have kept depends on the format, see `formats.say_obstacle`.
        format: key of `formats.FORMATS`.
        path: the file to write, or for "saved_model" a folder, unless it ends in ".zip".
        report: called with a sentence and the share done, from 0 to 1.

    Raises:
        ExportError: if the run cannot be had in that format here; the message says what to install if that is why.
            So does a network that the format cannot hold, and a path that cannot be written.
        InvalidSettingError: for an unknown format, or a path that cannot be one.
    """
    check_possible(run, format)
    began = time.perf_counter()
    try:
        _check_path(path, format)
        check = _WRITERS[format](run, load_dataset(), path, report)
    except OSError as error:
        raise ExportError(f"The file must be one that can be written. Received: {path}: {error.strerror}.") from error
    report("Done", 1.0)
    return Export(format, path, measure_size(path), time.perf_counter() - began, check)


def _check_path(path: Path, format: str) -> None:
    ending = FORMATS[format].ending
    if format == "saved_model" and path.suffix != ".zip":
        if path.exists() and not path.is_dir():
            raise InvalidSettingError(f"A SavedModel must go into a folder, or into a .zip. Received: {path}.")
    elif path.suffix != ending or path.is_dir():
        raise InvalidSettingError(f"The file must be one that ends in {ending}. Received: {path}.")
    if not path.parent.is_dir():
        raise InvalidSettingError(f"The file must lie in a folder that is there. Received: {path}.")


def _export_network(run: Run, dataset: Dataset, path: Path, report: Report, format: str) -> Check:
    report("Loading Keras and the network", 0.05)
    from fmnist_core.export import reloading
    from fmnist_core.export.plain import load_plain

    network = load_plain(run)
    report("Asking the run's network", 0.25)
    items = choose_checked(dataset)
    images, labels = dataset.images[items], dataset.labels[items]
    own = _ask(network, images)
    ask, runtime, package = {
        "keras": (reloading.ask_keras, "Keras", "keras"),
        "saved_model": (reloading.ask_saved_model, "TensorFlow", "tensorflow"),
        "onnx": (reloading.ask_onnx, "ONNX Runtime", "onnxruntime"),
    }.get(format, (reloading.ask_litert, "LiteRT", "ai-edge-litert"))
    try:
        report(f"Writing {FORMATS[format].title}", 0.3)
        _write(network, run, dataset, path, format)
        report("Loading the file again", 0.8)
        found = ask(path, images)
    except (FmnistError, OSError):
        raise
    except Exception as error:  # each converter and each runtime raises what it likes
        said = f"The network must be one that {FORMATS[format].title} can hold. Received: {run.run_id}"
        raise ExportError(f"{said}, and {type(error).__name__} from its converter or {runtime}.") from error
    difference, accuracy, own_accuracy = compare(own, found, labels)
    return Check(
        runtime=reloading.name_runtime(runtime, package),
        compared=len(items),
        what="items",
        largest_difference=difference,
        accuracy=accuracy,
        own_accuracy=own_accuracy,
        tolerance=FORMATS[format].tolerance,
        note=" ".join(_note(run, dataset, items, format)),
    )


def _write(network: "keras.Model", run: Run, dataset: Dataset, path: Path, format: str) -> None:
    from fmnist_core.export import writing

    if format == "litert-int8":
        shown = take_stratified(choose_items(run.config, dataset.labels).train, dataset.labels, _SHOWN_ITEMS, seed=0)
        writing.write_litert_int8(network, path, dataset.images[shown])
    else:
        getattr(writing, f"write_{format}")(network, path)


def _note(run: Run, dataset: Dataset, items: Indices, format: str) -> Iterator[str]:
    if format == "litert-int8":
        yield _INT8_NOTE
    trained_on = 0 if run.trained_elsewhere else np.isin(items, choose_items(run.config, dataset.labels).train).sum()
    if trained_on:
        yield f"It was trained on {trained_on:,} of these, as its split says."


def _ask(network: "keras.Model", images: np.ndarray) -> np.ndarray:
    import keras

    return keras.ops.convert_to_numpy(network.predict_on_batch(images[..., np.newaxis]))


def _export_as(format: str) -> Writer:
    return lambda run, dataset, path, report: _export_network(run, dataset, path, report, format)


def _export_script(run: Run, dataset: Dataset, path: Path, report: Report) -> Check:
    from fmnist_core.export.script import write_script
    from fmnist_core.export.script_check import check_script

    report("Writing the script", 0.1)
    with storage.written_whole(path, suffix=".py") as temporary:
        temporary.write_text(write_script(run), encoding="utf-8")
    report("Building the network with it, in a process of its own", 0.2)
    return check_script(run, dataset, path)


def _export_report(run: Run, dataset: Dataset, path: Path, report: Report) -> Check:
    from fmnist_core.export.report_check import write_report

    report("Working out all about its mistakes", 0.1)
    return write_report(run, dataset, path)


def _export_tensorboard(run: Run, dataset: Dataset, path: Path, report: Report) -> Check:
    from fmnist_core.export.event_files import write_logs

    report("Writing the logs", 0.2)
    return write_logs(run, path)


_WRITERS: dict[str, Writer] = {
    **{format: _export_as(format) for format in ("keras", "saved_model", "litert", "litert-int8", "onnx")},
    "script": _export_script,
    "report": _export_report,
    "tensorboard": _export_tensorboard,
}
