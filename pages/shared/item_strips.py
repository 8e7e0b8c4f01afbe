"""The stories of a few items: what the network said of each after every epoch."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.dynamics import Dynamics, Timeline
from fmnist_core.exploration import name_item
from fmnist_core.figures.strips import RIGHT_COLOR, WRONG_COLOR, draw_strip
from fmnist_core.sheets import encode_data_url
from fmnist_core.splits import Indices
from pages.shared import cache

MOST = 6

_PINS = "pins"
_ONE_LINE = "overflow: hidden; text-overflow: ellipsis; white-space: nowrap"
_PICTURE = (
    "width: 62px; height: 62px; image-rendering: pixelated; "
    "border: 1px solid var(--st-border-color); border-radius: 0.375rem"
)
_STRIP = (
    "display: block; width: 100%; height: 84px; border-radius: 0.25rem; "
    "background: rgba(139, 134, 128, 0.16)"  # where nobody asked, on light and dark paper
)
# White between black, to be seen on every colour.
_MARK = (
    "position: absolute; top: 0; bottom: 0; width: 2px; margin-left: -1px; "
    "background: #fff; outline: 1px solid #000; pointer-events: none"
)


def read_pinned(timeline: Timeline) -> Indices:
    """Return the positions in a timeline of the items that the URL pins, at most `MOST`."""
    places = {int(item): position for position, item in enumerate(timeline.items)} if _PINS in st.query_params else {}
    return np.array([places[item] for item in _read_items() if item in places][:MOST], np.int64)


def pin(item: int | None) -> None:
    """Pin an item, or let it go if it is pinned; the oldest one makes room. None lets all go."""
    pinned = [] if item is None else _read_items()
    if item in pinned:
        pinned.remove(item)
    elif item is not None:
        pinned = [*pinned, item][-MOST:]
    if pinned:
        st.query_params[_PINS] = ",".join(map(str, pinned))
    else:
        st.query_params.pop(_PINS, None)


def _read_items() -> list[int]:
    texts = st.query_params.get(_PINS, "").split(",")
    return list(dict.fromkeys(int(text) for text in texts if len(text) <= 5 and text.isascii() and text.isdecimal()))


def say_learning(learning: Dynamics, position: int) -> str:
    """Return in words when an item was learned and how often it was forgotten."""
    epoch, times = int(learning.learned_at[position]), int(learning.forgotten[position])
    learned = f"learned in epoch {epoch}" if epoch else "wrong at the end"
    if learning.correctness[position] == 0:
        learned = "never right"
    often = {0: "never forgotten", 1: "forgotten once", 2: "forgotten twice"}.get(times, f"forgotten {times} ×")
    return learned if times == 0 and not epoch else f"{learned}, {often}"


def show_strips(timeline: Timeline, learning: Dynamics, positions: Indices, place: int) -> None:
    """Show items with their ten probabilities over the epochs.

    Args:
        timeline: of e epochs and n items.
        learning: what it tells.
        positions: which of the n items.
        place: position of the epoch that is marked, 0 to e - 1.
    """
    stories = "".join(_tell(timeline, learning, int(position), place) for position in positions)
    grid = "display: grid; gap: 1rem 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr))"
    judged = (("band below: right", RIGHT_COLOR), ("wrong", WRONG_COLOR))
    st.html(f'<div style="{grid}">{stories}</div>{explain_colors(judged)}')


def _tell(timeline: Timeline, learning: Dynamics, position: int, place: int) -> str:
    item, label = int(timeline.items[position]), int(timeline.labels[position])
    probabilities = timeline.probabilities[:, position].astype("float32")
    name, story = name_item(item, label), say_learning(learning, position)
    lines = (story, f"epoch {timeline.epochs[place]}: {say_likely(probabilities[place])}")
    strip = draw_strip(probabilities, label)
    return write_story(cache.dataset().images[item], name, lines, strip, (place + 0.5) / len(timeline.epochs))


def say_likely(probabilities: NDArray[np.float32]) -> str:
    """Return the one or two likeliest classes, with their shares, of ten probabilities."""
    likely = [index for index in (-probabilities).argsort(kind="stable")[:2] if probabilities[index] >= 0.005]
    return ", ".join(f"{CLASS_NAMES[index]} {probabilities[index]:.0%}" for index in likely)


def write_story(
    image: NDArray[np.uint8], name: str, lines: Sequence[str], strip: str, moment: float | None = None
) -> str:
    """Return the HTML of a picture with some lines beside it and its strip below.

    Args:
        image: (28, 28) uint8.
        name: the first line.
        lines: those below it; none of them may come from a user.
        strip: address of its drawing, or "" for a picture that has none yet.
        moment: where on the strip a line stands, 0 to 1; the player of the epochs moves it.
    """
    below = "".join(f'<div style="{_ONE_LINE}">{line}</div>' for line in lines)
    drawing = f'<img alt="{name}: {lines[0]}" src="{strip}" style="{_STRIP}">' if strip else ""
    mark = "" if moment is None else f'<div style="{_MARK}; left: calc(100% * var(--lab-moment, {moment:.4f}))"></div>'
    return (
        '<div style="min-width: 0; font-size: 0.875rem; line-height: 1.4">'
        '<div style="display: flex; gap: 0.75rem; margin-bottom: 0.375rem">'
        f'<img alt="" src="{encode_data_url(image)}" style="{_PICTURE}">'
        f'<div style="min-width: 0"><div style="{_ONE_LINE}"><b>{name}</b></div>{below}</div></div>'
        f'<div style="position: relative">{drawing}{mark}</div></div>'
    )


def explain_colors(more: Sequence[tuple[str, str]] = ()) -> str:
    """Return the HTML of a legend of the ten classes, and of `more` names with their colours."""
    pairs = [*zip(CLASS_NAMES, CLASS_COLORS, strict=True), *more]
    chips = "".join(
        '<span style="display: inline-flex; align-items: center; gap: 0.375rem">'
        f'<span style="width: 0.75rem; height: 0.75rem; border-radius: 3px; background: {color}"></span>{name}</span>'
        for name, color in pairs
    )
    return (
        '<div style="display: flex; flex-wrap: wrap; gap: 0.25rem 0.875rem; margin-top: 0.75rem; '
        f'font-size: 0.8125rem">{chips}</div>'
    )
