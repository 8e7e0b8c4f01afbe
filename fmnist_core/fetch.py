"""Find the four files of Fashion-MNIST on this machine, or fetch them; always verified."""

import hashlib
import logging
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from fmnist_core import apt, storage
from fmnist_core.download import download
from fmnist_core.errors import DataUnavailableError

if sys.platform != "win32":
    import fcntl

TRAIN_IMAGES = "train-images-idx3-ubyte.gz"
TRAIN_LABELS = "train-labels-idx1-ubyte.gz"
TEST_IMAGES = "t10k-images-idx3-ubyte.gz"
TEST_LABELS = "t10k-labels-idx1-ubyte.gz"

Report = Callable[[str, float], None]


def no_report(sentence: str, share: float) -> None:
    """Report to nobody."""


@dataclass(frozen=True)
class Files:
    """The four verified files by name, and where they came from in words."""

    paths: dict[str, Path]
    source: str


@dataclass(frozen=True)
class Published:
    """What is known of a file: the size in bytes of the publisher's, and the SHA-256 sums it may have."""

    size: int
    sums: tuple[str, ...]


# The first sum of each is the publisher's, which Keras's mirror serves too. The second is that of Debian and
# Ubuntu's package: the same compressed data, without the file's name and with another date in the gzip header.
PUBLISHED: Mapping[str, Published] = {
    TRAIN_IMAGES: Published(
        26_421_880,
        (
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
        ),
    ),
    TRAIN_LABELS: Published(
        29_515,
        (
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
        ),
    ),
    TEST_IMAGES: Published(
        4_422_102,
        (
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
        ),
    ),
    TEST_LABELS: Published(
        5_148,
        (
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
        ),
    ),
}
ADDRESSES = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
)
PACKAGE = "dataset-fashion-mnist"
PACKAGE_FOLDER = Path("/usr/share/datasets/fashion-mnist")

_log = logging.getLogger(__name__)


def shared_places() -> tuple[Path, ...]:
    """Return the folders, besides our own, in which other software keeps the four files."""
    keras = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    return PACKAGE_FOLDER, keras / "datasets" / "fashion-mnist"


def find_or_fetch(
    folder: Path,
    report: Report = no_report,
    *,
    published: Mapping[str, Published] = PUBLISHED,
    places: Sequence[Path] | None = None,
    addresses: Sequence[str] = ADDRESSES,
    package: str | None = PACKAGE,
) -> Files:
    """Return the four files, verified: found on this machine, else downloaded into `folder`.

    A damaged file is named in a warning and through `report`, and never used; in `folder` it is set aside
    as `<name>.damaged`. Several processes or threads may call this at once: one fetches, the others wait.

    Args:
        folder: our own place for the files, looked in first.
        report: called with a sentence and the share done, from 0 to 1, which never falls.
        published: the files by name, with their sizes and sums.
        places: further folders to look in; those of `shared_places()` unless given.
        addresses: where to download from, tried in turn.
        package: the Debian package to unpack if no address is reachable; None for none.

    Raises:
        DataUnavailableError: if the files are neither found nor reachable.
    """
    places = shared_places() if places is None else places
    progress = _Progress(report, sum(file.size for file in published.values()))
    with _alone_in(folder, progress):
        found = {name: _find(name, (folder, *places), published[name], progress) for name in published}
        paths = {name: path for name, path in found.items() if path is not None}
        sources = [str(path.parent) for path in paths.values()]
        missing = {name: published[name] for name in published if name not in paths}
        if missing:
            paths |= {name: folder / name for name in missing}
            sources += _fetch(missing, folder, addresses, package, places, progress)
    return Files({name: paths[name] for name in published}, "; ".join(dict.fromkeys(sources)))


@dataclass
class _Progress:
    """Turns bytes into a sentence and a share that never falls."""

    report: Report
    total: int
    share: float = 0.0
    notes: list[str] = field(default_factory=list)
    began: tuple[float, int] | None = None
    spoke: float = 0.0

    def say(self, sentence: str, share: float = 0.0) -> None:
        self.share = max(self.share, min(share, 1.0))
        self.report(" ".join([sentence, *self.notes]), self.share)

    def note(self, sentence: str) -> None:
        """Say something that every later sentence repeats, lest it flash by unseen."""
        _log.warning(sentence)
        self.notes.append(sentence)
        self.say("Looking for Fashion-MNIST.")

    def start(self, sentence: str) -> None:
        """Say what begins, and measure the speed from here."""
        self.began = None
        self.say(sentence)

    def advance(self, done: int) -> None:
        """Tell that `done` of the `total` bytes are there; speaks ten times a second at most."""
        now = time.monotonic()
        if self.began is None or done < self.began[1]:
            self.began = (now, done)
        if now - self.spoke < 0.1 and done < self.total:
            return
        self.spoke = now
        sentence = f"Downloading Fashion-MNIST: {done / 1e6:.0f} of {self.total / 1e6:.0f} MB"
        seconds, gained = now - self.began[0], done - self.began[1]
        if seconds > 1 and gained:
            sentence += f", {(self.total - done) * seconds / gained:.0f} s left"
        self.say(f"{sentence}.", done / self.total)


