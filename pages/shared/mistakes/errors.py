"""A gallery of the items that a network gets wrong."""

import streamlit as st

from fmnist_core import evaluation, run_data
from pages.shared.mistakes.cards import show_cards

_CARDS = 12


def show_errors(answers: run_data.Predictions) -> None:
    """Show all mistakes, the most confident first."""
    st.subheader("All mistakes, the most confident first")
    show_cards(answers, evaluation.find_mistakes(answers.labels, answers.probabilities), _CARDS, "mistakes")
