"""A projection to look at and to touch, with what is pinned and what is selected on it."""

from typing import Any

import numpy as np
import streamlit as st

from fmnist_core import map_colors, projection_files
from fmnist_core.figures.projections import plot_map, plot_map_in_space
from fmnist_core.projection_files import Projection
from fmnist_core.runs import Run
from fmnist_core.splits import ITEMS, Indices
from pages.shared import cache, map_details, map_progress
from pages.shared.map_canvas import map_canvas, read_selection

# More points than these make a chart that must draw each of them anew slow to turn.
_SAMPLED = {2: 5_000, 3: 10_000}
_SELECTED, _VERSION = "map selection", "map selection version"


@st.fragment
def show_map(projection: Projection, color: str, run: Run | None) -> None:
    """Show a projection, beside it the pinned item with its neighbours, below it what is selected."""
    answers = None if run is None or not run.has_evaluation else cache.map_answers(*map_details.name_answers(run))
    labels = cache.dataset().labels
    coloring = map_colors.compute_coloring(color, projection.items, labels, answers)
    pinned = _read_pinned()
    chart, side = st.columns([7, 3], gap="medium")
    with side:
        neighbors = map_details.show_pinned(pinned, run, answers, on_pin=_pin)
    with chart:
        if projection.config.dimensions == 3:
            _show_in_space(projection, coloring, pinned)
        else:
            _show_in_plane(projection, coloring, pinned, neighbors)
        if run is not None and coloring.categories[-1].title == map_colors.UNKNOWN and coloring.categories[-1].count:
            map_progress.provide_layer(run)
        map_details.say_quality(projection)
    selected = st.session_state.get(_SELECTED)
    if selected is not None and len(selected):
        map_details.show_selection(selected, projection, on_pin=_pin, on_clear=_clear)


def _show_in_plane(
    projection: Projection, coloring: map_colors.Coloring, pinned: int | None, neighbors: Indices
) -> None:
    path = projection_files.find_projection(projection.config.key)
    checksum = projection_files.checksum(path) if path else ""
    supported = map_canvas(
        f"lab/projections/{projection.config.key}?v={checksum}",
        coloring,
        key="map",
        label=f"{projection.config.title}, {len(projection.items):,} items",
        pinned=pinned,
        marked=neighbors.tolist(),
        hidden=_read_hidden(len(coloring.categories)),
        selection_version=st.session_state.get(_VERSION, 0),
        on_pin=_pin,
        on_select=_select,
        on_hide=_hide,
    )
    if not supported:
        shown = _sample(len(projection.items), 2)
        st.info(
            f"This browser has no WebGL2, so here is a plainer map of {len(shown):,} of the items, drawn at random, "
            "without pictures."
        )
        figure = plot_map(projection.embedding[shown], projection.items[shown], coloring.at(shown))
        _show_chart(figure, "plain map")


def _show_in_space(projection: Projection, coloring: map_colors.Coloring, pinned: int | None) -> None:
    shown = _sample(len(projection.items), 3)
    figure = plot_map_in_space(projection.embedding[shown], projection.items[shown], coloring.at(shown))
    _show_chart(figure, "map in space")
    if len(shown) < len(projection.items):
        st.caption(f"{len(shown):,} of the {len(projection.items):,} items, drawn at random: more would turn slowly.")


def _show_chart(figure: Any, key: str) -> None:
    def pin() -> None:
        points = st.session_state[key]["selection"]["points"]
        if points:
            _pin(int(points[0]["customdata"][0]))

    st.plotly_chart(figure, key=key, on_select=pin, selection_mode="points")


def _sample(n_items: int, dimensions: int) -> Indices:
    size = _SAMPLED[dimensions]
    if n_items <= size:
        return np.arange(n_items)
    return np.sort(np.random.default_rng(0).choice(n_items, size, replace=False))


def _read_pinned() -> int | None:
    text = st.query_params.get("item", "")
    return int(text) if len(text) <= 6 and text.isdecimal() and int(text) < ITEMS else None


def _pin(item: int | None) -> None:
    if item is None:
        st.query_params.pop("item", None)
    else:
        st.query_params["item"] = str(item)


def _read_hidden(n_categories: int) -> list[int]:
    texts = st.query_params.get("hide", "").split(",")
    return sorted({int(text) for text in texts if len(text) <= 2 and text.isdecimal() and int(text) < n_categories})


def _hide(codes: list[int]) -> None:
    if codes:
        st.query_params["hide"] = ",".join(map(str, codes))
    else:
        st.query_params.pop("hide", None)


def _select(value: dict[str, Any] | None) -> None:
    st.session_state.pop(_SELECTED, None)
    if value is not None:
        # The browser speaks of positions in the projection whose address it was given.
        key = str(value.get("url", "")).rpartition("/")[2].partition("?")[0]
        if projection_files.find_projection(key):
            items = cache.projection(key).items
            st.session_state[_SELECTED] = items[read_selection(value, len(items))]


def _clear() -> None:
    st.session_state.pop(_SELECTED, None)
    st.session_state[_VERSION] = st.session_state.get(_VERSION, 0) + 1
