"""Which pixels a class's score hangs on, by six methods. Arrays in, arrays out.

Each function asks about the logit of a class, since probabilities saturate; see `methods.Method`.
"""

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.data import IMAGE_SHAPE
from fmnist_core.errors import InvalidSettingError
from fmnist_core.gradients import Score, Tap, build_input_gradients, build_tap_gradients
from fmnist_core.interpretation.methods import METHODS, find_method
from fmnist_core.interpretation.probing import Probe, ProbedLayer

Images = NDArray[np.uint8]
Values = NDArray[np.float32]

NOISY_COPIES = 32
# Of the distance from black to white; the paper finds 10 to 20% best.
NOISE = 0.15
STEPS = 128
PATCH, STRIDE = 4, 2
# Maps of fewer pixels a side say hardly anything about where.
_FINE_ENOUGH = 4

_BATCH = 128
_Gradient = Callable[[NDArray], tuple[float, NDArray]]


@dataclass(frozen=True, eq=False)
class Attribution:
    """What a method says about items.

    Attributes:
        values: (n, 28, 28) float32, as the method gives them; below zero what speaks against the class, or nothing
            of the kind where the method has no sign.
        heatmaps: (n, 28, 28) float32 in [0, 1]: what speaks for the class, 1 at each item's hottest pixel; all zero
            where nothing does.
    """

    values: Values
    heatmaps: Values


def explain(probe: Probe, method: str, images: Images, class_index: int, layer: str | None = None) -> Attribution:
    """Ask by one of the methods why a class.

    Args:
        probe: the network.
        method: key of `METHODS`.
        images: (n, 28, 28) uint8.
        class_index: whose logit is asked about.
        layer: see `find_layer`; only some methods ask one.

    Raises:
        InvalidSettingError: for an unknown method or class, or a layer that has no maps larger than 1 × 1, or if the
            network has none.
    """
    find_method(method)
    if class_index not in range(len(CLASS_NAMES)):
        raise InvalidSettingError(f"The class must be from 0 to 9. Received: {class_index}.")
    if METHODS[method].needs_maps:
        compute = compute_grad_cam if method == "grad-cam" else compute_grad_cam_plus_plus
        values = compute(probe, images, class_index, find_layer(probe, layer).name)
    else:
        values = _OF_PIXELS[method](probe, images, class_index)
    signed = METHODS[method].signed
    return Attribution(values, normalize(values if signed else np.abs(values)))


def list_layers(probe: Probe) -> list[ProbedLayer]:
    """Return the layers that have maps larger than 1 × 1, in order; those that only pass on are left out."""
    return [
        layer for layer in probe.layers if layer.has_maps and max(layer.shape[:2]) > 1 and "Dropout" not in layer.kind
    ]


def find_layer(probe: Probe, name: str | None) -> ProbedLayer:
    """Return a layer that Grad-CAM can ask; if no name is given, the last one whose maps are not very coarse.

    Those are maps of at least 4 × 4; where there are none, all larger than 1 × 1 will do.

    Raises:
        InvalidSettingError: if there is none, or the one of that name makes no maps larger than 1 × 1.
    """
    layers = list_layers(probe)
    if not layers:
        raise InvalidSettingError(
            "Grad-CAM asks a layer that makes maps larger than 1 × 1. "
            f"Received: a network of {', '.join(dict.fromkeys(layer.kind for layer in probe.layers))}."
        )
    if name is None:
        return next((layer for layer in reversed(layers) if min(layer.shape[:2]) >= _FINE_ENOUGH), layers[-1])
    layer = probe.find_layer(name)
    if not layer.has_maps or max(layer.shape[:2]) == 1:
        shape = " × ".join(map(str, layer.shape))
        raise InvalidSettingError(f"The layer must make maps larger than 1 × 1. Received: {name}, {shape}.")
    return layer


def normalize(values: NDArray) -> Values:
    """Return maps (n, h, w) with what is below zero cut off and each map's largest value 1; all zero stays so."""
    positive = np.maximum(values, 0)
    largest = positive.max(axis=(1, 2), keepdims=True)
    return np.divide(positive, largest, out=np.zeros_like(positive), where=largest > 0).astype(np.float32)


