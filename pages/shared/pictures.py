"""Small pictures as part of the page's own HTML: they appear with the text, with every pixel sharp."""

from collections.abc import Iterable
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.photos import Step
from fmnist_core.sheets import encode_data_url
from fmnist_core.uploads import encode_thumbnail

_FRAME = "border: 1px solid var(--st-border-color); border-radius: 0.375rem"
# Up to this many pixels each of them is a square on the screen; a photograph is smoothed.
_FEW_PIXELS = 64
_STEP_EDGE = 104


def show_picture(image: NDArray[np.uint8], description: str) -> None:
    """Show a small picture as large as the column allows, up to 224 screen pixels, each of its pixels a square.

    Args:
        image: (h, w) or (h, w, 3) uint8.
        description: for screen readers.
    """
    _show(image, encode_data_url(image), description, 224)


def show_photo(image: NDArray[np.uint8], description: str) -> None:
    """Show a photograph as large as the column allows, up to 256 screen pixels.

    Args:
        image: (h, w, 3) uint8.
        description: for screen readers.
    """
    _show(image, encode_thumbnail(image, edge=512), description, 256)


def show_steps(steps: Iterable[Step]) -> None:
    """Show pictures in a row, each above its name and explanation; the row breaks where the page is narrow."""
    figures = "".join(
        f'<figure style="margin: 0">{_show_step(step)}'
        f'<figcaption style="font-size: 0.8125rem; line-height: 1.4"><b>{number}. {escape(step.name)}</b><br>'
        f"{escape(step.explanation)}</figcaption></figure>"
        for number, step in enumerate(steps, start=1)
    )
    columns = "repeat(auto-fill, minmax(6.6rem, 1fr))"
    st.html(f'<div style="display: grid; grid-template-columns: {columns}; gap: 1.25rem 0.75rem">{figures}</div>')


def _show(image: NDArray[np.uint8], address: str, description: str, edge: int) -> None:
    st.html(
        f'<img src="{address}" alt="{escape(description)}" style="display: block; {_measure(image, edge)}; {_FRAME}">'
    )


def _show_step(step: Step) -> str:
    few = max(step.image.shape[:2]) <= _FEW_PIXELS
    address = encode_data_url(step.image) if few else encode_thumbnail(step.image, edge=2 * _STEP_EDGE)
    return (
        f'<div style="height: {_STEP_EDGE}px; display: flex; align-items: end; margin-bottom: 0.5rem">'
        f'<img alt="{escape(step.name)}" src="{address}" style="{_measure(step.image, _STEP_EDGE)}; {_FRAME}"></div>'
    )


def _measure(image: NDArray[np.uint8], edge: int) -> str:
    """Return the style that shows a picture with its longest edge on `edge` screen pixels, if the column allows."""
    height, width = image.shape[:2]
    scaling = "pixelated" if max(height, width) <= _FEW_PIXELS else "auto"
    shown = max(1, round(width * edge / max(height, width)))
    return f"box-sizing: border-box; width: {shown}px; max-width: 100%; height: auto; image-rendering: {scaling}"
