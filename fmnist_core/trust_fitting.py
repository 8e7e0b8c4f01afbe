"""Find out when a network may be believed: from its own validation items, and from pictures that show no garment."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core import layers, projection_files, storage, strangeness
from fmnist_core.answering import Answerer, Observations
from fmnist_core.config import choose_items
from fmnist_core.data import Dataset, load_dataset
from fmnist_core.evaluation.metrics import compute_log_losses
from fmnist_core.fetch import Report, no_report
from fmnist_core.outliers import OUTLIERS, draw_outliers
from fmnist_core.prediction import SURE_FROM
from fmnist_core.runs import Run
from fmnist_core.splits import Indices
from fmnist_core.trust import FILE, Trust, calibrate

# Of the layer's outputs; further ones hardly change which items are neighbours.
AXES = 32
# Validation items asked about, each as it is, as a photograph and as a drawing would show it.
VALIDATED = 700
OUTLIERS_EACH = 150
SEED = 0

# Pictures, (n, 28, 28) uint8, and what a network says of them.
Asked = tuple[NDArray[np.uint8], Observations]

_INK = 20
_QUANTILES = 1001
_FAR = 0.995
# Of the validation garments, as they are, as photographs and as drawings, so many are not to be taken for strange.
_FAMILIAR = 0.98


def study_trust(run: Run, settings: Mapping[str, Any], report: Report) -> dict[str, NDArray[Any]]:
    """Compute what `load_trust` reads; a study, see `studies`.

    Raises:
        RunNotFoundError: if the run has no network, or one without a layer that can be read.
    """
    return fit_trust(run, load_dataset(), report).to_arrays()


def ship_trust(run: Run, report: Report = no_report) -> Path:
    """Compute what is known of a run and write it into its folder, to come with the lab; return the file."""
    arrays: dict[str, Any] = study_trust(run, {}, report)
    with storage.explained(), storage.written_whole(run.path / FILE, suffix=".npz") as temporary:
        np.savez_compressed(temporary, **arrays)
    return run.path / FILE


def fit_trust(run: Run, dataset: Dataset, report: Report = no_report) -> Trust:
    """Find out when a run's network may be believed.

    Args:
        run: it has a network.
        dataset: the items.
        report: called with a sentence and the share done, 0 to 1; may raise to stop.

    Raises:
        RunNotFoundError: if the run has no network, or one without a layer that can be read.
    """
    known = layers.load_layer(run) or layers.compute_layer(run, dataset, lambda said, done: report(said, done / 2))
    split = choose_items(run.config, dataset.labels)
    report("Measuring how far the test items are", 0.5)
    near = build_trust(projection_files.checksum(run.path / "model.keras"), known.outputs, split.train, split.test)
    if len(split.validation) == 0:
        return near
    answerer = Answerer(layers.load_network(run))
    report("Imitating photographs and drawings", 0.55)
    garments, labels = draw_garments(dataset, split.validation)
    photographed = np.repeat([False, True, False], len(garments) // 3).tolist()
    others = np.concatenate([draw_outliers(kind, OUTLIERS_EACH, SEED) for kind in OUTLIERS])
    observed = []
    for start in range(0, len(garments), 500):
        report("Asking about validation items", 0.6 + 0.3 * start / len(garments))
        observed.append(answerer.observe(garments[start : start + 500], photographed[start : start + 500]))
    report("Asking about pictures that show no garment", 0.9)
    asked = _join(observed)
    temperature, growth = fit_temperature(labels, asked.probabilities, near.scale(near.measure(asked.features)))
    found = replace(near, temperature=temperature, growth=growth, validated=min(len(split.validation), VALIDATED))
    return learn_strangeness(found, (garments, asked), (others, answerer.observe(others)))


def build_trust(network: str, outputs: NDArray[np.floating], train: Indices, test: Indices) -> Trust:
    """Return what the penultimate layer alone tells: where the training items lie, how far the test items are.

    Args:
        network: checksum of the network.
        outputs: (n, d), what the layer says of all items.
        train: numbers of the items that it learned from, at least 6.
        test: numbers of those that tested it, at least 1.
    """
    learned = outputs[train].astype(np.float32)
    center = np.asarray(learned.mean(axis=0))
    # The largest eigenvalues come last.
    axes = np.linalg.eigh(np.atleast_2d(np.cov(learned - center, rowvar=False)))[1][:, ::-1][:, :AXES]
    places = (learned - center) @ axes.astype(np.float32)
    steps = np.maximum(np.abs(places).max(axis=0) / 127, 1e-6)
    near = Trust(
        network=network,
        center=center,
        axes=np.ascontiguousarray(axes, np.float32),
        steps=steps.astype(np.float32),
        codes=np.rint(places / steps).astype(np.int8),
        items=train.astype(np.int32),
        quantiles=np.zeros(_QUANTILES, np.float32),
        temperature=1.0,
        growth=0.0,
        least_confidence=SURE_FROM,
        largest_distance=np.inf,
        strange_weights=np.zeros(0, np.float32),
        strange_bias=0.0,
        largest_strangeness=np.inf,
        validated=0,
    )
    distances = near.measure(outputs[test].astype(np.float32))
    quantiles = np.quantile(distances, np.linspace(0, 1, _QUANTILES)).astype(np.float32)
    return replace(near, quantiles=quantiles, largest_distance=float(np.quantile(distances, _FAR)))


def draw_garments(dataset: Dataset, validation: Indices) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return some validation items as they are, as photographs and as drawings would show them, and all labels."""
    items = np.random.default_rng(SEED).permutation(validation)[:VALIDATED]
    images, labels = dataset.images[items], dataset.labels[items]
    return np.concatenate([images, imitate_photographs(images, labels, SEED), imitate_drawings(images, SEED)]), np.tile(
        labels, 3
    )


