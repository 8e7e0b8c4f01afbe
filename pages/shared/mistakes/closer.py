"""One item looked at closer: its probabilities, what it resembles, and the way to the other pages about it."""

import numpy as np
import streamlit as st

from fmnist_core import evaluation, run_data, runs
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.config import choose_items
from fmnist_core.exploration import name_item
from fmnist_core.splits import ITEMS, describe_item
from pages.shared import cache, item_pictures

_ITEM = "item"
_NEIGHBORS = 6


def look_closer(item: int) -> None:
    """Open an item; to be called before the page runs again."""
    st.query_params[_ITEM] = str(item)


def show_closer(run: runs.Run, answers: run_data.Predictions) -> None:
    """Show the item that the URL names in a dialog, if it is one of those that were answered."""
    asked = st.query_params.get(_ITEM, "")
    if not (asked.isascii() and asked.isdecimal() and len(asked) <= len(str(ITEMS))):
        return
    positions = np.flatnonzero(answers.items == int(asked))
    if len(positions):
        position = int(positions[0])
        title = name_item(int(answers.items[position]), int(answers.labels[position]))
        st.dialog(title, width="large", on_dismiss=_leave)(_show_item)(run, answers, position)


def _leave() -> None:
    st.query_params.pop(_ITEM, None)


def _show_item(run: runs.Run, answers: run_data.Predictions, position: int) -> None:
    item, label = int(answers.items[position]), int(answers.labels[position])
    place = describe_item(item)
    item_pictures.cards(
        cache.dataset().images[[item]],
        answers.labels[[position]],
        answers.probabilities[[position]],
        [f"{place['split']} {place['index']}"],
        key="closer-card",
        large=True,
    )
    _link(run, item)
    _show_resemblances(run, item, evaluation.find_rivals(label, answers.probabilities[position]))


def _show_resemblances(run: runs.Run, item: int, rivals: tuple[int, int]) -> None:
    data = cache.dataset()
    trained = choose_items(run.config, data.labels).train
    trained = trained[trained != item]
    found = [
        evaluation.find_resembling(
            data.images, trained[data.labels[trained] == rival], data.images[item], rival, _NEIGHBORS
        )
        for rival in rivals
    ]
    st.markdown(f"**What it looks like, of all that the network was trained on.** {_compare(*found)}")
    for column, key, resemblance in zip(st.columns(2), ("closer-true", "closer-other"), found, strict=True):
        with column:
            _show_nearest(resemblance, key)


def _show_nearest(resemblance: evaluation.Resemblance, key: str) -> None:
    name = CLASS_NAMES[resemblance.class_index]
    st.caption(f"Nearest of class {name}")
    if len(resemblance.items) == 0:
        st.markdown("It was trained on none.")
        return
    data = cache.dataset()
    item_pictures.grid(
        resemblance.items,
        data.images[resemblance.items],
        data.labels[resemblance.items],
        key=key,
        label=f"Training items of class {name} that are nearest to it",
        columns=_NEIGHBORS,
        captions=[f"{distance:.3f}" for distance in resemblance.distances],
    )


def _compare(true: evaluation.Resemblance, other: evaluation.Resemblance) -> str:
    explanation = "The figures are distances, pixel by pixel: 0 is the same picture, 1 its opposite."
    if not (len(true.items) and len(other.items)):
        return explanation
    near, far = sorted((true, other), key=lambda resemblance: float(resemblance.distances[0]))
    return (
        f"Its nearest {CLASS_NAMES[near.class_index]} ({near.distances[0]:.3f}) is nearer than its nearest "
        f"{CLASS_NAMES[far.class_index]} ({far.distances[0]:.3f}). {explanation}"
    )


def _link(run: runs.Run, item: int) -> None:
    query = {"item": str(item)}
    with st.container(horizontal=True, gap="small"):
        if run.has_model:
            asked = {"run": run.run_id, **query}
            st.page_link("analysis/inside.py", label="See it inside the network", icon="🔬", query_params=asked)
        st.page_link("data/map.py", label="Find it on the map", icon="🗺️", query_params=query)
        if run.has_model:
            st.page_link("classify/yours.py", label="Change it and ask again", icon="🎨", query_params=asked)
