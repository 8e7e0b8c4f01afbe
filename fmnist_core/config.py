"""The settings of a training as one value, and which items they choose. Without Keras, so that a page can have it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core import architectures
from fmnist_core.errors import InvalidSettingError
from fmnist_core.settings import Settings, check_choice, check_whole, is_number
from fmnist_core.splits import SPLITS, Split, make_split, take_stratified

# Keras class and the arguments beside the learning rate.
OPTIMIZERS: dict[str, tuple[str, dict[str, Any]]] = {
    "adam": ("Adam", {}),
    "nadam": ("Nadam", {}),
    "adamw": ("AdamW", {}),
    "adamax": ("Adamax", {}),
    "rmsprop": ("RMSprop", {}),
    "sgd": ("SGD", {}),
    "sgd-nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "adagrad": ("Adagrad", {}),
    "adadelta": ("Adadelta", {}),
}


@dataclass(frozen=True)
class TrainingConfig(Settings):
    """Everything that determines a training, checked on construction.

    Attributes:
        architecture: key of `architectures.ARCHITECTURES`.
        epochs: how often all training items are seen, 1 to 1000.
        batch_size: items per step, 1 to 8192.
        learning_rate: of the optimizer, above 0 up to 10.
        optimizer: key of `OPTIMIZERS`.
        split: key of `splits.SPLITS`.
        validation_split: part of the training items held out, 0 to below 1; only for "official".
        subset: number of training items to use, classes balanced; None for all.
        seed: decides initial weights, order of items, dropout and subset, 0 to 2**31 - 1.
        early_stopping: stop after this many epochs without a better val_accuracy and go back to the
            best epoch's weights; None to never stop early.
        reduce_on_plateau: halve the learning rate after this many epochs without a better
            val_accuracy; None to leave it alone.

    Raises:
        InvalidSettingError: for the first setting that breaks its rule.
    """

    architecture: str = "threads/model-3"
    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 0.001
    optimizer: str = "adam"
    split: str = "official"
    validation_split: float = 0.1
    subset: int | None = None
    seed: int = 0
    early_stopping: int | None = None
    reduce_on_plateau: int | None = None

    def __post_init__(self) -> None:
        check_choice("architecture", self.architecture, architectures.ARCHITECTURES)
        check_choice("optimizer", self.optimizer, OPTIMIZERS)
        check_choice("split", self.split, SPLITS)
        check_whole("epochs", self.epochs, 1, 1000)
        check_whole("batch_size", self.batch_size, 1, 8192)
        check_whole("seed", self.seed, 0, 2**31 - 1)
        for name in ("subset", "early_stopping", "reduce_on_plateau"):
            if getattr(self, name) is not None:
                check_whole(name, getattr(self, name), 1, 70_000)
        if not (is_number(self.learning_rate) and 0 < self.learning_rate <= 10):
            raise InvalidSettingError(
                f"`learning_rate` must be above 0 and at most 10. Received: {self.learning_rate}."
            )
        if not (is_number(self.validation_split) and 0 <= self.validation_split < 1):
            raise InvalidSettingError(
                f"`validation_split` must be at least 0 and less than 1. Received: {self.validation_split}."
            )
        if not self.validates and (self.early_stopping or self.reduce_on_plateau):
            raise InvalidSettingError(
                "`early_stopping` and `reduce_on_plateau` watch val_accuracy, so `validation_split` "
                f"must be above 0. Received: {self.validation_split}."
            )

    @property
    def validates(self) -> bool:
        """Whether some items are held out for validation."""
        return not SPLITS[self.split].takes_validation_split or self.validation_split > 0


def choose_items(config: TrainingConfig, labels: NDArray[np.uint8]) -> Split:
    """Return which items `config` trains on, validates with and tests with.

    Args:
        config: the settings.
        labels: labels of all items, shape (70000,).

    Raises:
        InvalidSettingError: if nothing is left to train on, or `subset` or `batch_size` asks for more.
    """
    split = make_split(config.split, labels, config.validation_split)
    if config.subset is not None:
        if config.subset > len(split.train):
            raise InvalidSettingError(
                f"`subset` must be at most the {len(split.train):,} training items of this split. "
                f"Received: {config.subset:,}."
            )
        split = replace(split, train=take_stratified(split.train, labels, config.subset, config.seed))
    if config.batch_size > len(split.train):
        raise InvalidSettingError(
            f"`batch_size` must be at most the number of training items, {len(split.train):,}. "
            f"Received: {config.batch_size:,}."
        )
    return split
