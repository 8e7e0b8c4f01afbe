"""Ready-made searches: the series that the papers tell of, with the values that their tables have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fmnist_core.recipes import load_papers, load_recipes
from fmnist_core.search.config import SearchConfig
from fmnist_core.search.parameters import CHOICE, FLOAT, INT, KERNEL_SIZE, RECIPE, Parameter


@dataclass(frozen=True)
class Preset:
    """A search that is ready to start.

    Attributes:
        key: its name in `PRESETS`, and the name that its searches are given if it is free.
        title: what it is called.
        description: what the paper did, in a sentence or two.
        paper: title of the paper.
        settings: those of a `SearchConfig` but its name.
    """

    key: str
    title: str
    description: str
    paper: str
    settings: Mapping[str, Any]

    def make(self, name: str, **settings: Any) -> SearchConfig:
        """Return the search under a name, with other settings if wished, for example fewer epochs.

        Raises:
            InvalidSettingError: as `SearchConfig`.
        """
        return SearchConfig.from_dict({**self.settings, "name": name, **settings})


def _find_recipes(beginning: str) -> tuple[str, ...]:
    return tuple(name for name in load_recipes() if name.startswith(beginning))


def _collect(setting: str, beginning: str) -> tuple[Any, ...]:
    """Return what a setting is in the recipes of a series, the one that they depart from included."""
    names = ("mcnn/proposed", *_find_recipes(beginning))
    return tuple(sorted({getattr(load_recipes()[name].config, setting) for name in names}))


def _search(recipe: str, parameter: Parameter) -> dict[str, Any]:
    return {"recipe": recipe, "parameters": (parameter,), "sampler": "grid", "trials": len(parameter.grid)}


def _batch_sizes() -> dict[str, Any]:
    values = _collect("batch_size", "mcnn/batch-")
    return _search("mcnn/proposed", Parameter("batch_size", INT, log=True, values=values))


def _learning_rates() -> dict[str, Any]:
    values = _collect("learning_rate", "mcnn/learning-rate-")
    return _search("mcnn/proposed", Parameter("learning_rate", FLOAT, log=True, values=values))


def _recipes(first: str, beginning: str) -> dict[str, Any]:
    names = tuple(dict.fromkeys((first, *_find_recipes(beginning))))
    return _search(first, Parameter(RECIPE, CHOICE, choices=names))


def _kernel_sizes() -> dict[str, Any]:
    return _search("silwimba/network-2-trial-2", Parameter(KERNEL_SIZE, INT, 2, 5))


def _first_look() -> dict[str, Any]:
    """Return a search that ends within a few minutes on two cores, and one of whose rates is far too high."""
    rates = Parameter("learning_rate", FLOAT, log=True, values=(0.0001, 0.001, 0.01, 0.1))
    sizes = Parameter("batch_size", INT, log=True, values=(16, 64, 256))
    return {
        "recipe": "threads/model-3",
        "parameters": (rates, sizes),
        "sampler": "grid",
        "trials": 12,
        "settings": {"epochs": 2, "subset": 4000},
    }


# By key: title, description, and what makes the settings.
_SERIES: dict[str, tuple[str, str, Callable[[], dict[str, Any]]]] = {
    "lab-first-look": (
        "A first look",
        "Four learning rates with three batch sizes, each trained for two epochs on 4,000 items.",
        _first_look,
    ),
    "mcnn-batch-size": (
        "Batch size",
        "The proposed network with batches of 16 to 256; the paper prefers 128.",
        _batch_sizes,
    ),
    "mcnn-learning-rate": (
        "Learning rate",
        "The proposed network with four learning rates from 0.001 to 0.02; the paper prefers 0.001.",
        _learning_rates,
    ),
    "mcnn-optimizer": (
        "Optimizer",
        "The proposed network with seven optimizers, each at the rate that its recipe names; the paper prefers Adam.",
        lambda: _recipes("mcnn/proposed", "mcnn/optimizer-"),
    ),
    "silwimba-kernel-size": (
        "Kernel size",
        "Kernels of 2×2 to 5×5 in both convolutions of the chosen network; the paper finds small ones better.",
        _kernel_sizes,
    ),
    "silwimba-network-1": (
        "Trials of network 1",
        "Seven trials that differ in filters, dense layers, dropout, batch size, learning rate and optimizer.",
        lambda: _recipes("silwimba/network-1-trial-1", "silwimba/network-1-"),
    ),
    "silwimba-network-2": (
        "Trials of network 2",
        "Seven trials with batch normalisation that differ in filters, dense layer, dropout, batch size and rate.",
        lambda: _recipes("silwimba/network-2-trial-1", "silwimba/network-2-"),
    ),
}

PRESETS: Mapping[str, Preset] = {
    key: Preset(key, title, description, load_papers()[key.partition("-")[0]].title, make())
    for key, (title, description, make) in _SERIES.items()
}
