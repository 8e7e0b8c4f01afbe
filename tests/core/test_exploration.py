import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from fmnist_core.exploration import (
    INK_LEVEL,
    bin_histogram,
    build_item_table,
    compute_class_statistics,
    compute_histogram,
    compute_ink,
    compute_split_summaries,
    compute_summary,
    name_item,
)
from fmnist_core.splits import Split, make_split

IMAGES = arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.just(28), st.just(28)))


def filled(*values: int) -> np.ndarray:
    """Return images of one value each."""
    return np.stack([np.full((28, 28), value, dtype=np.uint8) for value in values])


def test_histogram_counts_pixels():
    histogram = compute_histogram(filled(0, 0, 255))
    assert (histogram[0], histogram[255], histogram.sum()) == (2 * 784, 784, 3 * 784)


@settings(deadline=None)
@given(IMAGES)
def test_summary_agrees_with_numpy(images):
    summary = compute_summary(images, np.zeros(len(images), dtype=np.uint8))
    assert (summary.items, summary.lowest, summary.highest) == (len(images), images.min(), images.max())
    assert summary.mean == pytest.approx(images.mean())
    assert summary.std == pytest.approx(images.std(), abs=1e-9)
    assert summary.class_counts.tolist() == [len(images)] + [0] * 9


def test_more_items_than_are_counted_at_once():
    images = np.arange(1201 * 784, dtype=np.uint32).astype(np.uint8).reshape(1201, 28, 28)
    np.testing.assert_array_equal(compute_histogram(images), np.bincount(images.ravel(), minlength=256))
    np.testing.assert_allclose(compute_class_statistics(images).median, np.median(images, axis=0))


@settings(deadline=None, max_examples=30)
@given(IMAGES)
def test_class_statistics_agree_with_numpy(images):
    statistics = compute_class_statistics(images)
    np.testing.assert_allclose(statistics.mean, images.mean(axis=0))
    np.testing.assert_allclose(statistics.median, np.median(images, axis=0))
    np.testing.assert_allclose(statistics.std, images.std(axis=0), atol=1e-5)
    np.testing.assert_array_equal(statistics.histogram, np.bincount(images.ravel(), minlength=256))


def test_ink_is_what_is_brighter_than_its_level():
    images = filled(0, INK_LEVEL, INK_LEVEL + 1)
    images[0, :7] = 255
    assert compute_ink(images).tolist() == [0.25, 0.0, 1.0]


def test_bins_are_shares():
    histogram = np.zeros(256, dtype=np.int64)
    histogram[[0, 7, 8, 255]] = [1, 1, 4, 2]
    shares = bin_histogram(histogram, 32)
    assert (shares[0], shares[1], shares[31]) == (0.25, 0.5, 0.25)
    assert shares.sum() == 1


def test_split_summaries_leave_out_empty_parts_and_add_the_others_up():
    images, labels = filled(10, 20, 30, 200), np.array([0, 1, 1, 9], dtype=np.uint8)
    summaries = compute_split_summaries(images, labels, Split(np.array([0, 1]), np.array([], dtype=int), np.array([2])))
    assert list(summaries) == ["train", "test", "all"]
    assert summaries["train"].mean == 15
    assert summaries["all"].mean == 20
    assert summaries["all"].class_counts.tolist() == [1, 2, 0, 0, 0, 0, 0, 0, 0, 0]


def test_published_mean_and_deviation_of_the_training_images(dataset):
    summaries = compute_split_summaries(dataset.images, dataset.labels, make_split("official", dataset.labels))
    # 0.2860 and 0.3530 are the constants that everyone normalises Fashion-MNIST with.
    assert summaries["train"].mean / 255 == pytest.approx(0.2860, abs=5e-5)
    assert summaries["train"].std / 255 == pytest.approx(0.3530, abs=5e-5)
    assert summaries["test"].class_counts.tolist() == [1_000] * 10


def test_table_of_items(dataset):
    items = np.array([0, 60_000])
    table = build_item_table(items, dataset.images[items], dataset.labels[items])
    assert table.drop(columns=["mean", "ink"]).to_dict("records") == [
        {"item": 0, "split": "train", "index": 0, "class_index": 9, "class_name": "Ankle boot"},
        {"item": 60_000, "split": "test", "index": 0, "class_index": 9, "class_name": "Ankle boot"},
    ]
    assert table["mean"].tolist() == pytest.approx(dataset.images[items].mean(axis=(1, 2)), abs=0.05)


def test_items_are_named_by_class_split_and_index():
    assert name_item(61_234, 3) == "Dress, test item 1,234"
