"""Whether a heat map can be believed: does it change with the network, and do its hottest pixels carry the answer?"""

from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from fmnist_core.fetch import Report
from fmnist_core.interpretation import attribution
from fmnist_core.interpretation.methods import METHODS
from fmnist_core.interpretation.probing import Probe
from fmnist_core.runs import Run
from fmnist_core.splits import TRAIN_ITEMS

# The stages of a randomisation that are looked at: a deep network would have too many.
MOST_STAGES = 7
# How many random orders of pixels the curves are compared with.
ORDERS = 5
POINTS = 29
STUDY_ITEMS = 100

_PIXELS = 28 * 28


@dataclass(frozen=True, eq=False)
class Stage:
    """A heat map of the network whose upper layers are random.

    Attributes:
        layer: down to which layer they are, that one too; empty for the trained network.
        attribution: of one item.
        rank_correlation: Spearman's, of what `rank_pixels` returns with the same of the trained network, -1 to 1; not
            a number where one of the two has the same value everywhere.
        similarity: SSIM of the heat maps, at most 1.
    """

    layer: str
    attribution: attribution.Attribution
    rank_correlation: float
    similarity: float


@dataclass(frozen=True, eq=False)
class Curves:
    """The probability of a class while pixels are taken away, or put back, those that are hottest first.

    Attributes:
        shares: of the pixels, (p,) from 0 to 1.
        deletion, insertion: the probabilities, (p,).
        random_deletion, random_insertion: in random orders, (orders, p).
    """

    shares: NDArray[np.float64]
    deletion: NDArray[np.float32]
    insertion: NDArray[np.float32]
    random_deletion: NDArray[np.float32]
    random_insertion: NDArray[np.float32]


def randomize_from_the_top(probe: Probe, seed: int = 0) -> Iterator[tuple[str, Probe]]:
    """Give the layers of a copy of a network random weights one after the other, the last first (Adebayo 2018).

    Kernels are drawn as He and others (2015) begin; all else is as a new layer has it. The network itself is left as
    it is.

    Yields:
        The name of the layer that was the last to lose its weights, and the copy, which the next step changes.
    """
    generator = np.random.default_rng(seed)
    with probe.lock:
        trained = keras.models.clone_model(probe.model)
        trained.set_weights(probe.model.get_weights())
        copy = Probe(trained)
        new = keras.models.clone_model(probe.network)
    for layer, fresh in zip(reversed(copy.network.layers), reversed(new.layers), strict=True):
        if layer.weights:
            layer.set_weights([_draw(weights, generator) for weights in fresh.get_weights()])
            yield layer.name.removesuffix("_logits"), copy


def compute_cascade(
    probe: Probe,
    method: str,
    image: NDArray[np.uint8],
    class_index: int,
    layer: str | None = None,
    seed: int = 0,
    most: int = MOST_STAGES,
) -> list[Stage]:
    """Return heat maps of an item while a network forgets what it learned, from its last layer to its first.

    Args:
        probe: the network, which is left as it is.
        method: key of `METHODS`.
        image: (28, 28) uint8.
        class_index: whose logit is asked about.
        layer: see `attribution.explain`.
        seed: decides the random weights.
        most: how many stages at most, besides the trained network. They end at layers with kernels; the last one has
            random weights all over.
    """
    if METHODS[method].needs_maps:
        layer = attribution.find_layer(probe, layer).name
    original = attribution.explain(probe, method, image[np.newaxis], class_index, layer)
    stages = [Stage("", original, 1.0, 1.0)]
    kept = _choose_stages(probe, most)
    for position, (name, copy) in enumerate(randomize_from_the_top(probe, seed)):
        if position in kept:
            found = attribution.explain(copy, method, image[np.newaxis], class_index, layer)
            ranked = [rank_pixels(method, each)[0] for each in (original, found)]
            rank_correlation = compute_rank_correlation(*ranked)
            similarity = compute_ssim(original.heatmaps[0], found.heatmaps[0])
            stages.append(Stage(name, found, rank_correlation, similarity))
    return stages


def compute_rank_correlation(first: NDArray, second: NDArray) -> float:
    """Return Spearman's rank correlation of two arrays' values; not a number if all values of one are the same."""
    from scipy.stats import rankdata

    ranks = [rankdata(values) - (values.size + 1) / 2 for values in (first.ravel(), second.ravel())]
    norms = [float(np.sqrt(np.square(rank).sum())) for rank in ranks]
    return float(ranks[0] @ ranks[1] / (norms[0] * norms[1])) if all(norms) else float("nan")


def compute_ssim(first: NDArray, second: NDArray) -> float:
    """Return the mean structural similarity of two pictures of values in [0, 1], at most 1 (Wang and others 2004).

    As in the paper, windows are Gaussian with a standard deviation of 1.5 pixels, K1 = 0.01 and K2 = 0.03.
    """
    from scipy.ndimage import gaussian_filter

    def blur(values: NDArray) -> NDArray:
        return np.asarray(gaussian_filter(values, 1.5, truncate=3.5))

    first, second = first.astype(np.float64), second.astype(np.float64)
    means = blur(first), blur(second)
    variances = blur(first**2) - means[0] ** 2, blur(second**2) - means[1] ** 2
    covariance = blur(first * second) - means[0] * means[1]
    luminance = (2 * means[0] * means[1] + 0.01**2) / (means[0] ** 2 + means[1] ** 2 + 0.01**2)
    structure = (2 * covariance + 0.03**2) / (variances[0] + variances[1] + 0.03**2)
    return float((luminance * structure).mean())


