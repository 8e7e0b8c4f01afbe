"""Items as pictures: a grid of them, one with its class, cards and plates with what a network takes them for."""

import json
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import sheets
from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.exploration import ClassStatistics, bin_histogram, compute_histogram, name_item
from pages.shared.components import pack, register

_BINS = 32
_CLASSES = [{"name": name, "color": color} for name, color in zip(CLASS_NAMES, CLASS_COLORS, strict=True)]

_grid = register("grid")
_item = register("item")
_cards = register("cards")
_plates = register("plates", "cards/pixels")


def grid(
    items: NDArray[np.int64],
    images: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    *,
    key: str,
    label: str,
    columns: int = 10,
    titles: Sequence[str] | None = None,
    captions: Sequence[str] | None = None,
    picked: int | None = None,
    on_pick: Callable[[int], None] | None = None,
) -> None:
    """Show items side by side, each with a line in its class's colour; a click or an arrow key picks one.

    Args:
        items: n item numbers.
        images: (n, 28, 28) uint8, at least one.
        labels: (n,) class indices.
        key: the component's key.
        label: what the grid shows, for screen readers.
        columns: how many side by side where there is room.
        titles: a line about each item, shown on hover and read out; by default its class, split and index.
        captions: a few letters below each item; by default its class, where there is room.
        picked: number of the item that is marked.
        on_pick: called with an item's number before the rerun; without it nothing can be picked or highlighted.
    """
    sprite = sheets.encode_sprite(images)
    header = {
        "columns": columns,
        "label": label,
        "pickable": on_pick is not None,
        "classes": _CLASSES,
        "spriteColumns": sprite.columns,
        "spriteRows": sprite.rows,
        "items": items.tolist(),
        "labels": labels.tolist(),
        "titles": list(titles or map(name_item, items, labels)),
        "captions": list(captions or (CLASS_NAMES[label] for label in labels)),
        "captionsFit": captions is not None,
    }
    # Tells the browser whether there is anything to draw anew, or only another item picked.
    header["version"] = zlib.crc32(sprite.png, zlib.crc32(json.dumps(header).encode()))
    packet = pack({**header, "picked": picked}, sprite.png)
    _grid(key=key, data=packet, on_picked_change=lambda: on_pick and on_pick(int(st.session_state[key]["picked"])))


def item(
    image: NDArray[np.uint8],
    class_index: int,
    statistics: ClassStatistics,
    *,
    key: str,
    name: str,
    values: bool = False,
) -> None:
    """Show one item: large, beside the mean item of its class, with its histogram; or as a table of its 784 values.

    Args:
        image: (28, 28) uint8.
        class_index: its class.
        statistics: those of all items of that class.
        key: the component's key.
        name: what the picture shows, for screen readers.
        values: show the table instead.
    """
    shares = bin_histogram(compute_histogram(image[np.newaxis]), _BINS)
    class_shares = bin_histogram(statistics.histogram, _BINS)
    header = {
        "view": "values" if values else "picture",
        "name": name,
        "color": CLASS_COLORS[class_index],
        # The first bin is the black background: it would dwarf all others.
        "histogram": shares[1:].tolist(),
        "classHistogram": class_shares[1:].tolist(),
        "histogramCaption": f"Intensities of this item (bars) and of its class (dashed), without the "
        f"{shares[0]:.0%} of the picture that are black background.",
        "meanCaption": f"Mean of all {len(statistics.ink):,} items of class {CLASS_NAMES[class_index]}",
    }
    _item(key=key, data=pack(header, image.tobytes(), sheets.to_pixels(statistics.mean).tobytes()))


def cards(
    images: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    probabilities: NDArray[np.float32],
    where: Sequence[str],
    *,
    key: str,
    large: bool = False,
    on_pick: Callable[[int], None] | None = None,
) -> None:
    """Show items as cards, each with what it is, what it was taken for, and its ten probabilities as bars.

    Args:
        images: (n, 28, 28) uint8.
        labels: (n,) true classes.
        probabilities: (n, 10).
        where: a short text for each item, to find it again.
        key: the component's key.
        large: whether a card is as wide as its place.
        on_pick: called with a card's position when it is to be looked at closer; without it there is no button.
    """
    header = {**_describe_answers(labels, probabilities, where), "large": large, "pickable": on_pick is not None}
    packet = pack(header, np.ascontiguousarray(images).tobytes())
    _cards(key=key, data=packet, on_picked_change=lambda: on_pick and on_pick(int(st.session_state[key]["picked"])))


def plates(
    images: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    probabilities: NDArray[np.float32],
    where: Sequence[str],
    *,
    key: str,
    form: str,
    label: str,
    on_pick: Callable[[int], None],
) -> None:
    """Show items as a paper does, each with what it is and what it was taken for; a click picks one.

    Args:
        images: (n, 28, 28) uint8.
        labels: (n,) true classes.
        probabilities: (n, 10).
        where: a short text for each item, to find it again.
        key: the component's key.
        form: "fitch" (with the ten probabilities) or "mcnn".
        label: what they show together, for screen readers.
        on_pick: called with an item's position.
    """
    header = {**_describe_answers(labels, probabilities, where), "form": form, "label": label}
    packet = pack(header, np.ascontiguousarray(images).tobytes())
    _plates(key=key, data=packet, on_picked_change=lambda: on_pick(int(st.session_state[key]["picked"])))


def _describe_answers(
    labels: NDArray[np.uint8], probabilities: NDArray[np.float32], where: Sequence[str]
) -> dict[str, Any]:
    return {
        "classes": _CLASSES,
        "cards": [
            {"label": int(label), "predicted": int(row.argmax()), "where": text, "probabilities": row.round(4).tolist()}
            for label, row, text in zip(labels, probabilities, where, strict=True)
        ],
    }
