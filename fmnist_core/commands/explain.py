"""The command `explain`."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fmnist_core import runs, storage
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.commands.console import Commands, import_keras, print_json, show_share
from fmnist_core.errors import InvalidSettingError
from fmnist_core.interpretation.methods import METHODS, find_method
from fmnist_core.splits import ITEMS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fmnist_core.interpretation.probing import Probe

# Screen pixels to a pixel of the written picture.
_SCALE = 10


def add(commands: Commands) -> None:
    """Add the command."""
    explain = commands.add("explain", _explain, "Draw which pixels an answer hangs on.")
    explain.add_argument(
        "items", nargs="+", metavar="ITEM_OR_IMAGE", help=f"an item's number, 0 to {ITEMS - 1:,}, or a picture's file"
    )
    explain.add_argument("--run", help="the run whose network is asked; the lab's own by default")
    explain.add_argument("--method", default="grad-cam", help=f"{', '.join(METHODS)} (%(default)s)")
    explain.add_argument(
        "--class", dest="asked", metavar="CLASS", help="name or index; what the network says by default"
    )
    explain.add_argument(
        "--layer", metavar="NAME", help="for Grad-CAM and Grad-CAM++; the last one with maps by default"
    )
    explain.add_argument(
        "--out", required=True, type=Path, metavar="PATH", help="a folder, or for one item a .png file"
    )
    explain.add_argument("--raw", action="store_true", help="write the method's own values as .npy too")


def _explain(options: argparse.Namespace) -> None:
    find_method(options.method)
    asked = None if options.asked is None else _find_class(options.asked)
    paths = _name_files(options.items, options.out)
    run = runs.find_answering_run(options.run)
    pictures = [_read(item) for item in options.items]
    import_keras()
    from fmnist_core.interpretation.probing import Probe

    probe = Probe.load(run.path / "model.keras")
    written = []
    for item, picture, path in zip(options.items, pictures, paths, strict=True):
        about = _explain_one(probe, picture, asked, options, path)
        written.append({"item": int(item)} | about if item.isdecimal() else {"file": item} | about)
    if options.json:
        print_json(written)
        return
    for about in written:
        name = about["item"] if "item" in about else about["file"]
        print(f"{name}: {METHODS[options.method].title} of {about['class_name']} in {about['picture']}")


def _explain_one(
    probe: "Probe", picture: "NDArray[np.uint8]", asked: int | None, options: argparse.Namespace, path: Path
) -> dict[str, Any]:
    import numpy as np

    from fmnist_core.figures.attribution import lay_over, paint_attribution
    from fmnist_core.interpretation import attribution

    method = METHODS[options.method]
    logits = probe.ask(probe.scale(picture[np.newaxis]))[0]
    class_index = int(logits.argmax()) if asked is None else asked
    layer = attribution.find_layer(probe, options.layer).name if method.needs_maps else None
    found = attribution.explain(probe, options.method, picture[np.newaxis], class_index, layer)
    painted = paint_attribution(found.values[0], found.heatmaps[0], method.signed)
    _write_picture(lay_over(picture, painted), path)
    about: dict[str, Any] = {
        "class_index": class_index,
        "class_name": CLASS_NAMES[class_index],
        "logit": round(float(logits[class_index]), 6),
        "method": options.method,
        "layer": layer,
        "picture": str(path),
    }
    if options.raw:
        about["values"] = str(path.with_suffix(".npy"))
        with _told(path), storage.written_whole(path.with_suffix(".npy"), suffix=".npy") as temporary:
            np.save(temporary, found.values[0])
    return about


def _find_class(text: str) -> int:
    names = [name.casefold() for name in CLASS_NAMES]
    if text.casefold() in names:
        return names.index(text.casefold())
    if text.isascii() and text.isdecimal() and int(text) < len(names):
        return int(text)
    raise InvalidSettingError(
        f"`--class` must be an index from 0 to 9 or one of {', '.join(CLASS_NAMES)}. Received: {text}."
    )


def _name_files(items: list[str], out: Path) -> list[Path]:
    """Return for each item the picture to write: `out` itself if it names one, else one of its own in that folder."""
    if out.suffix.lower() == ".png":
        if len(items) > 1:
            raise InvalidSettingError(f"`--out` must be a folder for {len(items)} items. Received: {out}.")
        return [out]
    taken: dict[str, int] = {}
    paths = []
    for item in items:
        name = f"item-{int(item)}" if item.isdecimal() else Path(item).stem
        taken[name] = taken.get(name, 0) + 1
        paths.append(out / (f"{name}.png" if taken[name] == 1 else f"{name}-{taken[name]}.png"))
    return paths


def _read(item: str) -> "NDArray[np.uint8]":
    """Return the item of a number, or what a picture's file becomes on 28 × 28 pixels."""
    if item.isdecimal():
        from fmnist_core.data import load_dataset

        if int(item) >= ITEMS:
            raise InvalidSettingError(f"An item's number must be from 0 to {ITEMS - 1:,}. Received: {item}.")
        return load_dataset(show_share).images[int(item)]
    from fmnist_core import photos

    try:
        content = Path(item).read_bytes()
    except OSError as error:
        raise InvalidSettingError(f"An item must be a number or a file. Received: {item}, {error.strerror}.") from None
    return photos.prepare_photo(photos.read_picture(content)).image


def _write_picture(pixels: "NDArray[np.uint8]", path: Path) -> None:
    from PIL import Image

    height, width = pixels.shape[:2]
    enlarged = Image.fromarray(pixels).resize((width * _SCALE, height * _SCALE), Image.Resampling.NEAREST)
    with _told(path), storage.written_whole(path, suffix=".png") as temporary:
        enlarged.save(temporary, "PNG")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InvalidSettingError(
            f"`--out` must be where files can be written. Received: {path}, {error.strerror}."
        ) from None
