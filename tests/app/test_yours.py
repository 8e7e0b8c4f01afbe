import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core import runs
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import InvalidPictureError
from fmnist_core.templates import EXAMPLES
from pages.shared.canvas import SIDE, decode_sheet, encode_sheet


@pytest.fixture
def open_yours(open_page):
    def open_yours(drawing=None):
        page = open_page("classify/yours.py")
        if drawing is None:
            return page
        page.session_state["drawing_kept"] = {"sheet": encode_sheet(drawing), "version": 0}
        return page.run(timeout=60)

    return open_yours


def headlines(page):
    return [subheader.value for subheader in page.subheader]


def open_starts(page, which):
    page.session_state[f"{which} open"] = True
    return page.run(timeout=60)


def read_canvas(page):
    return decode_sheet(page.session_state["drawing_kept"]["sheet"])


def test_a_blank_canvas_gets_no_answer(open_yours):
    page = open_yours()
    assert headlines(page) == ["✏️ Nothing drawn yet"]
    assert not page.exception


def test_a_drawn_item_gets_its_class(open_yours, dataset):
    boot = dataset.test_images[0]  # an ankle boot
    page = open_yours(np.kron(boot, np.ones((10, 10), np.uint8)))
    assert headlines(page)[0].startswith("🥾 Ankle boot, ")
    assert not page.exception


def test_the_reference_run_answers_unless_another_is_chosen(open_yours):
    own = runs.create_run(TrainingConfig(), "threads/model-3", status=runs.FINISHED)
    (own.path / "model.keras").touch()
    picker = open_yours().selectbox(key="run")
    assert picker.value == runs.ANSWERING_RUN
    assert own.title in picker.options


def test_beside_a_damaged_network_another_can_be_chosen(open_yours):
    own = runs.create_run(TrainingConfig(), "threads/model-3", status=runs.FINISHED)
    (own.path / "model.keras").write_bytes(b"no network")
    page = open_yours(np.full((SIDE, SIDE), 200, np.uint8))
    sound = page.selectbox(key="run").value
    page.selectbox(key="run").select(own.run_id).run()
    assert len(page.exception) == 1
    page.selectbox(key="run").select(sound).run()
    assert not page.exception
    assert len(headlines(page)) == 1


def test_a_test_item_can_be_laid_on_the_canvas(open_yours, dataset):
    page = open_starts(open_yours(), "items")
    page.button(key="example Trouser").click().run()
    canvas = read_canvas(page)
    item = canvas[::10, ::10]
    trousers = dataset.test_images[dataset.test_labels == CLASS_NAMES.index("Trouser")]
    assert (trousers == item).all(axis=(1, 2)).any()
    assert (canvas == np.kron(item, np.ones((10, 10), np.uint8))).all()
    assert headlines(page)[0] != "✏️ Nothing drawn yet"


@pytest.mark.parametrize("item", [0, 59_999, 69_999])
def test_any_item_can_be_laid_on_the_canvas_by_its_number(open_yours, dataset, item):
    page = open_starts(open_yours(), "items")
    page.number_input(key="item to edit").set_value(item).run()
    assert (read_canvas(page) == np.kron(dataset.images[item], np.ones((10, 10), np.uint8))).all()
    # The list closes, so that the canvas is seen.
    assert not page.session_state["items open"]


def test_the_grid_shows_items_of_the_class_that_was_asked_for_last(open_yours):
    page = open_starts(open_yours(), "items")
    assert "1 of 667" in [text.value for text in page.markdown]
    page.button(key="example Bag").click().run()
    assert page.session_state["items open"]
    assert "1 of 67" in [text.value for text in page.markdown]
    page.button(key="items to edit-on").click().run()
    assert "2 of 67" in [text.value for text in page.markdown]
    page.button(key="example Dress").click().run()
    assert "1 of 67" in [text.value for text in page.markdown]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_an_example_lays_its_item_out_and_hands_over_the_scissors(open_yours, dataset, example):
    page = open_yours()
    page.button(key=f"try {example.title}").click().run()
    kept = page.session_state["drawing_kept"]
    assert (read_canvas(page) == np.kron(dataset.images[example.item], np.ones((10, 10), np.uint8))).all()
    assert (kept["tool"], kept["note"]) == ("scissors", example.task)
    assert CLASS_NAMES[dataset.labels[example.item]] in headlines(page)[0]


def test_a_linked_item_is_laid_on_the_canvas_once(open_page, dataset):
    page = open_page("classify/yours.py", item="60012")
    laid = np.kron(dataset.images[60_012], np.ones((10, 10), np.uint8))
    np.testing.assert_array_equal(decode_sheet(page.session_state["drawing_kept"]["sheet"]), laid)
    assert not headlines(page)[0].startswith("✏️")
    # Otherwise each rerun would lay it over what is drawn.
    assert "item" not in page.query_params
    page.session_state["drawing_kept"]["sheet"] = ""
    assert headlines(page.run())[0] == "✏️ Nothing drawn yet"


@pytest.mark.parametrize("item", ["70000", "-1", "x", "²", "", "1" * 5_000])
def test_a_link_to_no_item_leaves_the_canvas_as_it_is(open_page, item):
    page = open_page("classify/yours.py", item=item)
    assert headlines(page)[0] == "✏️ Nothing drawn yet"
    assert not page.exception


# --- What canvas and page send each other ---


@given(st.lists(st.tuples(st.integers(1, 9000), st.integers(0, 255)), min_size=1, max_size=40))
def test_a_sheet_survives_the_way_to_the_browser_and_back(runs_of_pixels):
    pixels = np.resize(np.concatenate([np.full(length, grey, np.uint8) for length, grey in runs_of_pixels]), SIDE**2)
    sheet = pixels.reshape(SIDE, SIDE)
    assert (decode_sheet(encode_sheet(sheet)) == sheet).all()


def test_a_sheet_is_sent_as_runs_of_pixels():
    sheet = np.zeros((SIDE, SIDE), np.uint8)
    sheet[0, :3] = 9
    pairs = np.frombuffer(base64.b64decode(encode_sheet(sheet)), np.uint8).reshape(-1, 2)
    assert pairs[0].tolist() == [3, 9]
    assert pairs[1:, 0].sum(dtype=int) == SIDE * SIDE - 3
    assert not pairs[1:, 1].any()


@pytest.mark.parametrize("text", ["AA", "AAA=", "/w==", "nonsense", "ÿ", base64.b64encode(b"\xff\x01" * 9).decode()])
def test_what_is_no_sheet_is_refused(text):
    with pytest.raises(InvalidPictureError, match=r"A drawing must have 78,400 pixels"):
        decode_sheet(text)
