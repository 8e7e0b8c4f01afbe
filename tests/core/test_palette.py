import inspect

import keras
import pytest

from fmnist_core import blocks
from fmnist_core.architectures import build_model
from fmnist_core.kinds import KINDS, Choice, check_arguments
from fmnist_core.palette import CHOICES, DEFAULTS, GROUPS, OFFERS, describe, value_of, words_of
from fmnist_core.stacks import FLATTEN, STACKS, Layer, conv, dense, dropout, pool, residual


def test_every_kind_is_offered_once_with_arguments_that_it_takes():
    offered = [kind for group in GROUPS.values() for kind in group]
    assert sorted(offered) == sorted(KINDS)
    for kind, offer in OFFERS.items():
        check_arguments(kind, offer.arguments)
        assert offer.help.endswith(".")
        for argument in KINDS[kind].arguments:
            assert words_of(kind, argument).help.endswith(".")
    assert len({offer.title for offer in OFFERS.values()}) == len(OFFERS)


def test_the_defaults_are_those_of_keras_and_of_the_blocks():
    for kind, defaults in DEFAULTS.items():
        made = getattr(keras.layers, kind) if KINDS[kind].is_keras else {"Residual": blocks.residual}[kind]
        parameters = inspect.signature(made).parameters
        for name, value in defaults.items():
            found = parameters[name].default
            # Keras writes no activation as None, and a pair for what is square.
            found = "linear" if name == "activation" and found is None else found
            assert value == (found[0] if isinstance(found, tuple) else found), (kind, name)
    for kind, rules in KINDS.items():
        assert set(DEFAULTS.get(kind, {})) == set(rules.arguments) - set(rules.required)


def test_no_activation_is_the_linear_one():
    images = keras.ops.ones((1, 28, 28, 1), dtype="uint8")
    stacks = ((FLATTEN, Layer("Dense", {"units": 3, **given})) for given in ({}, {"activation": "linear"}))
    plain, linear = map(build_model, stacks)
    linear.set_weights(plain.get_weights())
    assert (keras.ops.convert_to_numpy(plain(images)) == keras.ops.convert_to_numpy(linear(images))).all()


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (conv(32, 4), "32 filters · 4×4 · relu"),
        (conv(1, (3, 5), "same", activation=None, strides=2), "1 filter · 3×5 · stride 2 · same"),
        (conv(8, 3, activation="leaky_relu", use_bias=False), "8 filters · 3×3 · leaky relu · no bias"),
        (conv(8, 3, strides=[1, 1]), "8 filters · 3×3 · relu"),
        (pool(), "2×2"),
        (Layer("MaxPooling2D", {"pool_size": 3}), "3×3"),
        (Layer("MaxPooling2D", {"pool_size": 3, "strides": 2}), "3×3 · stride 2"),
        (Layer("MaxPooling2D", {"pool_size": 3, "strides": (3, 2)}), "3×3 · stride 3×2"),
        (dense(1200), "1,200 units · relu"),
        (dropout(0.25), "0.25"),
        (dropout(0), ""),
        (FLATTEN, ""),
        (residual(16), "16 filters"),
        (residual(16, 2, 0.1), "16 filters · stride 2 · dropout 0.1"),
        (Layer("BatchNormalization"), ""),
        (Layer("BatchNormalization", {"momentum": 0.9}), "memory 0.9"),
        (Layer("UpSampling2D", {"interpolation": "bilinear"}), "2×2 · blend"),
        (Layer("ZeroPadding2D", {"padding": 2}), "2 on each side"),
        (Layer("RepeatChannels", {"times": 3}), "3 times"),
        (Layer("Backbone", {"network": "VGG16"}), "VGG16"),
        (Layer("Activation", {"activation": "tanh"}), "tanh"),
    ],
)
def test_a_layer_in_a_few_words(layer, words):
    assert describe(layer) == words


def test_every_layer_of_the_papers_can_be_described():
    assert all(describe(layer) or not layer.arguments for stack in STACKS.values() for layer in stack)


def test_what_is_not_given_is_the_default_and_a_pool_s_stride_its_window():
    assert value_of(conv(8, 3), "strides") == 1
    assert value_of(pool(), "strides") == 2
    assert value_of(Layer("MaxPooling2D", {"pool_size": (3, 2)}), "strides") == (3, 2)
    assert value_of(conv(8, 3, strides=[1, 1]), "strides") == (1, 1)


def test_only_choices_that_there_are_have_other_names():
    rules = [rule for kind in KINDS.values() for rule in kind.arguments.values()]
    assert set(CHOICES) <= {value for rule in rules if isinstance(rule, Choice) for value in rule.values}
