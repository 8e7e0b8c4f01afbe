"""What the items look like taken together: counts, typical items, intensities, ink."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.splits import Indices, Split, describe_item

if TYPE_CHECKING:
    import pandas as pd

# 5% of white: within that distance of the background's colour Zalando's own chain trims a picture's
# edges (arXiv 1708.07747), so what is darker was background to its makers too.
INK_LEVEL = 12

_INTENSITIES = np.arange(256)
# Images counted at once: their 64-bit keys then stay within a processor's cache.
_CHUNK = 500


@dataclass(frozen=True, eq=False)
class Summary:
    """Some items taken together.

    Attributes:
        histogram: (256,) int64, how many pixels have each intensity.
        class_counts: (10,) int64, how many items each class has.
    """

    histogram: NDArray[np.int64]
    class_counts: NDArray[np.int64]

    @property
    def items(self) -> int:
        """Number of items."""
        return int(self.class_counts.sum())

    @property
    def lowest(self) -> int:
        """Smallest intensity that occurs, 0 to 255."""
        return int(np.flatnonzero(self.histogram)[0])

    @property
    def highest(self) -> int:
        """Largest intensity that occurs, 0 to 255."""
        return int(np.flatnonzero(self.histogram)[-1])

    @property
    def mean(self) -> float:
        """Mean intensity of all pixels, 0 to 255."""
        return float(self.histogram @ _INTENSITIES / self.histogram.sum())

    @property
    def std(self) -> float:
        """Standard deviation of all pixels' intensities."""
        return float(np.sqrt(self.histogram @ (_INTENSITIES - self.mean) ** 2 / self.histogram.sum()))


def compute_summary(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Summary:
    """Count intensities and classes.

    Args:
        images: (n, 28, 28) uint8, at least one.
        labels: (n,) uint8.
    """
    return Summary(compute_histogram(images), np.bincount(labels, minlength=len(CLASS_NAMES)))


def compute_split_summaries(images: NDArray[np.uint8], labels: NDArray[np.uint8], split: Split) -> dict[str, Summary]:
    """Summarise each part of a split that has items, and "all" of them together.

    Args:
        images: all images, (70000, 28, 28) uint8.
        labels: all labels, (70000,) uint8.
        split: how they are cut.
    """
    summaries = {
        name: compute_summary(images[items], labels[items]) for name, items in split.parts().items() if len(items)
    }
    histogram = sum((summary.histogram for summary in summaries.values()), np.zeros(256, np.int64))
    class_counts = sum((summary.class_counts for summary in summaries.values()), np.zeros(10, np.int64))
    return {**summaries, "all": Summary(histogram, class_counts)}


def compute_histogram(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return how many pixels have each intensity, shape (256,)."""
    histogram = np.zeros(256, dtype=np.int64)
    for chunk in _chunks(images):
        histogram += np.bincount(chunk.ravel(), minlength=256)
    return histogram


def bin_histogram(histogram: NDArray[np.int64], n_bins: int) -> NDArray[np.float64]:
    """Return the share of pixels in each of `n_bins` equal bins of intensity, shape (n_bins,), summing to 1.

    Args:
        histogram: (256,) pixels of each intensity.
        n_bins: a divisor of 256.
    """
    return histogram.reshape(n_bins, -1).sum(axis=1) / histogram.sum()


@dataclass(frozen=True, eq=False)
class ClassStatistics:
    """What is typical of a class.

    Attributes:
        mean, median, std: (28, 28) float64, pixel by pixel over the items, 0 to 255.
        histogram: (256,) int64, how many pixels have each intensity.
        ink: (n,) float64, each item's share of pixels that are garment, 0 to 1.
    """

    mean: NDArray[np.float64]
    median: NDArray[np.float64]
    std: NDArray[np.float64]
    histogram: NDArray[np.int64]
    ink: NDArray[np.float64]


def compute_class_statistics(images: NDArray[np.uint8]) -> ClassStatistics:
    """Compute what is typical of these images; all of it is exact.

    Args:
        images: (n, 28, 28) uint8, at least one.
    """
    # One count of every intensity at every pixel holds all that is asked for, and is far quicker than a sort.
    counts = _count_at_pixels(images)
    n_items = len(images)
    mean = counts @ _INTENSITIES / n_items
    variance = counts @ _INTENSITIES**2 / n_items - mean**2
    below = counts.cumsum(axis=1)
    middles = [(below >= rank).argmax(axis=1) for rank in ((n_items + 1) // 2, n_items // 2 + 1)]
    shape = images.shape[1:]
    return ClassStatistics(
        mean=mean.reshape(shape),
        median=np.mean(middles, axis=0).reshape(shape),
        std=np.sqrt(variance.clip(min=0)).reshape(shape),
        histogram=counts.sum(axis=0),
        ink=compute_ink(images),
    )


def compute_ink(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return each item's share of pixels brighter than `INK_LEVEL`, shape (n,), from 0 to 1."""
    pixels = images.reshape(len(images), -1)
    return np.count_nonzero(pixels > INK_LEVEL, axis=1) / pixels.shape[1]


def name_item(item: int, class_index: int) -> str:
    """Return an item's name for a reader, such as "Ankle boot, train item 0"."""
    place = describe_item(item)
    return f"{CLASS_NAMES[class_index]}, {place['split']} item {place['index']:,}"


def build_item_table(items: Indices, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> "pd.DataFrame":
    """Describe items, one row each.

    Args:
        items: n item numbers.
        images: their images, (n, 28, 28) uint8.
        labels: their labels, (n,).

    Returns:
        Columns item, split, index, class_index, class_name, mean (0 to 255, one decimal) and ink (0 to 1, three).
    """
    import pandas as pd

    places = [describe_item(item) for item in items]
    return pd.DataFrame(
        {
            "item": items,
            "split": [place["split"] for place in places],
            "index": [place["index"] for place in places],
            "class_index": labels,
            "class_name": [CLASS_NAMES[label] for label in labels],
            "mean": images.mean(axis=(1, 2)).round(1),
            "ink": compute_ink(images).round(3),
        }
    )


def _count_at_pixels(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    n_pixels = int(np.prod(images.shape[1:]))
    offsets = np.arange(n_pixels) * 256
    counts = np.zeros(n_pixels * 256, dtype=np.int64)
    for chunk in _chunks(images):
        counts += np.bincount((chunk.reshape(len(chunk), -1) + offsets).ravel(), minlength=len(counts))
    return counts.reshape(n_pixels, 256)


def _chunks(images: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    for start in range(0, len(images), _CHUNK):
        yield images[start : start + _CHUNK]
