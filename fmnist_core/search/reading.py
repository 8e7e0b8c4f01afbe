"""What is typed as the values of a parameter, read."""

import math
import re

from fmnist_core.errors import InvalidSettingError
from fmnist_core.search.parameters import FLOAT, INT, VARIABLES, Parameter

_SEPARATORS = re.compile(r"[\s,;]+")


def read_values(name: str, text: str) -> Parameter:
    """Return a parameter with the values that a text lists: "16, 32, 64".

    Args:
        name: key of `VARIABLES`, of one that is a number.
        text: numbers with commas, semicolons or spaces between.

    Raises:
        InvalidSettingError: if one of them is no number, two are the same, or there is none.
    """
    kind = VARIABLES[name].kind
    words = [word for word in _SEPARATORS.split(text.strip()) if word]
    if kind not in (FLOAT, INT):
        raise InvalidSettingError(f"`{name}` must have choices rather than numbers. Received: {text:.80}.")
    if not words:
        raise InvalidSettingError(f"`{name}` must have at least one value. Received: none.")
    try:
        numbers = tuple(float(word) for word in words)
        if not all(map(math.isfinite, numbers)):
            raise ValueError
    except ValueError:
        raise InvalidSettingError(
            f"The values of `{name}` must be numbers with commas between. Received: {text:.80}."
        ) from None
    log = VARIABLES[name].log and min(numbers) > 0
    if kind == INT and all(number.is_integer() for number in numbers):
        return Parameter(name, kind, log=log, values=tuple(int(number) for number in numbers))
    return Parameter(name, kind, log=log, values=numbers)
