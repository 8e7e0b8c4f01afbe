"""Optimizers as the settings ask for them, and the moving average of the weights that they keep."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from fmnist_core.config import OPTIMIZERS, TrainingConfig
from fmnist_core.kernels import find_optimizer
from fmnist_core.schedules import compute_rate


@keras.saving.register_keras_serializable(package="fmnist_core")
class ScheduledRate(keras.optimizers.schedules.LearningRateSchedule):
    """The schedule of a training, counted by the optimizer's steps, so that a training that goes on is where it was.

    Args:
        settings: of the training, as `TrainingConfig.to_dict` gives them.
        steps_per_epoch: batches an epoch.
    """

    def __init__(self, settings: dict[str, Any], steps_per_epoch: int) -> None:
        super().__init__()
        self._settings = settings
        self._config = TrainingConfig.from_dict(settings)
        self._steps_per_epoch = steps_per_epoch

    def __call__(self, step: Any) -> Any:
        """Return the rate of a step, a scalar tensor."""
        return compute_rate(self._config, self._steps_per_epoch, keras.ops.cast(step, "float32"), keras.ops)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, for Keras."""
        return {"settings": self._settings, "steps_per_epoch": self._steps_per_epoch}


def build_optimizer(config: TrainingConfig, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    """Build the optimizer of `config`."""
    class_name, arguments = OPTIMIZERS[config.optimizer]
    arguments = dict(arguments)
    if config.momentum is not None:
        arguments["momentum"] = config.momentum
    if config.weight_decay is not None:
        arguments["weight_decay"] = config.weight_decay
    if config.ema:
        arguments |= {"use_ema": True, "ema_momentum": config.ema}
    rate = choose_rate(config, steps_per_epoch)
    return find_optimizer(class_name)(learning_rate=rate, **arguments)


def choose_rate(config: TrainingConfig, steps_per_epoch: int) -> float | ScheduledRate:
    """Return what an optimizer takes for its learning rate; a number if it never changes or patience changes it."""
    if config.schedule == "constant" and not config.warmup_epochs:
        return config.learning_rate
    return ScheduledRate(config.to_dict(), steps_per_epoch)


@contextmanager
def averaged_weights(model: keras.Model) -> Iterator[None]:
    """Give a model for a while the moving average of its weights, if its optimizer keeps one."""
    optimizer = model.optimizer
    if not optimizer.use_ema or not int(keras.ops.convert_to_numpy(optimizer.iterations)):
        yield
        return
    weights = model.trainable_variables
    own = _copy(weights)
    # Keras's own SwapEMAWeights takes the averages from here too. On JAX a weight that shared its array with its
    # average would take it along when the array is handed over to a compiled function.
    for weight, average in zip(weights, _copy(optimizer._model_variables_moving_average), strict=True):
        weight.assign(average)
    try:
        yield
    finally:
        for weight, value in zip(weights, own, strict=True):
            weight.assign(value)


def _copy(variables: list[keras.Variable]) -> list[np.ndarray]:
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]
