"""The formats in which a run can be taken away, and what each needs. Without Keras, so that a page can list them."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass

from fmnist_core.errors import FmnistError, InvalidSettingError
from fmnist_core.runs import Run


class ExportError(FmnistError):
    """A run cannot be taken away in that format: it has no network, or a package is missing."""


@dataclass(frozen=True)
class Format:
    """A format.

    Attributes:
        title: what it is called.
        ending: of the file's name.
        purpose: what it is good for, in a sentence or two.
        packages: modules that writing and checking it import, by the name under which pip installs them.
        needs: what the run must have kept: "network", "settings", "answers" or "history".
        mime: type of the file for a browser.
        seconds: how long writing and checking take for the lab's reference run on two cores, Keras loaded, roughly.
        tolerance: the largest difference of probabilities at which the check holds; None if another rule judges.
    """

    title: str
    ending: str
    purpose: str
    packages: Mapping[str, str]
    needs: str = "network"
    mime: str = "application/octet-stream"
    seconds: float = 5.0
    tolerance: float | None = 1e-4

    @property
    def install_line(self) -> str:
        """The command that installs what it needs."""
        return f"pip install {' '.join(self.packages)}"


_KERAS = {"keras": "keras"}
_TENSORFLOW = {**_KERAS, "tensorflow": "tensorflow"}
_LITERT = {**_TENSORFLOW, "ai-edge-litert": "ai_edge_litert"}

FORMATS: Mapping[str, Format] = {
    "keras": Format(
        "Keras",
        ".keras",
        "To go on in Python: `keras.saving.load_model` loads it anywhere, without this lab.",
        _KERAS,
        seconds=3.0,
    ),
    "saved_model": Format(
        "SavedModel",
        ".zip",
        "To serve with TensorFlow Serving, or to use from TensorFlow in any language; a folder, zipped.",
        _TENSORFLOW,
        mime="application/zip",
    ),
    "litert": Format(
        "LiteRT",
        ".tflite",
        "For phones and small computers; once called TensorFlow Lite.",
        _LITERT,
    ),
    "litert-int8": Format(
        "LiteRT, 8 bits",
        ".tflite",
        "For microcontrollers and accelerators: weights and all arithmetic in whole numbers of 8 bits, a quarter of "
        "the size; it says how much accuracy that costs.",
        _LITERT,
        seconds=8.0,
        tolerance=None,
    ),
    "onnx": Format(
        "ONNX",
        ".onnx",
        "For ONNX Runtime, web browsers, C#, Java, Rust and most servers of models.",
        {**_TENSORFLOW, "tf2onnx": "tf2onnx", "onnx": "onnx", "onnxruntime": "onnxruntime"},
    ),
    "script": Format(
        "Python script",
        ".py",
        "To read and to change: one file of plain Keras that trains the same network from the beginning.",
        _KERAS,
        needs="settings",
        mime="text/x-python",
        seconds=12.0,
    ),
    "report": Format(
        "Report",
        ".html",
        "To print or hand in: all about its mistakes as one HTML file, which opens offline too.",
        {},
        needs="answers",
        mime="text/html",
    ),
    "tensorboard": Format(
        "TensorBoard logs",
        ".zip",
        "Curves over epochs and batches, learning rate and norms of the layers, for `tensorboard --logdir`.",
        {"tensorboard": "tensorboard"},
        needs="history",
        mime="application/zip",
        tolerance=1e-6,
    ),
}


def find_format(key: str) -> Format:
    """Return a format by its key.

    Raises:
        InvalidSettingError: for an unknown key.
    """
    if key not in FORMATS:
        raise InvalidSettingError(f"`format` must be one of {', '.join(FORMATS)}. Received: {key}.")
    return FORMATS[key]


def is_installed(key: str) -> bool:
    """Tell whether the packages of a format are there, without importing them."""
    return all(importlib.util.find_spec(module) is not None for module in find_format(key).packages.values())


def say_obstacle(run: Run, key: str) -> str | None:
    """Say in a sentence why a run cannot be had in a format, whatever is installed; None if it can."""
    needs = find_format(key).needs
    if needs == "network" and run.config.is_baseline:
        return f"A classical classifier keeps its answers and no network, so it cannot be had as {FORMATS[key].title}."
    if needs == "network" and not run.has_model:
        return f"A run must have ended with a network to be taken away as {FORMATS[key].title}."
    if needs == "settings" and run.trained_elsewhere:
        return "How a network from elsewhere was trained is not known, so there is no script of it."
    if needs == "answers" and not run.has_evaluation:
        return "A run must have been tested to have a report."
    if needs == "history" and not (run.path / "history.csv").is_file():
        return "A run must have a history of its epochs to have logs."
    return None


def check_possible(run: Run, key: str) -> None:
    """Raise unless a run can be taken away in a format, here and now.

    Raises:
        ExportError: if the run lacks what it takes, or a package is missing; then the message says how to install it.
        InvalidSettingError: for an unknown format.
    """
    obstacle = say_obstacle(run, key)
    if obstacle:
        raise ExportError(f"{obstacle} Received: {run.run_id}.")
    if not is_installed(key):
        found = FORMATS[key]
        missing = [name for name, module in found.packages.items() if importlib.util.find_spec(module) is None]
        raise ExportError(
            f"{found.title} needs packages that are not installed here: {', '.join(missing)}. "
            f"To install them: {found.install_line}"
        )
