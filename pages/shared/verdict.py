"""What a network's answers are worth, in figures."""

import streamlit as st

from fmnist_core import evaluation
from fmnist_core.classes import CLASS_NAMES


def show_scores(scores: evaluation.Scores) -> None:
    """Show accuracy with its interval, mistakes and log loss."""
    accuracy = scores.accuracy
    with st.container(horizontal=True, gap="large"):
        st.metric(
            "Accuracy",
            f"{accuracy.value:.2%}",
            delta=f"95 % interval {accuracy.low:.2%} to {accuracy.high:.2%}",
            delta_color="off",
            delta_arrow="off",
            width="content",
            help="Share of right answers. The interval says how far chance in choosing the items may have moved it.",
        )
        st.metric(
            "Mistakes",
            f"{scores.mistakes:,}",
            delta=f"of {scores.items:,} test items",
            delta_color="off",
            delta_arrow="off",
            width="content",
        )
        st.metric(
            "Log loss",
            f"{scores.log_loss:.4f}",
            width="content",
            help="How surprised the network is by the truth: 0 is never, 2.3 is guessing.",
        )


def show_classes(scores: evaluation.Scores) -> None:
    """Show precision, recall, F1 and support by class, and which classes are confused most."""
    st.subheader("By class")
    columns = {
        "precision": st.column_config.NumberColumn(
            help="Of the items given this class, how many belong to it", format="percent", width=80
        ),
        "recall": st.column_config.NumberColumn(
            help="Of the items of this class, how many were found", format="percent"
        ),
        "f1-score": st.column_config.ProgressColumn(
            help="Harmonic mean of the two", format="percent", min_value=0.0, max_value=1.0
        ),
        "support": st.column_config.NumberColumn(help="Items of this class", format="localized", width=70),
    }
    st.dataframe(scores.report, column_config=columns, hide_index=True, height="content")
    pairs = evaluation.find_confused_pairs(scores.confusion_matrix)
    st.markdown(
        "\n".join(f"- {count:,} × {CLASS_NAMES[true]} called {CLASS_NAMES[taken]}" for true, taken, count in pairs)
        or "Not a single mistake."
    )
