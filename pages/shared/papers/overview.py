"""All papers at a glance: how their claims fare, the leaderboard, and who promised too much."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from fmnist_core.figures.papers import plot_promises
from fmnist_core.papers import verdicts
from fmnist_core.papers.documents import load_documents
from fmnist_core.papers.verdicts import Line
from pages.shared import cache
from pages.shared.papers.leaderboard import show_leaderboard
from pages.shared.sections import show_chart

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
