"""How a setting is laid out along the axis of a chart, and how its values are written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

_MOST_TICKS, _FEWEST_TICKS = 6, 3


@dataclass(frozen=True)
class Scale:
    """How a setting is laid out along an axis.

    Attributes:
        name: of its column in a table of trials.
        title: what it is called.
        log: whether equal distances are equal ratios.
        choices: its values in order, each at a place of its own, 0 for the first; None for numbers.
    """

    name: str
    title: str
    log: bool = False
    choices: tuple[Any, ...] | None = None

    def place(self, values: "Sequence[Any] | pd.Series") -> NDArray[np.float64]:
        """Return where values lie along the axis, (n,): log10 of them if it is logarithmic."""
        if self.choices is not None:
            places = {choice: float(place) for place, choice in enumerate(self.choices)}
            return np.array([places.get(value, np.nan) for value in values])
        numbers = np.asarray(values, dtype=float)
        return np.log10(numbers) if self.log else numbers

    def ticks(self, values: "Sequence[Any] | pd.Series") -> tuple[list[float], list[str]]:
        """Return places along the axis, and what stands at them.

        Args:
            values: that occur; a few of them are told, from the lowest to the highest.
        """
        if self.choices is not None:
            return [float(place) for place in range(len(self.choices))], [say_value(one) for one in self.choices]
        chosen = sorted({float(value) for value in values})
        if len(chosen) > _MOST_TICKS:
            whole = all(value.is_integer() for value in chosen)
            chosen = _choose_ticks(chosen[0], chosen[-1], self.log, whole)
        return self.place(chosen).tolist(), [say_value(value) for value in chosen]


def say_value(value: Any) -> str:
    """Write the value of a setting as briefly as its figures allow; None is said to be the default."""
    if value is None:
        return "default"
    if isinstance(value, bool):
        return "yes" if value else "no"
    # Of a recipe "paper/system" the second part tells it from the others.
    return f"{value:.3g}" if isinstance(value, float) else str(value).rpartition("/")[2]


def _choose_ticks(low: float, high: float, log: bool, whole: bool) -> list[float]:
    """Return a few round numbers from `low` to `high`; of a logarithmic axis powers of ten or of two, or 1, 2, 5."""
    if log:
        decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
        powers = [10.0**decade for decade in decades]
        twos = [2.0**power for power in range(64)] if whole else []
        series = [factor * power for power in powers for factor in (1, 2, 5)]
        for candidates in (powers, twos, series):
            told = [float(f"{value:.6g}") for value in candidates if low * 0.999 <= value <= high * 1.001]
            if len(told) >= _FEWEST_TICKS:
                return told[:: -(-len(told) // _MOST_TICKS)]
        return [low, high]
    rough = (high - low) / (_MOST_TICKS - 1)
    size = 10 ** np.floor(np.log10(rough))
    step = size * next(factor for factor in (1, 2, 2.5, 5, 10) if factor * size >= rough - 1e-12)
    return [float(f"{value:.6g}") + 0.0 for value in np.arange(np.ceil(low / step - 1e-9), high / step + 1e-9) * step]