def learn_strangeness(near: Trust, garments: Asked, others: Asked) -> Trust:
    """Learn to tell pictures that show no garment, and to leave nearly all garments alone.

    One half of the garments is learned from, the other one sets the limit.

    Args:
        near: what `build_trust` gave.
        garments: pictures of garments, at least two, and what the network says of them.
        others: pictures that show none.
    """
    learned, known = (near.describe(images, said.features, said.probabilities) for images, said in (others, garments))
    weights, bias = strangeness.fit(known[::2], learned, SEED)
    limit = np.quantile(known[1::2] @ weights + bias, _FAMILIAR)
    return replace(
        near,
        largest_distance=np.inf,
        strange_weights=weights,
        strange_bias=bias,
        largest_strangeness=float(limit),
    )


def fit_temperature(
    labels: NDArray[np.uint8], probabilities: NDArray[np.floating], scaled: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the temperature and its growth with the distance that make the truth most probable.

    Args:
        labels: true classes of validation items, (n,), n at least 1.
        probabilities: (n, 10).
        scaled: their distances as of `Trust.scale`, (n,).
    """
    from scipy.optimize import minimize

    def compute_loss(settings: Any) -> float:
        found = calibrate(probabilities, scaled, float(np.exp(settings[0])), float(settings[1]))
        return float(compute_log_losses(labels, found).mean())

    # What is further away is never surer: the growth is not below 0.
    found = minimize(compute_loss, [0.0, 0.3], method="Nelder-Mead", bounds=[(-3, 3), (0, 3)])
    return float(np.exp(found.x[0])), float(found.x[1])


def imitate_photographs(images: NDArray[np.uint8], labels: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """Return items as photographs change garments, see `street`, (n, 28, 28) uint8."""
    import keras

    from fmnist_core import street

    generator = keras.random.SeedGenerator(seed)
    changed = street.imitate_photographs(images.astype(np.float32) / 255, labels.astype(np.int32), generator)
    return np.clip(255 * keras.ops.convert_to_numpy(changed), 0, 255).round().astype(np.uint8)


def imitate_drawings(images: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """Return items as somebody would draw them: their outline, filled with one grey, (n, 28, 28) uint8."""
    from scipy import ndimage

    greys = np.random.default_rng(seed).integers(120, 256, len(images))
    neighborhood = ndimage.generate_binary_structure(2, 2)
    # With an edge around, since closing takes what lies outside for empty and would bite into what touches it.
    closed = [ndimage.binary_closing(np.pad(image > _INK, 1), neighborhood)[1:-1, 1:-1] for image in images]
    drawn = [grey * ndimage.binary_fill_holes(ink) for grey, ink in zip(greys, closed, strict=True)]
    return np.array(drawn, np.uint8).reshape(images.shape)


def _join(parts: list[Observations]) -> Observations:
    names = ("features", "probabilities", "mirrored")
    return Observations(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
