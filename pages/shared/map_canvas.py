"""The map of all garments: a browser component, what it is told and what it tells."""

import base64
import binascii
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.map_colors import Coloring
from fmnist_core.splits import ITEMS
from pages.shared.components import pack, register

_map = register("map")


def map_canvas(
    projection_url: str,
    coloring: Coloring,
    *,
    key: str,
    label: str,
    pinned: int | None,
    marked: Sequence[int] = (),
    hidden: Sequence[int] = (),
    selection_version: int = 0,
    on_pin: Callable[[int | None], None],
    on_select: Callable[[dict[str, Any] | None], None],
    on_hide: Callable[[list[int]], None],
) -> bool:
    """Show a plane projection to move about in; the page runs again when something is pinned, selected or hidden.

    Args:
        projection_url: address of its positions relative to the page, "lab/projections/KEY?v=CHECKSUM".
        coloring: a colour for each of its n items.
        key: the component's key.
        label: what the map shows, for screen readers.
        pinned: number of the item that is pinned.
        marked: numbers of items to ring and to join with the pinned one.
        hidden: codes of the categories that are not shown.
        selection_version: when it changes, the browser lets go of what is selected there.
        on_pin: called with an item number, or None when it is unpinned, before the page runs again.
        on_select: called with what `read_selection` reads and "url", the projection that it is about; None if
            nothing is selected any more. When the projection changes while something is selected, it is called
            again with the same items' positions in the new one.
        on_hide: called with the codes of all hidden categories.

    Returns:
        Whether the browser can draw it; without WebGL2 it cannot, and nothing is seen.
    """

    def tell_pinned() -> None:
        item = st.session_state[key]["pinned"]
        if item is None or (_is_whole(item) and 0 <= item < ITEMS):
            on_pin(item)

    def tell_selected() -> None:
        value = st.session_state[key]["selected"]
        # What was selected before Python last put an end to it is out of date.
        if value is None or (isinstance(value, dict) and value.get("version") == selection_version):
            on_select(value)

    def tell_hidden() -> None:
        codes = st.session_state[key]["hidden"]
        if isinstance(codes, list) and all(_is_whole(code) and 0 <= code < len(coloring.categories) for code in codes):
            on_hide(sorted(codes))

    header = {
        "url": projection_url,
        "label": label,
        "title": coloring.title,
        "categories": [asdict(category) for category in coloring.categories],
        "classNames": CLASS_NAMES,
    }
    codes = np.ascontiguousarray(coloring.codes).tobytes()
    # Tells the browser whether there is anything to colour anew, or only another item pinned.
    header["colors"] = zlib.crc32(codes, zlib.crc32(repr(coloring.categories).encode()))
    header |= {
        "pinned": pinned,
        "marked": list(map(int, marked)),
        "hidden": list(map(int, hidden)),
        "version": selection_version,
    }
    result = _map(
        key=key,
        data=pack(header, codes),
        on_pinned_change=tell_pinned,
        on_selected_change=tell_selected,
        on_hidden_change=tell_hidden,
        on_unsupported_change=lambda: None,
    )
    return not result.unsupported


def read_selection(value: Any, n: int) -> NDArray[np.int64]:
    """Read what the browser says is selected.

    Args:
        value: {"bits": a bit for each point, lowest first, in base64, "count": how many are set, …}, or None.
        n: how many points the projection has.

    Returns:
        Their positions in the projection, in ascending order; none if the value is not about n points.
    """
    nothing = np.zeros(0, np.int64)
    if not isinstance(value, dict) or not isinstance(value.get("bits"), str):
        return nothing
    try:
        packed = np.frombuffer(base64.b64decode(value["bits"], validate=True), np.uint8)
    except (binascii.Error, ValueError):
        return nothing
    if len(packed) != -(-n // 8):
        return nothing
    bits = np.unpackbits(packed, bitorder="little")
    positions = np.flatnonzero(bits[:n])
    # Bits beyond the last point, or another number of them than was said: not what the map sends.
    if len(positions) != bits.sum(dtype=np.int64) or value.get("count") != len(positions):
        return nothing
    return positions


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
