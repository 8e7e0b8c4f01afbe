"""The map of confidence against variability, and the items of the part of it that is chosen."""

import numpy as np
import streamlit as st

from fmnist_core.dynamics import AMBIGUOUS, EASY, HARD, Dynamics, Timeline, find_region
from fmnist_core.exploration import name_item
from fmnist_core.figures.dynamics import plot_cartography
from fmnist_core.splits import Indices
from pages.shared import cache, components, item_strips, widgets

_PAGE = 60
_CHOSEN, _CHART = "chosen on the map of learning", "cartography"
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
    chart, side = st.columns([1.2, 1], gap="medium")
    with chart:
        names = [name_item(int(item), int(label)) for item, label in zip(timeline.items, timeline.labels, strict=True)]
        st.plotly_chart(
            plot_cartography(learning.variability, learning.confidence, learning.correctness, timeline.items, names),
            key=_CHART,
            on_select=_keep_selection,
            selection_mode=("lasso", "box", "points"),
            config={"displaylogo": False, "modeBarButtonsToRemove": ["autoScale2d", "toImage"]},
            alt="Map of confidence in the true class against its variability, a dot an item",
        )
    with side:
        _show_chosen(timeline, learning)


def _keep_selection() -> None:
    points = st.session_state[_CHART].selection.points
    if points:
        st.session_state[_CHOSEN] = sorted({int(point["customdata"][0]) for point in points})
        st.session_state["cartography page"] = 1


def _choose_region(region: str) -> None:
    st.session_state[_CHOSEN] = region
    st.session_state["cartography page"] = 1


def _show_chosen(timeline: Timeline, learning: Dynamics) -> None:
    regions = {key: find_region(learning, key) for key in _REGIONS}
    chosen = st.session_state.get(_CHOSEN, HARD)
    with st.container(horizontal=True, gap="small"):
        for key, title in _REGIONS.items():
            st.button(
                f"{title} {len(regions[key]):,}",
                key=f"region {key}",
                type="primary" if chosen == key else "secondary",
                on_click=_choose_region,
                args=(key,),
            )
    found = _order(learning, regions[chosen]) if chosen in regions else _find_positions(timeline, chosen)
    if len(found) == 0:
        st.info("There is no such item.")
        return
    if chosen not in regions:
        st.markdown(f"**{len(found):,} selected**")
    page = widgets.turn_pages(-(-len(found) // _PAGE), key="cartography page")
    shown = found[(page - 1) * _PAGE : page * _PAGE]
    items, labels = timeline.items[shown], timeline.labels[shown]
    components.grid(
        items,
        cache.dataset().images[items],
        labels,
        key="cartography items",
        label="Items of this part of the map",
        columns=10,
        titles=[
            f"{name_item(int(item), int(label))}: {item_strips.say_learning(learning, position)}"
            for item, label, position in zip(items, labels, shown, strict=True)
        ],
        on_pick=_pin,
    )
    st.caption("Click one, and its story stands above.")
    if st.session_state.pop("pinned from the map", False):
        st.rerun()  # the whole page: the stories are another part of it


def _pin(item: int) -> None:
    item_strips.pin(item)
    st.session_state["pinned from the map"] = True


def _order(learning: Dynamics, positions: Indices) -> Indices:
    """Put the least confident first."""
    return positions[np.argsort(learning.confidence[positions], kind="stable")]


def _find_positions(timeline: Timeline, items: list[int]) -> Indices:
    return np.flatnonzero(np.isin(timeline.items, items))
