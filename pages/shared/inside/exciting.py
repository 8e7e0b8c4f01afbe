"""One channel of a layer: the test items that excite it most, and the image made to excite it."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.exploration import name_item
from fmnist_core.interpretation.excitation import Excitation, find_typical_classes, unpack, unpack_fields
from fmnist_core.sheets import encode_data_url
from fmnist_core.studies import Arrays
from pages.shared import cache, components, pictures

if TYPE_CHECKING:
    from fmnist_core.interpretation.probing import ProbedLayer

# Below this value an answer counts as none.
SILENT = 1e-6

_FRAME = "#e8622c"


def show_channel(
    layer: "ProbedLayer", found: Arrays, channel: int, made: tuple[NDArray[np.uint8], float] | None
) -> None:
    """Show one channel: its typical classes, the image made for it, and the items.

    Args:
        layer: whose channel it is.
        found: result of the study "excitation".
        channel: counted from 0.
        made: the image made for it, (28, 28), and how strongly it answers; None while that is not known.
    """
    excitation = unpack(found, layer.name)
    what = "Channel" if layer.has_maps else "Unit"
    st.subheader(f"{what} {channel} of {layer.name}", anchor=False)
    best = float(excitation.values[channel, 0])
    if best <= SILENT:
        st.info("None of the test items excites it: it is silent, and the network could do without it.")
        return
    st.markdown(_say_classes(excitation, channel))
    left, right = st.columns([2, 7], gap="large")
    with left:
        st.markdown("**Made to excite it**")
        if made is not None:
            pictures.show_picture(made[0], f"The image made for channel {channel}")
            st.caption(f"{made[1]:.3g}, {made[1] / best:.1f} × the best test item")
    with right:
        _show_items(layer, found, channel)


def _show_items(layer: "ProbedLayer", found: Arrays, channel: int) -> None:
    from fmnist_core.interpretation.outlines import outline

    excitation, fields = unpack(found, layer.name), unpack_fields(found, layer.name)
    images, labels = cache.dataset().images, cache.dataset().labels
    items = excitation.items[channel]
    windows = [fields.find(int(position)) for position in excitation.positions[channel]]
    whole = all(window == (0, 0, 28, 28) for window in windows)
    framed = [
        images[item] if whole else outline(images[item], window, _FRAME)
        for item, window in zip(items, windows, strict=True)
    ]
    st.markdown(f"**The {len(items)} test items that excite it most**")
    components.tiles(
        [[encode_data_url(picture)] for picture in framed],
        [
            [CLASS_NAMES[labels[item]], f"{value:.3g}"]
            for item, value in zip(items, excitation.values[channel], strict=True)
        ],
        [f"{name_item(int(item), labels[item])}. Click to look into the network with it." for item in items],
        key="exciting tiles",
        label="Items that excite this channel most",
        columns=9,
        smallest=64,
        on_pick=lambda number: st.query_params.__setitem__("item", str(items[number - 1])),
    )
    seen = "It sees the whole item." if whole else "Framed: all that it can see at the place where it answers most."
    st.caption(f"{seen} Below each its largest value. Click an item to look into the network with it.")


def _say_classes(excitation: Excitation, channel: int) -> str:
    """Return which classes excite a channel, in a sentence or two."""
    counts = find_typical_classes(excitation, channel, cache.dataset().labels)
    n_items = sum(count for _, count in counts)
    told = [f"{count} × {CLASS_NAMES[index]}" for index, count in counts]
    means = excitation.means[channel]
    high, low = int(means.argmax()), int(means.argmin())
    if len(counts) == 1:
        first = f"All {n_items} items that excite it most are of one class, **{CLASS_NAMES[counts[0][0]]}**."
    else:
        first = f"Of the {n_items} items that excite it most: **{', '.join(told)}**."
    return (
        f"{first} On average over all test items it answers most to {CLASS_NAMES[high]} ({means[high]:.3g}) and least "
        f"to {CLASS_NAMES[low]} ({means[low]:.3g})."
    )
