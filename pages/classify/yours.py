"""Draw a garment or upload a picture of one, and see what a trained network takes it for."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import photos, prediction, runs
from fmnist_core.classes import CLASS_ICONS, CLASS_NAMES
from fmnist_core.errors import InvalidPictureError
from fmnist_core.figures.prediction import plot_probabilities
from fmnist_core.splits import ITEMS
from pages.shared import cache, canvas, pictures, widgets

CANVAS = "drawing"
PICTURES = ("png", "jpg", "jpeg", "webp", "gif", "bmp")


def lay_out_linked_item() -> None:
    """Put the item that a link has brought on the canvas, once: what is drawn on it then shall stay."""
    asked = st.query_params.pop("item", "")
    if asked.isascii() and asked.isdecimal() and len(asked) <= 6 and int(asked) < ITEMS:
        canvas.put_on_canvas(CANVAS, cache.dataset().images[int(asked)])


def lay_out_test_item(class_index: int) -> None:
    """Put another test item of a class on the canvas."""
    data = cache.dataset()
    members = np.flatnonzero(data.test_labels == class_index)
    canvas.put_on_canvas(CANVAS, data.test_images[np.random.default_rng().choice(members)])


def show_answer(image: NDArray[np.uint8], run: runs.Run, key: str, if_blank: str) -> None:
    """Show what the network answers, in words and as bars, and what it sees."""
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


@st.fragment
def draw(run: runs.Run) -> None:
    sheet, answer = st.columns([5, 7], gap="large")
    with sheet:
        drawing = canvas.canvas(CANVAS)
    with answer:
        show_answer(photos.prepare_drawing(drawing).image, run, "drawing", "Nothing drawn yet")
        with st.popover("Start from a test item"):
            st.caption("Lay one on the canvas, then change it.")
            with st.container(horizontal=True, gap="small"):
                for class_index, (icon, name) in enumerate(zip(CLASS_ICONS, CLASS_NAMES, strict=True)):
                    # Not pills, which Streamlit now and then reports twice when they are emptied at once.
                    st.button(f"{icon} {name}", key=f"example {name}", on_click=lay_out_test_item, args=(class_index,))


@st.fragment
def upload(run: runs.Run) -> None:
    source, answer = st.columns([5, 7], gap="large")
    chain = None
    with source:
        file = st.file_uploader("A picture of one garment", PICTURES, key="picture")
        if file is None:
            st.caption("A photograph on a plain background works best. Items of 28 × 28 pixels are taken as they are.")
        else:
            try:
                chain = photos.prepare_photo(photos.read_picture(file.getvalue()))
                pictures.show_picture(chain.steps[0].image, "The uploaded picture")
            except InvalidPictureError as error:
                st.error(str(error))
    with answer:
        show_answer(photos.BLANK if chain is None else chain.image, run, "upload", "No garment yet")
    if chain is not None:
        st.markdown("**From your picture to 28 × 28 pixels**")
        pictures.show_steps(chain.steps)


st.title("Classify yours")
st.caption(
    "Draw a garment or upload a picture of one, and a trained network says what it is. "
    "Try a pullover, then rub out its sleeves and see when it becomes a T-shirt."
)
answering_runs = sorted(runs.list_runs().with_model(), key=lambda run: not run.shipped)
if not answering_runs:
    st.info("There is no trained network to ask yet. Train one on the page Train, then come back.")
    st.stop()

lay_out_linked_item()
draw_tab, upload_tab = st.tabs(["Draw", "Upload"], key="input", bind="query-params")
with st.columns([5, 7], gap="large")[0]:
    chosen_run = widgets.pick_run(answering_runs, "Network that answers")
with draw_tab:
    draw(chosen_run)
with upload_tab:
    upload(chosen_run)
