"""Was this right? What a visitor says of an answer is kept on the machine that runs the lab."""

import hashlib
import secrets
import time
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import corrections, runs
from fmnist_core.classes import CLASS_ICONS, CLASS_NAMES
from fmnist_core.corrections import Correction
from fmnist_core.errors import FmnistError
from fmnist_core.verdict import Verdict

_VISIT = "visit"
_VOTES = "votes"
_TROUBLE = "vote that was not kept"


@dataclass(frozen=True)
class _Vote:
    truth: int
    with_picture: bool


def visit() -> str:
    """Return what tells this visit from others."""
    return st.session_state.setdefault(_VISIT, secrets.token_hex(8))


def show_feedback(image: NDArray[np.uint8], verdict: Verdict, run: runs.Run, kind: str, key: str) -> None:
    """Ask whether an answer is right, or after a "not sure" what it is; one vote a picture, which can be changed.

    Nothing is read from files here, so that it costs a stroke next to nothing.

    Args:
        image: what the network was asked about, (28, 28) uint8, not blank.
        verdict: what it answered.
        run: whose network answered.
        kind: of the picture, "drawing" or "photo" for example.
        key: the inputs are kept by it.
    """
    picture = hashlib.sha256(b"|".join([visit().encode(), run.run_id.encode(), image.tobytes()])).hexdigest()[:32]
    answer, confidence = verdict.class_index, min(float(verdict.confidence), 1.0)
    shown = Correction(
        picture, visit(), run.run_id, kind, answer, answer, confidence, verdict.abstained, 0.0, image.tobytes()
    )
    vote: _Vote | None = _votes().get(picture)
    keep = f"{key} keep {picture}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{key} feedback"):
        st.markdown("What is it really?" if verdict.abstained else "Was this right?", width="content")
        if not verdict.abstained:
            chosen = "primary" if vote and vote.truth == answer else "secondary"
            st.button("Yes", key=f"{key} yes", type=chosen, on_click=_vote, args=(shown, answer, key, keep))
        _show_classes(shown, vote, key, keep)
        if vote is not None:
            st.button("Take back", key=f"{key} withdraw", type="tertiary", on_click=_withdraw, args=(picture, key))
        st.checkbox(
            "Keep the picture too",
            key=keep,
            value=vote is not None and vote.with_picture,
            on_change=_change_picture,
            args=(shown, key, keep),
        )
    trouble = st.session_state.pop(_trouble(key), None)
    if trouble is not None:
        st.error(trouble)
    st.caption("Kept on the machine that runs the lab and sent nowhere; the picture only if you tick the box.")


def forget(pictures: set[str] | None = None) -> None:
    """Forget the votes on some pictures, or all of this visit, when their corrections have been deleted."""
    for picture in [picture for picture in _votes() if pictures is None or picture in pictures]:
        del _votes()[picture]


def _show_classes(shown: Correction, vote: _Vote | None, key: str, keep: str) -> None:
    others = [index for index in range(len(CLASS_NAMES)) if shown.abstained or index != shown.answer]
    beginning = "It is" if shown.abstained else "No, it is"
    is_chosen = vote is not None and vote.truth in others
    label = f"{beginning} {CLASS_NAMES[vote.truth]}" if vote is not None and is_chosen else f"{beginning} …"
    which = st.popover(label, key=_which(key), type="primary" if is_chosen else "secondary", on_change="rerun")
    # Ten buttons more would cost every stroke something.
    if which.open:
        with which.container(horizontal=True, gap="small"):
            for index in others:
                st.button(
                    f"{CLASS_ICONS[index]} {CLASS_NAMES[index]}",
                    key=f"{key} truth {index}",
                    on_click=_vote,
                    args=(shown, index, key, keep),
                )


def _votes() -> dict[str, _Vote]:
    return st.session_state.setdefault(_VOTES, {})


def _which(key: str) -> str:
    return f"{key} truth"


def _trouble(key: str) -> str:
    return f"{key} {_TROUBLE}"


def _vote(shown: Correction, truth: int, key: str, keep: str) -> None:
    st.session_state[_which(key)] = False
    _keep(shown, _Vote(truth, bool(st.session_state.get(keep))), key)


def _change_picture(shown: Correction, key: str, keep: str) -> None:
    vote = _votes().get(shown.key)
    if vote is not None:
        _keep(shown, _Vote(vote.truth, bool(st.session_state[keep])), key)


def _keep(shown: Correction, vote: _Vote, key: str) -> None:
    pixels = shown.pixels if vote.with_picture else None
    # In a callback an error would cost the visitor the whole page.
    try:
        corrections.record_correction(replace(shown, truth=vote.truth, made=time.time(), pixels=pixels))
        _votes()[shown.key] = vote
    except FmnistError as error:
        st.session_state[_trouble(key)] = str(error)


def _withdraw(picture: str, key: str) -> None:
    try:
        corrections.delete_corrections([picture])
        forget({picture})
    except FmnistError as error:
        st.session_state[_trouble(key)] = str(error)
