"""Pictures that a run is asked about after every epoch: a drawing of one's own, an item, whatever one is curious about.

They lie in the run's folder, so that everybody who watches the run sees them and can add one at any time.

    watched/<name>.npy   a picture, (28, 28) uint8, named by its pixels
    watched.csv          what the network said of each picture after each epoch
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fmnist_core import storage
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.data import IMAGE_SHAPE
from fmnist_core.errors import InvalidPictureError, InvalidSettingError
from fmnist_core.runs import Run

if TYPE_CHECKING:
    import keras

# They are asked about in one batch of this size, whose computation is compiled once.
MOST = 12

_FILE = re.compile(r"([0-9a-f]{16})\.npy")
_COLUMNS = ("epoch", "picture", *(f"p{index}" for index in range(len(CLASS_NAMES))))


@dataclass(frozen=True, eq=False)
class Watched:
    """The pictures of a run.

    Attributes:
        names: those of n pictures, at most `MOST`, in the order in which they came.
        images: (n, 28, 28) uint8.
        unreadable: names of files that hold no picture; nobody is asked about them.
    """

    names: tuple[str, ...]
    images: NDArray[np.uint8]
    unreadable: tuple[str, ...] = ()


def load_pictures(run: Run) -> Watched:
    """Read the pictures that a run is asked about; more than `MOST` in its folder are not looked at."""
    found, unreadable = [], []
    for name, path in _find_files(run)[:MOST]:
        image = _read_picture(path)
        if image is not None:
            found.append((name, image))
        elif path.exists():  # else somebody has just removed it
            unreadable.append(name)
    images = np.stack([image for _, image in found]) if found else np.empty((0, *IMAGE_SHAPE), np.uint8)
    return Watched(tuple(name for name, _ in found), images, tuple(unreadable))


def count_pictures(run: Run) -> int:
    """Return how many pictures a run has, damaged ones included: those too take one of the `MOST` places."""
    return len(_find_files(run))


def add_picture(run: Run, image: NDArray[np.uint8]) -> str:
    """Have a run asked about a picture from its next epoch on, and return the picture's name.

    Args:
        run: any that can still train, now or later.
        image: (28, 28) uint8, bright garment on black.

    Raises:
        InvalidPictureError: if it has another shape or type, or nothing is on it.
        InvalidSettingError: if there are `MOST` already.
        StorageError: if the run's folder cannot be written.
    """
    if image.shape != IMAGE_SHAPE or image.dtype != np.uint8:
        raise InvalidPictureError(
            f"A picture to follow must be uint8 of shape (28, 28). Received: {image.dtype} of shape {image.shape}."
        )
    if not image.any():
        raise InvalidPictureError("A picture to follow must show something. Received: a black one.")
    name = hashlib.sha256(np.ascontiguousarray(image).tobytes()).hexdigest()[:16]
    files = dict(_find_files(run))
    if name in files and _read_picture(files[name]) is not None:
        return name
    if len(files) >= MOST:
        raise InvalidSettingError(f"A run can be asked about at most {MOST} pictures. Received: one more.")
    path = run.path / "watched" / f"{name}.npy"
    with storage.explained(), storage.written_whole(path, suffix=".npy") as temporary:
        np.save(temporary, image)
    return name


def remove_picture(run: Run, name: str) -> None:
    """Ask a run about a picture no longer; what it has said of it stays in the table.

    Raises:
        StorageError: if the run's folder cannot be written.
    """
    if _FILE.fullmatch(f"{name}.npy"):
        with storage.explained():
            (run.path / "watched" / f"{name}.npy").unlink(missing_ok=True)


def answer(run: Run, epoch: int, model: "keras.Model") -> None:
    """Ask the network of a run that trains about the pictures, and add to the table what it says.

    Args:
        run: whose folder has the pictures.
        epoch: the one that has just ended, from 1.
        model: the network with its optimizer; asked with averaged weights if it keeps them, as in validation.
    """
    pictures = load_pictures(run)
    if not pictures.names:
        return
    from fmnist_core.optimizers import averaged_weights  # it brings Keras, which whoever only reads does without

    with averaged_weights(model):
        # `Model.predict` would spend ten times as long on its own machinery.
        outputs = model.predict_on_batch(np.resize(pictures.images, (MOST, *IMAGE_SHAPE))[..., np.newaxis])
    for name, probabilities in zip(pictures.names, outputs[: len(pictures.names)], strict=True):
        cells = ",".join([str(epoch), name, *(f"{float(share):.6g}" for share in probabilities)])
        storage.append_line(run.path / "watched.csv", cells, heading=",".join(_COLUMNS))


@dataclass(frozen=True, eq=False)
class Story:
    """What a network said of one picture.

    Attributes:
        epochs: after which epochs, rising, (e,), from 1.
        probabilities: (e, 10) float32.
    """

    epochs: NDArray[np.int64]
    probabilities: NDArray[np.float32]

    def spread(self, n_epochs: int) -> NDArray[np.float32]:
        """Return a row for each of the first `n_epochs` epochs, (n_epochs, 10); zeros where nobody asked."""
        rows = np.zeros((n_epochs, len(CLASS_NAMES)), np.float32)
        here = self.epochs <= n_epochs
        rows[self.epochs[here] - 1] = self.probabilities[here]
        return rows


def load_stories(run: Run) -> dict[str, Story]:
    """Return what a run's network has said of each picture so far, by name; damaged lines are left out."""
    found: dict[str, dict[int, list[float]]] = {}
    for epoch, name, probabilities, _ in _read_table(run):
        found.setdefault(name, {})[epoch] = probabilities
    return {
        name: Story(np.array(sorted(rows), np.int64), np.array([rows[epoch] for epoch in sorted(rows)], np.float32))
        for name, rows in found.items()
    }


