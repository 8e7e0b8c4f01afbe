"""The pictures that a visitor has handed in: they stay while other pages are visited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from fmnist_core import photos, runs, uploads
from fmnist_core.verdict import Verdict
from pages.shared import cache

_KEPT = "pictures kept"
_OPEN = "picture open"
_LEFT_OUT = "pictures left out"


@dataclass
class Kept:
    """A picture, what is set for it, and what came of that.

    Attributes:
        upload: the file that was handed in.
        settings: for its way to 28 × 28 pixels.
        item: (28, 28) uint8, what the network gets; nothing but 0 if there is nothing to ask about.
        kind: what the picture was taken for, key of `photos.settings.KINDS`.
        verdict: the answer of the run, and about the item, for which it was asked last.
    """

    upload: uploads.Upload
    settings: photos.ChainSettings = field(default_factory=photos.ChainSettings)
    item: photos.Picture = field(default_factory=lambda: photos.BLANK)
    kind: str = ""
    verdict: tuple[str, float, bytes, Verdict] | None = None

    def prepare(self, settings: photos.ChainSettings) -> photos.Chain | None:
        """Go the picture's way with other settings; None if it could not be read."""
        if self.upload.picture is None:
            return None
        chain = cache.chain(self.upload, settings)
        self.settings, self.item, self.kind = settings, chain.image, chain.kind
        return chain

    def answer(self, run: runs.Run) -> Verdict | None:
        """Return what `ask` has found out for this run; None if there is no answer."""
        if self.verdict is None or self.verdict[:3] != _stamp(self, run):
            return None
        return self.verdict[3]


def pictures() -> list[Kept]:
    """Return all pictures, in the order in which they came."""
    return st.session_state.setdefault(_KEPT, [])


def count_left_out() -> int:
    """Return how many files were left out last time because there were too many."""
    return st.session_state.get(_LEFT_OUT, 0)


def opened() -> Kept | None:
    """Return the picture that is looked at alone; None if all are in a table, or there is none."""
    digest = st.session_state.get(_OPEN)
    return next((kept for kept in pictures() if kept.upload.digest == digest), None)


def open_picture(digest: str | None) -> None:
    """Look at one picture alone, or at all in a table if None; a picture that is alone stays open."""
    held = pictures()
    st.session_state[_OPEN] = held[0].upload.digest if len(held) == 1 else digest


def add(files: Iterable[tuple[str, bytes]], alone: bool) -> None:
    """Read files and go the way of each.

    Args:
        files: names and contents.
        alone: whether the last one is to be opened; otherwise all are shown in a table.
    """
    held, last = {kept.upload.digest: kept for kept in pictures()}, None
    st.session_state[_LEFT_OUT] = 0
    for name, content in files:
        digest = uploads.compute_digest(content)
        if digest not in held and len(held) >= uploads.MAX_UPLOADS:
            st.session_state[_LEFT_OUT] += 1
            continue
        if digest not in held:
            held[digest] = Kept(uploads.read_upload(name, content))
            held[digest].prepare(photos.ChainSettings())
            # At once, so that nothing is lost if a click interrupts the reading of the others.
            pictures().append(held[digest])
        last = digest
    open_picture(last if alone else None)


def remove(digest: str) -> None:
    """Remove a picture, and open the one that is left if there is only one."""
    st.session_state[_KEPT] = [kept for kept in pictures() if kept.upload.digest != digest]
    open_picture(None)


def clear() -> None:
    """Remove all pictures."""
    st.session_state[_KEPT] = []
    st.session_state[_LEFT_OUT] = 0


def ask(held: Sequence[Kept], run: runs.Run) -> None:
    """Ask a run's network about those pictures about which it has not been asked."""
    asked = [kept for kept in held if kept.item.any() and kept.answer(run) is None]
    if not asked:
        return
    answerer = cache.answerer(run.run_id, run.tested_at)
    images = np.stack([kept.item for kept in asked])
    verdicts = answerer.ask_many(images, [kept.kind in photos.PHOTOGRAPHS for kept in asked])
    for kept, verdict in zip(asked, verdicts, strict=True):
        kept.verdict = (*_stamp(kept, run), verdict)


def _stamp(kept: Kept, run: runs.Run) -> tuple[str, float, bytes]:
    return run.run_id, run.tested_at, kept.item.tobytes()
