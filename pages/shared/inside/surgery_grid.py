"""The channels of a layer as a browser component, to be silenced by clicks; what is silenced stands in the URL."""

import zlib
from collections.abc import Sequence

import streamlit as st
from numpy.typing import NDArray

from pages.shared.components import pack, register

_SILENCED, _REVISION = "silenced", "surgery revision"
_grid = register("surgery", "shared/paint")


def read_silenced(channels: int) -> list[int]:
    """Return the channels of a layer that the URL silences, counted from 0 as in Keras."""
    asked = st.query_params.get(_SILENCED, "")
    numbers = {int(word) for word in asked.split("-") if word.isascii() and word.isdecimal() and len(word) < 6}
    return sorted(number for number in numbers if number < channels)


def silence(channels: Sequence[int]) -> None:
    """Silence these channels, counted from 0, and no others, whatever the browser has clicked meanwhile."""
    st.session_state[_REVISION] = st.session_state.get(_REVISION, 0) + 1
    _write(channels)


def show_grid(pixels: NDArray, silenced: Sequence[int], name: str) -> None:
    """Show channels as pictures, those that are silenced struck out.

    Args:
        pixels: (n, height, width) int8, -127 to 127.
        silenced: channels, counted from 0.
        name: what the layer is called.
    """
    count, height, width = pixels.shape
    unit = "Unit" if height * width == 1 else "Channel"
    revision = st.session_state.get(_REVISION, 0)
    header = {
        "label": f"{unit}s of {name}; a click silences one",
        "width": width,
        "height": height,
        "titles": [f"{unit} {number}" for number in range(count)],
        "numbers": [str(number) for number in range(count)],
        "silenced": list(silenced),
        "revision": revision,
        # Tells the browser whether there is anything to draw anew.
        "version": zlib.crc32(pixels.tobytes(), zlib.crc32(name.encode())),
    }

    def take() -> None:
        told = st.session_state["surgery-grid"]["operated"]
        # Clicks on what a button has replaced meanwhile are out of date.
        if told and told["revision"] == revision:
            _write([channel for channel in told["silenced"] if 0 <= channel < count])

    _grid(key="surgery-grid", data=pack(header, pixels.tobytes()), on_operated_change=take)


def _write(channels: Sequence[int]) -> None:
    if channels:
        st.query_params[_SILENCED] = "-".join(str(channel) for channel in sorted(channels))
    else:
        st.query_params.pop(_SILENCED, None)