def cut_stories(run: Run, epochs: int) -> None:
    """Forget what was said after later epochs than these, since they are going to be trained again."""
    path = run.path / "watched.csv"
    if not path.exists():
        return
    lines = [",".join(_COLUMNS), *(line for epoch, _, _, line in _read_table(run) if epoch <= epochs)]
    with storage.written_whole(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _find_files(run: Run) -> list[tuple[str, Path]]:
    """Return names and paths, the oldest first."""
    found = []
    for path in (run.path / "watched").glob("*.npy"):
        match = _FILE.fullmatch(path.name)
        try:
            if match:
                found.append((path.stat().st_mtime_ns, match[1], path))
        except FileNotFoundError:
            continue  # somebody has just removed it
    return [(name, path) for _, name, path in sorted(found)]


def _read_picture(path: Path) -> NDArray[np.uint8] | None:
    try:
        # Mapped: a header that promises more than the file holds must not take the memory for it.
        image = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception:  # numpy raises whatever its parser of headers raises
        return None
    return np.array(image) if image.shape == IMAGE_SHAPE and image.dtype == np.uint8 else None


def _read_table(run: Run) -> list[tuple[int, str, list[float], str]]:
    """Return the whole lines of the table: epoch, name, ten probabilities, and the line itself."""
    try:
        text = (run.path / "watched.csv").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    # The writer may be in the middle of its last line.
    lines = text[: text.rfind("\n") + 1].splitlines()
    return [row for row in map(_read_line, lines) if row is not None]


def _read_line(line: str) -> tuple[int, str, list[float], str] | None:
    cells = line.split(",")
    if len(cells) != len(_COLUMNS) or len(cells[0]) > 6 or not _FILE.fullmatch(f"{cells[1]}.npy"):
        return None
    try:
        epoch, probabilities = int(cells[0]), [float(cell) for cell in cells[2:]]
    except ValueError:
        return None
    if epoch < 1 or not all(0 <= share <= 1 for share in probabilities):
        return None
    return epoch, cells[1], probabilities, line
