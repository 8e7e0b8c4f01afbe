"""Build, fit and test a network. Nothing here knows of files or pages: `recording` keeps what an observer hears."""

import time
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from fmnist_core import architectures, devices
from fmnist_core.config import OPTIMIZERS, TrainingConfig, choose_items
from fmnist_core.data import Dataset
from fmnist_core.observing import EpochRecord, NoObserver, Observer
from fmnist_core.splits import Split
from fmnist_core.telemetry import Telemetry, as_input, predict_probabilities

__all__ = ["Checkpoint", "Trained", "TrainingConfig", "compile_model", "train"]

# Telemetry looks at the training after every execution; one that takes about this many multiplications
# lasts some tenths of a second on two cores, so stopping feels immediate and Keras's overhead is spread.
_OPERATIONS_PER_EXECUTION = 12e9


@dataclass(frozen=True, eq=False)
class Trained:
    """A finished or stopped training.

    Attributes:
        model: with the weights it ended with.
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


@dataclass(frozen=True)
class Checkpoint:
    """A training to go on with: the model with its optimizer's state, and its whole epochs so far."""

    model: keras.Model
    epochs: int


def train(
    config: TrainingConfig,
    dataset: Dataset,
    observer: Observer | None = None,
    checkpoint: Checkpoint | None = None,
) -> Trained:
    """Build, fit and test the network of `config`.

    The validation items are predicted once an epoch, and loss and accuracy worked out from the
    probabilities, so keeping these for every epoch costs nothing beside Keras's own validation.

    Args:
        config: the settings.
        dataset: the data.
        observer: is told of every point and epoch, and may stop the training.
        checkpoint: where to go on, or None to start anew.

    Raises:
        InvalidSettingError: if `choose_items` does.
    """
    split = choose_items(config, dataset.labels)
    done = checkpoint.epochs if checkpoint else 0
    # An epoch's order of items must not repeat that of the first one when a training goes on.
    keras.utils.set_random_seed(config.seed + done)
    model = checkpoint.model if checkpoint else compile_model(config)
    telemetry = Telemetry(config, dataset, split, observer or NoObserver())
    began = time.perf_counter()
    model.fit(
        as_input(dataset.images[split.train]),
        dataset.labels[split.train].astype("int32"),
        batch_size=config.batch_size,
        epochs=config.epochs,
        initial_epoch=done,
        shuffle=True,
        verbose=0,
        callbacks=[telemetry, *_make_callbacks(config)],
    )
    seconds = time.perf_counter() - began
    return Trained(
        model=model,
        history=telemetry.history,
        split=split,
        probabilities=predict_probabilities(model, dataset.images[split.test]),
        seconds=seconds,
        images_per_second=telemetry.items_seen / max(seconds, 1e-9),
        stopped=telemetry.stopped,
    )


def compile_model(config: TrainingConfig) -> keras.Model:
    """Build the network of `config` and make it ready to fit."""
    stack = architectures.find_stack(config.architecture)
    model = architectures.build_model(stack, name=config.architecture.replace("/", "_"))
    class_name, arguments = OPTIMIZERS[config.optimizer]
    operations = architectures.count_operations(stack) * config.batch_size
    model.compile(
        optimizer=getattr(keras.optimizers, class_name)(learning_rate=config.learning_rate, **arguments),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=int(np.clip(_OPERATIONS_PER_EXECUTION / operations, 1, 32)),
        jit_compile=devices.compiles_well(),
    )
    return model


def _make_callbacks(config: TrainingConfig) -> list[keras.callbacks.Callback]:
    callbacks: list[keras.callbacks.Callback] = []
    watched = {"monitor": "val_accuracy", "mode": "max"}
    if config.reduce_on_plateau:
        callbacks.append(keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=config.reduce_on_plateau, **watched))
    if config.early_stopping:
        callbacks.append(
            keras.callbacks.EarlyStopping(patience=config.early_stopping, restore_best_weights=True, **watched)
        )
    return callbacks
