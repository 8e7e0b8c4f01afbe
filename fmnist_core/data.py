"""The 70,000 items: read once from the publisher's files, then shared as memory-mapped arrays.

Source: Xiao, Rasul, Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine
Learning Algorithms", arXiv 1708.07747.
"""

import gzip
import math
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fmnist_core import fetch, storage
from fmnist_core.errors import DataUnavailableError
from fmnist_core.splits import ITEMS, TRAIN_ITEMS

IMAGE_SHAPE = (28, 28)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Fashion-MNIST, training items first.

    Attributes:
        images: (70000, 28, 28) uint8, 0 black to 255 white; read-only, shared between processes.
        labels: (70000,) uint8, 0 to 9; read-only.
        source: where the files came from, in words.
        path: folder of the decoded arrays.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    source: str
    path: Path

    @property
    def train_images(self) -> NDArray[np.uint8]:
        """The 60,000 training images of the official split."""
        return self.images[:TRAIN_ITEMS]

    @property
    def train_labels(self) -> NDArray[np.uint8]:
        """Their labels."""
        return self.labels[:TRAIN_ITEMS]

    @property
    def test_images(self) -> NDArray[np.uint8]:
        """The 10,000 test images of the official split."""
        return self.images[TRAIN_ITEMS:]

    @property
    def test_labels(self) -> NDArray[np.uint8]:
        """Their labels."""
        return self.labels[TRAIN_ITEMS:]


def load_dataset(report: fetch.Report = fetch.no_report) -> Dataset:
    """Return the data, fetching and decoding it first if this machine has not done so yet.

    Args:
        report: called with a sentence and the share done, from 0 to 1, while files are fetched.

    Raises:
        DataUnavailableError: if the files are neither found nor reachable.
    """
    folder = storage.home() / "data"
    dataset = _open_decoded(folder)
    if dataset is None:
        files = fetch.find_or_fetch(folder, report)
        report("Unpacking", 1.0)
        _decode(files, folder)
        dataset = _open_decoded(folder)
    if dataset is None:
        raise DataUnavailableError(f"The decoded data in {folder} cannot be read back.")
    return dataset


def is_decoded() -> bool:
    """Tell whether `load_dataset` will return at once."""
    return _open_decoded(storage.home() / "data") is not None


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Read a gzip-compressed IDX file of unsigned bytes.

    Returns:
        An array of the shape that the file's header gives.

    Raises:
        ValueError: if the file is not of that kind or is shorter or longer than its header says.
    """
    with gzip.open(path) as stream:
        content = stream.read()
    if len(content) < 4 or content[:3] != b"\x00\x00\x08":
        raise ValueError(f"{path.name} must be an IDX file of unsigned bytes.")
    n_dimensions = content[3]
    header = 4 + 4 * n_dimensions
    if len(content) < header:
        raise ValueError(f"{path.name} ends within its header.")
    shape = struct.unpack(f">{n_dimensions}I", content[4:header])
    if len(content) - header != math.prod(shape):
        raise ValueError(f"{path.name} does not hold the {shape} values that its header names.")
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)


def _decode(files: fetch.Files, folder: Path) -> None:
    # Labels and source first: the images are what `_open_decoded` needs last, so a decoding that
    # is cut short leaves nothing that opens.
    labels = [read_idx(files.paths[name]) for name in (fetch.TRAIN_LABELS, fetch.TEST_LABELS)]
    images = [read_idx(files.paths[name]) for name in (fetch.TRAIN_IMAGES, fetch.TEST_IMAGES)]
    storage.write_json(folder / "source.json", {"source": files.source})
    for name, parts in (("labels.npy", labels), ("images.npy", images)):
        with storage.written_whole(folder / name, suffix=".npy") as temporary:
            np.save(temporary, np.concatenate(parts))


def _open_decoded(folder: Path) -> Dataset | None:
    try:
        images = np.load(folder / "images.npy", mmap_mode="r")
        labels = np.load(folder / "labels.npy", mmap_mode="r")
        source = storage.read_json(folder / "source.json")["source"]
    except (OSError, EOFError, ValueError, KeyError, TypeError):
        return None
    if images.shape != (ITEMS, *IMAGE_SHAPE) or labels.shape != (ITEMS,):
        return None
    return Dataset(images, labels, source, folder)
