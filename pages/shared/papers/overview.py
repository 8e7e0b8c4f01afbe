"""All papers at a glance: how their claims fare, the leaderboard, and who promised too much."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from fmnist_core import runs
from fmnist_core.figures.leaderboard import LOWEST, plot_leaderboard
from fmnist_core.figures.papers import plot_promises
from fmnist_core.papers import verdicts
from fmnist_core.papers.documents import load_documents
from fmnist_core.papers.leaderboard import KINDS, MEASURED, OWN, SIZES, Entry, find_front
from fmnist_core.papers.verdicts import Line
from pages.shared import cache, widgets
from pages.shared.papers.data_figures import show_chart

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
    "accuracy": st.column_config.NumberColumn("Accuracy", format="%.2f %%"),
    "spread": st.column_config.NumberColumn("±", format="%.2f", help="Standard deviation over seeds, in points"),
    "seeds": st.column_config.NumberColumn("Seeds"),
    "parameters": st.column_config.NumberColumn("Parameters", format="localized"),
    "seconds": st.column_config.NumberColumn("Training, s", format="%.0f"),
    "operations": st.column_config.NumberColumn(
        "Operations", format="compact", help="Multiplications for one item on its way through the network"
    ),
    "network": st.column_config.TextColumn("Network", width="medium"),
    "kind": st.column_config.TextColumn("Kind"),
    "device": st.column_config.TextColumn("Device"),
    "remark": st.column_config.TextColumn("Remark", width="medium"),
}

_MARKS = {verdicts.REPRODUCED: "✓", verdicts.ABOVE: "▲", verdicts.BELOW: "▼", verdicts.UNKNOWN: "?"}
_COLORS = {verdicts.REPRODUCED: "green", verdicts.ABOVE: "blue", verdicts.BELOW: "orange", verdicts.UNKNOWN: "gray"}


def show_overview() -> None:
    """Show the scorecard, and below it the leaderboard or claims beside results."""
    lines = collect_lines()
    show_scorecard(lines)
    board, promises = st.tabs(["Leaderboard", "Who promised too much"], key="board", bind="query-params")
    if board.open:
        with board:
            show_leaderboard()
    if promises.open:
        with promises:
            show_promises(lines)


def collect_lines() -> list[Line]:
    """Return a line for each network of the five papers, those that stand in several tables once."""
    results = cache.paper_results()
    lines = [
        line
        for document in load_documents().values()
        for table in document.tables
        for line in verdicts.compare(table, document, results)
    ]
    return list({line.recipe.name: line for line in lines}.values())


def show_scorecard(lines: Sequence[Line]) -> None:
    """Say in a sentence and in figures how the claims fare."""
    claimed = [line for line in lines if line.telling]
    counts = Counter(line.verdict for line in claimed)
    judged = len(claimed) - counts[verdicts.UNKNOWN]
    st.markdown(f"#### {_say_score(len(claimed), judged, counts)}")
    with st.container(horizontal=True, gap="small"):
        for key in verdicts.VERDICTS:
            say_verdict(key, counts[key])


def say_verdict(key: str, count: int | None = None) -> None:
    """Show a verdict, or how often it is given, as a badge.

    Args:
        key: of `verdicts.VERDICTS`.
        count: how often; None for a single one.
    """
    label, sentence = verdicts.VERDICTS[key]
    st.badge(f"{_MARKS[key]} {'' if count is None else f'{count} '}{label}", color=_COLORS[key], help=sentence)


def _say_score(total: int, judged: int, counts: Counter[str]) -> str:
    if not judged:
        return f"The papers claim a figure for {total} networks; none has been trained in full here yet."
    rest = f"; {total - judged} cannot be told yet" if total > judged else ""
    return (
        f"Of {total} networks with a claimed figure, {counts[verdicts.REPRODUCED]} are reproduced within "
        f"{100 * verdicts.MARGIN:.1f} points, {counts[verdicts.ABOVE]} come out higher and "
        f"{counts[verdicts.BELOW]} lower{rest}."
    )


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

    rows = [
        {
            "network": entry.name,
            "kind": KINDS[entry.kind][0],
            "accuracy": 100 * entry.accuracy,
            "spread": None if entry.spread is None else 100 * entry.spread,
            "seeds": entry.n_seeds or None,
            "parameters": entry.parameters,
            "seconds": entry.seconds,
            "operations": entry.operations,
            "device": entry.device,
            "remark": entry.remark,
        }
        for entry in entries
    ]
    return pd.DataFrame(rows, columns=["network", *(name for name in rows[0] if name != "network")])


def show_promises(lines: Sequence[Line]) -> None:
    """Show claims beside results, the most exaggerated first."""
    told = [line for line in lines if line.telling and line.figures[line.telling].measured]
    if not told:
        st.info("Nothing has been trained in full yet. As soon as a network has been, its claim stands beside it here.")
        return
    short = [line for line in told if line.verdict == verdicts.BELOW]
    stay = "stays" if len(short) == 1 else "stay"
    st.caption(
        f"{len(short)} of {len(told)} networks {stay} more than {100 * verdicts.MARGIN:.1f} points below what is "
        "claimed for them; they stand at the top. Each is compared in the most telling figure that its paper prints."
    )
    show_chart(plot_promises(told), "promises", "Claimed and measured accuracy of each network")
