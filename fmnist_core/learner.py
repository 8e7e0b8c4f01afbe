"""What Keras fits: the network with everything that happens to its items and its answers in training alone."""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from fmnist_core import street
from fmnist_core.augmentation import augment, mix
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.config import TrainingConfig
from fmnist_core.splits import Indices

_CLASSES = len(CLASS_NAMES)


class Learner(keras.Model):
    """A network to be fitted, around which items are gathered, augmented, mixed and weighted.

    The network itself stays what is saved; it shares its weights and its optimizer with the learner. All training
    images lie on the device and a batch is a handful of positions in the order of the epoch, so that nothing else
    has to be sent there: a batch's images are gathered inside the compiled step.

    Args:
        network: compiled, (n, 28, 28, 1) uint8 to probabilities (n, 10).
        config: the settings.
        images: those to train on, (n, 28, 28) uint8.
        labels: theirs, (n,).
    """

    def __init__(
        self, network: keras.Model, config: TrainingConfig, images: NDArray[np.uint8], labels: NDArray[np.uint8]
    ) -> None:
        super().__init__(name="learner")
        self.network = network
        self.generator = keras.random.SeedGenerator(config.seed)
        self._config = config
        self._images = keras.Variable(images[..., np.newaxis], trainable=False, dtype="uint8", name="images")
        self._labels = keras.Variable(labels, trainable=False, dtype="int32", name="labels")
        self._order = keras.Variable(
            np.zeros(config.count_items(len(labels))), trainable=False, dtype="int32", name="order"
        )
        self._class_weights = weigh_classes(labels) if config.class_weights == "balanced" else None
        self.compile(
            optimizer=network.optimizer,
            loss=_choose_loss(config),
            metrics=["accuracy"],
            steps_per_execution=network.steps_per_execution,
            jit_compile=network.jit_compile,
        )

    def begin_epoch(self, epoch: int) -> None:
        """Decide the order of items, and all that is random in the epoch, by the seed and the epoch alone."""
        items = self._labels.shape[0]
        self._order.assign(choose_order(items, self._order.shape[0], self._config.seed, epoch))
        for place, generator in enumerate((self.generator, *find_generators(self.network))):
            draws = np.random.default_rng((self._config.seed, epoch, place))
            generator.state.assign(draws.integers(0, 2**31, size=2))

    def call(self, positions: Any, training: bool = False) -> tuple[Any, Any, Any]:
        """Return probabilities (n, 10), what they should be (n, 10), and labels (n,), of positions in the order."""
        items = ops.take(self._order, positions)
        images = ops.take(self._images, items, axis=0)
        labels = ops.take(self._labels, items)
        targets = ops.one_hot(labels, _CLASSES, dtype="float32")
        if training:
            images, targets = change(images, labels, targets, self.generator, self._config)
        return self.network(images, training=training), targets, labels

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Return the loss against the mixed and smoothed targets; Keras calls this."""
        probabilities, targets, _ = y_pred
        if self._class_weights is not None:
            sample_weight = ops.matmul(targets, ops.convert_to_tensor(self._class_weights)[:, None])[:, 0]
        return super().compute_loss(x, targets, probabilities, sample_weight, training)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Return loss and accuracy, the latter against the labels before mixing; Keras calls this."""
        probabilities, _, labels = y_pred
        return super().compute_metrics(x, labels, probabilities)


class EpochOrder(keras.callbacks.Callback):
    """Lets a learner begin its epochs."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Pass it on."""
        self.model.begin_epoch(epoch)


def change(
    images: Any, labels: Any, targets: Any, seed_generator: keras.random.SeedGenerator, config: TrainingConfig
) -> tuple[Any, Any]:
    """Return images (n, 28, 28, 1) uint8 and targets (n, 10) changed at random as `config` says.

    Args:
        images: as the data set has them.
        labels: theirs, (n,) int32.
        targets: what the network should answer.
        seed_generator: decides how; it moves on.
        config: the settings.
    """
    images = street.change(images, labels, seed_generator, config)
    return mix(augment(images, seed_generator, config), targets, seed_generator, config)


def preview(
    images: NDArray[np.uint8], labels: NDArray[np.uint8], config: TrainingConfig, seed: int
) -> NDArray[np.uint8]:
    """Return images as a training with `config` would see them, CutMix included.

    Args:
        images: (n, 28, 28) uint8.
        labels: theirs, (n,).
        config: the settings.
        seed: another one shows other changes.
    """
    given = ops.convert_to_tensor(np.ascontiguousarray(images)[..., np.newaxis])
    kinds = ops.convert_to_tensor(labels.astype(np.int32))
    generator = keras.random.SeedGenerator(seed)
    changed, _ = change(given, kinds, ops.zeros((len(images), _CLASSES)), generator, config)
    return ops.convert_to_numpy(changed)[..., 0]


def choose_order(items: int, length: int, seed: int, epoch: int) -> Indices:
    """Return which items an epoch sees, in order: one shuffle of all after the other, where the last epoch ended.

    Args:
        items: how many there are.
        length: how many an epoch sees.
        seed: decides the shuffles.
        epoch: from 0.
    """
    first, last = epoch * length // items, ((epoch + 1) * length - 1) // items
    shuffles = [np.random.default_rng((seed, number)).permutation(items) for number in range(first, last + 1)]
    start = epoch * length - first * items
    return np.concatenate(shuffles)[start : start + length]


def weigh_classes(labels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return weights by which all classes together count alike, and all items as much as before, (10,) float32."""
    counts = np.bincount(labels, minlength=_CLASSES)
    present = np.count_nonzero(counts)
    return (len(labels) / (present * np.maximum(counts, 1)) * (counts > 0)).astype(np.float32)


def find_generators(network: keras.Model) -> list[keras.random.SeedGenerator]:
    """Return what the network's layers draw their random numbers from, dropout for example, in order."""
    layers = network._flatten_layers(include_self=False)
    return [layer.seed_generator for layer in layers if getattr(layer, "seed_generator", None) is not None]


def _choose_loss(config: TrainingConfig) -> keras.losses.Loss:
    if config.loss == "mse":
        return keras.losses.MeanSquaredError()
    return keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing)
