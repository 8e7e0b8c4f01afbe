import pytest

from fmnist_core.architectures import build_model, write_code
from fmnist_core.errors import InvalidSettingError
from fmnist_core.shapes import MOST_VALUES, count_operations, count_parameters, diagnose, summarize, tabulate_layers
from fmnist_core.stacks import BATCH_NORMALIZATION, FLATTEN, RELU, Layer, conv, dense, dropout, pool, residual

TINY = (conv(2, 3), pool(), FLATTEN, dense(5))


def test_shapes_parameters_and_operations_of_a_tiny_network_by_hand():
    scaling, convolution, pooling, flat, hidden, output = summarize(TINY)
    assert (scaling.output_shape, scaling.parameters, scaling.operations) == ((28, 28, 1), 0, 0)
    assert (convolution.output_shape, convolution.parameters) == ((26, 26, 2), 2 * 9 + 2)
    assert convolution.operations == 26 * 26 * 2 * 9
    assert (pooling.output_shape, pooling.parameters, pooling.operations) == ((13, 13, 2), 0, 0)
    assert (flat.output_shape, flat.operations) == ((338,), 0)
    assert (hidden.output_shape, hidden.parameters, hidden.operations) == ((5,), 338 * 5 + 5, 338 * 5)
    assert (output.output_shape, output.parameters, output.operations) == ((10,), 60, 50)
    assert count_parameters(TINY) == 20 + 1_695 + 60
    assert count_operations(TINY) == 12_168 + 1_690 + 50


def test_batch_normalization_keeps_four_numbers_a_channel_and_trains_two():
    *_, normalization, _, _ = summarize((conv(3, 3), BATCH_NORMALIZATION, FLATTEN))
    assert (normalization.parameters, normalization.trainable_parameters) == (12, 6)
    assert normalization.operations == 2 * 26 * 26 * 3


def test_a_table_has_a_row_for_each_layer():
    assert tabulate_layers(summarize(TINY))[1:3] == [
        {
            "layer": "Conv2D",
            "arguments": "filters=2, kernel_size=3, activation='relu'",
            "output shape": "26 × 26 × 2",
            "parameters": 20,
            "multiplications": 12_168,
        },
        {
            "layer": "MaxPooling2D",
            "arguments": "",
            "output shape": "13 × 13 × 2",
            "parameters": 0,
            "multiplications": 0,
        },
    ]


def test_a_residual_block_adds_up_its_parts():
    # Stride 2 leaves 13×13 of 26×26; the shortcut is projected from 3 maps to 5.
    *_, block, _, _ = summarize((conv(3, 3), residual(5, strides=2), FLATTEN))
    assert block.output_shape == (13, 13, 5)
    assert block.trainable_parameters == 2 * 3 + 9 * 3 * 5 + 2 * 5 + 9 * 5 * 5 + 3 * 5
    assert block.parameters == block.trainable_parameters + 2 * 3 + 2 * 5
    normalizations = 2 * 26 * 26 * 3 + 2 * 13 * 13 * 5
    assert block.operations == normalizations + 13 * 13 * (9 * 3 * 5 + 9 * 5 * 5 + 3 * 5)


def test_a_residual_block_that_fits_needs_no_projection():
    *_, block, _, _ = summarize((conv(3, 3), residual(3), FLATTEN))
    assert block.trainable_parameters == 2 * (2 * 3 + 9 * 3 * 3)


def test_layers_that_only_pass_on_cost_nothing():
    for layer in (RELU, dropout(0.5), Layer("Activation", {"activation": "tanh"})):
        *_, summary, _, _ = summarize((conv(3, 3), layer, FLATTEN))
        assert (summary.output_shape, summary.parameters, summary.operations) == ((26, 26, 3), 0, 0)


