"""The columns of the table of all runs."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import streamlit as st

from fmnist_core import runs
from fmnist_core.run_table import Row

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


def tabulate(rows: Sequence[Row], ranked: bool) -> "pd.DataFrame":
    """Return a row for each run, as they stand; with its place if they are ranked."""
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


def describe_columns(rows: Sequence[Row]) -> dict[str, object]:
    """Return how Streamlit is to show the columns of these rows."""
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
