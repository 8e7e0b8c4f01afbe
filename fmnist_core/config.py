"""The settings of a training as one value, and which items they choose. Without Keras, so that a page can have it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fmnist_core import architectures, baselines
from fmnist_core.baselines import BASELINES
from fmnist_core.errors import InvalidSettingError
from fmnist_core.settings import Settings, check_choice, check_real, check_whole, is_number
from fmnist_core.splits import SPLITS, Split, check_folds, make_fold, make_split, take_stratified
from fmnist_core.stacks import Layer, Stack, read_stack

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

# What each choice is called, by key.
LOSSES = {"cross-entropy": "Cross-entropy", "mse": "Mean squared error"}
SCHEDULES = {"constant": "Constant", "step": "Steps", "cosine": "Cosine", "one-cycle": "One cycle"}
MIXED_PRECISION = {"auto": "Where the hardware is made for it", "on": "Always", "off": "Never"}
CLASS_WEIGHTS = {"none": "All items alike", "balanced": "All classes alike"}

_WITH_MOMENTUM = ("sgd", "sgd-nesterov", "rmsprop")
_MOST_ITEMS_PER_EPOCH = 7_000_000
_RANGES = {
    "warmup_epochs": (0, 1000),
    "label_smoothing": (0, 0.99),
    "ema": (0, 0.9999),
    "rotate": (0, 45),
    "zoom": (0, 0.5),
    "shear": (0, 0.5),
    "contrast": (0, 0.9),
    "erase": (0, 1),
    "cutmix": (0, 1),
    "street": (0, 1),
}


@dataclass(frozen=True)
class TrainingConfig(Settings):
    """Everything that determines a training, checked on construction.

    Attributes:
        architecture: key of `architectures.ARCHITECTURES`, or of `baselines.BASELINES`; a baseline takes
            `baselines.SETTINGS`, 1 as `epochs`, and leaves all other settings as they are.
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
        steps_per_epoch: how many batches make an epoch, 1 to 100,000; the next epoch goes on where it ended.
            None for all training items once.
        loss: key of `LOSSES`; both compare the probabilities with 1 for the item's class and 0 for the others.
        label_smoothing: share of the 1 that is spread over all classes, 0 to 0.99; only for cross-entropy.
        schedule: key of `SCHEDULES`, how the learning rate changes; see `schedules`.
        warmup_epochs: over how many epochs the learning rate first rises evenly from 0, 0 to 1000.
        weight_decay: part of each weight that a step takes away, times the learning rate, 0 to 1; None for the
            optimizer's own: 0.004 with "adamw", 0 with the others.
        momentum: share of the last step that the next one repeats, 0 to 0.999, for "sgd", "sgd-nesterov" and
            "rmsprop"; None for the optimizer's own: 0.9 with "sgd-nesterov", 0 with the others.
        ema: decay of the moving average of the weights that is judged and kept, 0.998 for example, up to
            0.9999; 0 to judge and keep the weights themselves.
        class_weights: key of `CLASS_WEIGHTS`, how much items count in the loss.
        flip: whether half of the images, chosen anew each time, are mirrored left to right.
        shift: images are moved by up to this many pixels in both directions, 0 to 8.
        rotate: images are turned by up to this many degrees, 0 to 45.
        zoom: images are scaled by a factor of up to 1 + this or down to 1 / (1 + this), 0 to 0.5.
        shear: rows are slid sideways by up to this many pixels a row, 0 to 0.5.
        contrast: brightness is multiplied by up to 1 + this or down to 1 - this, 0 to 0.9.
        erase: share of images in which a random rectangle is painted over, 0 to 1.
        cutmix: share of batches in which every image gets a rectangle, and that share of the label, from
            another one, 0 to 1.
        street: share of images that are changed first as photographs change garments, see `street`, 0 to 1.
        mixed_precision: key of `MIXED_PRECISION`, whether layers compute in bfloat16; weights and probabilities stay
            float32.
        layers: those of a network of one's own, in place of those that `architecture` names; None for these.
        enlarge: how many times higher and wider images are made before the first layer, 1 to 4.
        folds: into how many parts the official training items are cut, 2 to 20, of which one validates, whatever
            `validation_split` says; see `splits.make_fold`. None for no folds.
        fold: the part that validates, from 0.

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
    steps_per_epoch: int | None = None
    loss: str = "cross-entropy"
    label_smoothing: float = 0.0
    schedule: str = "constant"
    warmup_epochs: float = 0.0
    weight_decay: float | None = None
    momentum: float | None = None
    ema: float = 0.0
    class_weights: str = "none"
    flip: bool = False
    shift: int = 0
    rotate: float = 0.0
    zoom: float = 0.0
    shear: float = 0.0
    contrast: float = 0.0
    erase: float = 0.0
    cutmix: float = 0.0
    street: float = 0.0
    mixed_precision: str = "auto"
    layers: Stack | None = None
    enlarge: int = 1
    folds: int | None = None
    fold: int = 0

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any]) -> Self:
        """Make settings from what `to_dict` gave or a user typed; layers may be as JSON has them.

        Raises:
            InvalidSettingError: for an unknown name or a value outside its range.
        """
        given = dict(settings)
        if given.get("layers") is not None:
            given["layers"] = read_stack(given["layers"])
        if isinstance(given.get("mixed_precision"), bool):  # in runs of earlier versions
            given["mixed_precision"] = "on" if given["mixed_precision"] else "off"
        return super().from_dict(given)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings by name, ready for JSON; of a classical classifier those that it takes.

        Its runs can then be read when the others have got new defaults.
        """
        settings = super().to_dict()
        return {name: settings[name] for name in baselines.KEPT_SETTINGS} if self.is_baseline else settings

    def __post_init__(self) -> None:
        self._check_choices()
        self._check_numbers()
        if self.is_baseline:
            baselines.check_settings(self)
        self._check_together()

    def _check_choices(self) -> None:
        check_choice("architecture", self.architecture, (*architectures.ARCHITECTURES, *BASELINES))
        check_choice("optimizer", self.optimizer, OPTIMIZERS)
        check_choice("split", self.split, SPLITS)
        check_choice("loss", self.loss, LOSSES)
        check_choice("schedule", self.schedule, SCHEDULES)
        check_choice("class_weights", self.class_weights, CLASS_WEIGHTS)
        check_choice("mixed_precision", self.mixed_precision, MIXED_PRECISION)
        if not isinstance(self.flip, bool):
            raise InvalidSettingError(f"`flip` must be true or false. Received: {self.flip}.")

    def _check_numbers(self) -> None:
        check_whole("epochs", self.epochs, 1, 1000)
        check_whole("batch_size", self.batch_size, 1, 8192)
        check_whole("seed", self.seed, 0, 2**31 - 1)
        check_whole("shift", self.shift, 0, 8)
        check_whole("enlarge", self.enlarge, 1, 4)
        for name in ("subset", "early_stopping", "reduce_on_plateau"):
            if getattr(self, name) is not None:
                check_whole(name, getattr(self, name), 1, 70_000)
        if self.steps_per_epoch is not None:
            check_whole("steps_per_epoch", self.steps_per_epoch, 1, 100_000)
        for name, (lowest, highest) in _RANGES.items():
            check_real(name, getattr(self, name), lowest, highest)
        if self.weight_decay is not None:
            check_real("weight_decay", self.weight_decay, 0, 1)
        if self.momentum is not None:
            check_real("momentum", self.momentum, 0, 0.999)
        if not (is_number(self.learning_rate) and 0 < self.learning_rate <= 10):
            raise InvalidSettingError(
                f"`learning_rate` must be above 0 and at most 10. Received: {self.learning_rate}."
            )
        if not (is_number(self.validation_split) and 0 <= self.validation_split < 1):
            raise InvalidSettingError(
                f"`validation_split` must be at least 0 and less than 1. Received: {self.validation_split}."
            )

    def _check_together(self) -> None:
        check_folds(self.folds, self.fold, self.split)
        if self.layers is not None or self.enlarge > 1:
            architectures.summarize(self.stack)
        if not self.validates and (self.early_stopping or self.reduce_on_plateau):
            raise InvalidSettingError(
                "`early_stopping` and `reduce_on_plateau` watch val_accuracy, so `validation_split` "
                f"must be above 0. Received: {self.validation_split}."
            )
        if self.steps_per_epoch and self.steps_per_epoch * self.batch_size > _MOST_ITEMS_PER_EPOCH:
            raise InvalidSettingError(
                f"`steps_per_epoch` times `batch_size` must be at most {_MOST_ITEMS_PER_EPOCH:,} items. "
                f"Received: {self.steps_per_epoch:,} times {self.batch_size:,}."
            )
        if self.reduce_on_plateau and (self.schedule != "constant" or self.warmup_epochs):
            raise InvalidSettingError(
                "`reduce_on_plateau` sets the learning rate by itself, so `schedule` must be constant and "
                f"`warmup_epochs` 0. Received: {self.schedule} and {self.warmup_epochs}."
            )
        if self.schedule == "one-cycle" and self.warmup_epochs:
            raise InvalidSettingError(
                "The one-cycle `schedule` warms up by itself, so `warmup_epochs` must be 0. "
                f"Received: {self.warmup_epochs}."
            )
        if self.label_smoothing and self.loss != "cross-entropy":
            raise InvalidSettingError(
                f"`label_smoothing` must be 0 unless `loss` is cross-entropy. Received: {self.label_smoothing}."
            )
        if self.momentum is not None and self.optimizer not in _WITH_MOMENTUM:
            raise InvalidSettingError(
                f"`momentum` must be left out unless `optimizer` is one of {', '.join(_WITH_MOMENTUM)}. "
                f"Received: {self.momentum} with {self.optimizer}."
            )

    @property
    def is_baseline(self) -> bool:
        """Whether a classical classifier is fitted instead of a network."""
        return self.architecture in BASELINES

    @property
    def parameters(self) -> int:
        """How many weights there will be; of a classical classifier as `baselines.Baseline` has it."""
        if self.is_baseline:
            return BASELINES[self.architecture].parameters
        return architectures.count_parameters(self.stack)

    @property
    def stack(self) -> Stack:
        """The layers of the network that is trained, from the enlarged images on."""
        stack = architectures.find_stack(self.architecture) if self.layers is None else self.layers
        if self.enlarge == 1:
            return stack
        return (Layer("UpSampling2D", {"size": self.enlarge, "interpolation": "bilinear"}), *stack)

    @property
    def validates(self) -> bool:
        """Whether some items are held out for validation."""
        takes_share = SPLITS[self.split].takes_validation_split and self.folds is None
        return not takes_share or self.validation_split > 0

    def count_items(self, available: int) -> int:
        """Return how many items an epoch sees, of `available` training items; some twice if they do not suffice."""
        return self.steps_per_epoch * self.batch_size if self.steps_per_epoch else available

    def count_steps(self, available: int) -> int:
        """Return how many batches an epoch has, with `available` training items."""
        return -(-self.count_items(available) // self.batch_size)


def choose_items(config: TrainingConfig, labels: NDArray[np.uint8]) -> Split:
    """Return which items `config` trains on, validates with and tests with.

    Args:
        config: the settings.
        labels: labels of all items, shape (70000,).

    Raises:
        InvalidSettingError: if nothing is left to train on, or `subset` or `batch_size` asks for more, or a classical
            classifier gets too few items of a class.
    """
    if config.folds is None:
        split = make_split(config.split, labels, config.validation_split)
    else:
        split = make_fold(labels, config.folds, config.fold)
    if config.subset is not None:
        if config.subset > len(split.train):
            raise InvalidSettingError(
                f"`subset` must be at most the {len(split.train):,} training items of this split. "
                f"Received: {config.subset:,}."
            )
        split = replace(split, train=take_stratified(split.train, labels, config.subset, config.seed))
    if config.is_baseline:
        baselines.check_items(labels[split.train])
    elif config.batch_size > len(split.train):
        raise InvalidSettingError(
            f"`batch_size` must be at most the number of training items, {len(split.train):,}. "
            f"Received: {config.batch_size:,}."
        )
    return split
