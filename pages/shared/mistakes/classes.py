"""The classes in figures, and the most confused of them in words."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import evaluation

if TYPE_CHECKING:
    import pandas as pd

_PAIRS = 6


def show_classes(table: "pd.DataFrame") -> None:
    """Show precision, recall, f1-score and support by class, as `evaluation.tabulate_classes` returns them."""
    st.subheader("By class")
    columns = {
        "precision": st.column_config.NumberColumn(
            help="Of the items given this class, how many belong to it", format="%.1f%%", width=72
        ),
        "recall": st.column_config.NumberColumn(
            help="Of the items of this class, how many were found", format="%.1f%%", width=60
        ),
        "f1-score": st.column_config.ProgressColumn(
            help="Harmonic mean of the two", format="%.1f%%", min_value=0, max_value=100, width=110
        ),
        "support": st.column_config.NumberColumn(help="Items of this class", format="localized", width=64),
    }
    shares = ["precision", "recall", "f1-score"]
    table = table.assign(**{name: 100 * table[name] for name in shares})
    st.dataframe(table, column_config=columns, hide_index=True, height="content")


def show_pairs(confusion_matrix: NDArray[np.int64], on_pick: Callable[[int, int], None]) -> None:
    """Show in words which classes are confused most.

    Args:
        confusion_matrix: (10, 10) counts, a row for each true class.
        on_pick: called with a true and a predicted class when their sentence is clicked.
    """
    st.subheader("Most confused")
    pairs = evaluation.find_confused_pairs(confusion_matrix, _PAIRS)
    if not pairs:
        st.markdown("Not a single mistake.")
    with st.container(gap=None):
        for place, (true, predicted, count) in enumerate(pairs):
            sentence = evaluation.say_confusion(true, predicted, count)
            st.button(
                f":primary[{sentence}]", key=f"pair {place}", type="tertiary", on_click=on_pick, args=(true, predicted)
            )
