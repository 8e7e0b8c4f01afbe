"""The leaderboard: what was measured and what is claimed, against what it costs, as a chart and as a table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from fmnist_core import runs
from fmnist_core.figures.leaderboard import LOWEST, plot_leaderboard
from fmnist_core.papers.leaderboard import KINDS, MEASURED, OWN, SIZES, Entry, find_front
from pages.shared import cache, widgets
from pages.shared.sections import show_chart

if TYPE_CHECKING:
    import pandas as pd

_BY = {"parameters": "Parameters", "seconds": "Training time", "operations": "Operations"}
# By key of `SIZES`: how much less the cheapest needs than the best.
_SAVED = {
    "parameters": "with {:,.0f} times fewer parameters",
    "seconds": "in {:,.0f} times less time",
    "operations": "with {:,.0f} times fewer operations",
}
_ALL = "all"
_COLUMNS = {
    "accuracy": st.column_config.NumberColumn("Accuracy", format="%.2f%%"),
    "spread": st.column_config.NumberColumn("±", format="%.2f", help="Standard deviation over seeds, in points"),
    "seeds": st.column_config.NumberColumn("Seeds"),
    "parameters": st.column_config.NumberColumn("Parameters", format="localized"),
    "seconds": st.column_config.NumberColumn("Training, s", format="%.0f"),
    "operations": st.column_config.NumberColumn(
        "Operations", format="compact", help="Multiplications for one item on its way through the network"
    ),
    "network": st.column_config.TextColumn("Network", width=250),
    "kind": st.column_config.TextColumn("Kind"),
    "device": st.column_config.TextColumn("Device"),
    "remark": st.column_config.TextColumn("Remark", width="medium"),
}


def show_leaderboard() -> None:
    """Show what was measured and what is claimed, against what it costs."""
    entries = cache.paper_entries(runs.list_runs())
    options = {"required": True, "label_visibility": "collapsed"}
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        by = widgets.select("Accuracy against", _BY, key="by", widget=st.segmented_control, **options)
        present = {kind: KINDS[kind][0] for kind in KINDS if any(entry.kind == kind for entry in entries)}
        titles = {_ALL: "All", **present}
        kind = widgets.select("Which entries", titles, key="kind", widget=st.pills, wrap=True, **options)
    shown = [entry for entry in entries if kind in (_ALL, entry.kind)]
    st.caption(_say_front(find_front(shown, by), by))
    figure = plot_leaderboard(shown, find_front(shown, by), by)
    show_chart(figure, f"leaderboard-{by}-{kind}", f"Accuracy against {SIZES[by].lower()}")
    st.caption(_say_edges(shown, by))
    claims_last = sorted(shown, key=lambda entry: entry.kind not in (MEASURED, OWN))
    st.dataframe(_tabulate(claims_last), hide_index=True, column_config=_COLUMNS, placeholder="–", key="entries")


def _say_edges(entries: Sequence[Entry], by: str) -> str:
    text = (
        "Filled is measured, with the interval that chance leaves; hollow is claimed. Each paper tests on items of its "
        "own choice, so half a point between networks of two papers says little."
    )
    if any(not getattr(entry, by) for entry in entries):
        text += " What does not say what it costs stands at the right."
    if by == "seconds":
        text += " Seconds are a clock's, on whatever machine; what trained beside other work waited in many of them."
    fallen = sum(entry.accuracy < LOWEST for entry in entries)
    return text + (f" Triangles at the lower edge: {fallen} below {LOWEST:.0%}." if fallen else "")


def _say_front(front: Sequence[Entry], by: str) -> str:
    if not front:
        return "Up is better, left is cheaper. Nothing has been measured yet: all you see are claims."
    best, cheapest = front[-1], front[0]
    text = f"Up is better, left is cheaper. The best that was measured: {best.name}, {best.accuracy:.2%}."
    if best is not cheapest:
        times = getattr(best, by) / getattr(cheapest, by)
        text += (
            f" The cheapest, {cheapest.name}, reaches {cheapest.accuracy:.2%} {_SAVED[by].format(times)}. "
            "The dotted line joins those that nothing measured beats in both."
        )
    return text


def _tabulate(entries: Sequence[Entry]) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(
        {
            "network": entry.name,
            "accuracy": 100 * entry.accuracy,
            "kind": KINDS[entry.kind][0],
            "spread": None if entry.spread is None else 100 * entry.spread,
            "seeds": entry.n_seeds or None,
            "parameters": entry.parameters,
            "seconds": entry.seconds,
            "operations": entry.operations,
            "device": entry.device,
            "remark": entry.remark,
        }
        for entry in entries
    )
