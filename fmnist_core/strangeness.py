"""Tell pictures that show no garment from garments, by what a network makes of them and how they look.

A logistic regression learns it from pictures that our own code draws, see `outliers`, with the network left as it is
(after Hendrycks, Mazeika, Dietterich, "Deep anomaly detection with outlier exposure", ICLR 2019, arXiv 1812.04606).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_INK = 20


def describe(
    images: NDArray[np.uint8], places: NDArray[np.floating], distances: NDArray[np.floating], probabilities: Floats
) -> NDArray[np.float64]:
    """Return the numbers by which pictures are told apart, (n, k) float64.

    Args:
        images: (n, 28, 28) uint8.
        places: where they lie on the components of the penultimate layer, (n, p).
        distances: how far they are from the training items, (n,).
        probabilities: what the network says, (n, 10).
    """
    places = places.astype(np.float64)
    return np.column_stack([places, places**2, np.log(probabilities + 1e-4), distances, _look(images)])


def _look(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return how much is covered, how bright, rough and ragged it is, how much touches the border, and the symmetry."""
    values = images / 255
    ink = images > _INK
    covered = ink.sum(axis=(1, 2)) + 1.0
    border = np.concatenate([ink[:, 0], ink[:, -1], ink[:, :, 0], ink[:, :, -1]], axis=1)
    return np.column_stack(
        [
            covered,
            values.sum(axis=(1, 2)) / covered,
            _sum_steps(values) / covered,
            _sum_steps(ink.astype(float)) / np.sqrt(covered),
            border.mean(axis=1),
            np.abs(values - values[:, :, ::-1]).mean(axis=(1, 2)) / (values.mean(axis=(1, 2)) + 0.02),
        ]
    )


def _sum_steps(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how much neighbouring pixels differ, summed over each picture."""
    down, right = np.abs(np.diff(values, axis=1)), np.abs(np.diff(values, axis=2))
    return np.asarray(down.sum(axis=(1, 2)) + right.sum(axis=(1, 2)))


def fit(garments: NDArray[np.float64], others: NDArray[np.float64], seed: int) -> tuple[Floats, float]:
    """Return weights (k,) and a bias: weighted and added up, what describes a picture is above 0 if it is strange.

    Args:
        garments: (n, k), of pictures that show garments.
        others: (m, k), of such as do not.
        seed: decides in which order scikit-learn goes through them.
    """
    from sklearn.linear_model import LogisticRegression

    samples = np.concatenate([garments, others])
    strange = np.repeat([0, 1], [len(garments), len(others)])
    mean, scale = samples.mean(axis=0), samples.std(axis=0) + 1e-9
    model = LogisticRegression(C=0.1, class_weight="balanced", max_iter=1000, random_state=seed)
    model.fit((samples - mean) / scale, strange)
    weights = model.coef_[0] / scale
    return weights.astype(np.float32), float(model.intercept_[0] - weights @ mean)
