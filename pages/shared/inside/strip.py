"""Small pictures of the channels of layers, as a strip or a sheet: a browser component."""

import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.interpretation.feature_maps import Pictures
from pages.shared.components import pack, register

_CLASSES = [{"name": name, "color": color} for name, color in zip(CLASS_NAMES, CLASS_COLORS, strict=True)]
_HEIGHT = 341  # of a strip's pictures, in CSS pixels

_strip = register("strip", "shared/paint")


@dataclass(frozen=True, eq=False)
class Block:
    """A layer of the strip.

    Attributes:
        name: as in the network.
        head: lines that stand above it.
        title: the same in full, on hover.
        pictures: of its channels; None for a layer that hands on what it takes, drawn as a slim bar.
        cell: side of a picture in CSS pixels.
        gap: between two of them.
        shares: of the ten classes, for the layer that has them.
        strong: classes whose names stand out.
        gray: whether it is the item itself, in grey, which cannot be picked.
        peak_name: what the values of `pictures.peaks` are called.
    """

    name: str
    head: tuple[str, ...]
    title: str
    pictures: Pictures | None
    cell: int = 40
    gap: int = 3
    shares: NDArray[np.float32] | None = None
    strong: tuple[int, ...] = ()
    gray: bool = False
    peak_name: str = "largest value"


def strip(
    blocks: Sequence[Block],
    picked: tuple[str, int] | None,
    *,
    key: str,
    label: str,
    what: str = "channel",
    wrap: bool = False,
    on_pick: Callable[[str, int], None],
) -> None:
    """Show layers side by side, each with pictures of its channels; a click or Enter picks one.

    Args:
        blocks: the layers.
        picked: name of a layer and number of a channel, which are marked.
        key: the component's key.
        label: what the strip shows, for screen readers.
        what: what a picture shows: a channel, a filter.
        wrap: show one layer's pictures as a sheet, as wide as there is room.
        on_pick: called with the layer's name and the channel before the rerun.
    """
    payload = b"".join(block.pictures.pixels.tobytes() for block in blocks if _is_drawn(block) and block.pictures)
    header = {
        "label": label,
        "wrap": wrap,
        "what": what,
        "classes": _CLASSES,
        "layers": [_describe(block) for block in blocks],
    }
    header["version"] = zlib.crc32(payload, zlib.crc32(json.dumps(header).encode()))
    header["picked"] = None if picked is None else {"layer": picked[0], "channel": picked[1]}

    def answer() -> None:
        told = st.session_state.get(key)
        # A click can arrive when another view has taken the strip's place.
        if told and told["picked"]:
            on_pick(str(told["picked"]["layer"]), int(told["picked"]["channel"]))

    _strip(key=key, data=pack(header, payload), on_picked_change=answer)


def _is_drawn(block: Block) -> bool:
    return block.pictures is not None and block.shares is None


def _describe(block: Block) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": block.name,
        "head": list(block.head),
        "title": block.title,
        "slim": block.pictures is None,
        "gray": block.gray,
        "cell": block.cell,
        "gap": block.gap,
        "rows": max(1, (_HEIGHT + block.gap) // (block.cell + block.gap)),
        "peakName": block.peak_name,
        "shares": None if block.shares is None else block.shares.tolist(),
        "strong": list(block.strong),
    }
    pictures = block.pictures
    if pictures is None or not _is_drawn(block):
        channels = [0] if pictures is None else pictures.channels.tolist()
        return {**described, "channels": channels, "peaks": [], "total": len(channels), "height": 0, "width": 0}
    return {
        **described,
        "height": pictures.pixels.shape[1],
        "width": pictures.pixels.shape[2],
        "channels": pictures.channels.tolist(),
        "peaks": [float(f"{peak:.6g}") for peak in pictures.peaks],
        "total": pictures.total,
    }
