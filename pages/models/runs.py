"""Runs: all trainings as a table, side by side, and what they take on the disk."""

from functools import partial

import streamlit as st

from fmnist_core import run_trash, runs
from fmnist_core.run_table import tabulate_runs
from pages.shared.runs import compare, details, keeping, storage, table

st.title("Runs")
st.caption(
    "All trainings of this lab. Choose one to name it, look closer or take it away; choose several to compare them."
)
run_trash.expire_trash()
listing = runs.list_runs()


def show_table() -> None:
    """Show what can be chosen, and below it what was."""
    keeping.show_news()
    rows = tabulate_runs(listing.runs)
    chosen = table.show_table(rows)
    if len(chosen) == 1:
        details.show_details(chosen[0], rows)
    elif chosen:
        keeping.show_actions([row.run for row in chosen])
    if listing.unreadable:
        with st.expander(f"{len(listing.unreadable)} folders that cannot be read as runs"):
            st.text("\n".join(listing.unreadable.values()))
    table.follow_changes(listing)


views = {
    "Table": show_table,
    "Compare": partial(compare.show_compare, listing),
    "Storage": partial(storage.show_storage, listing),
}
for tab, show in zip(st.tabs(list(views), key=keeping.VIEW, bind="query-params"), views.values(), strict=True):
    if tab.open:
        with tab:
            show()
