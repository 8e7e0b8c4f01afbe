"""A network as a whole, changed: another kernel size, width or dropout in all of its layers at once."""

from collections.abc import Callable
from typing import Any

from fmnist_core.errors import InvalidSettingError
from fmnist_core.settings import check_real, check_whole
from fmnist_core.stacks import Layer, Stack


def set_kernel_size(stack: Stack, kernel_size: int) -> Stack:
    """Give all convolutions square kernels of a size.

    Raises:
        InvalidSettingError: if the size is not from 1 to 28, or there is no convolution.
    """
    check_whole("kernel_size", kernel_size, 1, 28)
    return _change(stack, "convolution", "kernel_size", lambda _: kernel_size, ("Conv2D",))


def scale_width(stack: Stack, factor: float) -> Stack:
    """Multiply all filters and units by a factor and round them, to 1 at least.

    Raises:
        InvalidSettingError: if the factor is not from 0.01 to 100, or there is no layer of that kind.
    """
    check_real("width", factor, 0.01, 100)

    def scale(number: int) -> int:
        return max(1, round(number * factor))

    widened = _change(stack, "", "filters", scale, ("Conv2D", "Residual"), needed=False)
    widened = _change(widened, "", "units", scale, ("Dense",), needed=False)
    if not any(name in layer.arguments for layer in stack for name in ("filters", "units")):
        raise InvalidSettingError("To vary `width`, the network must have filters or units. Received: none.")
    return widened


def set_dropout(stack: Stack, rate: float) -> Stack:
    """Give all dropout layers the same rate.

    Raises:
        InvalidSettingError: if the rate is not from 0 to 0.99, or there is no dropout layer.
    """
    check_real("dropout", rate, 0, 0.99)
    return _change(stack, "dropout layer", "rate", lambda _: rate, ("Dropout",))


def _change(
    stack: Stack,
    title: str,
    argument: str,
    change: Callable[[Any], Any],
    class_names: tuple[str, ...],
    needed: bool = True,
) -> Stack:
    if needed and not any(layer.class_name in class_names for layer in stack):
        raise InvalidSettingError(f"To vary the {argument.replace('_', ' ')}, the network must have a {title}.")
    return tuple(
        Layer(layer.class_name, {**layer.arguments, argument: change(layer.arguments[argument])})
        if layer.class_name in class_names
        else layer
        for layer in stack
    )
