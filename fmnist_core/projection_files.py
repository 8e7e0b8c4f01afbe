"""Projections on disk: each in one file named by everything that determines it, so that none is computed twice.

`assets/projections` holds those that come with the lab, `FMNIST_HOME/projections` those made here, and
`FMNIST_HOME/projections/chosen` the lists of items that somebody has selected to project alone.
"""

import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core import runs, storage
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import InvalidSettingError, ProjectionNotFoundError, RunNotFoundError
from fmnist_core.projection_config import ProjectionConfig
from fmnist_core.selection import find_part
from fmnist_core.splits import ITEMS, TRAIN_ITEMS, Indices, take_stratified

if TYPE_CHECKING:
    import pandas as pd

_KEY = re.compile(r"[0-9a-f]{16}")
_STEPS = 65_535


@dataclass(frozen=True, eq=False)
class Projection:
    """Items laid out in a plane or in space.

    Attributes:
        config: how it was made.
        items: (n,) item numbers.
        embedding: (n, 2 or 3) float32; on disk each axis is rounded to 65,536 steps.
        quality: figures of `neighbors.compute_quality`, each a number.
        about: "seconds" it took, "date", "versions" of what computed it.
    """

    config: ProjectionConfig
    items: Indices
    embedding: NDArray[np.float32]
    quality: Mapping[str, float]
    about: Mapping[str, Any]


def folder() -> Path:
    """Return the folder of the projections made here."""
    return storage.home() / "projections"


def find_projection(key: str) -> Path | None:
    """Return the file of a projection, or None if it has not been computed."""
    if _KEY.fullmatch(key):
        for parent in (storage.ASSETS / "projections", folder()):
            if (parent / f"{key}.npz").is_file():
                return parent / f"{key}.npz"
    return None


def save_projection(projection: Projection, parent: Path | None = None) -> Path:
    """Write a projection, whole or not at all, and return its file.

    Args:
        projection: what to write.
        parent: the folder, by default that of the projections made here.
    """
    low = projection.embedding.min(axis=0).astype(np.float64)
    extent = np.ptp(projection.embedding, axis=0).astype(np.float64)
    extent[extent == 0] = 1.0
    arrays = {
        "positions": np.rint((projection.embedding - low) / extent * _STEPS).astype(np.uint16),
        "low": low,
        "extent": extent,
    }
    if not is_everything(projection.items):
        arrays["items"] = projection.items.astype(np.int32)
    about = {
        "config": projection.config.to_dict(),
        "quality": dict(projection.quality),
        "about": dict(projection.about),
    }
    path = (parent or folder()) / f"{projection.config.key}.npz"
    with storage.written_whole(path, suffix=".npz") as temporary:
        np.savez_compressed(temporary, about=np.array(json.dumps(about)), **arrays)
    return path


def load_projection(key: str) -> Projection:
    """Read a projection.

    Raises:
        ProjectionNotFoundError: if it has not been computed or its file is damaged.
    """
    path = find_projection(key)
    if path is None:
        raise ProjectionNotFoundError(f"There must be a projection of that name. Received: {key[:40]}.")
    return read_projection(path)


def read_projection(path: Path) -> Projection:
    """Read the file of a projection.

    Raises:
        ProjectionNotFoundError: if it is damaged or not a projection's.
    """
    try:
        with np.load(path) as arrays:
            about = json.loads(str(arrays["about"]))
            positions, low, extent = arrays["positions"], arrays["low"], arrays["extent"]
            items = arrays["items"].astype(np.int64) if "items" in arrays else np.arange(ITEMS)
        config = ProjectionConfig.from_dict(about["config"])
        embedding = (positions / _STEPS * extent + low).astype(np.float32)
        # A file under another name, or of an older way of computing, would answer a question that nobody asked.
        is_right = config.key == path.stem and embedding.shape == (len(items), config.dimensions)
        if not (is_right and _are_items(items) and np.isfinite(embedding).all()):
            raise ValueError(path.name)
        return Projection(config, items, embedding, dict(about["quality"]), dict(about["about"]))
    except Exception as error:  # numpy raises whatever zipfile, zlib and its own parser raise
        raise ProjectionNotFoundError(f"The projection in {path.name} is damaged; delete that file.") from error


def list_projections() -> list[Projection]:
    """Read all projections: those that come with the lab, then those made here; damaged ones are left out."""
    found = []
    for parent in (storage.ASSETS / "projections", folder()):
        for path in sorted(parent.glob("*.npz")):
            try:
                found.append(read_projection(path))
            except ProjectionNotFoundError:
                continue
    return found


def is_everything(items: Indices) -> bool:
    """Tell whether these are all 70,000 items in their order."""
    return len(items) == ITEMS and bool((items == np.arange(ITEMS)).all())


