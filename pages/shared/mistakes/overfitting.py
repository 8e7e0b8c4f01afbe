"""Overfitting: how much better a network knows what it was trained on, all together and class by class."""

from collections.abc import Mapping

import streamlit as st

from fmnist_core import layers, runs
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.evaluation.intervals import Estimate
from fmnist_core.evaluation.overfitting import Gaps, Part, compute_gaps
from fmnist_core.figures.overfitting import plot_gaps
from pages.shared import cache
from pages.shared.map_progress import provide_layer
from pages.shared.mistakes.course import show_course, show_fates

_CONFIG = {"displayModeBar": False}


def show_overfitting(run: runs.Run) -> None:
    """Show how much better a run's network knows what it was trained on than what it never saw."""
    st.subheader("Has it understood, or learned by heart?")
    st.caption(
        "A network overfits when it learns its training items by heart, with all their oddities, instead of what "
        "makes a shirt a shirt: like a pupil who knows the answers of the exercises and not how to come to them. It "
        "shows where it is better at the items that it was trained on than at the test items, which it never saw."
    )
    if run.config.is_baseline:
        _show_baseline(run)
        return
    parts = _find_parts(run)
    if parts is None:
        show_course(run)
    else:
        gaps = compute_gaps(parts["train"], parts["test"])
        _show_figures(parts, gaps)
        st.markdown(_say_gaps(gaps))
        left, right = st.columns(2, gap="large")
        with left:
            _show_gaps(parts, gaps)
        with right:
            show_course(run)
    show_fates(run)


def _find_parts(run: runs.Run) -> Mapping[str, Part] | None:
    """Return how all parts were answered, training among them; else say how to get that and return None."""
    if not run.has_model:
        st.info("This run has kept no network, so it cannot be asked about its training items.")
        return None
    if layers.load_layer(run) is None:
        st.markdown("How the network does on the items that it was trained on is not known yet.")
        provide_layer(run)
        return None
    return cache.parts(run.run_id, run.tested_at, True)


def _show_gaps(parts: Mapping[str, Part], gaps: Gaps) -> None:
    st.markdown("#### Class by class")
    st.plotly_chart(
        plot_gaps(parts, gaps), key="gaps", config=_CONFIG, alt="Accuracy on training and test items by class"
    )
    st.caption(
        "The class with the largest gap is at the top; on the right the gap in points. The thin line through a square "
        "is the 95% interval of the test accuracy; those of the gaps are Newcombe's."
    )


def _show_figures(parts: Mapping[str, Part], gaps: Gaps) -> None:
    titles = {"train": "Training items", "validation": "Validation items", "test": "Test items"}
    with st.container(horizontal=True, gap="medium"):
        for name, part in parts.items():
            note = f"of {part.items.sum():,} items"
            st.metric(
                titles[name],
                f"{part.accuracy.value:.2%}",
                delta=note,
                delta_color="off",
                delta_arrow="off",
                width="content",
            )
        st.metric(
            "Gap",
            f"{100 * gaps.overall.value:.2f} points",
            delta=f"95% interval {_say_ends(gaps.overall)}",
            delta_color="off",
            delta_arrow="off",
            width="content",
            help="Accuracy on training items less accuracy on test items",
        )


def _say_ends(gap: Estimate) -> str:
    return f"{100 * gap.low:.1f} to {100 * gap.high:.1f}"


def _say_gaps(gaps: Gaps) -> str:
    known = [(gap, CLASS_NAMES[index]) for index, gap in enumerate(gaps.by_class) if gap is not None]
    if gaps.overall.low <= 0:
        return "**There is no gap beyond chance:** what this network has learned holds for items that it never saw."
    overall = f"**Of 100 items it gets {100 * gaps.overall.value:.1f} more right if it was trained on them.**"
    if not known:
        return overall
    widest, name = max(known, key=lambda pair: pair[0].value)
    n_sure = sum(gap.low > 0 for gap, _ in known)
    return (
        f"{overall} The gap is widest for **{name}**: {100 * widest.value:.1f} points (95% interval "
        f"{_say_ends(widest)}). In {n_sure} of {len(known)} classes it is more than chance explains."
    )


def _show_baseline(run: runs.Run) -> None:
    test = cache.parts(run.run_id, run.tested_at, False)["test"].accuracy
    history = cache.tables(run).history
    known = history["accuracy"].dropna().to_numpy()
    if len(known):
        with st.container(horizontal=True, gap="medium"):
            st.metric("Training items", f"{known[-1]:.2%}", width="content")
            st.metric("Test items", f"{test.value:.2%}", width="content")
            st.metric("Gap", f"{100 * (known[-1] - test.value):.2f} points", width="content")
    st.info(
        "The lab keeps a classical classifier's answers, not itself, and of its training items only how many it got "
        "right. So it cannot be asked class by class; and as it is fitted at once, there are no epochs in which items "
        "could be forgotten."
    )
