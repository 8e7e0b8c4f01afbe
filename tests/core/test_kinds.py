import inspect

import keras
import pytest

from fmnist_core import blocks
from fmnist_core.kinds import ACTIVATIONS, BACKBONES, KINDS, Choice, Real, Size, Whole, check_arguments

WORKING = {
    "filters": 2,
    "kernel_size": 3,
    "pool_size": 2,
    "strides": 1,
    "padding": "same",
    "activation": "relu",
    "use_bias": False,
    "size": 3,
    "interpolation": "bilinear",
    "momentum": 0.9,
    "epsilon": 1e-3,
    "rate": 0.5,
    "units": 3,
}


@pytest.mark.parametrize("class_name", [name for name, kind in KINDS.items() if kind.is_keras])
def test_a_kind_is_the_keras_layer_of_its_name_with_these_arguments(class_name):
    arguments = {name: WORKING[name] for name in KINDS[class_name].arguments}
    if class_name == "ZeroPadding2D":
        arguments["padding"] = 2
    assert type(getattr(keras.layers, class_name)(**arguments)).__name__ == class_name
    check_arguments(class_name, arguments)
    parameters = inspect.signature(getattr(keras.layers, class_name)).parameters
    without_default = [name for name, entry in parameters.items() if entry.default is entry.empty]
    required = [name for name in without_default if name not in ("self", "kwargs")]
    assert required == list(KINDS[class_name].required)


@pytest.mark.parametrize(
    ("class_name", "function"),
    [("Residual", blocks.residual), ("RepeatChannels", blocks.repeat_channels), ("Backbone", blocks.backbone)],
)
def test_a_block_takes_the_arguments_of_its_kind(class_name, function):
    parameters = dict(inspect.signature(function).parameters)
    parameters.pop("x")
    assert list(parameters) == list(KINDS[class_name].arguments)
    assert [name for name, entry in parameters.items() if entry.default is entry.empty] == list(
        KINDS[class_name].required
    )


def test_keras_knows_every_activation_and_backbone():
    assert all(callable(keras.activations.get(name)) for name in ACTIVATIONS)
    assert all(hasattr(keras.applications, name) for name in BACKBONES)


@pytest.mark.parametrize(
    ("rule", "accepted", "refused", "words"),
    [
        (Whole(1, 4096), [1, 4096], [0, 4097, 1.0, True, "1", None, [1]], "a whole number from 1 to 4,096"),
        (
            Size(1, 28),
            [1, 28, [1, 28], (3, 5)],
            [0, 29, [1], [1, 29], [1, 2, 3], "3", None, [True, 1]],
            "one whole number, or two, from 1 to 28",
        ),
        (Real(0, 1), [0, 0.999, 0.5], [1, 1.0, -0.1, "0.5", None, True, float("nan")], "a number from 0 to below 1"),
        (Choice(("same", "valid")), ["same"], ["SAME", "", None, 1, ["same"]], "one of same, valid"),
        (Choice((True, False)), [True, False], [1, 0, "True", None], "one of True, False"),
    ],
)
def test_rules_accept_what_their_words_say(rule, accepted, refused, words):
    assert [value for value in accepted if not rule.accepts(value)] == []
    assert [value for value in refused if rule.accepts(value)] == []
    assert str(rule) == words
