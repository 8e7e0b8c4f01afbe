"""The Keras callback that watches a training and tells an observer."""

import time

import keras
import numpy as np
from numpy.typing import NDArray

from fmnist_core.config import TrainingConfig
from fmnist_core.data import Dataset
from fmnist_core.observing import BatchPoint, EpochRecord, Observer
from fmnist_core.splits import Split

_POINTS_PER_EPOCH = 25


class Telemetry(keras.callbacks.Callback):
    """Turns Keras's running means into points, validates, and passes a wish to stop on.

    It has to stand before callbacks that watch validation figures, since it is what works them out.
    """

    def __init__(self, config: TrainingConfig, dataset: Dataset, split: Split, observer: Observer) -> None:
        super().__init__()
        self.history: list[EpochRecord] = []
        self.items_seen = 0
        self._has_reported = False
        self.stopped = False
        self._observer = observer
        self._items = len(split.train)
        self._batch_size = config.batch_size
        self._validation_images = dataset.images[split.validation]
        self._validation_labels = dataset.labels[split.validation]

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Start the clock."""
        self._began = time.perf_counter()

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Start counting anew, as Keras's running means do."""
        self._epoch_began = time.perf_counter()
        self._epoch = epoch
        self._seen = 0
        self._reported = 0
        self._sums = np.zeros(2)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Report a point now and then; `batch` is the last one of an execution."""
        seen = min((batch + 1) * self._batch_size, self._items)
        self.items_seen += seen - self._seen
        self._seen = seen
        if self._is_due():
            self._report(logs or {})
        if self._observer.wants_stop():
            self.stopped = True
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Validate and report the epoch, unless it was cut short."""
        if self._seen < self._items or logs is None:
            return
        trained_in = time.perf_counter() - self._epoch_began
        probabilities = None
        if len(self._validation_labels):
            probabilities = predict_probabilities(self.model, self._validation_images)
            logs["val_loss"], logs["val_accuracy"] = _judge(probabilities, self._validation_labels)
        record = EpochRecord(
            epoch=epoch + 1,
            loss=float(logs["loss"]),
            accuracy=float(logs["accuracy"]),
            val_loss=logs.get("val_loss"),
            val_accuracy=logs.get("val_accuracy"),
            learning_rate=float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)),
            seconds=time.perf_counter() - self._epoch_began,
            images_per_second=self._items / trained_in,
        )
        self.history.append(record)
        self._observer.on_epoch(record, self.model, probabilities)

    def _is_due(self) -> bool:
        if self._seen == self._items or not self._has_reported:
            return True
        step = self._items / _POINTS_PER_EPOCH
        # A rest of a few items would make a wild last point of the epoch; it is left to the one before.
        return self._seen - self._reported >= step and self._items - self._seen >= step / 2

    def _report(self, logs: dict[str, float]) -> None:
        # Keras gives means since the epoch's begin; the difference of two sums is the mean since the last point.
        sums = np.array([logs["loss"], logs["accuracy"]]) * self._seen
        loss, accuracy = (sums - self._sums) / (self._seen - self._reported)
        self._has_reported = True
        self._sums, self._reported = sums, self._seen
        self._observer.on_point(
            BatchPoint(
                epoch=self._epoch + self._seen / self._items,
                loss=float(loss),
                accuracy=float(accuracy),
                seconds=time.perf_counter() - self._began,
            )
        )


def predict_probabilities(model: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the probabilities, (n, 10) float32, of images (n, 28, 28) uint8."""
    return model.predict(as_input(images), batch_size=500, verbose=0)


def as_input(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give images (n, 28, 28) the channel that a model expects: (n, 28, 28, 1)."""
    return np.ascontiguousarray(images)[..., np.newaxis]


def _judge(probabilities: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return mean cross-entropy, clipped as Keras clips it, and accuracy."""
    of_label = probabilities[np.arange(len(labels)), labels]
    loss = -np.log(np.clip(of_label, 1e-7, 1.0)).mean(dtype=np.float64)
    return float(loss), float((probabilities.argmax(axis=1) == labels).mean())