def resize_bilinear(maps: NDArray, shape: tuple[int, int] = IMAGE_SHAPE) -> Values:
    """Return maps (n, h, w) enlarged to (n, *shape), each pixel weighted between the centres next to it."""
    rows, columns = (_interpolate(old, new) for old, new in zip(maps.shape[1:], shape, strict=True))
    return np.asarray(rows @ maps @ columns.T, np.float32)


def compute_grad_cam(probe: Probe, images: Images, class_index: int, layer: str) -> Values:
    """Return the sum of a layer's maps, each weighted by its mean gradient, cut off below zero (Selvaraju 2017).

    Args:
        probe: the network.
        images: (n, 28, 28) uint8.
        class_index: whose logit is asked about.
        layer: its name.

    Returns:
        (n, 28, 28) float32, at least 0, enlarged from the layer's own height and width.
    """
    maps, gradients = _ask_layer(probe, images, class_index, layer)
    weights = gradients.mean(axis=(1, 2), keepdims=True)
    return resize_bilinear(np.maximum((weights * maps).sum(axis=-1), 0))


def compute_grad_cam_plus_plus(probe: Probe, images: Images, class_index: int, layer: str) -> Values:
    """Return a layer's maps weighted by their gradients above zero, the steepest places most (Chattopadhay 2018).

    As in the paper the score is the exponential of the logit, so that its higher derivatives are powers of the first;
    the exponential itself is one factor for a whole item, which no heat map shows, and is left out. Arguments and
    result as of `compute_grad_cam`.
    """
    maps, gradients = _ask_layer(probe, images, class_index, layer)
    below = 2 * gradients**2 + maps.sum(axis=(1, 2), keepdims=True) * gradients**3
    shares = np.divide(gradients**2, below, out=np.zeros_like(below), where=below != 0)
    weights = (shares * np.maximum(gradients, 0)).sum(axis=(1, 2), keepdims=True)
    return resize_bilinear(np.maximum((weights * maps).sum(axis=-1), 0))


def compute_saliency(probe: Probe, images: Images, class_index: int) -> Values:
    """Return the logit's gradient for each pixel on the scale 0 to 1, (n, 28, 28) float32 (Simonyan 2014)."""
    return _differentiate(probe, probe.scale(images), class_index)


def compute_smooth_grad(
    probe: Probe, images: Images, class_index: int, copies: int = NOISY_COPIES, noise: float = NOISE, seed: int = 0
) -> Values:
    """Return the mean gradient over noisy copies of each item, (n, 28, 28) float32 (Smilkov 2017).

    Args:
        probe: the network.
        images: (n, 28, 28) uint8.
        class_index: whose logit is asked about.
        copies: how many.
        noise: its standard deviation, as a share of the distance from black to white.
        seed: decides the noise, the same for every item.
    """
    scaled = probe.scale(images)
    white, black = probe.scale(np.array([[[255]], [[0]]], np.uint8)).ravel()
    shape = (copies, *scaled.shape[1:])
    offsets = np.random.default_rng(seed).normal(0, noise * abs(white - black), shape).astype(np.float32)
    return _mean_gradient(probe, scaled[:, np.newaxis] + offsets, class_index)


def compute_integrated_gradients(probe: Probe, images: Images, class_index: int, steps: int = STEPS) -> Values:
    """Return the item minus black, times the mean gradient on the straight way there (Sundararajan 2017).

    The values of an item sum to its logit minus that of a black picture, up to what the steps leave out.

    Args:
        probe: the network.
        images: (n, 28, 28) uint8.
        class_index: whose logit is asked about.
        steps: into how many parts the way is cut; the gradient is taken in the middle of each.

    Returns:
        (n, 28, 28) float32, signed.
    """
    black = probe.scale(np.zeros((1, *IMAGE_SHAPE), np.uint8))
    difference = probe.scale(images) - black
    shares = ((np.arange(steps, dtype=np.float32) + 0.5) / steps).reshape(-1, 1, 1, 1)
    return difference[..., 0] * _mean_gradient(probe, black + shares * difference[:, np.newaxis], class_index)