def compute_curves(
    probe: Probe,
    image: NDArray[np.uint8],
    class_index: int,
    values: NDArray[np.float32],
    orders: int = ORDERS,
    points: int = POINTS,
    seed: int = 0,
) -> Curves:
    """Take an item's pixels away, and put them back, and ask each time (Petsiuk 2018).

    A pixel that is away is black, as most of the picture is anyway.

    Args:
        probe: the network.
        image: (28, 28) uint8.
        class_index: whose probability is asked for.
        values: (28, 28), the hottest pixel has the largest; pixels of one value come in random order.
        orders: how many random orders to compare with.
        points: at how many shares of the pixels the network is asked, both ends included.
        seed: decides the random orders.
    """
    generator = np.random.default_rng(seed)
    shuffled = [generator.permutation(_PIXELS) for _ in range(orders + 1)]
    # Stable among what was shuffled, so that ties are not broken row by row.
    hottest = shuffled[0][np.argsort(-values.ravel()[shuffled[0]], kind="stable")]
    counts = np.linspace(0, _PIXELS, points).round().astype(int)
    asked = [_delete(image, order, counts, back) for order in (hottest, *shuffled[1:]) for back in (False, True)]
    found = _ask_probability(probe, np.concatenate(asked), class_index).reshape(orders + 1, 2, points)
    return Curves(counts / _PIXELS, found[0, 0], found[0, 1], found[1:, 0], found[1:, 1])


def compute_area(curves: NDArray, shares: NDArray) -> NDArray[np.float64]:
    """Return the areas under curves (…, p) over the shares (p,), by trapezoids; the mean probability, 0 to 1."""
    widths = np.diff(shares)
    return np.asarray((curves[..., 1:] + curves[..., :-1]) / 2 @ widths, np.float64)


def compare_methods(run: Run, settings: dict[str, int], report: Report) -> dict[str, NDArray]:
    """Study which method's heat maps can be trusted for a network: deletion and insertion over many test items.

    Args:
        run: its network is asked about the class that it gives each item.
        settings: "items", how many of the official test items, drawn with seed 0; `STUDY_ITEMS` by default.
        report: told how far it is.

    Returns:
        "methods", their keys and "random" at the end; "deletion" and "insertion", the areas, (methods, items).
    """
    from fmnist_core.data import load_dataset

    probe = Probe.load(run.path / "model.keras")
    n = settings.get("items", STUDY_ITEMS)
    images = load_dataset().images[TRAIN_ITEMS:]
    images = images[np.sort(np.random.default_rng(0).permutation(len(images))[:n])]
    spatial = bool(attribution.list_layers(probe))
    methods = [name for name, method in METHODS.items() if spatial or not method.needs_maps]
    deletion, insertion = np.empty((2, len(methods) + 1, n))
    for place, image in enumerate(images):
        report(f"Item {place + 1} of {n}", place / n)
        predicted = int(probe.ask(probe.scale(image[np.newaxis]))[0].argmax())
        for row, name in enumerate(methods):
            found = attribution.explain(probe, name, image[np.newaxis], predicted)
            values = rank_pixels(name, found)[0]
            orders = 1 if row == 0 else 0
            curves = compute_curves(probe, image, predicted, values, orders, seed=place)
            deletion[row, place] = compute_area(curves.deletion, curves.shares)
            insertion[row, place] = compute_area(curves.insertion, curves.shares)
            if orders:
                deletion[-1, place] = compute_area(curves.random_deletion, curves.shares)[0]
                insertion[-1, place] = compute_area(curves.random_insertion, curves.shares)[0]
    return {"methods": np.array([*methods, "random"]), "deletion": deletion, "insertion": insertion}


def rank_pixels(method: str, found: attribution.Attribution) -> NDArray[np.float32]:
    """Return by what to rank an attribution's pixels, (n, 28, 28): their sign counts where it means something."""
    return found.values if METHODS[method].signed else found.heatmaps


def _choose_stages(probe: Probe, most: int) -> set[int]:
    """Return which of the steps of `randomize_from_the_top` to look at, counted from 0."""
    weights = [[np.ndim(each) for each in layer.get_weights()] for layer in reversed(probe.network.layers)]
    steps = [max(dimensions) for dimensions in weights if dimensions]
    ends = [step for step, dimensions in enumerate(steps) if dimensions > 1]
    ends[-1] = len(steps) - 1
    return {ends[place] for place in np.linspace(len(ends) - 1, 0, min(len(ends), most)).round().astype(int)}


def _draw(weights: NDArray, generator: np.random.Generator) -> NDArray:
    if weights.ndim < 2:
        return weights
    return generator.normal(0, np.sqrt(2 / np.prod(weights.shape[:-1])), weights.shape).astype(weights.dtype)


def _delete(image: NDArray[np.uint8], order: NDArray, counts: NDArray, back: bool) -> NDArray[np.uint8]:
    """Return the item without its first pixels of an order, or with those alone, for each of some counts."""
    ranks = np.empty(_PIXELS, np.int64)
    ranks[order] = np.arange(_PIXELS)
    first = ranks.reshape(image.shape) < counts[:, np.newaxis, np.newaxis]
    return np.where(first == back, image, 0).astype(np.uint8)


def _ask_probability(probe: Probe, images: NDArray[np.uint8], class_index: int) -> NDArray[np.float32]:
    logits = probe.ask(probe.scale(images))
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers[:, class_index] / powers.sum(axis=1), np.float32)
