import pytest

from fmnist_core.architectures import find_stack
from fmnist_core.errors import InvalidSettingError
from fmnist_core.search.changing import scale_width, set_dropout, set_kernel_size
from fmnist_core.stacks import FLATTEN, conv, dense, dropout, pool

STACK = (conv(32, 3, "same"), pool(), conv(64, (3, 5)), FLATTEN, dense(10), dropout(0.2), dense(1), dropout(0.5))


def test_all_kernels_get_the_size_and_nothing_else_changes():
    changed = (conv(32, 4, "same"), pool(), conv(64, 4), *STACK[3:])
    assert set_kernel_size(STACK, 4) == changed


def test_all_filters_and_units_are_scaled_and_rounded_to_one_at_least():
    narrow = scale_width(STACK, 0.26)
    assert narrow == (conv(8, 3, "same"), pool(), conv(17, (3, 5)), FLATTEN, dense(3), STACK[5], dense(1), STACK[7])
    blocks = {
        layer.arguments["filters"] for layer in scale_width(find_stack("lab/small"), 2) if "filters" in layer.arguments
    }
    assert blocks == {32, 64, 128}


def test_all_dropout_layers_get_the_rate():
    assert set_dropout(STACK, 0.3) == (*STACK[:5], dropout(0.3), dense(1), dropout(0.3))


@pytest.mark.parametrize(
    ("change", "stack", "value", "complaint"),
    [
        (set_kernel_size, (FLATTEN, dense(3)), 3, "To vary the kernel size, the network must have a convolution"),
        (set_dropout, (FLATTEN, dense(3)), 0.3, "the network must have a dropout layer"),
        (scale_width, (FLATTEN,), 2.0, "To vary `width`, the network must have filters or units"),
        (set_kernel_size, STACK, 2.5, "`kernel_size` must be a whole number from 1 to 28. Received: 2.5."),
        (set_dropout, STACK, 1.0, "`dropout` must be a number from 0 to 0.99"),
        (scale_width, STACK, 0, "`width` must be a number from 0.01 to 100"),
    ],
)
def test_what_cannot_be_changed_is_refused(change, stack, value, complaint):
    with pytest.raises(InvalidSettingError) as refused:
        change(stack, value)
    assert complaint in str(refused.value)
