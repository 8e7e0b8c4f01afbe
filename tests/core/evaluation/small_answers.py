"""Answers to test with: some at random, half of them right, and six whose figures can be worked out by hand."""

import numpy as np

GENERATOR = np.random.default_rng(0)
LABELS = GENERATOR.integers(0, 10, 500).astype(np.uint8)
PROBABILITIES = GENERATOR.dirichlet(np.ones(10), 500).astype(np.float32)
# Right about half of the time.
PROBABILITIES[np.arange(250), LABELS[:250]] += 1
PROBABILITIES /= PROBABILITIES.sum(axis=1, keepdims=True)
PREDICTED = PROBABILITIES.argmax(axis=1)


def answers(*rows):
    """Probabilities of classes by item; the classes that are not named share nothing."""
    table = np.zeros((len(rows), 10), dtype=np.float32)
    for row, named in zip(table, rows, strict=True):
        for class_index, probability in named.items():
            row[class_index] = probability
    return table


# Six items: right, wrong and sure, wrong and less sure, right, wrong and as sure as the first, right.
TINY_LABELS = np.array([0, 0, 1, 1, 6, 9], dtype=np.uint8)
TINY = answers(
    {0: 0.9, 6: 0.1}, {6: 0.8, 0: 0.2}, {0: 0.5, 1: 0.3, 2: 0.2}, {1: 1.0}, {0: 0.8, 6: 0.2}, {9: 0.25, 7: 0.2, 5: 0.2}
)
