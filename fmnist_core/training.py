"""Build, fit and test a network. Nothing here knows of files or pages: `recording` keeps what an observer hears."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from fmnist_core import architectures, devices, kernels
from fmnist_core.config import TrainingConfig, choose_items
from fmnist_core.data import Dataset
from fmnist_core.learner import EpochOrder, Learner
from fmnist_core.observing import EpochRecord, NoObserver, Observer
from fmnist_core.optimizers import build_optimizer, choose_rate
from fmnist_core.patience import Patience
from fmnist_core.splits import Split
from fmnist_core.telemetry import Telemetry, predict_probabilities

__all__ = ["Checkpoint", "Trained", "TrainingConfig", "compile_model", "train"]

# Telemetry looks at the training after every execution; one that takes about this many multiplications
# lasts some tenths of a second on two cores, so stopping feels immediate and Keras's overhead is spread.
_OPERATIONS_PER_EXECUTION = 12e9


@dataclass(frozen=True, eq=False)
class Trained:
    """A finished or stopped training.

    Attributes:
        model: with the weights that are kept: the best epoch's with early stopping, else the last ones; in both
            cases their moving average if there is one. It computes in float32.
        history: one record for each whole epoch of this call.
        split: which items were used for what.
        probabilities: of `split.test`, (n, 10) float32.
        seconds: how long fitting took, without building and testing.
        images_per_second: training items seen over `seconds`.
        stopped: whether the observer stopped it before its last epoch.
    """

    model: keras.Model
    history: list[EpochRecord]
    split: Split
    probabilities: NDArray[np.float32]
    seconds: float
    images_per_second: float
    stopped: bool


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A training to go on with.

    Attributes:
        model: with its optimizer's state, after the last whole epoch.
        epochs: how many whole epochs it has had.
        val_accuracies: of all these epochs; what waits for a better one goes on waiting. Empty: it begins anew.
        best: weights of the best of them, as `get_weights` gives them, if stopping early is to go back there.
    """

    model: keras.Model
    epochs: int
    val_accuracies: Sequence[float] = ()
    best: list[NDArray] | None = None


def train(
    config: TrainingConfig,
    dataset: Dataset,
    observer: Observer | None = None,
    checkpoint: Checkpoint | None = None,
) -> Trained:
    """Build, fit and test the network of `config`.

    The validation items are predicted once an epoch, and loss and accuracy worked out from the
    probabilities, so keeping these for every epoch costs nothing beside Keras's own validation.

    All that is random in an epoch follows from the seed and the epoch's number. A training that goes on from a
    checkpoint therefore does what it would have done without the break.

    Args:
        config: the settings.
        dataset: the data.
        observer: is told of every point and epoch, and may stop the training.
        checkpoint: where to go on, or None to start anew.

    Raises:
        InvalidSettingError: if `choose_items` does.
    """
    split = choose_items(config, dataset.labels)
    keras.utils.set_random_seed(config.seed)
    network = _prepare(config, config.count_steps(len(split.train)), checkpoint)
    learner = Learner(network, config, dataset.images[split.train], dataset.labels[split.train])
    telemetry = Telemetry(config, dataset, split, observer or NoObserver())
    known = (checkpoint.val_accuracies, checkpoint.best) if checkpoint else ((), None)
    patience = Patience(config, network, *known)
    began = time.perf_counter()
    learner.fit(
        np.arange(config.count_items(len(split.train)), dtype="int32"),
        batch_size=config.batch_size,
        epochs=config.epochs,
        initial_epoch=checkpoint.epochs if checkpoint else 0,
        shuffle=False,  # the learner does that
        verbose=0,
        callbacks=[EpochOrder(), telemetry, patience],
    )
    seconds = time.perf_counter() - began - telemetry.paused_seconds
    model = _settle(config, network, patience.best)
    return Trained(
        model=model,
        history=telemetry.history,
        split=split,
        probabilities=predict_probabilities(model, dataset.images[split.test]),
        seconds=seconds,
        images_per_second=telemetry.items_seen / max(seconds, 1e-9),
        stopped=telemetry.stopped,
    )


def compile_model(config: TrainingConfig, steps_per_epoch: int = 1) -> keras.Model:
    """Build the network of `config` and make it ready to fit.

    Args:
        config: the settings.
        steps_per_epoch: batches an epoch, on which the learning rate's schedule depends.
    """
    network = kernels.fuse_layers(_build_network(config, takes_bfloat16(config)))
    network.compile(
        optimizer=build_optimizer(config, steps_per_epoch),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=_count_steps_per_execution(config),
        jit_compile=devices.compiles_well(),
    )
    return network


def takes_bfloat16(config: TrainingConfig) -> bool:
    """Tell whether layers compute in bfloat16 when `config` is trained here."""
    return devices.computes_bfloat16() if config.mixed_precision == "auto" else config.mixed_precision == "on"


def _prepare(config: TrainingConfig, steps_per_epoch: int, checkpoint: Checkpoint | None) -> keras.Model:
    if checkpoint is None:
        return compile_model(config, steps_per_epoch)
    network = checkpoint.model
    # Settings may have changed since: more epochs stretch the schedule, another machine compiles otherwise.
    network.optimizer.learning_rate = choose_rate(config, steps_per_epoch)
    network.steps_per_execution = _count_steps_per_execution(config)
    network.jit_compile = devices.compiles_well()
    return network


def _build_network(config: TrainingConfig, in_bfloat16: bool) -> keras.Model:
    stack, name = config.stack, "own" if config.layers is not None else config.architecture.replace("/", "_")
    if not in_bfloat16:
        return architectures.build_model(stack, name=name)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = architectures.build_model(stack, name=name)
    finally:
        keras.config.set_dtype_policy(before)
    # Probabilities of three digits would make losses and confidences coarse, so the last layer has all of them.
    settings = network.get_config()
    settings["layers"][-1]["config"]["dtype"] = "float32"
    return type(network).from_config(settings)


def _count_steps_per_execution(config: TrainingConfig) -> int:
    operations = architectures.count_operations(config.stack) * config.batch_size
    return int(np.clip(_OPERATIONS_PER_EXECUTION / operations, 1, 32))


def _settle(config: TrainingConfig, network: keras.Model, best: list[NDArray] | None) -> keras.Model:
    """Return a plain network with the weights to keep; Keras has put the averaged ones in place when it ended."""
    plain = _build_network(config, in_bfloat16=False)
    plain.set_weights(network.get_weights() if best is None else best)
    return plain
