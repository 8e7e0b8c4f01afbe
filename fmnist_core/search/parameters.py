"""What a search may vary: settings of a training, or its network as a whole; within a range, or among choices."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from fmnist_core.config import CLASS_WEIGHTS, LOSSES, MIXED_PRECISION, OPTIMIZERS, SCHEDULES
from fmnist_core.errors import InvalidSettingError
from fmnist_core.settings import Settings, check_choice, is_number

FLOAT, INT, CHOICE = "float", "int", "choice"
KINDS = {FLOAT: "Number", INT: "Whole number", CHOICE: "Choice"}
# Into so many values a grid divides a range that says nothing else.
GRID_POINTS = 5
MOST_VALUES = 100

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Variable:
    """What may be varied, and within which bounds one would usually look.

    Attributes:
        title: what it is called.
        kind: key of `KINDS`.
        low: where the usual range begins, for a number.
        high: where it ends.
        log: whether equal factors are equal steps.
        choices: what may be chosen; for "recipe" any recipes, which are too many to offer all.
    """

    title: str
    kind: str
    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: tuple[Value, ...] = ()


def _number(title: str, low: float, high: float, log: bool = False) -> Variable:
    return Variable(title, FLOAT, low, high, log)


def _whole(title: str, low: int, high: int, log: bool = False) -> Variable:
    return Variable(title, INT, low, high, log)


def _choice(title: str, *choices: Value) -> Variable:
    return Variable(title, CHOICE, choices=choices)


# Those that are not fields of a TrainingConfig change its network; see `changing`.
RECIPE, KERNEL_SIZE, WIDTH, DROPOUT = "recipe", "kernel_size", "width", "dropout"

VARIABLES: Mapping[str, Variable] = {
    "learning_rate": _number("Learning rate", 0.0001, 0.1, log=True),
    "batch_size": _whole("Batch size", 16, 512, log=True),
    "optimizer": _choice("Optimizer", *OPTIMIZERS),
    "epochs": _whole("Epochs", 5, 30),
    KERNEL_SIZE: _whole("Kernel size of all convolutions", 2, 5),
    WIDTH: _number("Width: factor on all filters and units", 0.5, 2.0, log=True),
    DROPOUT: _number("Rate of all dropout layers", 0.0, 0.6),
    "weight_decay": _number("Weight decay", 0.00001, 0.1, log=True),
    "momentum": _number("Momentum", 0.0, 0.99),
    "label_smoothing": _number("Label smoothing", 0.0, 0.3),
    "loss": _choice("Loss", *LOSSES),
    "schedule": _choice("Schedule of the learning rate", *SCHEDULES),
    "warmup_epochs": _number("Warm-up epochs", 0.0, 3.0),
    "reduce_on_plateau": _whole("Epochs until the rate is halved", 2, 10),
    "early_stopping": _whole("Epochs until it stops early", 2, 10),
    "ema": _number("Moving average of weights", 0.9, 0.999),
    "class_weights": _choice("Class weights", *CLASS_WEIGHTS),
    "flip": _choice("Mirrored images", False, True),
    "shift": _whole("Shift in pixels", 0, 4),
    "rotate": _number("Rotation in degrees", 0.0, 20.0),
    "zoom": _number("Zoom", 0.0, 0.3),
    "shear": _number("Shear", 0.0, 0.3),
    "contrast": _number("Contrast", 0.0, 0.5),
    "erase": _number("Random erasing", 0.0, 1.0),
    "cutmix": _number("CutMix", 0.0, 1.0),
    "street": _number("Street-like changes", 0.0, 1.0),
    "subset": _whole("Training items", 1000, 50_000, log=True),
    "steps_per_epoch": _whole("Batches an epoch", 50, 1000, log=True),
    "enlarge": _whole("Enlargement of images", 1, 2),
    "mixed_precision": _choice("Computing in bfloat16", *MIXED_PRECISION),
    "seed": _whole("Seed", 0, 9),
    RECIPE: _choice("Recipe"),
}


@dataclass(frozen=True)
class Parameter(Settings):
    """One thing that a search varies.

    Attributes:
        name: key of `VARIABLES`.
        kind: key of `KINDS`; a number may also be a choice among numbers.
        low: where its range begins, for numbers; left out, the lowest of `values`.
        high: where its range ends, included; left out, the highest of `values`.
        log: whether equal factors are equal steps; `low` must be above 0 then.
        step: values lie this far apart, from `low` on; None for any. Not together with `log`.
        choices: what is chosen among, for kind "choice", 1 to 100.
        values: of a number, those that a grid takes, 1 to 100; empty for all that `step` allows, or `GRID_POINTS`
            evenly spread over the range. The other samplers draw from the whole range.

    Raises:
        InvalidSettingError: for the first of these that breaks its rule.
    """

    name: str
    kind: str
    low: float | None = None
    high: float | None = None
    log: bool = False
    step: float | None = None
    choices: tuple[Value, ...] = ()
    values: tuple[float, ...] = ()

    @classmethod
    def usual(cls, name: str) -> Self:
        """Return the parameter with its usual range, or with all that may be chosen.

        Raises:
            InvalidSettingError: for a name that is no key of `VARIABLES`, or "recipe", which has no usual choices.
        """
        check_choice("parameter", name, VARIABLES)
        variable = VARIABLES[name]
        return cls(name, variable.kind, variable.low, variable.high, variable.log, choices=variable.choices)

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any]) -> Self:
        """Make a parameter from what `to_dict` gave or JSON made of it.

        Raises:
            InvalidSettingError: for an unknown name or a value that breaks its rule.
        """
        lists = {name: tuple(value) for name, value in settings.items() if isinstance(value, list)}
        return super().from_dict({**settings, **lists})

    def __post_init__(self) -> None:
        check_choice("parameter", self.name, VARIABLES)
        kind = VARIABLES[self.name].kind
        check_choice(f"kind of {self.name}", self.kind, tuple(dict.fromkeys((kind, CHOICE))))
        if self.kind == CHOICE:
            self._check_choices()
        else:
            self._take_ends_from_values()
            self._check_range()
            self._check_values()

    @property
    def title(self) -> str:
        """What it is called."""
        return VARIABLES[self.name].title

    @property
    def ends(self) -> tuple[Value, ...]:
        """All choices, or the two ends of the range."""
        if self.kind == CHOICE:
            return self.choices
        return tuple(dict.fromkeys((self._cast(self.low), self._cast(self.high))))

    @property
    def grid(self) -> tuple[Value, ...]:
        """The values that a grid takes, in ascending order or in that of the choices."""
        if self.kind == CHOICE:
            return self.choices
        if self.values:
            return tuple(self._cast(value) for value in sorted(self.values))
        return self._divide()

    def _divide(self) -> tuple[Value, ...]:
        low, high = float(self.low or 0), float(self.high or 0)
        if self.step:
            count = math.floor((high - low) / self.step + 1e-9) + 1
            # Sums of 0.1 have a long tail.
            later = (_shorten(low + number * self.step, 12) for number in range(1, count))
            return tuple(self._cast(value) for value in (low, *(min(value, high) for value in later)))
        if self.kind == INT and not self.log and high - low < GRID_POINTS:
            return tuple(range(int(low), int(high) + 1))
        shares = [number / (GRID_POINTS - 1) for number in range(GRID_POINTS)]
        inner = [low * (high / low) ** share if self.log else low + (high - low) * share for share in shares[1:-1]]
        values = (low, *(min(max(_shorten(value, 3), low), high) for value in inner), high)
        return tuple(dict.fromkeys(self._cast(value) for value in values))

    def _cast(self, value: float | None) -> float:
        # 0.1 + 0.2 is no whole number, but 3.0 from a form or from JSON is.
        return round(value or 0) if self.kind == INT else float(value or 0)

    def _take_ends_from_values(self) -> None:
        if self.values and all(is_number(value) for value in self.values):
            for name, end in (("low", min(self.values)), ("high", max(self.values))):
                if getattr(self, name) is None:
                    object.__setattr__(self, name, end)

    def _check_choices(self) -> None:
        allowed = VARIABLES[self.name].choices
        _check_count(self.name, "choices", self.choices)
        for choice in self.choices:
            if allowed:
                if choice not in allowed or type(choice) not in {type(value) for value in allowed}:
                    raise InvalidSettingError(
                        f"`{self.name}` must be one of {', '.join(map(str, allowed))}. Received: {choice}."
                    )
            elif choice is not None and not isinstance(choice, str | int | float | bool):
                raise InvalidSettingError(f"A choice of `{self.name}` must be a word or a number. Received: {choice}.")
        if self.low is not None or self.high is not None or self.step is not None or self.log or self.values:
            raise InvalidSettingError(f"`{self.name}` must have either choices or a range. Received: both.")

    def _check_range(self) -> None:
        if self.choices:
            raise InvalidSettingError(f"`{self.name}` must have either choices or a range. Received: both.")
        for name in ("low", "high"):
            value = getattr(self, name)
            if not is_number(value) or not math.isfinite(value):
                raise InvalidSettingError(f"`{name}` of {self.name} must be a number. Received: {value}.")
            if self.kind == INT and value != round(value):
                raise InvalidSettingError(f"`{name}` of {self.name} must be a whole number. Received: {value}.")
        low, high = float(self.low or 0), float(self.high or 0)
        if low > high:
            raise InvalidSettingError(
                f"The range of `{self.name}` must begin below its end. Received: {self.low} to {self.high}."
            )
        if not isinstance(self.log, bool):
            raise InvalidSettingError(f"`log` of {self.name} must be true or false. Received: {self.log}.")
        if self.log and low <= 0:
            raise InvalidSettingError(
                f"A logarithmic range must begin above 0. Received: {self.name} from {self.low} to {self.high}."
            )
        self._check_step(high - low)

    def _check_step(self, length: float) -> None:
        if self.step is None:
            return
        if self.log:
            raise InvalidSettingError(f"A logarithmic range must have no step. Received: {self.name} by {self.step}.")
        whole = self.kind != INT or (is_number(self.step) and self.step == round(self.step))
        if not is_number(self.step) or not whole or not 0 < self.step <= max(length, 1e-12):
            raise InvalidSettingError(
                f"`step` of {self.name} must be {'a whole number ' if self.kind == INT else ''}above 0 and at most the "
                f"length of the range. Received: {self.step}."
            )
        if length / self.step >= MOST_VALUES:
            raise InvalidSettingError(
                f"`step` of {self.name} must leave at most {MOST_VALUES} values. Received: {self.step}."
            )

    def _check_values(self) -> None:
        if not self.values:
            return
        _check_count(self.name, "values", self.values)
        for value in self.values:
            if not is_number(value) or not float(self.low or 0) <= value <= float(self.high or 0):
                raise InvalidSettingError(
                    f"The values of `{self.name}` must lie from {self.low} to {self.high}. Received: {value}."
                )
            if self.kind == INT and value != round(value):
                raise InvalidSettingError(f"The values of `{self.name}` must be whole numbers. Received: {value}.")


def _check_count(name: str, kind: str, values: object) -> None:
    if not isinstance(values, tuple) or not 1 <= len(values) <= MOST_VALUES:
        count = len(values) if isinstance(values, tuple) else values
        raise InvalidSettingError(f"`{name}` must have 1 to {MOST_VALUES} {kind}. Received: {count}.")
    if len({(type(value), str(value)) for value in values}) < len(values):
        raise InvalidSettingError(
            f"The {kind} of `{name}` must all be different. Received: {', '.join(map(str, values))}."
        )


def _shorten(value: float, digits: int) -> float:
    """Return a number with so many digits."""
    return float(f"{value:.{digits}g}")
