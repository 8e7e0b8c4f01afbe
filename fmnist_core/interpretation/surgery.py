"""Neuron surgery: a network some of whose channels are silenced, and what its answers are worth then.

A channel is one of the maps that a convolution makes, or one unit of a dense layer. Silenced, it is 0 everywhere: as if
its filter had found nothing anywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from fmnist_core import run_data
from fmnist_core.data import load_dataset
from fmnist_core.errors import InvalidSettingError
from fmnist_core.fetch import Report, no_report
from fmnist_core.interpretation.probing import Probe, ProbedLayer
from fmnist_core.kernels import name_kind
from fmnist_core.runs import Run
from fmnist_core.settings import check_whole
from fmnist_core.splits import take_stratified

SAMPLE_ITEMS = 2_000

# What makes channels of its own; other layers pass on, pool or scale those that they are given.
_KINDS = ("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Dense", "Add")
_SEEN_FROM = 7  # pixels
_BATCH = 500
# So much of a layer's outputs is kept, to compute only what comes after it.
_KEPT_BYTES = 32_000_000


@dataclass(frozen=True, eq=False)
class Sample:
    """Items on which a network is operated.

    Attributes:
        items: n item numbers.
        labels: their classes, (n,) uint8.
        images: (n, 28, 28) uint8.
    """

    items: NDArray[np.int64]
    labels: NDArray[np.uint8]
    images: NDArray[np.uint8]


def draw_sample(run: Run, n_items: int = SAMPLE_ITEMS, seed: int = 0) -> Sample:
    """Draw some of the items that a run was tested with, its classes as even as can be.

    Args:
        run: it must have been tested.
        n_items: how many, or all if there are fewer.
        seed: decides which.

    Raises:
        RunNotFoundError: if the run has not been tested.
    """
    data = load_dataset()
    answered = np.sort(run_data.load_evaluation(run).items)
    items = take_stratified(answered, data.labels, min(n_items, len(answered)), seed)
    return Sample(items, data.labels[items], data.images[items])


def find_operable(probe: Probe) -> list[ProbedLayer]:
    """Return the layers whose channels can be silenced: all that make channels, without the answer itself."""
    return [layer for layer in probe.layers[:-1] if _name_kind(probe, layer) in _KINDS]


def suggest_operable(probe: Probe) -> str | None:
    """Return the name of the layer to begin with: the last one whose maps still look like something; None if none."""
    found = find_operable(probe)
    seen = [layer for layer in found if layer.has_maps and min(layer.shape[:2]) >= _SEEN_FROM]
    return (seen or found)[-1].name if found else None


def describe_operable(probe: Probe) -> dict[str, str]:
    """Return by layer name what the layers of `find_operable` are called, from the pixels on."""
    counts: dict[str, int] = {}
    titles = {}
    for layer in find_operable(probe):
        kind = {"Dense": "Dense layer", "Add": "Sum"}.get(_name_kind(probe, layer), "Convolution")
        counts[kind] = counts.get(kind, 0) + 1
        made = f"{layer.shape[-1]:,} channels" if layer.has_maps else f"{layer.shape[-1]:,} units"
        size = f" of {layer.shape[0]} × {layer.shape[1]}" if layer.has_maps else ""
        titles[layer.name] = f"{kind} {counts[kind]} · {made}{size}"
    return titles


def _name_kind(probe: Probe, layer: ProbedLayer) -> str:
    return name_kind(probe.get_keras_layer(layer.name))


class Mask(keras.layers.Layer):
    """Multiplies each channel by a weight of its own, which is 1 until somebody sets it."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights, (channels,)."""
        self.mask = self.add_weight(shape=(input_shape[-1],), initializer="ones", trainable=False, name="mask")

    def call(self, inputs: Any) -> Any:
        """Return the inputs, each channel times its weight."""
        return inputs * keras.ops.cast(self.mask, inputs.dtype)


