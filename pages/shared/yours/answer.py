"""What a network answers: in words, as bars, and what it saw; then, when it is opened, a closer look."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import answering, runs
from fmnist_core.classes import CLASS_ICONS
from fmnist_core.figures.prediction import plot_probabilities
from fmnist_core.photos.settings import PHOTOGRAPHS
from pages.shared import cache, pictures
from pages.shared.yours import closer, feedback


def show_answer(image: NDArray[np.uint8], run: runs.Run, key: str, if_blank: str, kind: str = "drawing") -> None:
    """Show what the network answers, in words and as bars, what it sees, and what can be opened to look closer.

    Args:
        image: (28, 28) uint8, bright on black; nothing but 0 if there is nothing to ask about.
        run: whose network answers.
        key: the inputs and charts are kept by it.
        if_blank: what is said in the place of an answer.
        kind: what the picture was taken for, key of `photos.settings.KINDS`.
    """
    verdict, probabilities = None, np.zeros(10)
    if image.any():
        answerer = cache.answerer(run.run_id, run.tested_at)
        verdict = answerer.ask(image, kind in PHOTOGRAPHS)
        probabilities = verdict.probabilities
        icon = "🤔" if verdict.abstained else CLASS_ICONS[verdict.class_index]
        st.subheader(f"{icon} {verdict.headline}", anchor=False, help=_explain(answerer, verdict.photographed))
        st.caption(verdict.comment)
    else:
        st.subheader(f"✏️ {if_blank}", anchor=False)
        st.caption("Ten probabilities, one for each class, will stand here.")
    bars, view = st.columns([3, 2], gap="medium")
    with view:
        st.markdown("**What the network sees**")
        seen = image if verdict is None else verdict.seen
        pictures.show_picture(seen, "The 28 × 28 pixels that the network sees")
        st.caption("Yours or its mirror image, whichever it is surer of: the shoes that it learned from point left.")
    bars.plotly_chart(plot_probabilities(probabilities), key=f"{key} bars", config={"displayModeBar": False})
    if verdict is not None:
        feedback.show_feedback(image, verdict, run, kind, key)
        closer.show_closer(verdict, run, key)


def _explain(answerer: answering.Answerer, photographed: bool) -> str:
    averaged = "What the network says of the picture or its mirror image"
    if photographed:
        averaged = f"The mean over {answering.N_VARIANTS // 2} versions of the picture, as it is and smaller"
        averaged += "; T-shirts, trousers and pullovers, which people photograph most, count for more, bags for less"
    if answerer.trust is None:
        return f"{averaged}. When to believe this network has not been found out yet; see The nearest training items."
    if not answerer.trust.validated:
        return f"{averaged}. It is not calibrated, because this run kept no validation items to do so with."
    return (
        f"{averaged}, then calibrated on {answerer.trust.validated:,} of the run's validation items, so that of the "
        "answers that say 80% about four in five are right, for pictures like those."
    )
