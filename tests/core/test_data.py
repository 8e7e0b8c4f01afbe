import gzip
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from fmnist_core import data, fetch


def idx(array: np.ndarray) -> bytes:
    return b"\x00\x00\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@pytest.fixture
def write(tmp_path):
    def write(content: bytes):
        path = tmp_path / "some-idx-ubyte.gz"
        path.write_bytes(content)
        return path

    return write


@given(array=st_numpy.arrays(np.uint8, st_numpy.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=9)))
def test_an_idx_file_comes_back_as_the_array_it_holds(array, tmp_path_factory):
    path = tmp_path_factory.mktemp("idx") / "some-idx-ubyte.gz"
    path.write_bytes(gzip.compress(idx(array)))
    read = data.read_idx(path)
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, array, strict=True)


@given(kept=st.integers(0, 27), extra=st.binary(min_size=1, max_size=3))
def test_an_idx_file_that_is_shorter_or_longer_than_it_says_is_refused(kept, extra, tmp_path_factory):
    whole = idx(np.arange(12, dtype=np.uint8).reshape(3, 2, 2))
    assert len(whole) == 28
    path = tmp_path_factory.mktemp("idx") / "some-idx-ubyte.gz"
    for content in (whole[:kept], whole + extra):
        path.write_bytes(gzip.compress(content))
        with pytest.raises(ValueError, match=r"^some-idx-ubyte\.gz "):
            data.read_idx(path)


def test_an_idx_file_of_another_type_is_refused(write):
    floats = b"\x00\x00\x0d\x01" + struct.pack(">I", 1) + struct.pack(">f", 1.0)
    with pytest.raises(ValueError, match="must be an IDX file of unsigned bytes"):
        data.read_idx(write(gzip.compress(floats)))


def test_what_is_not_gzip_is_refused(write):
    with pytest.raises(gzip.BadGzipFile):
        data.read_idx(write(b"<html>Please log in</html>"))


def test_shapes_whose_product_overflows_are_refused(write):
    header = b"\x00\x00\x08\x04" + struct.pack(">4I", 2**16, 2**16, 2**16, 2**16)
    with pytest.raises(ValueError, match="does not hold"):
        data.read_idx(write(gzip.compress(header)))


@pytest.fixture(scope="session")
def files(dataset):
    return fetch.find_or_fetch(dataset.path).paths


def test_the_dataset_is_the_publishers(dataset, files):
    # The way that Keras and the publisher's own loader read the files, whose sums fetch.py holds.
    images = [gzip.decompress(files[name].read_bytes())[16:] for name in (fetch.TRAIN_IMAGES, fetch.TEST_IMAGES)]
    labels = [gzip.decompress(files[name].read_bytes())[8:] for name in (fetch.TRAIN_LABELS, fetch.TEST_LABELS)]
    assert dataset.images.shape == (70_000, 28, 28)
    assert dataset.images.dtype == dataset.labels.dtype == np.uint8
    assert dataset.images.tobytes() == b"".join(images)
    assert dataset.labels.tobytes() == b"".join(labels)


def test_classes_are_balanced_in_both_parts(dataset):
    np.testing.assert_array_equal(np.bincount(dataset.train_labels), [6_000] * 10)
    np.testing.assert_array_equal(np.bincount(dataset.test_labels), [1_000] * 10)


def test_known_items_are_where_they_belong(dataset):
    # Published with every tutorial: the first training item is an ankle boot, the second a T-shirt,
    # the first test item an ankle boot; the training pixels have mean 0.2860 and deviation 0.3530.
    assert dataset.train_labels[:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]
    assert dataset.test_labels[:10].tolist() == [9, 2, 1, 1, 6, 1, 4, 6, 5, 7]
    assert dataset.train_images.mean() / 255 == pytest.approx(0.2860, abs=5e-5)
    assert dataset.train_images.std() / 255 == pytest.approx(0.3530, abs=5e-5)


def test_the_dataset_cannot_be_written_to(dataset):
    for array in (dataset.images, dataset.labels, dataset.train_images, dataset.test_labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_the_dataset_is_mapped_not_copied(dataset):
    assert isinstance(dataset.images, np.memmap)
    assert np.shares_memory(dataset.images, dataset.test_images)


@pytest.fixture
def home_with_files(fmnist_home, files):
    """A lab that has four sound files, and nothing decoded yet."""
    folder = fmnist_home / "data"
    for link in folder.iterdir():
        link.unlink()
    for name, path in files.items():
        (folder / name).symlink_to(path)
    return fmnist_home


def test_files_are_decoded_once_and_opened_from_then_on(home_with_files, dataset):
    assert not data.is_decoded()
    first = data.load_dataset()
    np.testing.assert_array_equal(first.images, dataset.images)
    np.testing.assert_array_equal(first.labels, dataset.labels)
    assert first.source == str(home_with_files / "data")
    assert data.is_decoded()
    written = (first.path / "images.npy").stat()
    for name in fetch.PUBLISHED:
        (first.path / name).unlink()
    second = data.load_dataset()
    assert (second.source, second.path) == (first.source, first.path)
    assert (first.path / "images.npy").stat().st_mtime_ns == written.st_mtime_ns


@pytest.mark.parametrize("name", ["images.npy", "labels.npy", "source.json"])
@pytest.mark.parametrize("content", [None, b"", b"\x93NUMPY\x01\x00"])
def test_what_a_broken_decoding_leaves_is_not_taken_for_the_dataset(fmnist_home, name, content):
    assert data.is_decoded()
    (fmnist_home / "data" / name).unlink()
    if content is not None:
        (fmnist_home / "data" / name).write_bytes(content)
    assert not data.is_decoded()


def test_arrays_of_other_shapes_are_not_taken_for_the_dataset(fmnist_home):
    labels = fmnist_home / "data" / "labels.npy"
    labels.unlink()
    np.save(labels, np.zeros(60_000, np.uint8))
    assert not data.is_decoded()