def keep_items(items: Indices) -> str:
    """Keep a list of items and return the id by which `ProjectionConfig.chosen` names it.

    Args:
        items: n item numbers, in any order; each counts once.

    Raises:
        InvalidSettingError: if there are none, or numbers that no item has.
    """
    unique = np.unique(items)
    if not _are_items(unique):
        raise InvalidSettingError(
            f"Items to keep must be at least one number from 0 to {ITEMS - 1:,}. Received: {len(unique):,} numbers."
        )
    numbers = unique.astype(np.int32)
    name = hashlib.sha256(numbers.tobytes()).hexdigest()[:16]
    path = folder() / "chosen" / f"{name}.npy"
    if not path.is_file():
        with storage.written_whole(path, suffix=".npy") as temporary:
            np.save(temporary, numbers)
    return name


def choose_items(config: ProjectionConfig, labels: NDArray[np.uint8]) -> Indices:
    """Return the numbers of the items that a configuration projects, in ascending order.

    Args:
        config: what to choose.
        labels: labels of all items, (70000,).

    Raises:
        ProjectionNotFoundError: if `config.chosen` names a list that is not kept here.
        InvalidSettingError: if they are too few for the settings.
    """
    items = _load_items(config.chosen) if config.chosen else np.sort(find_part(config.part, labels))
    if config.per_class:
        sizes = [min(config.per_class, int((labels[items] == label).sum())) for label in range(10)]
        items = np.sort(
            np.concatenate(
                [
                    take_stratified(items[labels[items] == label], labels, size, config.items_seed)
                    for label, size in enumerate(sizes)
                    if size
                ]
            )
        )
    config.check_items(len(items))
    return items


def _load_items(name: str) -> Indices:
    if _KEY.fullmatch(name):
        try:
            items = np.load(folder() / "chosen" / f"{name}.npy").astype(np.int64)
            if _are_items(items):
                return items
        except Exception:  # see read_projection
            pass
    raise ProjectionNotFoundError(f"`chosen` must name a list of items that is kept here. Received: {name[:40]}.")


def name_network(config: ProjectionConfig) -> ProjectionConfig:
    """Return the settings with the checksum of the network that a projection from a layer asks, if it lacks it.

    Raises:
        RunNotFoundError: if the run has gone or has no network.
    """
    if config.space != "layer" or config.network:
        return config
    run = runs.load_run(config.run_id)
    if not run.has_model:
        raise RunNotFoundError(f"`run_id` must name a run with a network. Received: {run.run_id}, {run.status}.")
    return config.with_settings(network=checksum(run.path / "model.keras"))


def _are_items(items: NDArray[Any]) -> bool:
    """Tell whether these are item numbers in ascending order, at least one."""
    is_list = items.ndim == 1 and len(items) > 0
    return is_list and bool(items[0] >= 0 and items[-1] < ITEMS and (np.diff(items) > 0).all())


def pack_projection(projection: Projection, labels: NDArray[np.uint8]) -> bytes:
    """Write a plane projection as the browser reads it.

    Args:
        projection: of two dimensions.
        labels: labels of all items, (70000,).

    Returns:
        4 bytes with the length of a JSON header {"items": n, "everything": bool, "low": [x, y], "extent": [x, y]}
        (little endian), the header, spaces up to a multiple of 4; then n x and n y positions as uint16 steps of
        1 / 65,535 of the extent; unless it is everything, n item numbers as uint32; n labels as uint8.
    """
    low, extent = projection.embedding.min(axis=0), np.ptp(projection.embedding, axis=0)
    extent = np.where(extent == 0, 1, extent)
    steps = np.rint((projection.embedding - low) / extent * _STEPS).astype("<u2")
    everything = is_everything(projection.items)
    header = json.dumps(
        {
            "items": len(projection.items),
            "everything": everything,
            "low": low.astype(float).tolist(),
            "extent": extent.astype(float).tolist(),
        }
    ).encode()
    header += b" " * (-len(header) % 4)
    parts = [len(header).to_bytes(4, "little"), header, np.ascontiguousarray(steps.T).tobytes()]
    if not everything:
        parts.append(projection.items.astype("<u4").tobytes())
    parts.append(labels[projection.items].astype(np.uint8).tobytes())
    return b"".join(parts)


def checksum(path: Path) -> str:
    """Return a few digits that change when the file does, for the browser's cache."""
    return f"{zlib.crc32(path.read_bytes()):08x}"


def build_table(projection: Projection, labels: NDArray[np.uint8]) -> "pd.DataFrame":
    """Return one row an item: item, split, index, class_index, class_name and its coordinates x, y (and z).

    Args:
        projection: what to write down.
        labels: labels of all items, (70000,).
    """
    import pandas as pd

    items = projection.items
    is_test = items >= TRAIN_ITEMS
    return pd.DataFrame(
        {
            "item": items,
            "split": np.where(is_test, "test", "train"),
            "index": items - TRAIN_ITEMS * is_test,
            "class_index": labels[items],
            "class_name": np.array(CLASS_NAMES)[labels[items]],
            **dict(zip("xyz", projection.embedding.T, strict=False)),
        }
    )
