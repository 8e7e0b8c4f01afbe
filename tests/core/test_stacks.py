import json

import pytest

from fmnist_core.kinds import KINDS, check_arguments
from fmnist_core.stacks import FLATTEN, STACKS, TORCH_NORMALIZATION, Layer, conv, dense, dropout, pool, residual


def test_a_layer_is_written_as_keras_wants_it():
    assert str(conv(32, 4, strides=[1, 1])) == "Conv2D(filters=32, kernel_size=4, activation='relu', strides=[1, 1])"
    assert str(Layer("Flatten")) == "Flatten()"


def test_arguments_that_are_the_defaults_are_left_out():
    assert conv(8, 3) == Layer("Conv2D", {"filters": 8, "kernel_size": 3, "activation": "relu"})
    assert conv(8, 3, "same", activation=None) == Layer("Conv2D", {"filters": 8, "kernel_size": 3, "padding": "same"})
    assert pool() == Layer("MaxPooling2D")
    assert residual(8) == Layer("Residual", {"filters": 8})
    assert residual(8, 2, 0.1) == Layer("Residual", {"filters": 8, "strides": 2, "dropout": 0.1})


@pytest.mark.parametrize("name", STACKS)
def test_every_stack_keeps_to_the_rules_of_its_kinds_and_survives_json(name):
    for layer in STACKS[name]:
        check_arguments(layer.class_name, layer.arguments)
        assert layer.class_name in KINDS
        assert Layer(layer.class_name, json.loads(json.dumps(layer.arguments))) == layer


def test_fitch_pools_after_the_first_two_convolutions_and_drops_after_the_dense_layers_in_order():
    normalization = Layer("BatchNormalization")
    assert STACKS["fitch/model-2"] == (
        *(conv(32, 3), pool(), conv(64, 3), pool(), conv(128, 3)),
        *(FLATTEN, dense(128), dropout(0.5), dense(64)),
    )
    assert STACKS["fitch/model-6"] == (
        *(conv(64, 3), normalization, pool(), conv(128, 3), normalization, pool(), conv(256, 3), normalization),
        *(FLATTEN, dense(512), dropout(0.4), dense(256), dropout(0.3)),
    )
    assert STACKS["fitch/model-8"] == (FLATTEN, dense(256))


def test_silwimba_s_networks_are_as_printed():
    assert STACKS["silwimba/network-1-trial-5"] == (
        *(conv(64, 5), pool(), conv(104, 5), pool(), FLATTEN),
        *(dense(832), dropout(0.25), dense(416), dense(208)),
    )
    assert STACKS["silwimba/network-2-trial-2"] == (
        *(conv(4, 3, "same", activation=None), TORCH_NORMALIZATION, Layer("ReLU"), pool()),
        *(conv(16, 5, "same", activation=None), TORCH_NORMALIZATION, Layer("ReLU"), pool()),
        *(FLATTEN, dense(392), dropout(0.5)),
    )


def test_our_residual_nets_halve_their_maps_at_each_stage_but_the_first():
    blocks = [layer.arguments for layer in STACKS["lab/small"] if layer.class_name == "Residual"]
    assert [block["filters"] for block in blocks] == [16] * 3 + [32] * 3 + [64] * 3
    assert [block.get("strides", 1) for block in blocks] == [1, 1, 1, 2, 1, 1, 2, 1, 1]
