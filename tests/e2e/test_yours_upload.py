import base64
import csv
import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from fmnist_core import uploads
from fmnist_core.photo_examples import draw_example
from tests.e2e.conftest import wait_until_idle

pytestmark = pytest.mark.browser

# The first answer may have to wait for Keras.
PATIENCE = 120_000
BAD = b"%PDF-1.7 not a shoe"


class Desk:
    """The tab Upload."""

    def __init__(self, page):
        self.page = page
        self.panel = page.get_by_role("tabpanel", name="Upload")

    def heading(self, text):
        return self.panel.get_by_role("heading", name=text)

    def button(self, name):
        return self.panel.get_by_role("button", name=name)

    def hand_in(self, *files):
        # Until the page is complete the uploader before the last answer may still be there, beside the new one.
        wait_until_idle(self.page)
        self.panel.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
            [{"name": name, "mimeType": "application/octet-stream", "buffer": content} for name, content in files]
        )

    def expect_answer(self, text):
        expect(self.heading(text)).to_be_visible(timeout=PATIENCE)
        wait_until_idle(self.page)


@pytest.fixture
def desk(open_page):
    return Desk(open_page("/yours?input=Upload"))


@pytest.fixture
def bag(dataset):
    return uploads.encode_png(draw_example("carpet", dataset.images))


@pytest.fixture
def trousers(dataset):
    return uploads.encode_png(dataset.images[60_002])


def test_an_example_is_one_click_away_and_shows_its_steps(desk):
    # They are drawn when somebody first asks for them.
    desk.panel.get_by_role("option", name="A bag on a carpet").click(timeout=PATIENCE)
    desk.expect_answer("Bag")
    expect(desk.panel.get_by_text("Recognised as: photograph")).to_be_visible()
    names = desk.panel.locator("figcaption b").all_text_contents()
    assert names[0] == "1. Picture"
    assert len(names) >= 4
    expect(desk.panel.get_by_alt_text("The uploaded picture")).to_be_visible()


def test_many_pictures_are_a_table_from_which_one_is_opened_and_removed(desk, dataset, trousers, bag):
    boot = uploads.encode_png(255 - dataset.images[60_000])
    desk.hand_in(("boot.png", boot), ("paper.jpg", BAD), ("trousers.heic", trousers), ("bag", bag))
    desk.expect_answer("4 pictures")
    expect(desk.panel.get_by_text("paper.jpg: A picture must be a PNG")).to_be_visible()
    table = desk.panel.get_by_test_id("stDataFrame")
    # The line of the trousers: the head is 36 pixels high and each line 56.
    table.click(position={"x": 300, "y": 36 + 2 * 56 + 28})
    desk.expect_answer("Trouser")
    expect(desk.panel.get_by_text("trousers.heic")).to_be_visible()
    desk.button("All 4 pictures").click()
    desk.expect_answer("4 pictures")
    desk.hand_in(("landscape.png", uploads.encode_png(np.zeros((60, 90, 3), np.uint8))))
    desk.expect_answer("No garment found")
    desk.button("Remove").click()
    desk.expect_answer("4 pictures")


def test_the_table_is_downloaded_as_csv(desk, trousers):
    desk.hand_in(("paper.jpg", BAD), ("trousers.png", trousers))
    desk.expect_answer("2 pictures")
    with desk.page.expect_download() as download:
        desk.button("Table as CSV").click()
    paper, item = csv.DictReader(download.value.path().read_text(encoding="utf-8").splitlines())
    assert (paper["file"], paper["answer"], paper["confidence"]) == ("paper.jpg", "", "")
    assert paper["problem"].startswith("A picture must be")
    assert (item["file"], item["answer"], item["kind"]) == ("trousers.png", "Trouser", "Ready item")
    assert item["confidence"] == item["Trouser"]


def test_a_bad_file_is_told_in_one_sentence_and_the_next_is_answered(desk, trousers):
    desk.hand_in(("shoe.png", BAD))
    alert = desk.panel.get_by_test_id("stAlert")
    expect(alert).to_contain_text("A picture must be a PNG, JPEG, WebP, GIF or BMP file. Received: a PDF document")
    expect(desk.page.get_by_test_id("stException")).to_have_count(0)
    desk.hand_in(("trousers.png", trousers))
    desk.expect_answer("Trouser")
    expect(alert).to_have_count(0)