def compute_occlusion(
    probe: Probe, images: Images, class_index: int, patch: int = PATCH, stride: int = STRIDE
) -> Values:
    """Return by how much the logit falls while a black square hides a place (Zeiler and Fergus 2014).

    Args:
        probe: the network.
        images: (n, 28, 28) uint8.
        class_index: whose logit is asked about.
        patch: side of the square in pixels, 1 to 28.
        stride: by how many pixels it moves, at most `patch`.

    Returns:
        (n, 28, 28) float32, signed: each pixel's mean over the squares that hide it.
    """
    starts = np.unique(np.append(np.arange(0, IMAGE_SHAPE[0] - patch, stride), IMAGE_SHAPE[0] - patch))
    hidden = np.zeros((len(starts), IMAGE_SHAPE[0]), bool)
    for place, start in enumerate(starts):
        hidden[place, start : start + patch] = True
    squares = (hidden[:, np.newaxis, :, np.newaxis] & hidden[np.newaxis, :, np.newaxis, :]).reshape(-1, *IMAGE_SHAPE)
    found = []
    for image in images:
        # A square over black leaves the item as it is: the network need not be asked.
        changes = (squares & (image > 0)).any(axis=(1, 2))
        asked = np.concatenate([image[np.newaxis], np.where(squares[changes], 0, image)])
        logits = probe.ask(probe.scale(asked.astype(np.uint8)))[:, class_index]
        falls = np.zeros(len(squares), np.float32)
        falls[changes] = logits[0] - logits[1:]
        found.append(np.tensordot(falls, squares, 1) / squares.sum(axis=0))
    return np.array(found, np.float32)


_OF_PIXELS: dict[str, Callable[[Probe, Images, int], Values]] = {
    "saliency": compute_saliency,
    "smooth-grad": compute_smooth_grad,
    "integrated-gradients": compute_integrated_gradients,
    "occlusion": compute_occlusion,
}


class _Gradients:
    """A network's gradient functions, built when they are first asked for; it must not hold on to its probe."""

    def __init__(self) -> None:
        self._tapped: dict[str, tuple[keras.Model, Tap]] = {}
        self._functions: dict[tuple[str | None, int], _Gradient] = {}

    def of_pixels(self, probe: Probe, class_index: int) -> _Gradient:
        key = (None, class_index)
        if key not in self._functions:
            self._functions[key] = build_input_gradients(probe.network, _score(class_index))
        return self._functions[key]

    def of_layer(self, probe: Probe, layer: str, class_index: int) -> _Gradient:
        key = (layer, class_index)
        if key not in self._functions:
            if layer not in self._tapped:
                tap = Tap()
                self._tapped[layer] = probe.insert(layer, tap), tap
            self._functions[key] = build_tap_gradients(*self._tapped[layer], _score(class_index))
        return self._functions[key]


_KEPT: "weakref.WeakKeyDictionary[Probe, _Gradients]" = weakref.WeakKeyDictionary()


def _score(class_index: int) -> Score:
    return lambda logits: keras.ops.sum(logits[:, class_index])


def _ask_layer(probe: Probe, images: Images, class_index: int, layer: str) -> tuple[NDArray, NDArray]:
    """Return a layer's maps and the logit's gradient for them, both (n, h, w, channels)."""
    maps = probe.compute_outputs(images, [layer])[layer].astype(np.float32)
    with probe.lock:
        gradient = _KEPT.setdefault(probe, _Gradients()).of_layer(probe, layer, class_index)
        return maps, _in_batches(gradient, probe.scale(images))


def _differentiate(probe: Probe, scaled: Values, class_index: int) -> Values:
    with probe.lock:
        gradient = _KEPT.setdefault(probe, _Gradients()).of_pixels(probe, class_index)
        return _in_batches(gradient, scaled)[..., 0]


def _mean_gradient(probe: Probe, scaled: Values, class_index: int) -> Values:
    """Return the mean gradient over variants of items, (n, variants, 28, 28, 1) to (n, 28, 28)."""
    gradients = _differentiate(probe, scaled.reshape(-1, *scaled.shape[2:]).astype(np.float32), class_index)
    return gradients.reshape(scaled.shape[:4]).mean(axis=1)


def _in_batches(gradient: _Gradient, scaled: NDArray) -> NDArray:
    parts: Sequence[NDArray] = [gradient(scaled[start : start + _BATCH])[1] for start in range(0, len(scaled), _BATCH)]
    return np.concatenate(parts)


def _interpolate(old: int, new: int) -> NDArray[np.float64]:
    """Return the weights (new, old) of a row of pixels that is stretched, centres on centres."""
    places = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
    return np.maximum(0, 1 - np.abs(places[:, np.newaxis] - np.arange(old)))
