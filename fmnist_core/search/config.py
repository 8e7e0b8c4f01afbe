"""The settings of a search as one value: which recipe, what varies, how it is sampled, when it ends."""

import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from fmnist_core.config import TrainingConfig
from fmnist_core.errors import InvalidSettingError
from fmnist_core.recipes import find_recipe
from fmnist_core.search.changing import scale_width, set_dropout, set_kernel_size
from fmnist_core.search.parameters import DROPOUT, KERNEL_SIZE, RECIPE, WIDTH, Parameter, Value
from fmnist_core.settings import Settings, check_choice, check_real, check_whole
from fmnist_core.stacks import Stack

# What each is called, by key; `sampling` makes them.
SAMPLERS = {
    "grid": "Grid: all combinations",
    "random": "Random",
    "tpe": "Bayesian (TPE)",
}
PRUNERS = {
    "none": "None",
    "median": "Worse than the median",
    "successive-halving": "Successive halving",
    "hyperband": "Hyperband",
}

MOST_TRIALS = 1000
MOST_PARAMETERS = 10
# Enough for eight ranges; whatever may be wrong with the others is noticed when a trial meets it.
_MOST_CHECKED = 256
_SETTINGS = tuple(entry.name for entry in fields(TrainingConfig))
_CHANGES: Mapping[str, Callable[[Stack, Any], Stack]] = {
    KERNEL_SIZE: set_kernel_size,
    WIDTH: scale_width,
    DROPOUT: set_dropout,
}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True)
class SearchConfig(Settings):
    """Everything that determines a search, checked on construction.

    The objective is the best val_accuracy of a run's epochs, to be as high as possible; the test items play no part.

    Attributes:
        name: what it is called, small letters, digits and dashes, no other search being called the same.
        recipe: name of the recipe that is varied.
        parameters: what varies, 1 to 10.
        settings: of a `TrainingConfig`, those that differ from the recipe's in all trials.
        sampler: key of `SAMPLERS`.
        pruner: key of `PRUNERS`, which trials are stopped before their last epoch.
        trials: how many there are at most, 1 to 1000; of a grid no more than it has cells.
        seconds: no trial begins when the search has taken so long, 1 second to 30 days; None for no limit.
        budget: epochs that all trials may train together; a trial begins if all of its epochs fit. None for no limit.
        seed: decides what is sampled, 0 to 2**31 - 1. The trainings have the seed of the recipe or of `settings`.

    Raises:
        InvalidSettingError: for the first setting that breaks its rule, or a recipe that keeps no validation items, or
            ends of ranges that no training could have.
    """

    name: str
    recipe: str
    parameters: tuple[Parameter, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    sampler: str = "tpe"
    pruner: str = "none"
    trials: int = 20
    seconds: float | None = None
    budget: int | None = None
    seed: int = 0

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any]) -> Self:
        """Make settings from what `to_dict` gave or JSON made of it; parameters may be mappings.

        Raises:
            InvalidSettingError: as the class.
        """
        given = dict(settings)
        parameters = given.get("parameters")
        if isinstance(parameters, list | tuple):
            given["parameters"] = tuple(
                Parameter.from_dict(entry) if isinstance(entry, Mapping) else entry for entry in parameters
            )
        return super().from_dict(given)

    def __post_init__(self) -> None:
        check_name(self.name)
        check_choice("sampler", self.sampler, SAMPLERS)
        check_choice("pruner", self.pruner, PRUNERS)
        check_whole("trials", self.trials, 1, MOST_TRIALS)
        check_whole("seed", self.seed, 0, 2**31 - 1)
        if self.seconds is not None:
            check_real("seconds", self.seconds, 1, 30 * 86_400)
        if self.budget is not None:
            check_whole("budget", self.budget, 1, 1_000_000)
        self._check_parameters()
        self._check_trainings()

    @property
    def grid_size(self) -> int:
        """How many cells a grid of its parameters has."""
        return math.prod(len(parameter.grid) for parameter in self.parameters)

    @property
    def cells(self) -> Iterator[dict[str, Value]]:
        """The cells of the grid: values by parameter, the last parameter changing fastest."""
        names = [parameter.name for parameter in self.parameters]
        for values in itertools.product(*(parameter.grid for parameter in self.parameters)):
            yield dict(zip(names, values, strict=True))

    @property
    def planned(self) -> int:
        """How many trials there will be, unless time or budget ends it before."""
        return min(self.trials, self.grid_size) if self.sampler == "grid" else self.trials

    @property
    def longest(self) -> int:
        """How many epochs the longest trial has."""
        return max(config.epochs for _, config in self._find_ends())

    def find_training(self, values: Mapping[str, Value]) -> tuple[str, TrainingConfig]:
        """Return the name of the recipe and the settings of a trial.

        Args:
            values: one for each parameter, by its name.

        Raises:
            InvalidSettingError: if no training can have these values together.
        """
        recipe = find_recipe(str(values.get(RECIPE, self.recipe)))
        plain = {name: value for name, value in values.items() if name not in (RECIPE, *_CHANGES)}
        config = recipe.config.with_settings(**{**self.settings, **plain})
        changes = {name: value for name, value in values.items() if name in _CHANGES}
        if not changes:
            return recipe.name, config
        if config.is_baseline:
            raise InvalidSettingError(
                f"To vary {', '.join(f'`{name}`' for name in changes)}, the recipe must be a network's. "
                f"Received: {recipe.name}."
            )
        # What enlarges the images comes before these layers, from the setting.
        stack = config.with_settings(enlarge=1).stack
        for name, value in changes.items():
            stack = _CHANGES[name](stack, value)
        return recipe.name, config.with_settings(layers=stack)

    def _check_parameters(self) -> None:
        if not isinstance(self.parameters, tuple) or not 1 <= len(self.parameters) <= MOST_PARAMETERS:
            count = len(self.parameters) if isinstance(self.parameters, tuple) else self.parameters
            raise InvalidSettingError(f"`parameters` must be 1 to {MOST_PARAMETERS}. Received: {count}.")
        for parameter in self.parameters:
            if not isinstance(parameter, Parameter):
                raise InvalidSettingError(f"`parameters` must be parameters. Received: {parameter!r:.80}.")
        names = [parameter.name for parameter in self.parameters]
        for name in names:
            if names.count(name) > 1:
                raise InvalidSettingError(f"A search must vary a setting only once. Received: {name} twice.")
        if not isinstance(self.settings, Mapping):
            raise InvalidSettingError(f"`settings` must be settings by name. Received: {self.settings!r:.80}.")
        for name in self.settings:
            if name in names:
                raise InvalidSettingError(f"A setting must either vary or be fixed. Received: {name} as both.")
        if self.sampler == "grid" and self.grid_size > MOST_TRIALS:
            raise InvalidSettingError(f"A grid must have at most {MOST_TRIALS:,} cells. Received: {self.grid_size:,}.")

    def _check_trainings(self) -> None:
        """Build the trainings at all ends of the ranges."""
        find_recipe(self.recipe)
        for name in self.settings:
            check_choice("setting", name, _SETTINGS)
        for _, config in self._find_ends():
            if not config.validates:
                raise InvalidSettingError(
                    "A search compares val_accuracy, so the recipe must keep validation items: `validation_split` must "
                    f"be above 0. Received: {config.validation_split}."
                )
        if self.budget is not None and self.budget < self.longest:
            raise InvalidSettingError(
                f"`budget` must suffice for a trial's {self.longest} epochs. Received: {self.budget}."
            )

    def _find_ends(self) -> Iterator[tuple[str, TrainingConfig]]:
        """Yield the trainings at the ends of the ranges, in all combinations, but not too many of them."""
        names = [parameter.name for parameter in self.parameters]
        ends = itertools.product(*(parameter.ends for parameter in self.parameters))
        for values in itertools.islice(ends, _MOST_CHECKED):
            together = dict(zip(names, values, strict=True))
            try:
                yield self.find_training(together)
            except InvalidSettingError as error:
                # Perhaps it is the fixed settings alone.
                find_recipe(self.recipe).config.with_settings(**self.settings)
                said = ", ".join(f"{name} {value}" for name, value in together.items())
                raise InvalidSettingError(f"No training can have {said}. {error}") from None


def check_name(name: object) -> None:
    """Raise InvalidSettingError unless a search may be called so."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidSettingError(
            f"`name` must be 1 to 64 small letters, digits and dashes, no dash first. Received: {name!r:.80}."
        )
