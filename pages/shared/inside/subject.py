"""The item that a network is looked into with: one of the data, or one's own."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import evaluation, prediction, runs
from fmnist_core.classes import CLASS_ICONS, CLASS_NAMES
from fmnist_core.exploration import name_item
from fmnist_core.splits import ITEMS, TRAIN_ITEMS
from pages.shared import cache, canvas, pictures

OWN = "own"

_ITEM, _CANVAS = "item", "inside drawing"


@dataclass(frozen=True, eq=False)
class Subject:
    """What the network is asked about.

    Attributes:
        image: (28, 28) uint8.
        label: its true class, None for one's own.
        item: its number, 0 to 69,999; None for one's own.
        name: in words.
        probabilities: what the network says of it, (10,) float32.
    """

    image: NDArray[np.uint8]
    label: int | None
    item: int | None
    name: str
    probabilities: NDArray[np.float32]

    @property
    def predicted(self) -> int:
        """The class that the network gives it."""
        return int(self.probabilities.argmax())


def offer_items(run: runs.Run) -> None:
    """Show how to take another item: one at random, a mistake, one by number, or a drawing."""
    with st.container(horizontal=True, gap="small", horizontal_alignment="right"):
        st.button("Any test item", on_click=_take, args=(None,), help="Take one at random", key="any item")
        if run.has_evaluation:
            st.button(
                "A mistake", on_click=_take_mistake, args=(run,), help="One that this network gets wrong", key="err"
            )
        with st.popover("Choose"):
            _offer_numbers()
        with st.popover("Your own"):
            _offer_canvas()


def show_subject(run: runs.Run) -> Subject:
    """Show the item that the URL names, and what the network says of it; return it."""
    subject = _read_subject(run)
    answer = prediction.read_answer(subject.probabilities)
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        with st.container(width=88):
            pictures.show_picture(subject.image, subject.name)
        with st.container(
            gap=None,
        ):
            st.markdown(f"#### {answer.headline}")
            st.caption(f"{subject.name}. {_judge(subject)}")
    return subject


def _judge(subject: Subject) -> str:
    if subject.label is None:
        return "Nobody but you knows what it is."
    is_right = subject.label == subject.predicted
    if subject.probabilities.max() < prediction.SURE_FROM:
        return f"The best guess, {CLASS_NAMES[subject.predicted]}, is {'right' if is_right else 'wrong'}."
    name = CLASS_NAMES[subject.label]
    return "Right." if is_right else f"Wrong: it is {'an' if name[0] in 'AEIOU' else 'a'} {name}."


def _read_subject(run: runs.Run) -> Subject:
    asked = st.query_params.get(_ITEM, "")
    predictor = cache.predictor(run.run_id, run.tested_at)
    if asked == OWN:
        image = canvas.prepare(canvas.decode_sheet(canvas.read_sheet(_CANVAS)))
        return Subject(image, None, None, "Your drawing", predictor(image[np.newaxis])[0])
    is_item = asked.isascii() and asked.isdecimal() and int(asked[:6]) < ITEMS
    item = int(asked[:6]) if is_item else _find_first_mistake(run)
    data = cache.dataset()
    image, label = data.images[item], int(data.labels[item])
    return Subject(image, label, item, name_item(item, label), predictor(image[np.newaxis])[0])


def _find_first_mistake(run: runs.Run) -> int:
    """Return what a first visit looks at: an item that the network gets wrong, the first of its test part."""
    if not run.has_evaluation:
        return TRAIN_ITEMS
    answers = cache.answers(run.run_id, run.tested_at)
    wrong = answers.probabilities.argmax(axis=1) != answers.labels
    return int(answers.items[wrong.argmax()])


def _offer_numbers() -> None:
    st.number_input("Item of the official test set", 0, ITEMS - TRAIN_ITEMS - 1, 0, key="test index", on_change=_go)
    st.caption("Or one of a class, at random:")
    with st.container(horizontal=True, gap="small"):
        for class_index, (icon, name) in enumerate(zip(CLASS_ICONS, CLASS_NAMES, strict=True)):
            st.button(f"{icon} {name}", key=f"any {name}", on_click=_take, args=(class_index,))


def _go() -> None:
    st.query_params[_ITEM] = str(TRAIN_ITEMS + int(st.session_state["test index"]))


@st.fragment
def _offer_canvas() -> None:
    st.caption("Draw a garment, then look into the network with it.")
    canvas.canvas(_CANVAS)
    if st.button("Look at this one", type="primary", key="look at own"):
        st.query_params[_ITEM] = OWN
        st.rerun()  # the whole page is about it


def _take(class_index: int | None) -> None:
    labels = cache.dataset().test_labels
    members = np.arange(len(labels)) if class_index is None else np.flatnonzero(labels == class_index)
    st.query_params[_ITEM] = str(TRAIN_ITEMS + int(np.random.default_rng().choice(members)))


def _take_mistake(run: runs.Run) -> None:
    answers = cache.answers(run.run_id, run.tested_at)
    wrong = evaluation.find_mistakes(answers.labels, answers.probabilities)
    if len(wrong):
        st.query_params[_ITEM] = str(int(answers.items[np.random.default_rng().choice(wrong)]))