class Surgery:
    """A network laid open at one layer, whose channels can be silenced again and again; for all threads.

    Attributes:
        layer: the layer.
        channels: how many it has.
        sample: the items on which the network is operated.
    """

    def __init__(self, probe: Probe, name: str, sample: Sample) -> None:
        """Prepare the operation; Keras compiles when the network is first asked.

        Raises:
            InvalidSettingError: if there is no such layer, or its channels cannot be silenced.
        """
        self.layer = probe.find_layer(name)
        if self.layer not in find_operable(probe):
            names = ", ".join(layer.name for layer in find_operable(probe))
            raise InvalidSettingError(f"The layer must be one that makes channels: {names}. Received: {name}.")
        self.channels = self.layer.shape[-1]
        self.sample = sample
        self._probe = probe
        self._mask = Mask()
        self._network = probe.insert(name, self._mask)
        self._rest = self._network
        self._inputs = probe.scale(sample.images)
        if 4 * len(sample.items) * int(np.prod(self.layer.shape)) <= _KEPT_BYTES:
            self._cut()

    def ask(self, images: NDArray[np.uint8], silenced: Sequence[int] = ()) -> NDArray[np.float32]:
        """Return the probabilities (n, 10) for images (n, 28, 28) with some channels silenced, counted from 0.

        Raises:
            InvalidSettingError: if there is no such channel.
        """
        return self._ask(self._network, self._probe.scale(images), silenced)

    def ask_sample(self, silenced: Sequence[int] = ()) -> NDArray[np.float32]:
        """Return the probabilities (n, 10) for the sample with some channels silenced, counted from 0.

        Raises:
            InvalidSettingError: if there is no such channel.
        """
        return self._ask(self._rest, self._inputs, silenced)

    def _cut(self) -> None:
        """Compute the sample as far as the layer once for all, if nothing goes around the layer."""
        try:
            rest = keras.Model(self._mask.input, self._network.output)
        except ValueError:  # a shortcut goes around it
            return
        outputs = self._probe.compute_outputs(self.sample.images, [self.layer.name])
        self._rest, self._inputs = rest, outputs[self.layer.name]

    def _ask(self, network: keras.Model, inputs: NDArray[np.float32], silenced: Sequence[int]) -> NDArray[np.float32]:
        weights = np.ones(self.channels, np.float32)
        for channel in silenced:
            check_whole("channel", channel, 0, self.channels - 1)
            weights[channel] = 0
        size = 1 if len(inputs) == 1 else _BATCH
        with self._probe.lock:
            self._mask.mask.assign(weights)
            logits = [
                network.predict_on_batch(np.resize(part, (size, *part.shape[1:])))[: len(part)]
                for part in (inputs[start : start + size] for start in range(0, len(inputs), size))
            ]
        return _soften(np.concatenate(logits))


def _soften(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def study_ablation(run: Run, settings: Mapping[str, Any], report: Report = no_report) -> dict[str, NDArray]:
    """Silence each channel of a layer by itself, on `draw_sample`.

    Args:
        run: it must have a network and have been tested.
        settings: {"layer": its name}.
        report: called with a sentence and the share done.

    Returns:
        "accuracy": of the whole network, (); "accuracies": without each channel, (channels,); "recalls": likewise by
        class, (channels, 10), and "recall", of the whole network, (10,); NaN for a class without items.

    Raises:
        InvalidSettingError: if there is no such layer, or its channels cannot be silenced.
        RunNotFoundError: if the run has no network or has not been tested.
    """
    report("Opening the network", 0.0)
    surgery = Surgery(Probe.load(run.path / "model.keras"), settings["layer"], draw_sample(run))
    return compute_ablation(surgery, report)


def compute_ablation(surgery: Surgery, report: Report = no_report) -> dict[str, NDArray]:
    """Silence each channel by itself; see `study_ablation`."""
    labels, answers = surgery.sample.labels, []
    for number in range(surgery.channels + 1):
        answers.append(surgery.ask_sample([number - 1] if number else []).argmax(axis=1))
        report(f"Channel {number} of {surgery.channels}", (number + 1) / (surgery.channels + 1))
    right = np.stack(answers) == labels
    recalls = np.stack([compute_recalls(labels, row) for row in right])
    accuracies = right.mean(axis=1)
    return {"accuracy": accuracies[0], "accuracies": accuracies[1:], "recall": recalls[0], "recalls": recalls[1:]}


def compute_recalls(labels: NDArray[np.uint8], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return for each class the share of its items that are answered rightly, (10,); NaN for one without items."""
    members = np.bincount(labels, minlength=10).astype(float)
    members[members == 0] = np.nan
    return np.bincount(labels, weights=right, minlength=10) / members
