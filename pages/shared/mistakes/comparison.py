"""Two runs side by side: which is better, whether that may be chance, and the items that only one gets right."""

from collections.abc import Sequence

import streamlit as st

from fmnist_core import comparing, runs
from fmnist_core.evaluation.comparison import SIGNIFICANT, Comparison, judge_comparison
from fmnist_core.figures.comparison import plot_confusion_difference
from fmnist_core.repeats import title_runs
from pages.shared import cache, widgets
from pages.shared.mistakes.cards import show_cards
from pages.shared.mistakes.closer import show_closer

_CARDS = 4
_FEW_ITEMS = 100
_THIS, _OTHER = "this run", "the other"
_GALLERIES = ("only-this", "only-other")


def show_comparison(run: runs.Run, tested: Sequence[runs.Run]) -> None:
    """Let the user choose another run than this one, and compare the two.

    Args:
        run: the one that the page is about.
        tested: all that have been tested, this one among them.
    """
    others = [one for one in tested if one.run_id != run.run_id]
    if not others:
        st.info(f"To compare takes two, and {run.title} is the only network that has been tested. Train another one.")
        st.page_link("models/train.py", label="Train a network", icon="📈")
        return
    titles = title_runs(others)
    # One that was tested on the same items says most.
    likely = next((one for one in others if one.config.split == run.config.split), others[0])
    with st.columns([5, 7], gap="large")[0]:
        chosen = widgets.select(
            "Compare with", titles, key="other", default=likely.run_id, always_in_url=True, on_change=_turn_back
        )
    other = next(one for one in others if one.run_id == chosen)
    pair = cache.pair(run.run_id, run.tested_at, other.run_id, other.tested_at)
    if pair is None:
        st.info(
            f"These two have answered none of the same items: {run.title} was tested with the split "
            f"“{run.config.split}”, {other.title} with “{other.config.split}”, and what one was trained on does not "
            "count. Choose another run, or train one with the same split."
        )
        return
    _show_verdict(pair)
    matrix, figures = st.columns([1.25, 1], gap="large")
    with matrix:
        _show_difference(pair)
    with figures:
        _show_figures(pair.comparison)
    _show_galleries(pair)
    _show_closer(run, other, pair)


def _show_galleries(pair: comparing.Pair) -> None:
    columns = st.columns(2, gap="large")
    alone = pair.comparison.only_first, pair.comparison.only_second
    for column, positions, answers, (right, wrong), key in zip(
        columns, alone, (pair.second, pair.first), ((_THIS, _OTHER), (_OTHER, _THIS)), _GALLERIES, strict=True
    ):
        with column:
            st.subheader(f"{len(positions):,} that only {right} gets right")
            st.caption(f"With the answers of {wrong}; its surest mistakes come first.")
            show_cards(answers, positions, _CARDS, key)


def _show_closer(run: runs.Run, other: runs.Run, pair: comparing.Pair) -> None:
    """Show the item that is looked at closer with the answers of the network whose card was clicked."""
    of_other = pair.first.items[pair.comparison.only_first]
    if st.query_params.get("item") in {str(item) for item in of_other}:
        show_closer(other, pair.second)
    else:
        show_closer(run, pair.first)


def _turn_back() -> None:
    for key in _GALLERIES:
        st.session_state[f"{key}_page"] = 1


def _show_verdict(pair: comparing.Pair) -> None:
    with st.container(border=True):
        sentence, _, rest = judge_comparison(pair.comparison, _THIS, _OTHER).partition(". ")
        st.markdown(f"**{sentence}.** {rest}" if rest else f"**{sentence}**")
        st.caption(
            "That is about these two networks, each trained once: with another seed, both would come out a little "
            "different."
        )
    if pair.comparison.items < _FEW_ITEMS:
        st.warning(f"They have only {pair.comparison.items:,} items in common, too few to say much.")


def _show_difference(pair: comparing.Pair) -> None:
    st.subheader("Difference of the confusion matrices")
    st.plotly_chart(
        plot_confusion_difference(pair.comparison.confusion, widgets.ink(), _THIS, _OTHER),
        key="confusion-difference",
        config={"displayModeBar": False},
        alt="Difference of two confusion matrices: rows are true classes, columns predicted ones",
    )
    st.caption(
        f"How many items more {_THIS} has in a cell than {_OTHER}. :blue[**Blue**] speaks for {_THIS}: more on the "
        f"diagonal, or fewer mistakes beside it. :orange[**Orange**] speaks for {_OTHER}."
    )


def _show_figures(found: Comparison) -> None:
    st.subheader("On the same items")
    st.caption(
        f"{found.items:,} items were tested by both, and neither was trained on them. Both get {found.both:,} right "
        f"and {found.neither:,} wrong; {len(found.only_first):,} only {_THIS} gets right, "
        f"{len(found.only_second):,} only {_OTHER}."
    )
    upper, lower = st.columns(2), st.columns(2)
    for column, name, accuracy in zip(upper, (_THIS, _OTHER), (found.first, found.second), strict=True):
        with column:
            _show_metric(
                f"{name[0].upper()}{name[1:]}",
                f"{accuracy.value:.2%}",
                f"{accuracy.low:.2%} to {accuracy.high:.2%}",
                "Share of right answers on these items, and its 95% interval.",
            )
    with lower[0]:
        _show_metric(
            "Difference",
            f"{_say_points(found.difference.value)} points",
            f"{_say_points(found.difference.low)} to {_say_points(found.difference.high)}",
            "And its 95% interval, how far chance in choosing the items may have moved it: both networks judged again "
            "on 10,000 random draws of these items (a paired bootstrap). An interval without 0 means that they differ.",
        )
    with lower[1]:
        _show_metric(
            "McNemar’s test",
            f"p = {found.test.p_value:.3f}" if found.test.p_value >= 0.001 else "p < 0.001",
            "exact binomial test" if found.test.statistic is None else f"χ² = {found.test.statistic:,.1f}",
            "Looks only at the items that one of the two alone gets right. If both were equally good, these would fall "
            "to either like the toss of a coin; p is the chance of a toss at least as uneven. Below "
            f"{SIGNIFICANT} one speaks of a difference.",
        )


def _show_metric(name: str, value: str, below: str, explanation: str) -> None:
    st.metric(name, value, delta=below, delta_color="off", delta_arrow="off", width="content", help=explanation)


def _say_points(share: float) -> str:
    return f"{100 * share:+.2f}".replace("-", "−")
