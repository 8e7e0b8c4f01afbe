"""A run as one file, a zip to hand on, and what such a file may hold when it comes from elsewhere.

What is handed on is what a reader needs: settings and result, labels, tables, answers and the network. Checkpoints,
pictures that somebody followed, logs and requests stay behind, and so does which process of which machine trained it.

A package from elsewhere is not trusted: only files of these names are read, each up to its cap; `run.json` is written
anew of what is known in it; arrays must have their shapes and types before memory is set aside for them; the network is
looked into by `model_safety` first. What the tables say is read by readers that take anything.
"""

import io
import json
import math
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from fmnist_core import run_labels, storage
from fmnist_core.archives import open_archive, read_member
from fmnist_core.errors import FmnistError, RefusedFileError
from fmnist_core.model_safety import MOST_BYTES as MOST_MODEL_BYTES
from fmnist_core.model_safety import check_model_file
from fmnist_core.run_labels import is_plain
from fmnist_core.run_status import FINISHED, STOPPED
from fmnist_core.runs import Run
from fmnist_core.splits import ITEMS

ENDING = ".run.zip"
# A network, and the answers after a thousand epochs of few items or of a hundred epochs of many.
MOST_BYTES = 400_000_000

_EPOCH = re.compile(r"epochs/\d{4}\.npz")
_CAPS = {
    "run.json": 200_000,
    run_labels.FILE: 60_000,
    "history.csv": 2_000_000,
    "batches.csv": 20_000_000,
    "layers.csv": 20_000_000,
    "evaluation.npz": 10_000_000,
    "epochs/items.npz": 2_000_000,
    "model.keras": MOST_MODEL_BYTES,
}
_EPOCH_CAP = 4_000_000
_RECIPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,100}")
_LAYER = re.compile(r"[\w ./:>()-]{0,200}", re.ASCII)
_NUMBERS = ("created", "started", "finished")
_RESULTS = ("test_accuracy", "seconds", "images_per_second", "epochs")
_WORDS = ("device", "precision")


def write_package(run: Run, stream: BinaryIO) -> None:
    """Write a run as one file.

    Raises:
        FmnistError: if it has not ended with a result, or is a network that was trained elsewhere.
    """
    if run.status not in (FINISHED, STOPPED) or not run.has_evaluation:
        raise FmnistError(
            f"Only a run that has ended with a result can be handed on. Received: {run.run_id}, {run.status}."
        )
    if run.trained_elsewhere:
        raise FmnistError(
            "A network that was trained elsewhere has no run to hand on, only its file: take it away as `.keras`. "
            f"Received: {run.run_id}."
        )
    record = {name: value for name, value in run.record.items() if name in _known_entries()}
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("run.json", json.dumps(record | {"run_id": run.run_id}, indent=2) + "\n")
        if run.labels != run_labels.Labels():
            archive.writestr(run_labels.FILE, json.dumps(run.labels.to_dict(), indent=2) + "\n")
        for name in sorted(set(_CAPS) - {"run.json", run_labels.FILE}):
            if (run.path / name).is_file():
                # What is packed already becomes no smaller.
                packed = name.endswith((".keras", ".npz"))
                archive.write(run.path / name, name, zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED)
        for path in sorted((run.path / "epochs").glob("[0-9][0-9][0-9][0-9].npz")):
            archive.write(path, f"epochs/{path.name}", zipfile.ZIP_STORED)


def pack_run(run: Run) -> bytes:
    """Return what `write_package` writes."""
    stream = io.BytesIO()
    write_package(run, stream)
    return stream.getvalue()


def unpack(path: Path, folder: Path) -> str:
    """Check a package and write what it holds into a folder, and return the name that the run had.

    The network has then been looked into, and not been loaded; `run.json` says that the run was imported.

    Raises:
        RefusedFileError: if it is no package, is damaged, too large, or breaks a rule.
        StorageError: if the folder cannot be written.
    """
    with open_archive(path, MOST_BYTES) as archive:
        names = [entry.filename for entry in archive.infolist()]
        for entry in archive.infolist():
            if entry.file_size > _cap_of(entry.filename):
                raise RefusedFileError(
                    f"{entry.filename} must take at most {_cap_of(entry.filename):,} bytes. "
                    f"Received: {entry.file_size:,}."
                )
        if "run.json" not in names:
            raise RefusedFileError("A run's file must hold run.json, as the lab writes it. Received: none.")
        if sum(entry.file_size for entry in archive.infolist()) > 2 * MOST_BYTES:
            raise RefusedFileError(f"A run must take at most {2 * MOST_BYTES:,} bytes unpacked. Received: more.")
        record = read_record(read_member(archive, "run.json", _CAPS["run.json"]))
        for name in names:
            if name == "run.json":
                continue
            content = read_member(archive, name, _cap_of(name))
            _check_content(name, content)
            with storage.explained():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(content)
    if "model.keras" in names:
        check_model_file(folder / "model.keras")
    run_id = str(record.pop("run_id"))
    with storage.explained():
        storage.write_json(folder / "run.json", record)
    return run_id


