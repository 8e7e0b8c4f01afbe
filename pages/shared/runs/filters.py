"""Which runs are shown, and in which order."""

from collections.abc import Sequence

import streamlit as st

from fmnist_core import runs
from fmnist_core.recipes import OWN, load_papers
from fmnist_core.run_table import ORDERS, Choice, Row, list_tags
from pages.shared import widgets
from pages.shared.runs import bringing


def choose_shown(rows: Sequence[Row]) -> tuple[str, Choice]:
    """Show the inputs for order and filter, and return what they say; `rows` are all runs."""
    present = [row.run for row in rows]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            "Find",
            key="find",
            bind="query-params",
            placeholder="Name, recipe, tag, setting …",
            width=230,
        )
        order = widgets.select("Order by", ORDERS, key="sort", widget=st.segmented_control, required=True)
        with st.popover("Filter", help="By status, recipe and tag; and what was put aside."):
            choice = _filter(text, present)
        bringing.offer_import()
    return order, choice


def _filter(text: str, present: Sequence[runs.Run]) -> Choice:
    in_url = {"bind": "query-params"}
    for key in ("status", "recipes", "tags", "archived", "reference"):
        # A popover that was never opened has told the address nothing; what a link asks for must last until then.
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]
    statuses = [status for status in runs.STATUSES if any(run.status == status for run in present)]
    titles = _title_recipes(present)
    return Choice(
        text=text,
        statuses=tuple(st.pills("Status", statuses, selection_mode="multi", key="status", **in_url)),
        recipes=tuple(st.multiselect("Recipes", list(titles), format_func=titles.__getitem__, key="recipes", **in_url)),
        tags=tuple(st.multiselect("With the tags", list_tags(present), key="tags", **in_url)),
        archived=st.toggle("Those too that were put aside", key="archived", **in_url),
        shipped=st.toggle("Those that came with the lab", value=True, key="reference", **in_url),
    )


def _title_recipes(present: Sequence[runs.Run]) -> dict[str, str]:
    """Return papers and recipes that runs are of, by name."""
    labels = {key: paper.label for key, paper in load_papers().items()} | {OWN: "Your own", "imported": "Imported"}
    names = sorted({run.recipe for run in present})
    papers = dict.fromkeys(name.partition("/")[0] for name in names)
    return {key: f"All of {labels.get(key, key)}" for key in papers} | {name: name for name in names}
