"""Try out a network from elsewhere in a process of its own: `python -m fmnist_core.model_trial FILE FOLDER`.

The file has been looked into by `model_safety.check_model_file`. Here its weights are looked into, Keras loads it, and
it answers about items: whatever goes wrong with a network that somebody else has made, a hang, a crash, all memory
taken, ends this process and no other. What came of it lies in the folder then:

    verdict.json    {"refused": reason}, or what `Verdict` has
    answers.npz     probabilities of the items that were asked for, float32
    model.keras     the network with scaling in front, if that was asked for
"""

import argparse
import contextlib
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core import storage
from fmnist_core.data import IMAGE_SHAPE, load_dataset
from fmnist_core.errors import RefusedFileError
from fmnist_core.model_safety import check_weights
from fmnist_core.splits import TRAIN_ITEMS

if TYPE_CHECKING:
    import keras

MOST_PARAMETERS = 60_000_000
SECONDS = 300
_MEMORY = 24 * 2**30
# The last training items, with which it is found out what pixels the network expects.
_PROBED = 2_000
# By how much one convention must be better than the other to be taken for the one that the network was trained with.
_MARGIN = 0.005

_SAVE = "and save that as a `.keras` file."


@dataclass(frozen=True)
class Verdict:
    """What a trial found.

    Attributes:
        parameters: number of weights.
        raw: accuracy on probe items whose pixels are 0 to 255, as the lab hands them over; 0 to 1.
        scaled: the same with pixels from 0 to 1.
    """

    parameters: int
    raw: float
    scaled: float

    @property
    def wants_scaling(self) -> bool:
        """Whether the network was trained on pixels from 0 to 1, and so is worse on those that the lab hands over."""
        return self.scaled > self.raw + _MARGIN


def try_model(path: Path, folder: Path, items: NDArray[np.int64], scale: bool = False) -> Verdict:
    """Have a process of its own try out a network.

    Args:
        path: the `.keras` file, which `model_safety.check_model_file` lets pass.
        folder: where "answers.npz" and, with `scale`, "model.keras" are written.
        items: numbers of the items to answer about, (n,).
        scale: put a layer in front of the network that divides pixels by 255.

    Raises:
        RefusedFileError: if Keras cannot load it, or it does not turn a picture into ten probabilities.
    """
    np.save(folder / "items.npy", items)
    command = [sys.executable, "-m", "fmnist_core.model_trial", str(path), str(folder), *(["--scale"] * scale)]
    # Without a GPU, whose memory belongs to the trainings.
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    home = Path(__file__).resolve().parent.parent
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(home), os.environ.get("PYTHONPATH"))))
    with contextlib.suppress(subprocess.TimeoutExpired):
        # Its folder is a new one, which none of the modules that it imports can come from.
        subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=SECONDS, check=False)
    try:
        verdict = storage.read_json(folder / "verdict.json")
    except (OSError, ValueError):
        raise RefusedFileError(
            f"Keras must be able to load the network and to ask it within {SECONDS} seconds. Received: one with which "
            "the process ended."
        ) from None
    if "refused" in verdict:
        raise RefusedFileError(verdict["refused"])
    return Verdict(**verdict)


def examine(path: Path, folder: Path, scale: bool) -> Verdict:
    """Do in this process what `try_model` has another one do.

    Raises:
        RefusedFileError: likewise.
    """
    # Before Keras and its HDF5 reader see them.
    check_weights(path)
    import keras

    from fmnist_core import kernels, optimizers  # noqa: F401  they register the lab's own classes

    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises whatever its layers and HDF5 raise
        raise RefusedFileError(
            f"Keras {keras.version()} must be able to load the network. Received: {type(error).__name__}. It may have "
            "been saved with a newer version."
        ) from error
    _check_shapes(model)
    dataset = load_dataset()
    probed = np.arange(TRAIN_ITEMS - _PROBED, TRAIN_ITEMS)
    pixels, labels = dataset.images[probed].astype(np.float32)[..., None], dataset.labels[probed]
    raw, scaled = _ask(model, pixels), _ask(model, pixels / np.float32(255))
    found = [float((answers.argmax(axis=1) == labels).mean()) for answers in (raw, scaled)]
    if scale:
        model = put_scaling_in_front(model)
        model.save(folder / "model.keras")
    items = np.load(folder / "items.npy")
    answers = _ask(model, dataset.images[items].astype(np.float32)[..., None])
    np.savez_compressed(folder / "answers.npz", probabilities=answers)
    return Verdict(model.count_params(), *found)


def put_scaling_in_front(model: "keras.Model") -> "keras.Model":
    """Return a network that divides pixels by 255 and hands them on to `model`, whose weights it shares."""
    import keras

    scaling = keras.layers.Rescaling(1 / 255)
    pixels = keras.Input((*IMAGE_SHAPE, 1))
    if isinstance(model, keras.Sequential):
        return keras.Sequential([pixels, scaling, *model.layers])
    return keras.Model(pixels, model(scaling(pixels)))


def _check_shapes(model: "keras.Model") -> None:
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        received = f"{len(model.inputs)} and {len(model.outputs)}"
        raise RefusedFileError(f"The network must have one input and one output. Received: {received}.")
    taken, given = tuple(model.inputs[0].shape), tuple(model.outputs[0].shape)
    if taken != (None, *IMAGE_SHAPE, 1):
        way_out = (
            "`keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Reshape((28, 28)), *model.layers])` would "
            f"be one that does; build it, {_SAVE}"
            if taken[1:] == IMAGE_SHAPE
            else f"Train one on pictures of that shape, {_SAVE}"
        )
        raise RefusedFileError(f"The network must take pictures of (28, 28, 1). Received: {taken[1:]}. {way_out}")
    if given != (None, 10):
        raise RefusedFileError(f"The network must give ten probabilities. Received: {given[1:]}.")
    if model.count_params() > MOST_PARAMETERS:
        raise RefusedFileError(
            f"The network must have at most {MOST_PARAMETERS:,} parameters. Received: {model.count_params():,}."
        )


def _ask(model: "keras.Model", pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what a network answers, (n, 10); refuse answers that are no probabilities."""
    answers = np.asarray(model.predict(pixels, batch_size=250, verbose=0), dtype=np.float32)
    sums = answers.sum(axis=1)
    if not np.isfinite(answers).all() or answers.min() < -1e-6 or np.abs(sums - 1).max() > 1e-2:
        raise RefusedFileError(
            "The network's ten answers must be probabilities that sum to 1. Received: others, for example "
            f"{sums[0]:.2f} as their sum. If it gives logits, add `keras.layers.Softmax()` at its end, {_SAVE}"
        )
    return answers


def _limit_memory() -> None:
    # Not everywhere, and where a limit is lower already, that one holds.
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def main(arguments: list[str] | None = None) -> None:
    """Try out a network and write down what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", action="store_true")
    options = parser.parse_args(arguments)
    _limit_memory()
    verdict: dict[str, Any]
    try:
        verdict = asdict(examine(options.file, options.folder, options.scale))
    except RefusedFileError as error:
        verdict = {"refused": str(error)}
    storage.write_json(options.folder / "verdict.json", verdict)


if __name__ == "__main__":
    main()
