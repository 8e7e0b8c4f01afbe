"""The Keras callback that watches a training and tells an observer."""

import time

import keras
import numpy as np
from numpy.typing import NDArray

from fmnist_core.config import TrainingConfig
from fmnist_core.data import Dataset
from fmnist_core.observing import BatchPoint, EpochRecord, Observer
from fmnist_core.optimizers import averaged_weights
from fmnist_core.splits import Split
from fmnist_core.stepping import install_stepper

_POINTS_PER_EPOCH = 25


class Telemetry(keras.callbacks.Callback):
    """Turns Keras's running means into points, validates, and does as the observer wishes: stop, pause, step.

    It has to stand before callbacks that watch validation figures, since it is what works them out.

    Attributes:
        history: one record for each whole epoch.
        items_seen: training items so far.
        paused_seconds: how long the training was held; no other time includes it.
        stopped: whether the observer has stopped it.
    """

    def __init__(self, config: TrainingConfig, dataset: Dataset, split: Split, observer: Observer) -> None:
        super().__init__()
        self.history: list[EpochRecord] = []
        self.items_seen = 0
        self.paused_seconds = 0.0
        self.stopped = False
        self._has_reported = False
        # Batches to train before holding once more; None for no limit.
        self._granted: int | None = None
        self._observer = observer
        self._items = config.count_items(len(split.train))
        self._loss = config.loss
        self._batch_size = config.batch_size
        self._validation_images = dataset.images[split.validation]
        self._validation_labels = dataset.labels[split.validation]

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Start the clock, and hold before the first batch if that is wished."""
        self._observer.on_begin(self.model.network)
        self._began = self._clock()
        self._seen = self._reported = 0
        install_stepper(self.model, self._takes_single_steps, self._after_single_step)
        self._hold({})

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Start counting anew, as Keras's running means do."""
        self._epoch_began = self._clock()
        self._epoch = epoch
        self._seen = 0
        self._reported = 0
        self._sums = np.zeros(2)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Report a point now and then; `batch` is the last one of an execution."""
        seen = min((batch + 1) * self._batch_size, self._items)
        if self.stopped or seen == self._seen:
            return  # the execution was made of single steps, and all that were trained have been told of
        self.items_seen += seen - self._seen
        self._seen = seen
        if self._granted is not None:
            self._granted -= 1
        if self._is_due():
            self._report(logs or {})
        self._hold(logs or {})
        if self._observer.wants_stop():
            self.stopped = True
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Validate and report the epoch, unless it was cut short."""
        if self._seen < self._items or logs is None:
            return
        trained_in = self._clock() - self._epoch_began
        probabilities = None
        if len(self._validation_labels):
            with averaged_weights(self.model):
                probabilities = predict_probabilities(self.model.network, self._validation_images)
            logs["val_loss"], logs["val_accuracy"] = _judge(probabilities, self._validation_labels, self._loss)
        record = EpochRecord(
            epoch=epoch + 1,
            loss=float(logs["loss"]),
            accuracy=float(logs["accuracy"]),
            val_loss=logs.get("val_loss"),
            val_accuracy=logs.get("val_accuracy"),
            learning_rate=float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)),
            seconds=self._clock() - self._epoch_began,
            images_per_second=self._items / trained_in,
        )
        self.history.append(record)
        self._observer.on_epoch(record, self.model.network, probabilities)

    def _clock(self) -> float:
        """Return seconds that stand still while the training is held."""
        return time.perf_counter() - self.paused_seconds

    def _hold(self, logs: dict[str, float]) -> None:
        if not self._observer.wants_pause():
            self._granted = None
            return
        if self._granted:
            return
        if self._seen > self._reported:
            # Who pauses wants to see where.
            self._report(logs)
        began = time.perf_counter()
        self._granted = self._observer.wait_to_go_on()
        self.paused_seconds += time.perf_counter() - began

    def _takes_single_steps(self) -> bool:
        return self._granted is not None

    def _after_single_step(self, logs: dict[str, float]) -> bool:
        """Treat a batch as an execution; return whether the epoch goes on."""
        self.on_train_batch_end(self._seen // self._batch_size, logs)
        return self._seen < self._items and not self.stopped

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
                seconds=self._clock() - self._began,
            )
        )


def predict_probabilities(model: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the probabilities, (n, 10) float32, of images (n, 28, 28) uint8."""
    return model.predict(as_input(images), batch_size=500, verbose=0)


def as_input(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give images (n, 28, 28) the channel that a model expects: (n, 28, 28, 1)."""
    return np.ascontiguousarray(images)[..., np.newaxis]


def _judge(probabilities: np.ndarray, labels: np.ndarray, loss: str) -> tuple[float, float]:
    """Return the mean loss and the accuracy.

    The loss is the one that is trained with, but without smoothing and weights, which are means and not ends:
    cross-entropy, clipped as Keras clips it, or the mean squared error.
    """
    accuracy = float((probabilities.argmax(axis=1) == labels).mean())
    if loss == "mse":
        targets = np.eye(probabilities.shape[1])[labels]
        return float(np.square(probabilities - targets).mean(dtype=np.float64)), accuracy
    of_label = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.clip(of_label, 1e-7, 1.0)).mean(dtype=np.float64)), accuracy