def read_record(content: bytes) -> dict[str, Any]:
    """Return what is known and well-formed of the run.json of a package, with "run_id" as it was there.

    Its settings are checked by who loads the run.

    Raises:
        RefusedFileError: if it is no record of a run that has ended.
    """
    try:
        given = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise RefusedFileError("A run's run.json must be JSON. Received: a damaged one.") from None
    if not isinstance(given, dict) or given.get("status") not in (FINISHED, STOPPED):
        raise RefusedFileError("A run's run.json must be that of a run that has ended with a result.")
    recipe, run_id = given.get("recipe"), given.get("run_id")
    if not isinstance(recipe, str) or not _RECIPE.fullmatch(recipe) or not isinstance(given.get("config"), dict):
        raise RefusedFileError(f"A run's run.json must name its recipe and settings. Received: {recipe!a:.80}.")
    created = given.get("created")
    if not _is_number(created) or not 0 <= float(created or 0) < 2**33:
        raise RefusedFileError(f"A run's run.json must say when it was made. Received: {created!a:.80}.")
    parameters = given.get("parameters")
    if type(parameters) is not int or not 0 <= parameters < 2**53:
        raise RefusedFileError(f"A run's run.json must have its number of parameters. Received: {parameters!a:.80}.")
    record = {name: given[name] for name in ("recipe", "config", "status", "created", "parameters")}
    record |= {name: given[name] for name in _NUMBERS if _is_number(given.get(name))}
    record |= {name: given[name] for name in _WORDS if _is_words(given.get(name))}
    versions = given.get("versions")
    if isinstance(versions, dict):
        entries = list(versions.items())[:20]
        record["versions"] = {key: value for key, value in entries if _is_words(key) and _is_words(value)}
    return {
        **record,
        "run_id": run_id if isinstance(run_id, str) else "",
        "heartbeat": created,
        "items": _pick_numbers(given.get("items"), ("train", "validation", "test")),
        "result": _pick_numbers(given.get("result"), _RESULTS),
    }


def _known_entries() -> set[str]:
    named = {"recipe", "config", "status", "parameters", "versions", "items", "result"}
    return named | set(_NUMBERS) | set(_WORDS)


def _cap_of(name: str) -> int:
    if _EPOCH.fullmatch(name):
        return _EPOCH_CAP
    if name not in _CAPS:
        raise RefusedFileError(f"A run's file must hold a run and nothing else. Received: {name!a:.80}.")
    return _CAPS[name]


def _check_content(name: str, content: bytes) -> None:
    if name == run_labels.FILE:
        run_labels.read_labels(content)
    elif name == "evaluation.npz":
        arrays = read_arrays(name, content, {"items": "iu", "labels": "iu", "probabilities": "f"})
        n_items = len(arrays["items"])
        shapes = [arrays[key].shape for key in ("items", "labels", "probabilities")]
        if not n_items or shapes != [(n_items,), (n_items,), (n_items, 10)]:
            raise RefusedFileError(f"{name} must have ten probabilities for each item. Received: {shapes}.")
        _check_items(name, arrays["items"])
        _check_probabilities(name, arrays["probabilities"])
    elif name == "epochs/items.npz":
        _check_items(name, read_arrays(name, content, {"items": "iu"})["items"])
    elif name.endswith(".npz"):
        _check_probabilities(name, read_arrays(name, content, {"probabilities": "f"})["probabilities"])
    elif name == "layers.csv":
        _check_layers(content)


def read_arrays(name: str, content: bytes, kinds: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Return the arrays of an `.npz` from elsewhere, of plain numbers, of no more bytes than their file may have.

    Args:
        name: of the file, for what is said of it.
        content: what it holds.
        kinds: the arrays that it must have, and no others, with the kinds of numbers that each may hold.

    Raises:
        RefusedFileError: if it is no such file.
    """
    arrays = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {entry.filename: entry.file_size for entry in archive.infolist()}
            if members.keys() != {f"{key}.npy" for key in kinds} or sum(members.values()) > 10 * _EPOCH_CAP:
                raise RefusedFileError(f"{name} must hold {', '.join(kinds)} and nothing else.")
            for key, kind in kinds.items():
                arrays[key] = _read_array(archive.read(f"{key}.npy"), kind)
    except RefusedFileError:
        raise
    except Exception:  # see archives.open_archive; numpy raises whatever its own parser raises
        raise RefusedFileError(f"{name} must be whole. Received: a damaged file.") from None
    return arrays


def _read_array(content: bytes, kind: str) -> np.ndarray:
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
    shape, _, dtype = read_header(stream)
    # Before numpy sets memory aside for what the header promises.
    if dtype.kind not in kind or math.prod(shape) * dtype.itemsize != len(content) - stream.tell():
        raise ValueError
    return np.load(io.BytesIO(content), allow_pickle=False)


def _check_items(name: str, items: np.ndarray) -> None:
    if (
        items.ndim != 1
        or len(np.unique(items)) != len(items)
        or (len(items) and not 0 <= items.min() <= items.max() < ITEMS)
    ):
        raise RefusedFileError(f"{name} must number different items, each from 0 to {ITEMS - 1:,}.")


def _check_probabilities(name: str, probabilities: np.ndarray) -> None:
    fits = probabilities.ndim == 2 and probabilities.shape[1] == 10 and np.isfinite(probabilities).all()
    if not fits or (probabilities.size and not -1e-3 <= probabilities.min() <= probabilities.max() <= 1 + 1e-3):
        raise RefusedFileError(f"{name} must hold ten probabilities for each item.")


def _check_layers(content: bytes) -> None:
    # The names in it are shown as they are.
    for line in content.decode("utf-8", "replace").splitlines():
        if not _LAYER.fullmatch(line.partition(",")[2].partition(",")[0]):
            raise RefusedFileError("layers.csv must name layers by letters, digits and _ . / - > alone.")


def _pick_numbers(given: Any, names: tuple[str, ...]) -> dict[str, float]:
    if not isinstance(given, dict):
        return {}
    return {name: given[name] for name in names if _is_number(given.get(name)) and given[name] >= 0}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15


def _is_words(value: Any) -> bool:
    """Tell whether a value is a short text that can be shown as it is, whatever shows it."""
    return (
        isinstance(value, str) and 0 < len(value) <= 120 and is_plain(value) and not set(value) & set("<>[]`*_$|~#&\\")
    )
