"""Two to ten runs side by side: their curves, and below them what they came to, were set to and got right."""

import html
import time
from collections.abc import Sequence
from functools import partial

import streamlit as st

from fmnist_core import run_comparison, runs
from fmnist_core.figures.run_comparison import assign_colors, plot_runs
from fmnist_core.repeats import title_runs
from fmnist_core.run_comparison import FEWEST, MOST, CompareView, Group, GroupLine
from pages.shared import cache, widgets
from pages.shared.runs.compare_answers import show_classes, show_significance
from pages.shared.runs.compare_tables import offer_files, show_results, show_settings

_PARAMETER, _CHOSEN, _IN_URL, _MISSING = "compare", "compared runs", "compared runs in the URL", "runs not there"
_REPLACED, _COLORS = "compared runs that were in the URL", "colours of runs"
# How long an address may lag behind what the page has written into it.
_LATE_SECONDS = 2.0


@st.fragment
def show_compare(listing: runs.Listing) -> None:
    """Let the user choose two to ten runs, and show them side by side.

    Args:
        listing: all runs.
    """
    chosen = _choose(listing)
    if len(chosen) < FEWEST:
        st.info(f"To compare takes at least {FEWEST} runs. Choose some above.")
        return
    repeats = run_comparison.group_runs(chosen)
    view, close = _choose_view(repeats)
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


def _choose(listing: runs.Listing) -> list[runs.Run]:
    """Return the runs that a link or the user has chosen, else those of the default."""
    known = {run.run_id: run for run in listing.runs if run.status != runs.QUEUED}
    _settle(list(known.values()))
    chosen = st.multiselect(
        f"Runs, {FEWEST} to {MOST}",
        list(known),
        format_func=title_runs(list(known.values())).__getitem__,
        key=_CHOSEN,
        max_selections=MOST,
        placeholder="Choose at least two",
        persist_state="session",
    )
    state, written = st.session_state, ",".join(chosen) or "none"
    if written != state.get(_IN_URL):
        state[_REPLACED] = (st.query_params.get(_PARAMETER), time.monotonic())
    st.query_params[_PARAMETER] = state[_IN_URL] = written
    missing, at_first = state.get(_MISSING, ("", ""))
    if missing and at_first == written:
        st.warning(missing)
    return [known[name] for name in chosen]


def _settle(known: Sequence[runs.Run]) -> None:
    """Have the box show what a new link names; what is not there any more is left out."""
    state, asked = st.session_state, st.query_params.get(_PARAMETER)
    replaced, moment = state.get(_REPLACED, (None, 0.0))
    is_late = asked == replaced and time.monotonic() - moment < _LATE_SECONDS
    if asked is not None and (_CHOSEN not in state or (asked != state.get(_IN_URL) and not is_late)):
        choice = run_comparison.choose_runs([] if asked == "none" else asked.split(","), known)
        state[_CHOSEN] = [run.run_id for run in choice.runs]
        # To be said until the user chooses others.
        state[_MISSING] = (_say_missing(choice), ",".join(state[_CHOSEN]) or "none")
    elif _CHOSEN not in state:
        state[_CHOSEN] = [run.run_id for run in run_comparison.choose_default(known)]
    there = {run.run_id for run in known}
    if not there.issuperset(state[_CHOSEN]):
        state[_CHOSEN] = [name for name in state[_CHOSEN] if name in there]


def _say_missing(choice: run_comparison.Choice) -> str:
    said = []
    if choice.missing:
        names = ", ".join(choice.missing)
        said.append(f"The link names what is not among the runs here, or not any more: {names}.")
    if choice.left_out:
        said.append(f"No more than {MOST} runs can be compared; the last {choice.left_out} are left out.")
    return " ".join([*said, "The others are shown."]) if said else ""


def _choose_view(groups: Sequence[Group]) -> tuple[CompareView, bool]:
    """Return how to look at the curves, and whether closely."""
    repeated = any(len(group.runs) > 1 for group in groups)
    segments = {"widget": st.segmented_control, "required": True}
    # What they choose can be read from the choices, and the curves are to be seen without scrolling.
    bare = segments | {"label_visibility": "collapsed"}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        metric = widgets.select("Curve", run_comparison.METRICS, key="curve", **bare)
        axis = widgets.select("Along", run_comparison.AXES, key="along", **bare)
        part = widgets.select("Items", run_comparison.PARTS, key="part", **bare)
        with st.popover("View", help="Smoothing, alignment, axes and seeds."):
            # What a closed popover holds is told only then what it shows; a link's choice would be gone by the time
            # that it is opened.
            if "align" in st.session_state:
                st.session_state.align = st.session_state.align
            align = widgets.select(
                "Lines meet at",
                run_comparison.ALIGNMENTS,
                key="align",
                help="Where all lines stand at 0 of the horizontal axis.",
                **segments,
            )
            smoothing = st.slider(
                "Smoothing",
                0.0,
                0.99,
                0.0,
                0.01,
                key="smooth",
                bind="query-params",
                help="Average each point with those before it, so that the trend shows; the curve stays, faintly.",
            )
            close = _toggle("Close-up", "close", "Show the second half of each line, where they are near each other.")
            log_y = _toggle("Logarithmic upwards", "log_y", "Equal steps for equal ratios, for error rate and loss.")
            log_x = _toggle(
                "Logarithmic along",
                "log_x",
                "Equal steps for equal ratios; only for lines that meet at their start.",
                disabled=align != "start",
            )
            pooled = _toggle(
                "Seeds as one line",
                "pool",
                "Runs that differ in nothing but the seed as their mean, with a band of a standard deviation to both "
                "sides and, fainter, from the least to the greatest.",
                value=True,
                disabled=not repeated,
            )
    return CompareView(metric, part, axis, align, smoothing, log_x, log_y, pooled), close


def _toggle(label: str, key: str, explanation: str, value: bool = False, disabled: bool = False) -> bool:
    return st.toggle(label, value, key=key, bind="query-params", help=explanation, disabled=disabled)


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
