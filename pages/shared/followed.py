"""Pictures that somebody follows through a training: what its network says of them after every epoch."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import run_data, runs, watched
from fmnist_core.classes import CLASS_ICONS, CLASS_NAMES
from fmnist_core.figures.strips import draw_strip
from pages.shared import cache, canvas
from pages.shared.item_strips import explain_colors, say_likely, write_story

_CANVAS = "followed"


def show_followed(run: runs.Run) -> None:
    """Let the user choose a picture to follow, and show what the run has said so far of those that are followed."""
    if run.config.is_baseline:
        st.info(
            "A classical classifier is fitted at once, without epochs: there is nothing to follow a drawing through."
        )
        return
    if run.shipped:
        st.info("The reference run came with the lab and will not train again; its network can be asked at once.")
        st.page_link("classify/yours.py", label="Ask it", icon="🎨", query_params={"run": run.run_id})
        return
    st.markdown(_say_prospect(run))
    sheet, answers = st.columns([1.15, 1], gap="large")
    with sheet:
        _choose_picture(run.run_id)
    with answers:
        st.fragment(_show_stories, run_every=2.0 if run.active else None)(run.run_id, run.active)


def _say_prospect(run: runs.Run) -> str:
    if run.active:
        return "Draw a garment of your own: at the end of every epoch from now on, this network will be asked about it."
    if run.resumable or run.extendable:
        return (
            "This run does not train at the moment. Its last network can be asked at once; if the run goes on, so will "
            "the story. What it would have said in earlier epochs cannot be known, for only the last network is kept."
        )
    return "This run will not train again, but its last network can be asked at once."


@st.fragment
def _choose_picture(run_id: str) -> None:
    run = runs.load_run(run_id)
    buttons = st.container(horizontal=True, gap="small")  # above the sheet, where they are seen
    image = canvas.prepare(canvas.canvas(_CANVAS))
    is_full = watched.count_pictures(run) >= watched.MOST
    with buttons:
        if st.button("Follow it", type="primary", disabled=is_full or not image.any(), key="follow"):
            watched.add_picture(run, image)
            st.rerun()  # the whole page: what is followed is another part of it
        with st.popover("Take a test item"):
            st.caption("Lay one on the canvas; change it if you like.")
            with st.container(horizontal=True, gap="small"):
                for class_index, (icon, name) in enumerate(zip(CLASS_ICONS, CLASS_NAMES, strict=True)):
                    st.button(f"{icon} {name}", key=f"take {name}", on_click=_lay_out, args=(class_index,))
    if is_full:
        st.caption(f"{watched.MOST} are followed, and that is all there is room for. Remove one first.")


def _lay_out(class_index: int) -> None:
    data = cache.dataset()
    members = np.flatnonzero(data.test_labels == class_index)
    canvas.put_on_canvas(_CANVAS, data.test_images[np.random.default_rng().choice(members)])


def _show_stories(run_id: str, was_active: bool) -> None:
    run = runs.load_run(run_id)
    if was_active != run.active:
        st.rerun()  # the whole page, so that polling ends or begins
    found, stories = watched.load_pictures(run), watched.load_stories(run)
    n_epochs = len(run_data.load_history(run))
    if found.unreadable:
        st.warning(f"Of the files of pictures to follow, {len(found.unreadable)} cannot be read and are left out.")
        st.button("Remove them", on_click=_remove, args=(run, *found.unreadable), key="remove damaged")
    if not found.names:
        st.info("Nothing is followed yet. Draw something, then press Follow it; all who watch this run will see it.")
        return
    for name, image in zip(found.names, found.images, strict=True):
        with st.container(gap=None):
            _show_story(run, image, stories.get(name), n_epochs)
            st.button("Remove", on_click=_remove, args=(run, name), key=f"remove {name}", type="tertiary")
    st.html(explain_colors())
    st.caption(
        "A column is an epoch, filled with the ten probabilities in the colours of their classes, the one that was "
        "the likeliest over all epochs at the bottom. Empty columns are epochs before anybody asked."
    )


def _remove(run: runs.Run, *names: str) -> None:
    for name in names:
        watched.remove_picture(run, name)


def _show_story(run: runs.Run, image: NDArray[np.uint8], story: watched.Story | None, n_epochs: int) -> None:
    rows = np.zeros((0, len(CLASS_NAMES)), np.float32) if story is None else story.spread(n_epochs)
    strip = draw_strip(rows, int(rows.sum(axis=0).argmax()), judged=False) if rows.any() else ""
    if len(rows) and rows[-1].any():
        since = int(story.epochs[0]) if story is not None else 1
        asked = "asked after every epoch" if since == 1 else f"asked since epoch {since}"
        headline, lines = say_likely(rows[-1]), (f"after epoch {n_epochs} of {run.config.epochs}", asked)
    elif run.active:
        headline, lines = "No answer yet", (f"it comes when epoch {n_epochs + 1} ends",)
    elif run.has_model:
        headline = say_likely(cache.predictor(run.run_id, run.tested_at)(image[np.newaxis])[0])
        lines = ("by the network at the end", "not asked in epochs before")
    else:
        headline, lines = "No answer", ("there is no network to ask",)
    st.html(write_story(image, headline, lines, strip))
