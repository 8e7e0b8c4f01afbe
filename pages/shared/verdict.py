"""What a network's answers are worth, in figures."""

from collections.abc import Mapping

import streamlit as st

from fmnist_core import evaluation
from fmnist_core.evaluation.intervals import Estimate
from fmnist_core.evaluation.metrics import METRICS


def show_scores(scores: evaluation.Scores, measures: Mapping[str, Estimate]) -> None:
    """Show accuracy, mistakes, top-2 accuracy and log loss, with intervals.

    Args:
        scores: of the answers.
        measures: of the same answers, by the names of `metrics.METRICS`.
    """
    mistakes = ("Mistakes", f"{scores.mistakes:,}", f"of {scores.items:,} test items", None)
    accuracy, top_2, loss = (measures[name] for name in ("accuracy", "top_2", "log_loss"))
    with st.container(horizontal=True, gap="medium"):
        for title, value, note, explanation in (
            (
                "Accuracy",
                f"{accuracy.value:.2%}",
                f"95% interval {accuracy.low:.2%} to {accuracy.high:.2%}",
                "Share of right answers. The interval says how far chance in choosing the items may have moved it.",
            ),
            mistakes,
            ("Top-2 accuracy", f"{top_2.value:.2%}", f"{top_2.low:.2%} to {top_2.high:.2%}", METRICS["top_2"].meaning),
            ("Log loss", f"{loss.value:.4f}", f"{loss.low:.4f} to {loss.high:.4f}", METRICS["log_loss"].meaning),
        ):
            st.metric(title, value, delta=note, delta_color="off", delta_arrow="off", width="content", help=explanation)
