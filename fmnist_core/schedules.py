"""How the learning rate changes in the course of a training. Without Keras, so that a page can draw it."""

import math
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.config import TrainingConfig

# "step" divides the rate by ten after each third of the training.
_STAGES, _STAGE_FACTOR = 3, 0.1
# "one-cycle" starts at a 25th of the rate, reaches it after three tenths of the training and ends at 0.
_CYCLE_START, _CYCLE_PEAK = 1 / 25, 0.3


def learning_rates(config: TrainingConfig, steps_per_epoch: int) -> NDArray[np.float64]:
    """Return the learning rate of every step, (epochs × steps_per_epoch,).

    What `reduce_on_plateau` will do is not foreseen.
    """
    return compute_rate(config, steps_per_epoch, np.arange(config.epochs * steps_per_epoch))


def sample_rates(
    config: TrainingConfig, steps_per_epoch: int, points: int = 400
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return positions in epochs and the learning rates there, at most `points` of each, evenly spread."""
    steps = config.epochs * steps_per_epoch
    chosen = np.unique(np.linspace(0, steps - 1, min(points, steps)).round())
    return chosen / steps_per_epoch, compute_rate(config, steps_per_epoch, chosen)


def compute_rate(config: TrainingConfig, steps_per_epoch: int, step: Any, ops: ModuleType = np) -> Any:
    """Return the learning rate of steps counted from 0: the one formula behind the picture and the training.

    After `warmup_epochs`, during which the rate rises evenly, the rest of the training follows the schedule:

    - "constant": the rate as it was set;
    - "step": a tenth of it in the second third, a hundredth in the last;
    - "cosine": half a cosine from the rate down to 0, which the end of the last step reaches;
    - "one-cycle": half a cosine from a 25th up to the rate, at three tenths of the training, and one down to 0.

    Args:
        config: the settings.
        steps_per_epoch: batches an epoch.
        step: floats or whole numbers of any shape, in a type that `ops` takes.
        ops: numpy, or keras.ops for use inside a training step.
    """
    warmup = config.warmup_epochs * steps_per_epoch
    rest = max(config.epochs * steps_per_epoch - warmup, 1)
    done = ops.clip(step - warmup, 0, rest)
    factor = _FACTORS[config.schedule](done, rest, ops)
    if warmup:
        factor = factor * (ops.minimum(step + 1, warmup) / warmup)
    return config.learning_rate * factor


def _constant(done: Any, rest: float, ops: ModuleType) -> Any:
    return ops.ones_like(done, dtype="float32") if ops is not np else np.ones(np.shape(done))


def _step(done: Any, rest: float, ops: ModuleType) -> Any:
    stage = ops.clip(ops.floor(_STAGES * done / rest), 0, _STAGES - 1)
    return _STAGE_FACTOR**stage


def _cosine(done: Any, rest: float, ops: ModuleType) -> Any:
    return (1 + ops.cos(math.pi * done / rest)) / 2


def _one_cycle(done: Any, rest: float, ops: ModuleType) -> Any:
    share = done / rest
    rising = _CYCLE_START + (1 - _CYCLE_START) * (1 - ops.cos(math.pi * share / _CYCLE_PEAK)) / 2
    falling = (1 + ops.cos(math.pi * (share - _CYCLE_PEAK) / (1 - _CYCLE_PEAK))) / 2
    return ops.where(share < _CYCLE_PEAK, rising, falling)


_FACTORS = {"constant": _constant, "step": _step, "cosine": _cosine, "one-cycle": _one_cycle}
