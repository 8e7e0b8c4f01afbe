"""The map of confidence against variability, and the items of the part of it that is chosen."""

from functools import partial

import numpy as np
import streamlit as st

from fmnist_core.dynamics import AMBIGUOUS, EASY, HARD, Dynamics, Timeline, find_region
from fmnist_core.exploration import name_item
from fmnist_core.figures.cartography import plot_cartography
from fmnist_core.splits import Indices
from pages.shared import cache, item_pictures, item_strips, widgets

_PAGE = 64
_CHART, _TURNED, _PINNED = "cartography", "cartography page", "pinned from the map"
_REGIONS = {HARD: "Hard", AMBIGUOUS: "Ambiguous", EASY: "Easy"}


@st.fragment
def show_cartography(run_id: str, timeline: Timeline, learning: Dynamics) -> None:
    """Show where each item lies between easy, ambiguous and hard; a part of the map opens its items."""
    st.markdown("#### Easy, ambiguous, hard")
    st.caption(
        "Each dot is an item. High up: over all epochs the network believed in the right class. Far to the right: it "
        "changed its mind again and again. Items at the bottom left are taken for something else from first to last: "
        "are their labels right? Draw around some dots, or press a button, to see the items."
    )
    found = _choose_items(run_id, timeline, learning)
    chart, side = st.columns([1.2, 1], gap="medium")
    with chart:
        _show_map(run_id, timeline, learning)
    with side:
        _show_items(timeline, learning, found)
    st.caption(
        "What is learned and forgotten: Toneva et al., An empirical study of example forgetting (arXiv 1812.05159). "
        "The map: Swayamdipta et al., Dataset cartography (arXiv 2009.10795). Both watch the items that are trained on."
    )


def _choose_items(run_id: str, timeline: Timeline, learning: Dynamics) -> Indices:
    """Show a button for each region, and return the positions of what is chosen, the least confident first."""
    regions = {key: find_region(learning, key) for key in _REGIONS}
    chosen = st.session_state.get(_name_choice(run_id), HARD)
    selected = np.flatnonzero(np.isin(timeline.items, chosen)) if isinstance(chosen, tuple) else regions[chosen]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for key, title in _REGIONS.items():
            st.button(
                f"{title}: {len(regions[key]):,}",
                key=f"region {key}",
                type="primary" if chosen == key else "secondary",
                on_click=_choose,
                args=(run_id, key),
            )
        if isinstance(chosen, tuple):
            st.markdown(f"**{len(selected):,} selected**", width="content")
    return selected[np.argsort(learning.confidence[selected], kind="stable")]


def _show_map(run_id: str, timeline: Timeline, learning: Dynamics) -> None:
    names = [name_item(int(item), int(label)) for item, label in zip(timeline.items, timeline.labels, strict=True)]
    st.plotly_chart(
        plot_cartography(learning.variability, learning.confidence, learning.correctness, timeline.items, names),
        key=_CHART,
        on_select=partial(_keep_selection, run_id),
        selection_mode=("lasso", "box", "points"),
        config={"displaylogo": False, "modeBarButtonsToRemove": ["autoScale2d", "toImage"]},
        alt="Map of confidence in the true class against its variability, a dot an item",
    )


def _show_items(timeline: Timeline, learning: Dynamics, found: Indices) -> None:
    if len(found) == 0:
        st.info("There is no such item.")
        return
    page = widgets.turn_pages(-(-len(found) // _PAGE), key=_TURNED)
    shown = found[(page - 1) * _PAGE : page * _PAGE]
    items, labels = timeline.items[shown], timeline.labels[shown]
    item_pictures.grid(
        items,
        cache.dataset().images[items],
        labels,
        key="cartography items",
        label="Items of this part of the map",
        columns=8,
        titles=[
            f"{name_item(int(item), int(label))}: {item_strips.say_learning(learning, position)}"
            for item, label, position in zip(items, labels, shown, strict=True)
        ],
        on_pick=_pin,
    )
    st.caption("Click one to pin it: its story then stands above.")
    if st.session_state.pop(_PINNED, False):
        st.rerun()  # the whole page: the stories are another part of it


def _keep_selection(run_id: str) -> None:
    points = st.session_state[_CHART].selection.points
    if points:
        _choose(run_id, tuple(sorted({int(point["customdata"][0]) for point in points})))


def _choose(run_id: str, choice: str | tuple[int, ...]) -> None:
    st.session_state[_name_choice(run_id)] = choice
    st.session_state[_TURNED] = 1


def _name_choice(run_id: str) -> str:
    return f"chosen on the map of {run_id}"


def _pin(item: int) -> None:
    item_strips.pin(item)
    st.session_state[_PINNED] = True
