"""The table of all runs, and which of them are chosen."""

import zlib
from collections.abc import Sequence

import streamlit as st

from fmnist_core import runs
from fmnist_core.run_table import Row, choose_rows, rank_rows
from pages.shared.runs.columns import describe_columns, tabulate
from pages.shared.runs.filters import choose_shown
from pages.shared.runs.keeping import CHOSEN, FORGET

_WHY = {
    "newest": "",
    "accuracy": "Ranked on the 10,000 official test items. Where intervals overlap, the order may be chance.",
    "size": "The fewest parameters first: read on until the accuracy is enough for you.",
    "time": "The shortest training first, each on its own device: compare times of one device alone.",
}
_HEIGHT = 420
_ROW_HEIGHT = 35
_LOOK_SECONDS = 2.0


def show_table(rows: Sequence[Row]) -> list[Row]:
    """Show the table with its filters and return the rows that are chosen, by a click or by the address.

    Args:
        rows: all runs.
    """
    order, choice = choose_shown(rows)
    shown = rank_rows(choose_rows(rows, choice), order)
    _say_what_is_shown(shown, rows, order)
    known = {row.run.run_id: row for row in rows}
    asked = known.get(st.query_params.get(CHOSEN, ""))
    if not shown:
        st.info("No run is like that. Ask for less above.")
        return [asked] if asked else []
    places = {row.run.run_id: place for place, row in enumerate(shown)}
    picked = [places[asked.run.run_id]] if asked and asked.run.run_id in places else []
    # Places mean other runs when others are shown: then the table is another one.
    version = zlib.crc32("".join(places).encode() + order.encode()) + st.session_state.get(FORGET, 0)
    event = st.dataframe(
        tabulate(shown, ranked=order != "newest"),
        hide_index=True,
        column_config=describe_columns(shown),
        placeholder="–",
        height=min(_HEIGHT, _ROW_HEIGHT * (len(shown) + 1) + 3),
        key=f"runs-{version}",
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": picked}},
    )
    chosen = [shown[place] for place in event["selection"]["rows"] if place < len(shown)]
    if not chosen and asked and not picked:
        chosen = [asked]  # a link names it, and the filter leaves it out
    if len(chosen) == 1:
        st.query_params[CHOSEN] = chosen[0].run.run_id
    elif CHOSEN in st.query_params:
        del st.query_params[CHOSEN]
    if not chosen:
        st.caption("Tick a row to see all about it, two to ten to compare them.")
    return chosen


def follow_changes(listing: runs.Listing) -> None:
    """Run the page again whenever a run begins or ends, as long as there are some that will."""
    if any(run.active for run in listing.runs):
        st.fragment(_look_again, run_every=_LOOK_SECONDS)({run.run_id: run.status for run in listing.runs})


def _look_again(before: dict[str, str]) -> None:
    if {run.run_id: run.status for run in runs.list_runs().runs} != before:
        st.rerun()


def _say_what_is_shown(shown: Sequence[Row], rows: Sequence[Row], order: str) -> None:
    said = [f"{len(shown):,} of {len(rows):,} runs."] if len(shown) < len(rows) else [f"{len(rows):,} runs."]
    elsewhere = sum(row.accuracy is not None and not row.official for row in shown)
    said.append(_WHY[order])
    if elsewhere:
        said.append(
            f"{elsewhere:,} marked ≠ {'was' if elsewhere == 1 else 'were'} tested on other items than the official "
            "ones: such accuracies cannot be compared with the others."
        )
    st.caption(" ".join(filter(None, said)))
