"""What compared runs came to and what they were set to, as tables and as files."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from fmnist_core import run_comparison, runs
from fmnist_core.errors import RunNotFoundError
from fmnist_core.run_comparison import Group
from pages.shared import cache

if TYPE_CHECKING:
    import pandas as pd

_PERCENT, _SECONDS = "%.2f%%", "%.0f s"


def show_results(chosen: Sequence[runs.Run], groups: Sequence[Group]) -> None:
    """Show what each run came to, with a line for the seeds of a recipe together.

    Args:
        chosen: the runs.
        groups: the same, those together that differ in nothing but the seed.
    """
    table, damaged = _tabulate(chosen, groups)
    common = run_comparison.find_common_best([cache.tables(run) for run in chosen])
    for name in ("accuracy", "deviation", "low", "high", "f1"):
        table[name] *= 100
    table["interval"] = [
        "" if low != low else f"{low:.2f} to {high:.2f}" for low, high in zip(table["low"], table["high"], strict=True)
    ]
    several = any(len(group.runs) > 1 for group in groups)
    number, shown = st.column_config.NumberColumn, ["run", "accuracy", "interval", "loss", "f1"]
    if several:
        shown[2:2] = ["deviation", "seeds"]
    shown += ["to_mark", *(["to_common"] if common is not None else []), "seconds", "parameters"]
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        placeholder="–",
        column_order=shown,
        column_config={
            "run": st.column_config.TextColumn("Run", pinned=True),
            "accuracy": number("Accuracy", format=_PERCENT, help="On the test part of the run's own split."),
            "deviation": number("± SD", format="%.2f", help="Standard deviation over the seeds, in points."),
            "seeds": number("Seeds"),
            "interval": st.column_config.TextColumn("95% interval", help="Wilson's, in per cent."),
            "loss": number("Loss", format="%.4f", help="Mean cross-entropy, in nats."),
            "f1": number("F1", format=_PERCENT, help="Mean of the ten classes."),
            "to_mark": number("To 90%", format=_SECONDS, help="Training until 90% in validation."),
            "to_common": number(
                f"To {100 * (common or 0):.1f}%",
                format=_SECONDS,
                help="Training until the highest validation accuracy that all of these have reached.",
            ),
            "seconds": number("Training", format=_SECONDS),
            "parameters": number("Parameters", format="localized"),
        },
        alt="What each run came to",
    )
    if damaged:
        st.warning(" ".join(damaged))
    if len({run.config.split for run in chosen}) > 1:
        st.caption("They were tested on different splits, each on its own: see “Is it chance?” for the same items.")


def show_settings(chosen: Sequence[runs.Run]) -> None:
    """Show the settings in which runs differ; the others are one click away.

    Args:
        chosen: the runs.
    """
    found = run_comparison.compare_settings(chosen, list(_name(chosen).values()))
    if found.different.empty:
        st.info("They differ in nothing.")
    else:
        _show_table(found.different)
    with st.expander(f"{len(found.same)} settings in which they are alike"):
        _show_table(found.same.iloc[:, :1].set_axis(["all"], axis=1))


def offer_files(chosen: Sequence[runs.Run], groups: Sequence[Group]) -> None:
    """Offer the tables as files, and a link that brings all of this back.

    Args:
        chosen: the runs.
        groups: the same, those together that differ in nothing but the seed.
    """
    settings = run_comparison.compare_settings(chosen, list(_name(chosen).values()))
    files = {
        "Results": ("results.csv", _tabulate(chosen, groups)[0].to_csv(index=False)),
        "Settings that differ": ("settings.csv", settings.different.to_csv()),
        "Curves": (
            "curves.csv",
            run_comparison.tabulate_curves(chosen, {run.run_id: cache.tables(run) for run in chosen}).to_csv(
                index=False
            ),
        ),
    }
    with st.container(horizontal=True, gap="small"):
        for label, (name, text) in files.items():
            st.download_button(
                f"{label} (CSV)", text, f"comparison-{name}", "text/csv", key=f"take-{name}", on_click="ignore"
            )
    st.markdown("A link to all of this, for whoever has the same runs:")
    st.code(f"{st.context.url or ''}?{urlencode(dict(st.query_params), safe=',')}", language=None, wrap_lines=True)


def _tabulate(chosen: Sequence[runs.Run], groups: Sequence[Group]) -> tuple["pd.DataFrame", list[str]]:
    """Return the table of results, and what is wrong with runs whose answers cannot be read."""
    answers, damaged = {}, []
    for run in chosen:
        try:
            if run.has_evaluation:
                answers[run.run_id] = cache.answers(run.run_id, run.tested_at)
        except RunNotFoundError as error:
            damaged.append(str(error))
    tables = {run.run_id: cache.tables(run) for run in chosen}
    results = run_comparison.compute_results(groups, tables, answers)
    return run_comparison.tabulate_results(results, _name(chosen), groups), damaged


def _name(chosen: Sequence[runs.Run]) -> dict[str, str]:
    """Return short names by run_id, and long ones where two are alike."""
    groups = run_comparison.group_runs(chosen, pooled=False)
    return {group.name: group.label for group in groups}


def _show_table(table: "pd.DataFrame") -> None:
    st.dataframe(
        table,
        height="content",
        column_config={"setting": st.column_config.TextColumn("Setting", pinned=True)},
        alt="Settings of the runs",
    )
