"""Layers and optimizers that do what Keras's do, in fewer passes over memory where the backend is TensorFlow.

A network is trained with them and saved without them. On other backends they are Keras's own.
"""

from typing import Any

import keras

_PACKAGE = "fmnist_core"


@keras.saving.register_keras_serializable(package=_PACKAGE)
class FusedBatchNormalization(keras.layers.BatchNormalization):
    """BatchNormalization that in training normalizes and finds mean and variance in one pass, as Keras 2 did.

    Keras 3 makes it of a dozen operations, each of which reads and writes all feature maps. Results differ by
    rounding alone.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Return the normalized inputs, (n, channels) or (n, height, width, channels)."""
        if not (training and self.trainable and keras.backend.backend() == "tensorflow"):
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        maps = inputs if len(inputs.shape) == 4 else inputs[:, None, None, :]
        normalized, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=maps,
            scale=tf.convert_to_tensor(self.gamma.value),
            offset=tf.convert_to_tensor(self.beta.value),
            mean=tf.zeros([0]),
            variance=tf.zeros([0]),
            epsilon=self.epsilon,
            is_training=True,
        )
        # The kernel divides by one less than the number of values; Keras by the number.
        values = tf.cast(tf.size(maps) / maps.shape[-1], tf.float32)
        _move(self.moving_mean, mean, self.momentum)
        _move(self.moving_variance, variance * (values - 1) / values, self.momentum)
        return tf.reshape(normalized, tf.shape(inputs))


def _move(average: keras.Variable, value: Any, momentum: float) -> None:
    average.assign(average * momentum + value * (1 - momentum))


class _FusedStep:
    """Adam's step as a single operation."""

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        # The kernel ends the process where numbers are of another kind than it expects.
        if keras.backend.backend() != "tensorflow" or variable.dtype != "float32":
            super().update_step(gradient, variable, learning_rate)  # type: ignore[misc]
            return
        import tensorflow as tf

        optimizer: Any = self
        place = optimizer._get_variable_index(variable)
        step = tf.cast(optimizer.iterations.value + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=optimizer._momentums[place].value.handle,
            v=optimizer._velocities[place].value.handle,
            beta1_power=tf.pow(optimizer.beta_1, step),
            beta2_power=tf.pow(optimizer.beta_2, step),
            lr=tf.cast(learning_rate, tf.float32),
            beta1=optimizer.beta_1,
            beta2=optimizer.beta_2,
            epsilon=optimizer.epsilon,
            grad=gradient,
        )


@keras.saving.register_keras_serializable(package=_PACKAGE)
class FusedAdam(_FusedStep, keras.optimizers.Adam):
    """Adam whose step reads and writes every weight once instead of a dozen times; results differ by rounding."""


@keras.saving.register_keras_serializable(package=_PACKAGE)
class FusedAdamW(_FusedStep, keras.optimizers.AdamW):
    """AdamW, likewise."""


_LAYERS: dict[Any, Any] = {keras.layers.BatchNormalization: FusedBatchNormalization}
_OPTIMIZERS: dict[str, Any] = {"Adam": FusedAdam, "AdamW": FusedAdamW}


def fuse_layers(network: keras.Model) -> keras.Model:
    """Return an untrained network of the same layers, those of this module in place of Keras's."""

    def choose(layer: keras.layers.Layer) -> keras.layers.Layer:
        return _LAYERS.get(type(layer), type(layer)).from_config(layer.get_config())

    return keras.models.clone_model(network, clone_function=choose)


def name_kind(layer: keras.layers.Layer) -> str:
    """Return the name of the Keras class that a layer is, or stands in for."""
    return type(layer).__name__.removeprefix("Fused")


def find_optimizer(class_name: str) -> type[keras.optimizers.Optimizer]:
    """Return the optimizer of a name of `keras.optimizers`, fused if it can be."""
    return _OPTIMIZERS.get(class_name) or getattr(keras.optimizers, class_name)
