"""The curves of a run: how to look at them, what to compare them with, and the two charts."""

import html
from collections.abc import Sequence

import streamlit as st

from fmnist_core import runs
from fmnist_core.curves import AXES, METRICS, Chart, Tables, View, build_chart, compute_seconds, round_up
from fmnist_core.figures.training import EARLIER_COLORS, TRAINING_COLOR, VALIDATION_COLOR, plot_curve
from fmnist_core.repeats import are_repeats, find_earlier, label_runs, title_runs
from pages.shared import cache, widgets

_MOST_EARLIER = len(EARLIER_COLORS)
_COMPARED, _BY_DEFAULT, _IN_URL = "compare", "compared by default", "compared in the URL"
_LEGEND_WIDTH = 420
_SECONDS = "seconds that the axis shows"


def show_curves(
    run: runs.Run, repeats: Sequence[runs.Run], others: Sequence[runs.Run], seconds_left: float | None
) -> None:
    """Show accuracy and loss of a run, with a band if it has repeats, and earlier runs behind it.

    Args:
        run: the one that is watched.
        repeats: it and its repeats.
        others: all runs, newest first, of which some can be shown behind it.
        seconds_left: how long it will still train, as far as is known.
    """
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        # Of this width, so that on a narrow page the buttons go below it rather than squeeze it.
        legend = st.container(width=_LEGEND_WIDTH)
        with st.container(horizontal=True, width="content", gap="small"):
            with st.popover("View", help="How to look at the curves."):
                view = _choose_view()
            with st.popover("Compare with", help="Which earlier runs are drawn behind this one."):
                earlier = _choose_earlier(run, others)
    watched = cache.tables(run)
    seeds = [watched if other.run_id == run.run_id else cache.tables(other) for other in repeats]
    behind = [cache.tables(other, label) for other, label in zip(earlier, label_runs(earlier), strict=True)]
    seconds = _settle_seconds(run, watched, seconds_left) if run.active else None
    charts = [build_chart(metric, view, watched, seeds, behind, seconds) for metric in METRICS]
    with legend:
        _show_legend(charts[0], seeds)
    for column, chart in zip(st.columns(2), charts, strict=True):
        column.plotly_chart(plot_curve(chart), key=f"curve-{chart.metric}", config={"displayModeBar": False})


def _choose_view() -> View:
    axis = widgets.select(
        "Along", AXES, key="axis", widget=st.radio, horizontal=True, help="What the horizontal axis counts."
    )
    return View(
        axis=axis,
        smoothing=st.slider(
            "Smoothing",
            0.0,
            0.99,
            0.0,
            0.01,
            key="smoothing",
            bind="query-params",
            help="Average each point with those before it, so that the trend shows; the curve itself stays, faintly.",
        ),
        log_loss=st.toggle(
            "Logarithmic loss",
            key="log_loss",
            bind="query-params",
            help="Equal steps for equal ratios: small losses can still be told apart.",
        ),
        inside=st.toggle(
            "Training inside the epochs",
            True,
            key="inside",
            bind="query-params",
            help="The thin line: training accuracy and loss of some batches at a time.",
        ),
    )


def _choose_earlier(run: runs.Run, others: Sequence[runs.Run]) -> list[runs.Run]:
    """Let the user choose runs to show behind this one; who never did sees the newest earlier ones."""
    # A classical classifier has no epochs to compare.
    comparable = (other for other in others if not other.active and not other.config.is_baseline)
    found = {other.run_id: other for other in comparable if not are_repeats(run, other)}
    titles = title_runs(list(found.values()))
    default = [other.run_id for other in find_earlier(run, list(found.values()))]
    asked, state = st.query_params.get(_COMPARED), st.session_state
    if asked is not None and (asked != state.get(_IN_URL) or _COMPARED not in state):
        state[_COMPARED] = asked.split(",")  # a link brought it
    elif asked is None and state.get(_COMPARED) in (None, state.get(_BY_DEFAULT)):
        state[_COMPARED] = default
    state[_COMPARED] = [name for name in state[_COMPARED] if name in found][:_MOST_EARLIER]
    chosen = st.multiselect(
        "Earlier runs",
        list(found),
        format_func=titles.__getitem__,
        key=_COMPARED,
        max_selections=_MOST_EARLIER,
        placeholder="None",
        persist_state="session",
    )
    st.caption(f"At most {_MOST_EARLIER}; dotted: their validation, or training if they had none.")
    state[_BY_DEFAULT] = default
    if asked is not None or chosen != default:  # what somebody has asked for stays, whatever is new
        st.query_params[_COMPARED] = ",".join(chosen) or "none"
    state[_IN_URL] = st.query_params.get(_COMPARED)
    return [found[name] for name in chosen]


def _settle_seconds(run: runs.Run, tables: Tables, seconds_left: float | None) -> float:
    """Return how many seconds the axis has to hold, the same as before while the estimate changes a little."""
    so_far = compute_seconds(tables, tables.batches["epoch"].tail(1).to_numpy())
    seconds = float(so_far.sum()) + (seconds_left or 0.0)
    name, shown = st.session_state.get(_SECONDS, ("", 0.0))
    if name != run.run_id or not shown / 2 <= seconds <= shown:
        shown = round_up(max(seconds, 10.0))
    st.session_state[_SECONDS] = (run.run_id, shown)
    return shown


def _show_legend(chart: Chart, seeds: Sequence[Tables]) -> None:
    entries = [("solid", TRAINING_COLOR, "training"), ("solid", VALIDATION_COLOR, "validation")]
    for line, color in zip(chart.earlier, EARLIER_COLORS, strict=False):
        entries.append(("dotted", color, line.label))
    spans = [
        f'<span style="white-space:nowrap"><span style="display:inline-block;width:16px;margin-right:5px;'
        f'vertical-align:middle;border-top:3px {dash} {color}"></span>{html.escape(name)}</span>'
        for dash, color, name in entries
    ]
    begun = sum(len(tables.history) > 0 for tables in seeds)
    if chart.bands:
        spans.append(f"<span>lines: mean of {begun} seeds, bands: least to greatest</span>")
    st.html(
        '<div style="display:flex;flex-wrap:wrap;gap:2px 14px;font-size:0.82rem;line-height:1.4;opacity:0.85">'
        f"{''.join(spans)}</div>"
    )
