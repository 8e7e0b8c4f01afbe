"""A gallery of single items: mistakes by kind, narrow escapes, pairs of classes, and the papers' own pictures."""

import streamlit as st

from fmnist_core import evaluation, run_data, runs
from fmnist_core.classes import CLASS_NAMES
from pages.shared import widgets
from pages.shared.mistakes.cards import show_cards
from pages.shared.mistakes.closer import show_closer
from pages.shared.mistakes.plates import show_plates

_CARDS = 12
_PAIR, _PAPERS = "pair", "papers"
_TITLES = {key: kind.title for key, kind in evaluation.KINDS.items()} | {
    _PAIR: "By pair of classes",
    _PAPERS: "As in the papers",
}
_ANY = "any"
_CLASSES = {str(index): name for index, name in enumerate(CLASS_NAMES)} | {_ANY: "Any class"}


@st.fragment
def show_errors(run: runs.Run, answers: run_data.Predictions) -> None:
    """Show items of the kind that the user chooses, most of them mistakes."""
    kind = widgets.select(
        "Which items",
        _TITLES,
        key="kind",
        widget=st.segmented_control,
        required=True,
        label_visibility="collapsed",
    )
    if kind == _PAPERS:
        show_plates(answers)
    elif kind == _PAIR:
        _show_pair(answers)
    else:
        chosen = evaluation.KINDS[kind]
        found = chosen.find(answers.labels, answers.probabilities)
        st.caption(f"{len(found):,} items. {chosen.explanation}")
        show_cards(answers, found, _CARDS, f"{kind}")
    show_closer(run, answers)


def _show_pair(answers: run_data.Predictions) -> None:
    matrix = evaluation.compute_confusion_matrix(answers.labels, answers.probabilities.argmax(axis=1))
    pairs = evaluation.find_confused_pairs(matrix, n=1)
    worst = pairs[0][:2] if pairs else (0, 0)
    with st.container(horizontal=True):
        names = [
            widgets.select(label, _CLASSES, key=key, default=str(index), always_in_url=True, width=200)
            for label, key, index in (
                ("What they are", "true", worst[0]),
                ("What they were called", "called", worst[1]),
            )
        ]
    true, called = (None if name == _ANY else int(name) for name in names)
    found = evaluation.find_cell(answers.labels, answers.probabilities, true, called)
    if true is not None and called is not None:
        st.caption(f"{evaluation.say_confusion(true, called, len(found))}. The most confident come first.")
    else:
        st.caption(f"{len(found):,} items. Mistakes come first, the most confident before all others.")
    show_cards(answers, found, _CARDS, f"pair-{true}-{called}")