@contextmanager
def _alone_in(folder: Path, progress: _Progress) -> Iterator[None]:
    """Keep every other process and thread out of `folder` meanwhile; a dead process keeps nobody out."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError as error:
        raise DataUnavailableError(
            f"The folder for the data must be writable. Received: {folder} ({error.strerror})."
        ) from error
    with lock:
        while sys.platform != "win32":
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                progress.say("Waiting for Fashion-MNIST, which another process is fetching.")
                time.sleep(0.2)
            except OSError:  # a file system without locks
                break
        yield


def _is_sound(path: Path, file: Published) -> bool:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() in file.sums


def _find(name: str, places: Sequence[Path], file: Published, progress: _Progress) -> Path | None:
    own = places[0]
    for place in places:
        path = place / name
        try:
            if _is_sound(path, file):
                return path
        except OSError:  # not there, or not ours to read
            continue
        if place == own:
            path.replace(own / f"{name}.damaged")
            progress.note(f"{path} is damaged (wrong checksum) and was set aside as {name}.damaged.")
        else:
            progress.note(f"{path} is damaged (wrong checksum) and is not used.")
    return None


def _fetch(
    missing: dict[str, Published],
    folder: Path,
    addresses: Sequence[str],
    package: str | None,
    places: Sequence[Path],
    progress: _Progress,
) -> list[str]:
    """Fetch the missing files into `folder`, taking each that came off `missing`; return where from, in words."""
    ways = {address: partial(_download, address) for address in addresses}
    if package is not None:
        ways[f"the package {package}"] = partial(_unpack, package)
    sources, failures = [], []
    for source, way in ways.items():
        n_missing = len(missing)
        try:
            way(missing, folder, progress)
        except OSError as error:
            failures.append(f"{source} ({error.strerror or error})")
        if len(missing) < n_missing:
            sources.append(source)
        if not missing:
            return sources
    raise DataUnavailableError(
        "Fashion-MNIST must be on this machine or within its reach. "
        f"Looked in {', '.join(map(str, [folder, *places]))}; tried: {', '.join(failures) or 'nothing'}. "
        f"Three ways out: put the four files ({', '.join(PUBLISHED)}) into {folder}; "
        f"run `apt install {PACKAGE}`; or go online and try again."
    )


def _download(address: str, missing: dict[str, Published], folder: Path, progress: _Progress) -> None:
    progress.start(f"Connecting to {address}.")
    for name, file in list(missing.items()):
        part = folder / f"{name}.part"
        resumed = part.exists()
        there = progress.total - sum(other.size for other in missing.values())

        def advance(done: int, there: int = there) -> None:
            progress.advance(there + done)

        download(address + name, part, file.size, advance)
        if resumed and not _is_sound(part, file):  # what was there was not the beginning of this file
            part.unlink()
            download(address + name, part, file.size, advance)
        if not _is_sound(part, file):
            part.unlink()
            progress.note(f"{address}{name} is damaged (wrong checksum) and is not used.")
            raise OSError("wrong checksum")
        part.replace(folder / name)
        del missing[name]


def _unpack(package: str, missing: dict[str, Published], folder: Path, progress: _Progress) -> None:
    progress.start(f"Fetching the package {package} with apt.")
    with tempfile.TemporaryDirectory() as scratch:
        apt.unpack(package, Path(scratch), lambda share: progress.advance(int(share * progress.total)))
        for name, file in list(missing.items()):
            unpacked = Path(scratch, *PACKAGE_FOLDER.parts[1:], name)
            if not _is_sound(unpacked, file):
                progress.note(f"{name} of {package} is damaged (wrong checksum) and is not used.")
                raise OSError("wrong checksum")
            with storage.written_whole(folder / name) as temporary:
                shutil.copyfile(unpacked, temporary)
            del missing[name]
