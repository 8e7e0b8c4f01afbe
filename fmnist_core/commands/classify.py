"""The command `classify`."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fmnist_core import runs, storage
from fmnist_core.commands.console import Commands, import_keras, print_json, show_share
from fmnist_core.errors import FmnistError, InvalidSettingError

if TYPE_CHECKING:
    from fmnist_core.photos import Chain, Picture
    from fmnist_core.runs import Run
    from fmnist_core.verdict import Verdict

# Of a folder's files these are taken, by their names, so that one that is no picture after all is reported.
_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".heic", ".heif", ".avif", ".tif", ".tiff")
_READ_BYTES = 200_000_000


def add(commands: Commands) -> None:
    """Add the command."""
    classify = commands.add("classify", _classify, "Say what garments pictures show.")
    classify.add_argument(
        "images", nargs="+", metavar="IMAGE", type=Path, help="PNG, JPEG, WebP, GIF or BMP, or a folder of such"
    )
    classify.add_argument("--run", help="the run whose network answers; the lab's own by default")
    classify.add_argument(
        "--steps", type=Path, metavar="DIR", help="write each picture's way to 28 × 28 pixels here, as PNG files"
    )


@dataclass(frozen=True)
class _Prepared:
    """A file, and what became of it: a picture for the network, or why there is none."""

    file: Path
    image: "Picture | None" = None
    is_blank: bool = False
    photographed: bool = False
    error: str = ""


def _classify(options: argparse.Namespace) -> None:
    run = runs.find_answering_run(options.run)
    prepared = _prepare(options.images, options.steps)
    answers = _answer(prepared, run)
    if options.json:
        print_json(answers)
        return
    for each, answer in zip(prepared, answers, strict=True):
        print(f"{answer['file']}: {answer.get('error') or _say(answer, each)}")


def _prepare(paths: Sequence[Path], steps: Path | None) -> list[_Prepared]:
    listed = [each for path in paths for each in _list_files(path)]
    folders = _name_folders([each.file for each in listed], steps)
    prepared = []
    for number, (each, folder) in enumerate(zip(listed, folders, strict=True)):
        if len(listed) > 20:
            show_share("Preparing pictures:", number / len(listed))
        prepared.append(each if each.error else _prepare_file(each.file, folder))
    if len(listed) > 20:
        show_share("Preparing pictures:", 1.0)
    return prepared


def _list_files(path: Path) -> list[_Prepared]:
    """Return the file itself, or the pictures of a folder by name."""
    try:
        if not path.is_dir():
            return [_Prepared(path)]
        files = [_Prepared(file) for file in sorted(path.iterdir()) if file.suffix.lower() in _SUFFIXES]
    except OSError as error:
        return [_Prepared(path, error=f"The folder cannot be read: {error.strerror}.")]
    return files or [
        _Prepared(path, error="The folder holds no pictures; their names must end in .png, .jpg or alike.")
    ]


def _prepare_file(file: Path, folder: Path | None) -> _Prepared:
    from fmnist_core import photos

    try:
        if file.stat().st_size > _READ_BYTES:
            return _Prepared(file, error=f"A picture's file must have at most {_READ_BYTES // 1_000_000} MB.")
        content = file.read_bytes()
    except OSError as error:
        return _Prepared(file, error=f"The file cannot be read: {error.strerror}.")
    try:
        chain = photos.prepare_photo(photos.read_picture(content))
    except FmnistError as error:
        return _Prepared(file, error=str(error))
    if folder is not None:
        _write_steps(chain, folder)
    return _Prepared(file, chain.image, chain.is_blank, chain.kind in photos.PHOTOGRAPHS)


def _answer(prepared: Sequence[_Prepared], run: "Run") -> list[dict[str, Any]]:
    import numpy as np

    read = [(each.image, each.photographed) for each in prepared if each.image is not None]
    verdicts: list[Verdict] = []
    if read:
        import_keras()
        from fmnist_core.answering import Answerer

        images, photographed = zip(*read, strict=True)
        verdicts = Answerer.load(run).ask_many(np.stack(images), photographed)
    waiting = iter(verdicts)
    return [
        {"file": str(each.file)} | ({"error": each.error} if each.image is None else _describe(next(waiting), each))
        for each in prepared
    ]


def _describe(verdict: "Verdict", prepared: _Prepared) -> dict[str, Any]:
    return {
        "class_index": verdict.class_index,
        "class_name": verdict.class_name,
        "probabilities": [round(float(probability), 6) for probability in verdict.probabilities],
        # Where no garment was found, nothing that the network says counts.
        "abstained": verdict.abstained or prepared.is_blank,
    }


def _say(answer: dict[str, Any], prepared: _Prepared) -> str:
    if prepared.is_blank:
        return "not sure; nothing stands out in the picture"
    confidence = f"{max(answer['probabilities']):.0%}"
    if answer["abstained"]:
        return f"not sure; perhaps {answer['class_name']} ({confidence})"
    return f"{answer['class_name']} ({confidence})"


def _name_folders(files: Sequence[Path], out: Path | None) -> list[Path | None]:
    """Return where each file's steps go: a folder of its own, numbered if another file has the same name."""
    if out is None:
        return [None] * len(files)
    taken: dict[str, int] = {}
    folders: list[Path | None] = []
    for file in files:
        taken[file.stem] = taken.get(file.stem, 0) + 1
        folders.append(out / (file.stem if taken[file.stem] == 1 else f"{file.stem}-{taken[file.stem]}"))
    return folders


def _write_steps(chain: "Chain", folder: Path) -> None:
    from PIL import Image

    try:
        for number, step in enumerate(chain.steps, start=1):
            with storage.written_whole(folder / f"{number:02}-{step.key}.png", suffix=".png") as temporary:
                Image.fromarray(step.image).save(temporary, "PNG")
    except OSError as error:
        raise InvalidSettingError(
            f"`--steps` must be where files can be written. Received: {folder}, {error.strerror}."
        ) from None
