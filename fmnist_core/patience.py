"""What waits for a better validation accuracy: stopping early, and halving the learning rate.

Both are worked out from the accuracies of all epochs so far, not counted along. So a training that goes on, in
another process perhaps, decides as it would have without the break.
"""

from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from fmnist_core.config import TrainingConfig
from fmnist_core.optimizers import averaged_weights

# What Keras's ReduceLROnPlateau takes for an improvement.
_LEAST_GAIN = 1e-4


def find_best(accuracies: Sequence[float]) -> int:
    """Return the position of the best epoch, the first one of several."""
    return int(np.argmax(accuracies))


def count_reductions(accuracies: Sequence[float], patience: int) -> int:
    """Return how often `patience` epochs went by without an accuracy better by 0.0001."""
    best, waited, reductions = -np.inf, 0, 0
    for accuracy in accuracies:
        if accuracy > best + _LEAST_GAIN:
            best, waited = accuracy, 0
            continue
        waited += 1
        if waited >= patience:
            waited, reductions = 0, reductions + 1
    return reductions


class Patience(keras.callbacks.Callback):
    """Stops a training early, keeping the best epoch's weights, and halves its learning rate.

    It has to stand after the callback that works out val_accuracy.

    Attributes:
        best: weights of the best epoch, as `network.get_weights` gives them; None unless stopping early is asked for.
    """

    def __init__(
        self,
        config: TrainingConfig,
        network: keras.Model,
        accuracies: Sequence[float] = (),
        best: list[NDArray] | None = None,
    ) -> None:
        super().__init__()
        self.best = best
        self._config = config
        self._network = network
        self._accuracies = [_round(accuracy) for accuracy in accuracies]

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Begin with the rate that the epochs so far have led to."""
        self._set_rate()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Look at the epoch's val_accuracy, if it came to its end."""
        if not logs or "val_accuracy" not in logs:
            return
        self._accuracies.append(_round(logs["val_accuracy"]))
        best = find_best(self._accuracies)
        waited = len(self._accuracies) - 1 - best
        if self._config.early_stopping:
            if waited == 0:
                with averaged_weights(self._network):
                    self.best = self._network.get_weights()
            if waited >= self._config.early_stopping:
                self.model.stop_training = True
        self._set_rate()

    def _set_rate(self) -> None:
        if self._config.reduce_on_plateau:
            reductions = count_reductions(self._accuracies, self._config.reduce_on_plateau)
            self._network.optimizer.learning_rate = self._config.learning_rate * 0.5**reductions


def _round(accuracy: float) -> float:
    # As history.csv has it: whoever goes on reads the earlier ones from there.
    return float(f"{accuracy:.6g}")
