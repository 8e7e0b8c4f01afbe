"""Pictures made to excite a channel as much as they can: activation maximisation.

Gradient ascent on the pixels from noise (Erhan and others, Visualizing higher-layer features of a deep network, 2009).
The picture is shifted a little before each step, and the gradient smoothed, at first much, then less: that keeps out
the ragged patterns that excite a network and look like nothing (Olah, Mordvintsev and Schubert, Feature visualization,
Distill 2017).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from fmnist_core.fetch import Report, no_report
from fmnist_core.gradients import build_input_gradients
from fmnist_core.interpretation.excitation import PAGE, find_peaks
from fmnist_core.interpretation.fields import cut
from fmnist_core.interpretation.probing import Probe
from fmnist_core.runs import Run
from fmnist_core.settings import check_real, check_whole

Pictures = NDArray[np.float32]

_STARTS = 24
_SIGMAS = np.linspace(0.5, 4.0, _STARTS)


@dataclass(frozen=True)
class Making:
    """How pictures are made.

    Attributes:
        steps: how many, at least 1.
        size: of the first step, as the mean change of a pixel between black (0) and white (1); the last is a fifth.
        jitter: by how many pixels a picture is shifted at most before a step.
        blur: sigma of the first gradient's smoothing, in pixels, which falls to an eighth; 0 for none.
        seed: of the noise and of the shifts.

    Raises:
        InvalidSettingError: if one of them is out of range.
    """

    steps: int = 72
    size: float = 0.06
    jitter: int = 1
    blur: float = 2.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_whole("steps", self.steps, 1, 10_000)
        check_real("size", self.size, 1e-4, 1.0)
        check_whole("jitter", self.jitter, 0, 14)
        check_real("blur", self.blur, 0.0, 5.0)
        check_whole("seed", self.seed, 0, 2**32 - 1)


@dataclass(frozen=True, eq=False)
class Made:
    """Pictures made for some channels.

    Attributes:
        images: (c, 28, 28) uint8.
        values: (c,) float32, how strongly each excites its channel: the largest value in the channel's map.
    """

    images: NDArray[np.uint8]
    values: NDArray[np.float32]


def make_images(
    probe: Probe, name: str, channels: Sequence[int], making: Making | None = None, report: Report = no_report
) -> Made:
    """Make a picture for each of some channels of a layer; it excites the channel's whole map, or the unit.

    Args:
        probe: the network.
        name: of the layer; of the last one the logits are meant.
        channels: counted from 0, at least one.
        making: how.
        report: called with a sentence and the share done, before each step.

    Raises:
        InvalidSettingError: if there is no layer of that name.
    """
    making = making or Making()
    network, chosen = cut(probe, name, linear=True), np.asarray(channels)
    generator = np.random.default_rng(making.seed)
    # Each picture counts for its own channel only: for all of its map, and once more for the strongest place in it.
    weights = np.eye(network.output_shape[-1], dtype=np.float32)[chosen]
    compute = build_input_gradients(
        network, lambda outputs: keras.ops.sum(keras.ops.multiply(_score(outputs), weights))
    )
    pictures = _begin(network, chosen, generator)
    for step in range(making.steps):
        report(f"Making {len(chosen)} images, step {step + 1} of {making.steps}", step / making.steps)
        share = step / making.steps
        shift = generator.integers(-making.jitter, making.jitter + 1, 2)
        _, gradient = compute(np.roll(pictures, shift, axis=(1, 2)))
        gradient = _smooth(np.roll(gradient, -shift, axis=(1, 2)), making.blur * 8**-share)
        pictures = _climb(pictures, gradient, making.size * (1 - 0.8 * share))
    images = np.rint(255 * pictures[..., 0]).astype(np.uint8)
    peaks, _ = find_peaks(_ask(cut(probe, name), probe.scale(images)))
    return Made(images, peaks[np.arange(len(chosen)), chosen])


def study_making(run: Run, settings: Mapping[str, Any], report: Report) -> dict[str, NDArray[Any]]:
    """Make a picture for each of up to `PAGE` channels of a layer; see `studies`.

    Args:
        run: it must have a network.
        settings: `layer`, its name, and `first`, the first channel, counted from 0.
        report: called with a sentence and the share done.

    Returns:
        `images` and `values`, as `Made` has them.

    Raises:
        RunNotFoundError: if the run has no network that can be loaded.
        InvalidSettingError: if there is no such layer, or it has no such channel.
    """
    report("Loading the network", 0.0)
    probe = Probe.load(run.path / "model.keras")
    n_channels = probe.find_layer(settings["layer"]).shape[-1]
    check_whole("first", settings["first"], 0, n_channels - 1)
    channels = range(settings["first"], min(n_channels, settings["first"] + PAGE))
    made = make_images(probe, settings["layer"], channels, report=report)
    return {"images": made.images, "values": made.values}


def _begin(network: keras.Model, channels: NDArray[np.integer], generator: np.random.Generator) -> Pictures:
    """Return for each channel the noise that excites it most: from elsewhere it may have nowhere to climb."""
    grain = generator.random((_STARTS, 28, 28, 1), np.float32)
    # From grain to clouds, darker towards the rim, as garments lie in the middle.
    clouds = np.stack([_smooth(one[np.newaxis], sigma)[0] for one, sigma in zip(grain, _SIGMAS, strict=True)])
    low, high = clouds.min(axis=(1, 2, 3), keepdims=True), clouds.max(axis=(1, 2, 3), keepdims=True)
    brightness = generator.uniform(0.3, 1.0, (_STARTS, 1, 1, 1)).astype(np.float32)
    away = np.linspace(-1, 1, 28, dtype=np.float32) ** 2
    fading = np.exp(-1.5 * (away[:, np.newaxis] + away))[..., np.newaxis]
    starts = (clouds - low) / (high - low) * brightness * fading
    answers = np.asarray(keras.ops.convert_to_numpy(_score(_ask(network, starts))))
    return starts[answers[:, channels].argmax(axis=0)]


def _ask(network: keras.Model, pictures: Pictures) -> Pictures:
    # Called, not compiled: it is asked twice.
    return np.asarray(keras.ops.convert_to_numpy(network(pictures, training=False)))


def _smooth(pictures: Pictures, sigma: float) -> Pictures:
    return ndimage.gaussian_filter(pictures, (0, sigma, sigma, 0)) if sigma else pictures


def _climb(pictures: Pictures, gradient: Pictures, size: float) -> Pictures:
    mean = np.abs(gradient).mean(axis=(1, 2, 3), keepdims=True)
    moved = pictures + size * np.divide(gradient, mean, out=np.zeros_like(gradient), where=mean > 0)
    return moved.clip(0, 1)


def _score(outputs: Any) -> Any:
    """Return how strongly (n, c) outputs answer."""
    if len(outputs.shape) == 2:
        return outputs
    return keras.ops.mean(outputs, axis=(1, 2)) + keras.ops.max(outputs, axis=(1, 2))
