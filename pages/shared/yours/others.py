"""What the networks of other runs say of the same picture."""

import streamlit as st

from fmnist_core import runs
from fmnist_core.classes import CLASS_ICONS
from fmnist_core.errors import FmnistError
from fmnist_core.repeats import title_runs
from fmnist_core.verdict import Verdict
from pages.shared import cache

# As many of one's own runs are asked without being chosen; the cache holds eight networks.
_NEWEST = 3
_MOST = 6


def show_others(verdict: Verdict, run: runs.Run, key: str) -> None:
    """Show the answers of other runs side by side, and let the user choose which.

    Args:
        verdict: the answer of the run that was asked.
        run: that run.
        key: the inputs are kept by it.
    """
    others = [each for each in runs.list_runs().with_model() if each.run_id != run.run_id]
    if not others:
        st.info("There is no other trained network yet. Train one on the page Train, and it will be asked here too.")
        return
    titles = title_runs([run, *others])
    own = [each for each in others if not each.shipped][:_NEWEST]
    default = [each.run_id for each in others if each.shipped or each in own][:_MOST]
    chosen = st.multiselect(
        "Networks to ask",
        [each.run_id for each in others],
        default,
        format_func=lambda run_id: titles.get(run_id, run_id),
        max_selections=_MOST,
        key=f"{key} others",
    )
    rows = [_describe(titles[run.run_id], verdict)]
    # Mirrored back and forth it stays the same question.
    rows += [_ask(each, titles[each.run_id], verdict) for each in others if each.run_id in chosen]
    st.dataframe(
        rows,
        hide_index=True,
        key=f"{key} others table",
        column_config={
            "Probability": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
            "Run": st.column_config.TextColumn(width="medium"),
        },
    )
    agreeing = sum(row["Answer"] == rows[0]["Answer"] for row in rows[1:])
    if len(rows) > 1:
        st.caption(f"{agreeing} of {len(rows) - 1} say the same as the network that was asked.")


def _ask(run: runs.Run, title: str, verdict: Verdict) -> dict[str, object]:
    try:
        return _describe(title, cache.answerer(run.run_id, run.tested_at).ask(verdict.seen, verdict.photographed))
    except FmnistError:
        return {"Run": title, "Answer": "cannot be asked", "Probability": None}


def _describe(title: str, verdict: Verdict) -> dict[str, object]:
    answer = f"{CLASS_ICONS[verdict.class_index]} {verdict.class_name}"
    if verdict.abstained:
        answer = f"🤔 Not sure ({verdict.class_name}?)"
    return {"Run": title, "Answer": answer, "Probability": verdict.confidence}
