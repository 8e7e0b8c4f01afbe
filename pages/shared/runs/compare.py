"""Two to ten runs side by side: their curves, and below them what they came to, were set to and got right."""

import html
from collections.abc import Sequence
from functools import partial

import streamlit as st

from fmnist_core import run_comparison, runs
from fmnist_core.figures.run_comparison import assign_colors, plot_runs
from fmnist_core.run_comparison import FEWEST, CompareView, Group, GroupLine
from pages.shared import cache
from pages.shared.runs.compare_answers import show_classes, show_significance
from pages.shared.runs.compare_choice import choose_compared
from pages.shared.runs.compare_tables import offer_files, show_results, show_settings
from pages.shared.runs.compare_view import choose_view

_COLORS = "colours of runs"


@st.fragment
def show_compare(listing: runs.Listing) -> None:
    """Let the user choose two to ten runs, and show them side by side.

    Args:
        listing: all runs.
    """
    chosen = choose_compared(listing)
    if len(chosen) < FEWEST:
        st.info(f"To compare takes at least {FEWEST} runs. Choose some above.")
        return
    repeats = run_comparison.group_runs(chosen)
    view, close = choose_view(repeats)
    groups = run_comparison.group_runs(chosen, view.pooled)
    colors = _color(repeats)
    lines = run_comparison.build_lines(groups, {run.run_id: cache.tables(run) for run in chosen}, view)
    _show_legend(groups, lines, view, colors)
    st.plotly_chart(
        plot_runs(lines, view, colors, close),
        key="compared-curves",
        config={"displayModeBar": False},
        alt="Curves of the chosen runs",
    )
    views = {
        "Results": partial(show_results, chosen, groups),
        "Settings": partial(show_settings, chosen),
        "Classes": partial(show_classes, chosen, groups, colors),
        "Is it chance?": partial(show_significance, chosen, groups),
        "Take away": partial(offer_files, chosen, groups),
    }
    for tab, show in zip(st.tabs(list(views), key="below", bind="query-params"), views.values(), strict=True):
        if tab.open:
            with tab:
                show()


def _color(groups: Sequence[Group]) -> dict[str, str]:
    """Return a colour for each run, which it keeps while others come and go; a group has that of its first run."""
    # The first colours are the easiest to tell apart, and there are fewer groups than runs.
    names = [group.name for group in groups] + [name for group in groups for name in group.key[1:]]
    colors = assign_colors(names, st.session_state.get(_COLORS))
    st.session_state[_COLORS] = colors
    return colors


def _show_legend(
    groups: Sequence[Group], lines: Sequence[GroupLine], view: CompareView, colors: dict[str, str]
) -> None:
    drawn = {line.name for line in lines}
    spans = [
        f'<span style="white-space:nowrap"><span style="display:inline-block;width:16px;margin-right:5px;'
        f'vertical-align:middle;border-top:3px solid {colors[group.name]}"></span>{html.escape(group.title)}</span>'
        for group in groups
        if group.name in drawn
    ]
    if view.part == "both":
        spans.append("<span>solid: validation, dotted: training</span>")
    if any(line.has_band for line in lines):
        spans.append("<span>bands: mean ± standard deviation, least to greatest</span>")
    if absent := [html.escape(group.title) for group in groups if group.name not in drawn]:
        spans.append(f"<span>nothing to draw here of {', '.join(absent)}</span>")
    st.html(
        '<div style="display:flex;flex-wrap:wrap;gap:2px 14px;font-size:0.85rem;line-height:1.5;opacity:0.9">'
        f"{''.join(spans)}</div>"
    )
