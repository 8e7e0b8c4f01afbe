"""How good the maps are: what each keeps of the neighbourhoods that it was made from."""

from urllib.parse import urlencode

import streamlit as st

from fmnist_core import projection_files
from fmnist_core.projection_config import METHODS
from pages.shared.projection_inputs import write_query

_COLUMNS = {
    # Narrow, so that a phone shows figures beside the names.
    "map": st.column_config.TextColumn("Map", width=90, pinned=True),
    "trustworthiness": st.column_config.ProgressColumn(
        "Trustworthiness", min_value=0.5, max_value=1.0, format="%.3f", width=130
    ),
    "neighbor_accuracy": st.column_config.ProgressColumn(
        "Neighbours' vote", min_value=0, max_value=100, format="%.1f%%", width=140
    ),
    "neighbor_accuracy_original": st.column_config.ProgressColumn(
        "… before", help="Where the map starts from", min_value=0, max_value=100, format="%.1f%%", width=140
    ),
    "link": st.column_config.LinkColumn("", display_text="Open", width=60),
    "origin": st.column_config.TextColumn("From"),
    "items": st.column_config.NumberColumn("Items", format="localized", width=70),
    "seconds": st.column_config.NumberColumn("Took", format="%.0f s", help="Its computation", width=70),
}


def show_quality() -> None:
    """Show the figures of all maps that have been computed, and what they mean."""
    st.markdown(
        "A flat map of 784 dimensions must tear something. **Trustworthiness** falls when items lie side by side on "
        "the map that were not neighbours where it starts from. The **neighbours' vote** is how often the ten nearest "
        "items on the map name an item's true class; beside it the same where the map starts from. A vote on the map "
        "close to the original one says that it loses little of what tells the classes apart."
    )
    projections = [projection for projection in projection_files.list_projections() if projection.quality]
    rows = [_describe(projection) for projection in projections]
    rows.sort(key=lambda row: (-row["items"], row["map"], row["origin"]))
    st.dataframe(rows, hide_index=True, column_config=_COLUMNS, height="content")
    st.caption(
        "Trustworthiness (Venna and Kaski, 2001) with five neighbours, among up to 5,000 items drawn at random with "
        "seed 0; the vote of the same items among all items of the map, each left out of its own."
    )


def _describe(projection: projection_files.Projection) -> dict:
    config, quality = projection.config, projection.quality
    return {
        "map": f"{METHODS[config.method].title} {config.dimensions}-D",
        "trustworthiness": quality["trustworthiness"],
        **{name: 100 * quality[name] for name in ("neighbor_accuracy", "neighbor_accuracy_original")},
        # Relative, so that it works below any address.
        "link": f"map?{urlencode(write_query(config))}",
        "origin": config.origin,
        "items": len(projection.items),
        "seconds": projection.about.get("seconds"),
    }
