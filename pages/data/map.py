"""Map: all garments at once, laid out so that those that are alike lie together."""

import streamlit as st

from fmnist_core.errors import FmnistError
from fmnist_core.projection_config import ProjectionConfig
from fmnist_core.projection_files import name_network
from pages.shared import cache, map_details, map_progress, map_quality, map_view, projection_inputs
from pages.shared.variance.tab import show_variance

SHOWN = "map shown"


def show_projection() -> None:
    """Show the map that is asked for; until it is computed, the one that was there before."""
    choice = projection_inputs.choose_map()
    # A room of their own for what is said about the map keeps the map in its place: moved, it would be there twice
    # for as long as the page runs.
    notes = st.container()
    projection = None
    with notes:
        try:
            projection = map_progress.provide(name_network(ProjectionConfig.from_dict(choice.settings)))
        except FmnistError as error:
            st.error(str(error))
        if projection is None:
            projection = cache.projection(st.session_state.get(SHOWN, ProjectionConfig().key))
        if projection.config.chosen:
            map_details.show_isolation(len(projection.items))
    st.session_state[SHOWN] = projection.config.key
    map_view.show_map(projection, choice.color, choice.run)


st.title("Map")
st.caption(
    "All 70,000 garments, each a point; those that are alike lie together. Hover to see one, click to pin it, "
    "zoom in until the points become garments."
)
map_tab, variance_tab, quality_tab = st.tabs(["Map", "Explained variance", "How good"], key="view", bind="query-params")
if map_tab.open:
    with map_tab:
        show_projection()
if variance_tab.open:
    with variance_tab:
        show_variance()
if quality_tab.open:
    with quality_tab:
        map_quality.show_quality()
