"""What excites a channel: the items that do most, and where in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.fetch import Report, no_report
from fmnist_core.runs import Run

if TYPE_CHECKING:
    from fmnist_core.interpretation.fields import Fields
    from fmnist_core.interpretation.probing import Probe

TOP = 9
# How many channels are shown, and have pictures made for them, at once.
PAGE = 64

_BATCH = 500
# What the layers that are asked together may make of a batch, in numbers of four bytes.
_MOST_NUMBERS = 40_000_000
# Of the time that the study takes.
_SHARE_OF_ITEMS = 0.6
_ARRAYS = ("items", "values", "positions", "means")


@dataclass(frozen=True, eq=False)
class Excitation:
    """What excites the c channels of a layer; one without maps has units, which count as channels.

    Attributes:
        items: (c, k) int32, the numbers of the items that excite each channel most, the strongest first.
        values: (c, k) float32, how strongly: the largest value in the channel's map.
        positions: (c, k) int32, where that is in the map: row times width plus column; 0 for a unit.
        means: (c, 10) float32, the mean of that value over all items of each class; 0 for a class without items.
    """

    items: NDArray[np.int32]
    values: NDArray[np.float32]
    positions: NDArray[np.int32]
    means: NDArray[np.float32]


def find_peaks(outputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return for what a layer makes of n items the largest value of each of its c channels, and where it is.

    Args:
        outputs: (n, height, width, c) or (n, c).

    Returns:
        Two arrays (n, c): the values, and the places as `Excitation.positions` counts them.
    """
    if outputs.ndim == 2:
        return outputs, np.zeros(outputs.shape, np.int32)
    maps = outputs.reshape(len(outputs), -1, outputs.shape[-1])
    positions = maps.argmax(axis=1)
    return np.take_along_axis(maps, positions[:, np.newaxis], axis=1)[:, 0], positions.astype(np.int32)


class Ranking:
    """Collects the items that excite the channels of a layer most, as batches of them come in."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: tuple[NDArray, NDArray, NDArray] | None = None
        self._sums: Any = 0
        self._counts = np.zeros(len(CLASS_NAMES))

    def add(self, items: NDArray[np.integer], labels: NDArray[np.uint8], outputs: NDArray[np.float32]) -> None:
        """Take in what a layer makes of n items.

        Args:
            items: their numbers, (n,).
            labels: their classes, (n,).
            outputs: as of `find_peaks`.
        """
        maps = outputs.reshape(len(outputs), -1, outputs.shape[-1])
        values = maps.max(axis=1)
        of_class = np.eye(len(CLASS_NAMES))[labels]
        self._sums = self._sums + values.T @ of_class
        self._counts += of_class.sum(axis=0)
        best = _find_best(values.T)
        # Only now where: to look for that in all items takes ten times as long.
        positions = np.stack([maps[best[:, place], :, _each(best)].argmax(axis=1) for place in range(best.shape[1])])
        new = (np.asarray(items, np.int32)[best], np.take_along_axis(values.T, best, axis=1), positions.T)
        every = new if self._kept is None else [np.hstack(pair) for pair in zip(self._kept, new, strict=True)]
        best = _find_best(every[1])
        numbers, strongest, places = (np.take_along_axis(array, best, axis=1) for array in every)
        self._kept = numbers, strongest, places.astype(np.int32)

    def finish(self) -> Excitation:
        """Return what has been found, at least one item having come in."""
        assert self._kept is not None
        means = self._sums / np.maximum(self._counts, 1)
        return Excitation(*self._kept, means.astype(np.float32))


def compute_excitation(
    probe: "Probe",
    images: NDArray[np.uint8],
    items: NDArray[np.integer],
    labels: NDArray[np.uint8],
    names: Sequence[str],
    report: Report = no_report,
) -> dict[str, Excitation]:
    """Return what excites the channels of some layers, among n items; of the last layer, the logits count.

    Args:
        probe: the network.
        images: (n, 28, 28) uint8.
        items: their numbers, (n,).
        labels: their classes, (n,).
        names: of the layers.
        report: called with a sentence and the share done, before each batch.
    """
    found = {}
    groups, last = _group(probe, names), probe.layers[-1].name
    for place, group in enumerate(groups):
        rankings = {name: Ranking() for name in group}
        for start in range(0, len(images), _BATCH):
            layers = f", lot {place + 1} of {len(groups)} of layers" if len(groups) > 1 else ""
            share = (place + start / len(images)) / len(groups)
            report(f"Item {start:,} of {len(images):,}{layers}", share)
            part = slice(start, start + _BATCH)
            made = dict(probe.compute_outputs(images[part], group))
            if last in made:
                # Of many items the softmax says 1 and no more.
                made[last] = probe.ask(probe.scale(images[part]))
            for name, outputs in made.items():
                rankings[name].add(items[part], labels[part], outputs)
        found.update({name: ranking.finish() for name, ranking in rankings.items()})
    return found


def find_typical_classes(excitation: Excitation, channel: int, labels: NDArray[np.uint8]) -> list[tuple[int, int]]:
    """Return which classes the items that excite a channel most belong to: (class, how many), the most frequent first.

    Args:
        excitation: of its layer.
        channel: counted from 0.
        labels: of all 70,000 items.
    """
    counts = np.bincount(labels[excitation.items[channel]], minlength=len(CLASS_NAMES))
    return [(int(index), int(counts[index])) for index in np.argsort(-counts, kind="stable") if counts[index]]


def unpack(arrays: Mapping[str, NDArray[Any]], name: str) -> Excitation:
    """Return what `study_excitation` has found for a layer."""
    return Excitation(**{array: arrays[f"{name}/{array}"] for array in _ARRAYS})


def unpack_fields(arrays: Mapping[str, NDArray[Any]], name: str) -> "Fields":
    """Return what the places in a layer's maps can see, as `study_excitation` has found it."""
    from fmnist_core.interpretation.fields import Fields

    return Fields(arrays[f"{name}/rows"], arrays[f"{name}/columns"])


