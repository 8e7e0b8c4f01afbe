"""Items through time: which ones to look at, and their stories."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from fmnist_core import evaluation
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.dynamics import RANKINGS, Dynamics, Timeline, rank_items
from fmnist_core.exploration import name_item
from fmnist_core.splits import Indices
from pages.shared import cache, item_pictures, item_strips, widgets

_CANDIDATES = 24
_NOW = "now"
_REASONS = {key: ranking.title for key, ranking in RANKINGS.items()} | {_NOW: "Wrong at this epoch, the surest first"}


def show_items(
    timeline: Timeline,
    learning: Dynamics,
    place: int,
    cell: tuple[int, int] | None,
    on_leave: Callable[[], None],
) -> None:
    """Let the user choose items by a reason to look at them, and tell their stories, or those of pinned ones.

    Args:
        timeline: of e epochs and n items.
        learning: what it tells.
        place: position of the epoch that is looked at, 0 to e - 1.
        cell: shows the items of this cell of the epoch's confusion matrix instead, (true class, predicted class).
        on_leave: called when the user wants no cell any more.
    """
    st.markdown("#### Items through time")
    pinned = item_strips.read_pinned(timeline)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if cell is None:
            reason = widgets.select("Look at those", _REASONS, key="why", width=340)
            title, found = _REASONS[reason], _find_items(timeline, learning, reason, place)
        else:
            found = evaluation.find_cell(timeline.labels, timeline.probabilities[place].astype(np.float32), *cell)
            title = _say_cell(cell)
            st.markdown(f"**{len(found):,} {title}** after epoch {timeline.epochs[place]}", width="content")
            st.button("Other items", on_click=on_leave, key="all items")
        if len(pinned):
            st.button("Unpin all", on_click=item_strips.pin, args=(None,), key="unpin items")
    if len(found) == 0:
        st.info("There is no such item.")
    else:
        _show_candidates(timeline, learning, found[:_CANDIDATES], title)
    shown = pinned if len(pinned) else found[: item_strips.MOST]
    item_strips.show_strips(timeline, learning, shown, place)


def _say_cell(cell: tuple[int, int]) -> str:
    true, said = (CLASS_NAMES[index] for index in cell)
    return f"{true} rightly recognised" if true == said else f"{true} taken for {said}"


def _find_items(timeline: Timeline, learning: Dynamics, reason: str, place: int) -> Indices:
    if reason == _NOW:
        return evaluation.find_mistakes(timeline.labels, timeline.probabilities[place].astype(np.float32))
    return rank_items(learning, timeline.labels, reason)


def _show_candidates(timeline: Timeline, learning: Dynamics, shown: Indices, title: str) -> None:
    items, labels = timeline.items[shown], timeline.labels[shown]
    item_pictures.grid(
        items,
        cache.dataset().images[items],
        labels,
        key="then",
        label=title,
        columns=12,
        titles=[
            f"{name_item(int(item), int(label))}: {item_strips.say_learning(learning, position)}"
            for item, label, position in zip(items, labels, shown, strict=True)
        ],
        on_pick=item_strips.pin,
    )
    st.caption(
        "Click items to pin up to six of them, and a pinned one to let it go. Below is the story of each: a column is "
        "an epoch, filled with the ten probabilities in the colours of their classes, the right one at the bottom. "
        "Learned is an item in the epoch from which it stays right; forgotten, each time a right answer turns wrong."
    )
