"""Editing a stack: every operation takes one and returns another; a history goes back to any of them."""

from dataclasses import dataclass, replace
from typing import Any, Self

from fmnist_core.errors import InvalidSettingError
from fmnist_core.kinds import KINDS, Size, check_arguments
from fmnist_core.palette import DEFAULTS, OFFERS, value_of
from fmnist_core.settings import check_choice
from fmnist_core.stacks import MOST_LAYERS, Layer, Stack

MOST_STEPS = 200


@dataclass(frozen=True)
class History:
    """A stack, those that it was before, and those that were undone.

    Attributes:
        present: the stack as it is.
        past: what it was, oldest first, at most `MOST_STEPS`.
        future: what `redo` brings back, the next first.
    """

    present: Stack = ()
    past: tuple[Stack, ...] = ()
    future: tuple[Stack, ...] = ()

    def edit(self, stack: Stack) -> Self:
        """Go on to another stack; what was undone is forgotten. The same stack again is no step."""
        if stack == self.present:
            return self
        return replace(self, present=stack, past=(*self.past, self.present)[-MOST_STEPS:], future=())

    def undo(self) -> Self:
        """Go back a step, if there is one."""
        if not self.past:
            return self
        return replace(self, present=self.past[-1], past=self.past[:-1], future=(self.present, *self.future))

    def redo(self) -> Self:
        """Take back an `undo`, if there was one."""
        if not self.future:
            return self
        return replace(self, present=self.future[0], past=(*self.past, self.present), future=self.future[1:])


def insert(stack: Stack, position: int, class_name: str) -> Stack:
    """Put a new layer of a kind before the one at `position`, or at the end, with arguments that usually make sense.

    Raises:
        InvalidSettingError: for an unknown kind, a position outside the stack, or a stack that is full.
    """
    check_choice("kind of layer", class_name, OFFERS)
    return _insert(stack, position, Layer(class_name, dict(OFFERS[class_name].arguments)))


def duplicate(stack: Stack, position: int) -> Stack:
    """Put a copy of a layer behind it.

    Raises:
        InvalidSettingError: for a position outside the stack, or a stack that is full.
    """
    return _insert(stack, position + 1, _layer_at(stack, position))


def remove(stack: Stack, position: int) -> Stack:
    """Take a layer out.

    Raises:
        InvalidSettingError: for a position outside the stack.
    """
    _layer_at(stack, position)
    return stack[:position] + stack[position + 1 :]


def move(stack: Stack, position: int, target: int) -> Stack:
    """Take a layer out and put it back so that it stands at `target`, or at the end that lies nearest to it.

    Raises:
        InvalidSettingError: if there is no layer at `position`.
    """
    layer, others = _layer_at(stack, position), remove(stack, position)
    target = min(max(target, 0), len(others))
    return (*others[:target], layer, *others[target:])


def set_argument(stack: Stack, position: int, name: str, value: Any) -> Stack:
    """Give an argument of a layer a value; one that is the default anyway is left out.

    Raises:
        InvalidSettingError: for a position outside the stack, or an argument or a value that the kind does not take.
    """
    layer = _layer_at(stack, position)
    return _replace(stack, position, _simplify(layer.class_name, {**layer.arguments, name: value}, name))


def unset_argument(stack: Stack, position: int, name: str) -> Stack:
    """Leave an argument of a layer to its default.

    Raises:
        InvalidSettingError: for a position outside the stack, or an argument without a default.
    """
    layer = _layer_at(stack, position)
    return _replace(
        stack, position, Layer(layer.class_name, {key: given for key, given in layer.arguments.items() if key != name})
    )


def is_square(layer: Layer) -> bool:
    """Tell whether all sizes of a layer are given as one number for height and width."""
    return not any(isinstance(value, list | tuple) for value in layer.arguments.values())


def set_square(stack: Stack, position: int, square: bool) -> Stack:
    """Have one number for each size of a layer, or one for the height and one for the width.

    Raises:
        InvalidSettingError: for a position outside the stack.
    """
    layer = _layer_at(stack, position)
    arguments = dict(layer.arguments)
    for name, rule in KINDS[layer.class_name].arguments.items():
        if isinstance(rule, Size):
            value = value_of(layer, name)
            height, width = (value, value) if isinstance(value, int) else value
            arguments[name] = height if square else (height, width)
    if square:
        # As if the user had typed each of these numbers.
        return _replace(stack, position, _simplify(layer.class_name, arguments, *arguments))
    return _replace(stack, position, Layer(layer.class_name, arguments))


def _simplify(class_name: str, arguments: dict[str, Any], *names: str) -> Layer:
    """Leave out those of the named arguments that are the defaults."""
    defaults = DEFAULTS.get(class_name, {})
    for name in names:
        if name in defaults and name in arguments:
            value, default = arguments[name], defaults[name]
            # A stride that is not given is the window.
            if default is None:
                default = arguments.get("pool_size", defaults.get("pool_size"))
            # True equals 1, but is none.
            if type(value) is type(default) and value == default:
                del arguments[name]
    return Layer(class_name, arguments)


def _layer_at(stack: Stack, position: int) -> Layer:
    if not 0 <= position < len(stack):
        raise InvalidSettingError(f"There must be a layer at the position. Received: {position} of {len(stack)}.")
    return stack[position]


def _insert(stack: Stack, position: int, layer: Layer) -> Stack:
    if not 0 <= position <= len(stack):
        raise InvalidSettingError(f"The position must be from 0 to {len(stack)}. Received: {position}.")
    if len(stack) >= MOST_LAYERS:
        raise InvalidSettingError(f"A network must have at most {MOST_LAYERS} layers. Received: one more.")
    return (*stack[:position], layer, *stack[position:])


def _replace(stack: Stack, position: int, layer: Layer) -> Stack:
    try:
        check_arguments(layer.class_name, layer.arguments)
    except ValueError as error:
        raise InvalidSettingError(f"Layer {position + 1}, {layer.class_name}: {error}") from None
    return (*stack[:position], layer, *stack[position + 1 :])