@pytest.mark.parametrize(
    ("stack", "message"),
    [
        ((conv(8, 29), FLATTEN), r"Layer 1, Conv2D\(filters=8, .*\): its window 29×29 must fit into 28×28\."),
        (
            (FLATTEN, conv(8, 3)),
            r"Layer 2, Conv2D\(.*\): needs maps of height × width × channels, but gets 784 values in a row\.",
        ),
        ((FLATTEN, pool()), r"Layer 2, MaxPooling2D\(\): needs maps"),
        (
            (*(pool() for _ in range(5)), FLATTEN),
            r"Layer 5, MaxPooling2D\(\): its window 2×2 must fit into 1×1\.",
        ),
        (
            (conv(8, 3),),
            r"Layer 2, Dense\(units=10, .*\): needs a flat layer before it, such as Flatten, but gets 26×26×8\.",
        ),
        ((FLATTEN, Layer("GlobalAveragePooling2D")), r"Layer 2, GlobalAveragePooling2D\(\): needs maps"),
        ((FLATTEN, residual(4)), r"Layer 2, Residual\(filters=4\): needs maps"),
        ((Layer("Backbone", {"network": "VGG16"}),), r"Layer 1, .*: needs maps of at least 32×32 with three channels"),
        ((FLATTEN, dense(0)), r"Layer 2, .*: `units` must be a whole number from 1 to 4,096\. Received: 0\."),
        ((FLATTEN, Layer("Dense")), r"Layer 2, Dense\(\): needs `units`, a whole number from 1 to 4,096\."),
        ((conv(4, [3]), FLATTEN), r"`kernel_size` must be one whole number, or two, from 1 to 64\. Received: \[3\]\."),
        ((conv(4, 3, "around"), FLATTEN), r"`padding` must be one of valid, same\. Received: around\."),
        ((FLATTEN, dropout(1)), r"Layer 2, .*: `rate` must be a number from 0 to below 1\. Received: 1\."),
        ((conv(4, 3, use_bias=1), FLATTEN), r"`use_bias` must be one of True, False\. Received: 1\."),
        ((Layer("Flatten", {"axis": 1}),), r"Layer 1, Flatten\(axis=1\): takes no arguments\. Received: axis\."),
        (
            (Layer("ZeroPadding2D", {"padding": 28}), FLATTEN, dense(4096), dense(4096), *[dense(4096)] * 5),
            r"A network must have at most 100,000,000 parameters\. Received: 129,6",
        ),
        ((Layer("LSTM", {"units": 4}),), r"Layer 1, LSTM\(units=4\): must be of a known kind\."),
    ],
)
def test_an_impossible_stack_is_refused_by_the_layer_and_the_reason(stack, message):
    for refusing in (summarize, count_parameters, count_operations, build_model, write_code):
        with pytest.raises(InvalidSettingError, match=message):
            refusing(stack)


def test_a_diagnosis_of_a_network_that_can_be_built_holds_all_of_it():
    found = diagnose(TINY)
    assert (found.position, found.reason) == (None, None)
    assert list(found.summaries) == summarize(TINY)
    assert found.parameters == 20 + 1_695 + 60
    assert found.operations == 12_168 + 1_690 + 50


def test_a_diagnosis_goes_up_to_the_first_impossible_layer():
    found = diagnose((conv(2, 3), pool(), conv(4, 14), dense(0), FLATTEN))
    assert found.position == 2
    assert found.reason == "its window 14×14 must fit into 13×13."
    assert [summary.output_shape for summary in found.summaries] == [(28, 28, 1), (26, 26, 2), (13, 13, 2)]
    assert found.parameters == 20


def test_a_network_that_does_not_end_flat_fails_at_its_end():
    found = diagnose(TINY[:2])
    assert found.position == 2
    assert found.reason == "needs a flat layer before it, such as Flatten, but gets 13×13×2."
    assert diagnose(()).position == 0


def test_too_many_parameters_are_nobody_s_fault():
    wide = (Layer("ZeroPadding2D", {"padding": 28}), FLATTEN, *[dense(4096)] * 6)
    found = diagnose(wide)
    assert found.position is None
    assert found.reason.startswith("A network must have at most 100,000,000 parameters. Received: 112,8")
    assert len(found.summaries) == len(wide) + 2


def test_maps_that_no_machine_could_hold_are_refused():
    larger = Layer("UpSampling2D", {"size": 8})
    found = diagnose((larger, larger, larger, FLATTEN))
    assert found.position == 2
    assert found.reason == "must pass on at most 20,000,000 values an item. Received: 14,336×14,336×1."
    # What a form can ask for at most is allowed.
    assert MOST_VALUES >= 112 * 112 * 1024