def test_a_picture_and_what_is_set_for_it_stay_while_other_pages_are_visited(desk, bag):
    desk.hand_in(("bag.png", bag))
    desk.expect_answer("Bag")
    desk.panel.get_by_text("What would change if").click()
    # A click beside the knob would move it at once.
    slider = desk.panel.get_by_role("slider", name="Turn the picture")
    slider.focus()
    slider.press("ArrowRight")
    expect(desk.panel.get_by_text("2. Turned")).to_be_visible()
    wait_until_idle(desk.page)
    desk.page.get_by_role("link", name="Gallery").click()
    expect(desk.panel).to_have_count(0)
    desk.page.get_by_role("link", name="Classify yours").click()
    desk.page.get_by_role("tab", name="Upload").click()
    expect(desk.panel.get_by_text("2. Turned")).to_be_visible()
    expect(desk.panel.get_by_text("bag.png")).to_be_visible()
    desk.panel.get_by_text("What would change if").click()
    expect(desk.panel.get_by_text("By the chain's own judgement")).to_be_visible()
    desk.button("Reset").click()
    expect(desk.panel.get_by_text("2. Turned")).to_have_count(0)


def test_a_frame_is_dragged_on_the_picture_and_taken_away_by_a_click(desk, bag):
    desk.hand_in(("bag.png", bag))
    desk.expect_answer("Bag")
    desk.panel.get_by_text("What would change if").click()
    frame = desk.panel.locator(".lab-frame")
    width, height = (frame.bounding_box()[side] for side in ("width", "height"))
    # It waits until nothing moves any more.
    frame.hover(position={"x": 0.25 * width, "y": 0.25 * height})
    desk.page.mouse.down()
    frame.hover(position={"x": 0.75 * width, "y": 0.75 * height})
    desk.page.mouse.up()
    framed = desk.panel.get_by_text("Framed")
    expect(framed).to_be_visible()
    knobs = desk.panel.get_by_role("slider", name="Look from left to right")
    expect(knobs.first).to_have_value(re.compile("^2[3-7]$"))
    expect(knobs.last).to_have_value(re.compile("^7[3-7]$"))
    wait_until_idle(desk.page)
    frame.click()
    expect(framed).to_have_count(0)
    expect(desk.button("Reset")).to_be_disabled()


# --- The clipboard ---

PASTE = """([content, type]) => {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], "shot", { type }));
    const event = { clipboardData: transfer, bubbles: true, composed: true };
    document.body.dispatchEvent(new ClipboardEvent("paste", event));
}"""


def encode(content):
    return base64.b64encode(content).decode()


def test_a_picture_is_pasted_by_keyboard(desk, trousers):
    expect(desk.button("Paste")).to_be_visible()
    desk.page.evaluate(PASTE, [encode(trousers), "image/png"])
    desk.expect_answer("Trouser")
    desk.page.evaluate(PASTE, [encode(BAD), "image/png"])
    expect(desk.panel.get_by_test_id("stAlert")).to_contain_text("a PDF document")


def test_a_large_picture_is_reduced_before_it_is_sent(desk, dataset):
    large = Image.fromarray(draw_example("carpet", dataset.images)).resize((1680, 1920))
    stream = io.BytesIO()
    large.save(stream, "PNG")
    expect(desk.button("Paste")).to_be_visible()
    desk.page.evaluate(PASTE, [encode(stream.getvalue()), "image/png"])
    desk.expect_answer("Bag")


def test_the_button_pastes_too_and_says_what_it_may_not(context, desk, trousers):
    desk.button("Paste").click()
    expect(desk.panel.get_by_text("The browser does not allow it. Press Ctrl+V instead.")).to_be_visible()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.page.evaluate(
        """async (content) => {
            const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
            const blob = new Blob([bytes], { type: "image/png" });
            await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
        }""",
        encode(trousers),
    )
    desk.button("Paste").click()
    desk.expect_answer("Trouser")


# --- On a phone ---


def test_everything_fits_on_a_phone(browser, server, trousers, bag):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(server.url + "/yours?input=Upload")
    wait_until_idle(page)
    desk = Desk(page)
    desk.panel.get_by_role("option", name="A boot in a shop").tap(timeout=PATIENCE)
    desk.expect_answer("Ankle boot")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    desk.hand_in(("trousers.png", trousers), ("bag.png", bag))
    desk.expect_answer("3 pictures")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
