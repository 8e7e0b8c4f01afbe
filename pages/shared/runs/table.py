"""The table of all runs: what is shown of them, in which order, and which are chosen."""

import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import streamlit as st

from fmnist_core import runs
from fmnist_core.recipes import OWN, load_papers
from fmnist_core.run_table import ORDERS, Choice, Row, choose_rows, list_tags, rank_rows
from pages.shared import widgets
from pages.shared.runs import bringing
from pages.shared.runs.keeping import CHOSEN, FORGET

if TYPE_CHECKING:
    import pandas as pd

_STATUS_MARKS = {
    runs.QUEUED: "⚪ queued",
    runs.RUNNING: "🔵 running",
    runs.STOPPED: "🟠 stopped",
    runs.FAILED: "🔴 failed",
    runs.INTERRUPTED: "🟠 interrupted",
    runs.FINISHED: "🟢 finished",
}
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
    order, choice = _choose(rows)
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
        _tabulate(shown, ranked=order != "newest"),
        hide_index=True,
        column_config=_describe_columns(shown),
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


def _choose(rows: Sequence[Row]) -> tuple[str, Choice]:
    """Return the order and the filter that the inputs show."""
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


def _tabulate(rows: Sequence[Row], ranked: bool) -> "pd.DataFrame":
    import pandas as pd

    columns = {
        "rank": [row.rank for row in rows],
        "name": [_name(row) for row in rows],
        "accuracy": [None if row.accuracy is None else 100 * row.accuracy.value for row in rows],
        "status": [_STATUS_MARKS[row.run.status] for row in rows],
        "interval": [_say_interval(row) for row in rows],
        "tested": [_say_tested(row) for row in rows],
        "curve": [list(row.curve) if len(row.curve) > 1 else None for row in rows],
        "differences": [row.words for row in rows],
        "validation": [None if row.val_accuracy is None else 100 * row.val_accuracy for row in rows],
        "loss": [row.val_loss for row in rows],
        "parameters": [row.run.parameters for row in rows],
        "size": [row.model_bytes / 1e6 or None for row in rows],
        "seconds": [row.seconds for row in rows],
        "tags": [list(row.run.labels.tags) for row in rows],
        "created": [datetime.fromtimestamp(row.run.created) for row in rows],
        "device": [row.run.record.get("device") for row in rows],
    }
    table = pd.DataFrame(columns)
    table["rank"] = table["rank"].astype("Int64")
    return table if ranked else table.drop(columns="rank")


def _name(row: Row) -> str:
    kind = " · reference" if row.run.shipped else " · imported" if row.run.imported else ""
    aside = " · put aside" if row.run.labels.archived else ""
    return f"{row.run.labels.name or row.run.recipe}{kind}{aside}"


def _say_interval(row: Row) -> str | None:
    return None if row.accuracy is None else f"{100 * row.accuracy.low:.1f} – {100 * row.accuracy.high:.1f}"


def _say_tested(row: Row) -> str | None:
    if row.accuracy is None:
        return None
    return "official" if row.official else f"≠ {row.test_items:,} others"


def _describe_columns(rows: Sequence[Row]) -> dict[str, object]:
    numbers, texts = st.column_config.NumberColumn, st.column_config.TextColumn
    lowest = min((min(row.curve) for row in rows if row.curve), default=0.0)
    return {
        "rank": numbers("#", width=40, pinned=True, help="Place in this leaderboard"),
        "name": texts("Name or recipe", width=220, pinned=True),
        "status": texts("Status", width=105),
        "accuracy": numbers("Accuracy", format="%.2f%%", help="On its test items", width=85),
        "interval": texts("95% interval", help="How far chance in the test items may have moved it", width=100),
        "tested": texts("Tested on", help="Only accuracies on the same items can be compared", width=105),
        "curve": st.column_config.LineChartColumn(
            "Validation",
            y_min=lowest,
            y_max=1.0,
            width=110,
            help="Validation accuracy, epoch by epoch, all to one scale",
        ),
        "differences": texts("Unlike its recipe", width=200, help="The settings that differ from the recipe's"),
        "validation": numbers("Val. accuracy", format="%.2f%%", help="After the last epoch"),
        "loss": numbers("Val. loss", format="%.4f", help="After the last epoch"),
        "parameters": numbers("Parameters", format="localized"),
        "size": numbers("On disk", format="%.1f MB", help="The network's file"),
        "seconds": numbers("Training", format="%.0f s"),
        "tags": st.column_config.ListColumn("Tags"),
        "created": st.column_config.DatetimeColumn("Date", format="D MMM YYYY, HH:mm"),
        "device": texts("Device"),
    }
