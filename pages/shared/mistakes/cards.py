"""Items as cards, with what each is, what it was taken for, and its ten probabilities; page by page."""

import streamlit as st
from numpy.typing import NDArray

from fmnist_core import run_data
from fmnist_core.splits import describe_item
from pages.shared import cache, item_pictures, widgets
from pages.shared.mistakes.closer import look_closer


def show_cards(answers: run_data.Predictions, positions: NDArray, size: int, key: str) -> None:
    """Show some of the items that were answered; each can be looked at closer.

    Args:
        answers: for n items.
        positions: which of the n, in the order to show.
        size: how many on a page.
        key: of the component, and with "_page" of its page.
    """
    if len(positions) == 0:
        st.info("There is no such item.")
        return
    page = widgets.turn_pages(-(-len(positions) // size), key=f"{key}_page")
    shown = positions[(page - 1) * size : page * size]
    item_pictures.cards(
        cache.dataset().images[answers.items[shown]],
        answers.labels[shown],
        answers.probabilities[shown],
        name_places(answers, shown),
        key=f"{key}-cards",
        on_pick=lambda place: look_closer(int(answers.items[shown[place]])),
    )


def name_places(answers: run_data.Predictions, positions: NDArray) -> list[str]:
    """Return where to find items again, such as "test 12"."""
    places = [describe_item(item) for item in answers.items[positions]]
    return [f"{place['split']} {place['index']}" for place in places]
