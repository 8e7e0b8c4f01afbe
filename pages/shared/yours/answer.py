"""What a network answers: in words, as bars, and what it saw."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import prediction, runs
from fmnist_core.classes import CLASS_ICONS
from fmnist_core.figures.prediction import plot_probabilities
from pages.shared import cache, pictures


def show_answer(image: NDArray[np.uint8], run: runs.Run, key: str, if_blank: str) -> None:
    """Show what the network answers, in words and as bars, and what it sees.

    Args:
        image: (28, 28) uint8, bright on black; nothing but 0 if there is nothing to ask about.
        run: whose network answers.
        key: the inputs and charts are kept by it.
        if_blank: what is said in the place of an answer.
    """
    probabilities, seen = np.zeros(10), image
    if image.any():
        predictor = cache.predictor(run.run_id, run.tested_at)
        probabilities, seen = prediction.predict_either_way(predictor, image)
        answer = prediction.read_answer(probabilities)
        icon = "🤔" if answer.abstained else CLASS_ICONS[answer.class_index]
        st.subheader(f"{icon} {answer.headline}", anchor=False)
        st.caption(answer.comment)
    else:
        st.subheader(f"✏️ {if_blank}", anchor=False)
        st.caption("Ten probabilities, one for each class, will stand here.")
    bars, view = st.columns([3, 2], gap="medium")
    with view:
        st.markdown("**What the network sees**")
        pictures.show_picture(seen, "The 28 × 28 pixels that the network sees")
        st.caption("Yours or its mirror image, whichever it is surer of: the shoes that it learned from point left.")
    bars.plotly_chart(plot_probabilities(probabilities), key=f"{key} bars", config={"displayModeBar": False})
