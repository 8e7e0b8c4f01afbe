"""A group of runs that differ in seed or fold alone: its figures, its runs, and what its folds say together."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from fmnist_core.cross_validation import Group, Outcome, summarize_outcomes
from fmnist_core.errors import RunNotFoundError
from fmnist_core.evaluation.intervals import estimate_share
from fmnist_core.evaluation.metrics import count_confusion
from fmnist_core.repeats import Spread
from fmnist_core.run_data import Predictions
from fmnist_core.runs import Run
from pages.shared import cache
from pages.shared.runs.keeping import VIEW
from pages.shared.widgets import ink

_MOST_COMPARED = 10


def show_group(group: Group, outcomes: Sequence[Outcome]) -> None:
    """Show a group.

    Args:
        group: its runs.
        outcomes: of those that have finished.
    """
    summary = summarize_outcomes(outcomes)
    with st.container(horizontal=True):
        _show_spread("Validation accuracy", summary.validation)
        _show_spread("Test accuracy", summary.test)
        st.metric("Runs", f"{len(group.finished)} of {len(group.runs)}", width="content")
    for sentence in _explain(group):
        st.caption(sentence)
    if group.folds:
        _show_out_of_fold(group)
    with st.container(horizontal=True, gap="medium"):
        if len(group.runs) > 1:
            query = {VIEW: "Compare", "compare": _list_compared(group)}
            st.page_link("models/runs.py", label="Compare these runs", icon="📊", query_params=query)
        for run in group.runs:
            st.page_link("models/train.py", label=_name_run(run), query_params={"run": run.run_id})


def find_comparison(group: Group) -> str:
    """Return the address, from the lab's root on, where the runs of a group stand side by side."""
    return f"/runs?{VIEW}=Compare&compare={_list_compared(group)}"


def name_outcome(outcome: Outcome) -> str:
    """Return what a run is called beside the others of its group."""
    return f"seed {outcome.seed}" + ("" if outcome.fold is None else f", fold {outcome.fold}")


def _list_compared(group: Group) -> str:
    return ",".join(run.run_id for run in group.runs[:_MOST_COMPARED])


def _name_run(run: Run) -> str:
    name = f"seed {run.config.seed}" + (f", fold {run.config.fold}" if run.config.folds else "")
    return name if run.status == "finished" else f"{name}: {run.status}"


def _show_spread(label: str, spread: Spread | None) -> None:
    if spread is not None and spread.seeds > 1:
        st.metric(f"{label} ± SD", f"{spread.mean:.2%} ± {100 * spread.deviation:.2f}", width="content")
    elif spread is not None:
        st.metric(label, f"{spread.mean:.2%}", width="content")


def _explain(group: Group) -> list[str]:
    """Return in sentences what the spread means, and what it does not."""
    if not group.folds:
        return [
            "The runs differ in their seed alone: initial weights, order of items, dropout. The SD tells how much of a "
            "figure is chance in training; it says nothing of other test items, which are the same for all."
        ]
    said = [
        f"Each run validates on another {1 / group.folds:.0%} of the 60,000 training items. "
        + _say_shared(group.folds)
        + "The SD tells how much hangs on the items; over the root of their number it is no honest standard error.",
        "All are tested on the same 10,000 test items: the SD of the test accuracy comes from the trainings alone.",
    ]
    if group.config.subset:
        said.append(f"Each run learned from {group.config.subset:,} items of its folds only.")
    if group.config.early_stopping:
        said.append("The best epoch was chosen on the very fold that it is judged by, which flatters it a little.")
    return said


def _say_shared(folds: int) -> str:
    if folds == 2:
        return "Each half learns from what the other is judged by, so the two are no independent samples. "
    return (
        f"Two of them still share {(folds - 2) / (folds - 1):.0%} of the items that they learned from, so they are no "
        "independent samples. "
    )


def _show_out_of_fold(group: Group) -> None:
    if not group.whole_seeds:
        st.caption("When all folds of a seed have finished, the answers of all 60,000 items out of fold stand here.")
        return
    answers: dict[int, Predictions] = {}
    with st.container(horizontal=True):
        for seed in group.whole_seeds:
            members = [run for run in group.finished if run.config.seed == seed]
            try:
                found = cache.out_of_fold(tuple(run.run_id for run in members), tuple(run.tested_at for run in members))
            except RunNotFoundError as error:
                st.caption(f"Seed {seed} out of fold: {error}")
                continue
            answers[seed] = found
            right = estimate_share(int(np.sum(found.probabilities.argmax(axis=1) == found.labels)), len(found.labels))
            label = "Out of fold, all 60,000" + (f", seed {seed}" if len(group.whole_seeds) > 1 else "")
            st.metric(label, f"{right.value:.2%}", width="content")
            st.caption(f"95% interval {right.low:.2%} to {right.high:.2%}", width="content")
    if answers:
        with st.expander("Which classes are confused, out of fold"):
            _show_confusion(next(iter(answers.items())))


def _show_confusion(answered: tuple[int, Predictions]) -> None:
    from fmnist_core.figures.evaluation import plot_confusion_matrix  # it brings plotly

    seed, found = answered
    st.caption(f"All 60,000 training items, each answered by the network of seed {seed} that had not seen it.")
    counts = count_confusion(found.labels, found.probabilities.argmax(axis=1))
    texts = [[f"{count:,}" if count else "" for count in row] for row in counts]
    st.plotly_chart(plot_confusion_matrix(counts, texts, ink()), key="out of fold", config={"displayModeBar": False})
