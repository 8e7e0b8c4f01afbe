"""Small pictures as part of the page's own HTML: they appear with the text, with every pixel sharp."""

from collections.abc import Iterable

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.photos import Step
from fmnist_core.sheets import encode_data_url

_SHARP = "image-rendering: pixelated"
_FRAME = "border: 1px solid var(--st-border-color); border-radius: 0.375rem"


def show_picture(image: NDArray[np.uint8], description: str) -> None:
    """Show a small picture as large as the column allows, up to 224 screen pixels, each of its pixels a square.

    Args:
        image: (h, w) or (h, w, 3) uint8.
        description: for screen readers.
    """
    st.html(
        f'<img src="{encode_data_url(image)}" alt="{description}" style="display: block; width: 100%; '
        f'max-width: 224px; max-height: 224px; object-fit: contain; object-position: left; {_SHARP}; {_FRAME}">'
    )


def show_steps(steps: Iterable[Step]) -> None:
    """Show pictures in a row, each above its name and explanation; the row breaks where the page is narrow."""
    figures = "".join(
        f'<figure style="flex: 1 1 8rem; max-width: 12rem; margin: 0">{_show_step(step)}'
        f'<figcaption style="font-size: 0.875rem; line-height: 1.4"><b>{number}. {step.name}</b><br>'
        f"{step.explanation}</figcaption></figure>"
        for number, step in enumerate(steps, start=1)
    )
    st.html(f'<div style="display: flex; flex-wrap: wrap; gap: 1rem">{figures}</div>')


def _show_step(step: Step) -> str:
    return (
        f'<div style="height: 8rem; display: flex; align-items: end; margin-bottom: 0.5rem"><img alt="{step.name}" '
        f'src="{encode_data_url(step.image)}" style="max-width: 100%; height: 100%; object-fit: contain; '
        f'{_SHARP}; {_FRAME}"></div>'
    )