def study_excitation(run: Run, settings: Mapping[str, Any], report: Report) -> dict[str, NDArray[Any]]:
    """Compute what excites all channels of all layers of a run, among the items of its own test part; see `studies`.

    Raises:
        RunNotFoundError: if the run has no network that can be loaded.
    """
    from fmnist_core.config import choose_items
    from fmnist_core.data import load_dataset
    from fmnist_core.interpretation.fields import compute_fields
    from fmnist_core.interpretation.probing import Probe

    report("Loading the network", 0.0)
    dataset = load_dataset()
    items = choose_items(run.config, dataset.labels).test
    probe = Probe.load(run.path / "model.keras")
    names = [layer.name for layer in probe.layers]

    def report_items(sentence: str, share: float) -> None:
        report(sentence, share * _SHARE_OF_ITEMS)

    found = compute_excitation(probe, dataset.images[items], items, dataset.labels[items], names, report_items)
    arrays = {f"{name}/{array}": getattr(found[name], array) for name in found for array in _ARRAYS}
    for place, name in enumerate(names):
        report(f"Looking what {name} can see", _SHARE_OF_ITEMS + (1 - _SHARE_OF_ITEMS) * place / len(names))
        fields = compute_fields(probe, name)
        arrays |= {f"{name}/rows": fields.rows, f"{name}/columns": fields.columns}
    return arrays


def _find_best(values: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return for each row where its `TOP` largest values are, the largest first; of equals the first."""
    return np.argsort(-values, axis=1, kind="stable")[:, :TOP]


def _each(best: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.arange(len(best))


def _group(probe: "Probe", names: Sequence[str]) -> list[list[str]]:
    """Return the layers in lots whose outputs for a batch fit into memory together."""
    groups: list[list[str]] = []
    room = 0
    for name in names:
        size = _BATCH * int(np.prod(probe.find_layer(name).shape))
        if size > room or not groups:
            groups.append([])
            room = _MOST_NUMBERS
        groups[-1].append(name)
        room -= size
    return groups
