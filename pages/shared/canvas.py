"""The sheet to draw on: a browser component, and its drawing kept in the session while other pages are visited."""

import base64
import binascii
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import photos
from fmnist_core.errors import InvalidPictureError
from pages.shared.components import register

SIDE = 280

_canvas = register("canvas")


def canvas(key: str) -> NDArray[np.uint8]:
    """Show a sheet to draw on and return what is on it, (280, 280) uint8, ink on black.

    The page runs again at the end of each stroke. The drawing stays when other pages are visited.

    Raises:
        InvalidPictureError: if the browser sends something that is no such drawing.
    """
    kept = _kept(key)
    result = _canvas(key=key, data={"key": key, **kept}, on_sheet_change=lambda: None)
    # What the browser sent before Python last put a picture on the sheet is out of date.
    if result.sheet and result.sheet.get("version") == kept["version"]:
        kept["sheet"] = result.sheet.get("pixels", "")
    return decode_sheet(kept["sheet"])


def put_on_canvas(key: str, picture: NDArray[np.uint8], tool: str = "", note: str = "") -> None:
    """Lay an item or a whole drawing on the sheet in the place of what is there; the user can undo it.

    Args:
        key: the canvas's key.
        picture: (28, 28) or (280, 280) uint8, bright on black.
        tool: what the user holds then, "scissors" for one; by default what he held before.
        note: a sentence that is shown on the sheet until he does something.
    """
    kept = _kept(key)
    step = SIDE // len(picture)
    kept["version"] += 1
    kept["sheet"] = encode_sheet(np.kron(picture, np.ones((step, step), np.uint8)))
    kept |= {"tool": tool, "note": note}


def read_sheet(key: str) -> str:
    """Return what is on a sheet that may not be shown at the moment, as `decode_sheet` reads it."""
    return _kept(key)["sheet"]


def find_item(drawing: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """Return the (28, 28) item that lies unchanged on a sheet, as `put_on_canvas` laid it there; None if none does."""
    step = SIDE // 28
    item = drawing[::step, ::step]
    return item if np.array_equal(np.kron(item, np.ones((step, step), np.uint8)), drawing) else None


def prepare(drawing: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Bring a sheet to 28 × 28, (28, 28) uint8; an item that nobody has changed stays as it is."""
    item = find_item(drawing)
    return photos.prepare_drawing(drawing).image if item is None else item


def encode_sheet(pixels: NDArray[np.uint8]) -> str:
    """Write a sheet as canvas.js does: runs of equal pixels as pairs (length, grey) of bytes, in base64."""
    flat = pixels.ravel()
    starts = np.flatnonzero(np.r_[True, flat[1:] != flat[:-1]])
    lengths = np.diff(np.r_[starts, flat.size])
    # A length must fit into a byte, so a long run becomes several of 255 and the rest.
    repeats = -(-lengths // 255)
    parts = np.full(repeats.sum(), 255)
    parts[np.cumsum(repeats) - 1] = lengths - 255 * (repeats - 1)
    pairs = np.column_stack([parts, np.repeat(flat[starts], repeats)]).astype(np.uint8)
    return base64.b64encode(pairs.tobytes()).decode()


def decode_sheet(text: str) -> NDArray[np.uint8]:
    """Read what `encode_sheet` or the browser wrote; an empty text is an empty sheet.

    Raises:
        InvalidPictureError: if it is not a drawing of 280 × 280 pixels.
    """
    if not text:
        return np.zeros((SIDE, SIDE), np.uint8)
    try:
        pairs = np.frombuffer(base64.b64decode(text, validate=True), np.uint8).reshape(-1, 2)
    except (binascii.Error, ValueError, TypeError):
        pairs = np.zeros((0, 2), np.uint8)
    n_pixels = int(pairs[:, 0].sum(dtype=np.int64))
    if n_pixels != SIDE * SIDE:
        raise InvalidPictureError(f"A drawing must have {SIDE * SIDE:,} pixels. Received: {n_pixels:,}.")
    return np.repeat(pairs[:, 1], pairs[:, 0]).reshape(SIDE, SIDE)


def _kept(key: str) -> dict[str, Any]:
    # Streamlit forgets a component's state on another page; a plain entry of the session stays.
    return st.session_state.setdefault(f"{key}_kept", {"sheet": "", "version": 0})
