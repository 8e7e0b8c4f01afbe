"""The usual figures of merit with their intervals, for all items, by class and at every threshold."""

from typing import TYPE_CHECKING

import streamlit as st

from fmnist_core import runs
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.evaluation.intervals import RESAMPLES, Estimate
from fmnist_core.evaluation.metrics import CLASS_METRICS, METRICS, ClassScores
from fmnist_core.evaluation.thresholds import ClassCurves
from fmnist_core.figures.scores import plot_class_scores, plot_precision_recall_curves, plot_roc_curves
from pages.shared import cache

if TYPE_CHECKING:
    import pandas as pd

_CONFIG = {"displayModeBar": False}
_WHOLE, _CORNER = "Whole", "Corner enlarged"


def show_all_scores(run: runs.Run) -> None:
    """Show what a run's answers are worth, by every usual measure."""
    _show_metrics(run)
    _show_classes(run)
    _show_curves(run)


def _show_metrics(run: runs.Run) -> None:
    st.subheader("All classes together")
    st.caption(
        "With other test items each of these figures would have come out a little differently: in 95 of 100 cases the "
        "interval holds what infinitely many items would give. Of shares it is Wilson's, of all others it comes from "
        f"{RESAMPLES:,} draws of as many items from these, with replacement (bootstrap)."
    )
    found = cache.measures(run.run_id, run.tested_at)
    rows = [
        f"| **{metric.title}.** {metric.meaning} | **{_write(found[name].value, metric.is_share)}** "
        f"| {_write_ends(found[name], metric.is_share)} |"
        for name, metric in METRICS.items()
    ]
    st.markdown("\n".join(["| Measure | Value | 95% interval |", "|:--|--:|:--|", *rows]))


def _write(value: float, is_share: bool) -> str:
    return f"{value:.2%}" if is_share else f"{value:.4f}"


def _write_ends(estimate: Estimate, is_share: bool) -> str:
    # Short, so that a narrow page has room for the sentence beside it.
    return f"{_write(estimate.low, is_share).removesuffix('%')}–{_write(estimate.high, is_share)}"


def _show_classes(run: runs.Run) -> None:
    st.subheader("Class by class")
    found = cache.class_scores(run.run_id, run.tested_at)
    lowest = int(found.values[:, 2].argmin())
    st.markdown(
        f"**{CLASS_NAMES[lowest]}** is the hardest class: {found.values[lowest, 1]:.0%} of its items are found, and "
        f"{found.values[lowest, 0]:.0%} of the items given that name deserve it. The thin lines are 95% intervals."
    )
    st.plotly_chart(plot_class_scores(found), key="class-scores", config=_CONFIG, alt="Precision, recall, F1 by class")
    columns = {
        name: st.column_config.NumberColumn(help=explanation, format="%.1f%%")
        for name, explanation in CLASS_METRICS.items()
    }
    columns |= {f"{name}, 95% interval": st.column_config.TextColumn("95% interval") for name in CLASS_METRICS}
    columns |= {
        "ROC area": st.column_config.NumberColumn(
            help="How likely an item of this class gets a higher probability for it than an item of another",
            format="%.4f",
        ),
        "Average precision": st.column_config.NumberColumn(
            help="Mean precision over all thresholds, each counting for what it adds in recall", format="%.4f"
        ),
    }
    table = _tabulate_classes(found, cache.threshold_curves(run.run_id, run.tested_at))
    st.dataframe(table, column_config=columns, hide_index=True, height="content")


def _tabulate_classes(scores: ClassScores, curves: tuple[ClassCurves | None, ...]) -> "pd.DataFrame":
    import pandas as pd

    table: dict[str, list] = {"Class": list(CLASS_NAMES)}
    for column, name in enumerate(CLASS_METRICS):
        table[name] = (100 * scores.values[:, column]).tolist()
        ends = zip(scores.low[:, column], scores.high[:, column], strict=True)
        table[f"{name}, 95% interval"] = [f"{low:.1%} to {high:.1%}" for low, high in ends]
    for name, found in zip(("ROC area", "Average precision"), curves, strict=True):
        by_class = found.by_class if found else {}
        table[name] = [by_class[index].area if index in by_class else None for index in range(len(CLASS_NAMES))]
    return pd.DataFrame(table | {"Items": scores.support.tolist()})


@st.fragment
def _show_curves(run: runs.Run) -> None:
    st.subheader("At every threshold")
    roc, precision_recall = cache.threshold_curves(run.run_id, run.tested_at)
    if roc is None or precision_recall is None:
        st.info("A curve sets one class against the others, and here all test items are of the same class.")
        return
    st.caption(
        "Suppose you look for one class only, and take every item that has at least a certain probability of it. With "
        "a low threshold you find all of them and much else, with a high one few, but surely. Each point of a line is "
        "one threshold; the dashed line is the mean of the classes. In the legend stands the area below each line: 1 "
        "is perfect. Click a name to put its line out, click twice to see it alone."
    )
    shown = st.segmented_control(
        "Show",
        [_WHOLE, _CORNER],
        default=_WHOLE,
        required=True,
        key="curves",
        bind="query-params",
        label_visibility="collapsed",
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**ROC: finds against false alarms**")
        figure = plot_roc_curves(roc, shown == _CORNER)
        st.plotly_chart(figure, key="roc", config=_CONFIG, alt="ROC curve of each class")
    with right:
        st.markdown("**Precision against recall**")
        figure = plot_precision_recall_curves(precision_recall, shown == _CORNER)
        st.plotly_chart(figure, key="precision-recall", config=_CONFIG, alt="Precision-recall curve of each class")
