"""Train batch by batch for a while, in a training whose executions have many batches each."""

from collections.abc import Callable
from typing import Any

import keras


def install_stepper(
    model: keras.Model, wants_single_steps: Callable[[], bool], after_step: Callable[[dict[str, float]], bool]
) -> None:
    """Let a model that is being fitted train single batches whenever that is wished.

    Keras traces a function that trains `steps_per_execution` batches at once, and counts on it to train that many.
    So they still are that many; but while `wants_single_steps` says so, each is trained by itself, and what is done
    in `after_step` lies between two batches.

    Args:
        model: whose training function Keras has just made.
        wants_single_steps: asked before each execution.
        after_step: called after each single batch with the running means; returns whether the epoch goes on.
    """
    if model.steps_per_execution > 1:
        model.train_function = _Stepper(model, wants_single_steps, after_step)


class _Stepper:
    """The function that stands in for Keras's own."""

    def __init__(
        self,
        model: keras.Model,
        wants_single_steps: Callable[[], bool],
        after_step: Callable[[dict[str, float]], bool],
    ) -> None:
        self._model = model
        self._wants_single_steps = wants_single_steps
        self._after_step = after_step
        self._many = model.train_function
        self._single: Callable[..., Any] | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Train as many batches as Keras expects; on JAX the model's state comes before the data and goes back."""
        if not self._wants_single_steps():
            return self._many(*arguments)
        *state, data = arguments
        # TensorFlow hands over the iterator, the others a list of batches.
        batches = [[batch] for batch in data] if isinstance(data, list) else [data] * self._model.steps_per_execution
        logs: Any = {}
        for batch in batches:
            logs = self._train_single(*state, batch)
            if state:
                logs, state = logs[0], [logs[1]]
            if not self._after_step({name: float(value) for name, value in logs.items()}):
                break
        return (logs, *state) if state else logs

    def _train_single(self, *arguments: Any) -> Any:
        model, steps = self._model, self._model.steps_per_execution
        # Keras asks for the number again when it traces, which is when the function is first called.
        model.steps_per_execution = 1
        try:
            if self._single is None:
                model.make_train_function(force=True)
                self._single = model.train_function
                model.train_function = self
            return self._single(*arguments)
        finally:
            model.steps_per_execution = steps
