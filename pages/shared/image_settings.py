"""How images are changed before a network sees them: the settings, and real items as it will see them."""

import contextlib
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.config import TrainingConfig
from fmnist_core.errors import InvalidSettingError
from pages.shared import cache, item_pictures
from pages.shared.number_inputs import Number, edit_numbers

_SHOWN = 8
_DRAW = "augmented draw"
_ENLARGING = Number(
    "Enlarge images", "How many times higher and wider images are made first, 1 to 4; slower, but finer work."
)
_AUGMENTATION = {
    "shift": Number("Shift", "Move each image by up to so many pixels."),
    "rotate": Number("Rotate", "Turn it by up to so many degrees.", 5.0),
    "zoom": Number("Zoom", "Scale it by up to this share, larger or smaller.", 0.05),
    "shear": Number("Shear", "Slide its rows sideways by up to so many pixels a row.", 0.05),
    "contrast": Number("Contrast", "Make it brighter or darker by up to this share.", 0.05),
    "erase": Number("Erase", "Share of images in which a rectangle is painted over.", 0.1),
    "street": Number(
        "As photographed", "Share of images changed as photographs do: laid flat, spread out, in pairs.", 0.1
    ),
    "cutmix": Number("CutMix", "Share of batches in which images get a piece, and its label, of another.", 0.1),
}


def edit_augmentation(start: TrainingConfig) -> dict[str, Any]:
    """Show what may happen to images and return what the user chose; `start` is what the inputs are filled in with."""
    st.caption("Each image is changed a little, anew each time, so that the network cannot learn it by heart.")
    settings: dict[str, Any] = {
        "flip": st.toggle("Mirror half of them", start.flip, key="flip", bind="query-params"),
    }
    settings |= edit_numbers(start, _AUGMENTATION)
    st.caption("All images, test items too:")
    return settings | edit_numbers(start, {"enlarge": _ENLARGING})


def show_augmented(settings: dict[str, Any]) -> None:
    """Show the first training items as the network will see them, if it will see them changed."""
    with contextlib.suppress(InvalidSettingError):
        config = TrainingConfig().with_settings(**{name: settings[name] for name in ("flip", *_AUGMENTATION)})
        if config == TrainingConfig():
            return
        st.button("Once more", key="once more", help="The same items, changed in another way.", on_click=_draw_anew)
        labels = cache.dataset().labels[:_SHOWN]
        item_pictures.grid(
            np.arange(_SHOWN),
            cache.augmented(config, _SHOWN, st.session_state.get(_DRAW, 0)),
            labels,
            key="augmented",
            label=f"{_SHOWN} training items as the network sees them",
            columns=4,
        )


def _draw_anew() -> None:
    st.session_state[_DRAW] = st.session_state.get(_DRAW, 0) + 1
