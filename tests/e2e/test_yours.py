import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from fmnist_core.photos import prepare_drawing
from tests.e2e.conftest import wait_until_idle
from tests.e2e.easel import Easel

pytestmark = pytest.mark.browser

# A boot with its toe to the left, as all shoes in the data stand; in pixels of the sheet.
BOOT = [(190, 60), (190, 220), (40, 220), (40, 180), (120, 140), (130, 60), (190, 60)]
INSIDE = (160, 180)
SHOE = re.compile("Sandal|Sneaker|Ankle boot")
# The first answer may have to wait for Keras.
PATIENCE = 60_000


@pytest.fixture
def easel(open_page):
    return Easel(open_page("/yours"))


def test_a_drawn_boot_is_taken_for_a_shoe(easel):
    expect(easel.headline).to_contain_text("Nothing drawn yet")
    easel.draw(*BOOT)
    easel.press("Fill")
    easel.draw(INSIDE, INSIDE)
    expect(easel.headline).to_contain_text(SHOE, timeout=PATIENCE)
    wait_until_idle(easel.page)
    drawn = easel.pixels()
    assert (drawn[180, 60:180] == 230).all()
    wait_until_idle(easel.page)
    image = prepare_drawing(drawn).image
    # The answer to the last stroke comes last, and may be to the mirror image.
    either = (image, image[:, ::-1])
    easel.wait_for(lambda _: any((easel.seen() == expected).all() for expected in either))
    assert np.abs(easel.pixels(".preview").astype(int) - image).max() <= 1


def test_strokes_can_be_undone_redone_and_cleared(easel):
    blank = easel.pixels()
    easel.draw((60, 60), (200, 60))
    one = easel.pixels()
    easel.draw((60, 160), (200, 160))
    two = easel.pixels()
    assert 0 == blank.sum() < (one > 0).sum() < (two > 0).sum()
    easel.press("Undo")
    assert (easel.pixels() == one).all()
    easel.page.keyboard.press("Control+z")
    assert (easel.pixels() == blank).all()
    easel.page.keyboard.press("Control+y")
    easel.press("Redo")
    assert (easel.pixels() == two).all()
    easel.press("Clear")
    assert (easel.pixels() == blank).all()
    expect(easel.headline).to_contain_text("Nothing drawn yet", timeout=PATIENCE)
    easel.press("Undo")
    assert (easel.pixels() == two).all()
    expect(easel.headline).not_to_contain_text("Nothing drawn yet", timeout=PATIENCE)


def test_size_grey_and_eraser_do_what_they_say(easel):
    easel.page.get_by_label("Size").fill("20")
    easel.page.get_by_label("Grey").fill("100")
    easel.draw((60, 140), (220, 140))
    drawn = easel.pixels()
    assert drawn.max() == 100
    assert np.flatnonzero(drawn[:, 140] == 100).tolist() == list(range(120, 160))
    easel.press("Eraser")
    easel.draw((140, 60), (140, 220))
    assert not easel.pixels()[:, 121:159].any()
    assert (easel.pixels()[140, 60:119] == 100).all()


def test_a_closed_outline_fills_and_no_more(easel):
    easel.draw((80, 80), (200, 80), (200, 200), (80, 200), (80, 80))
    easel.press("Fill")
    easel.page.get_by_label("Grey").fill("90")
    easel.draw((140, 140), (140, 140))
    drawn = easel.pixels()
    assert (drawn[100:180, 100:180] == 90).all()
    assert (drawn[80, 80:200] == 230).all()
    assert not drawn[:60].any()


def test_the_drawing_stays_while_other_pages_are_visited(easel):
    easel.draw(*BOOT)
    expect(easel.headline).not_to_contain_text("Nothing drawn yet", timeout=PATIENCE)
    wait_until_idle(easel.page)
    drawn = easel.pixels()
    easel.page.get_by_role("link", name="Gallery").click()
    expect(easel.sheet).to_have_count(0)
    easel.page.get_by_role("link", name="Classify yours").click()
    expect(easel.sheet).to_be_visible()
    wait_until_idle(easel.page)
    assert (easel.pixels() == drawn).all()
    expect(easel.headline).not_to_contain_text("Nothing drawn yet")


def test_a_test_item_on_the_canvas_can_be_changed_and_undone(easel):
    easel.draw((60, 60), (200, 60))
    line = easel.pixels()
    expect(easel.headline).not_to_contain_text("Nothing drawn yet", timeout=PATIENCE)
    # An answer that arrives meanwhile would close the list again.
    wait_until_idle(easel.page)
    easel.page.get_by_role("button", name="an item").click()
    easel.page.get_by_role("button", name="Bag").click()
    easel.wait_for(lambda pixels: (pixels == np.kron(pixels[::10, ::10], np.ones((10, 10)))).all())
    easel.page.keyboard.press("Escape")
    # While the list is open, a click elsewhere only closes it.
    expect(easel.page.get_by_role("button", name="Bag")).to_be_hidden()
    easel.press("Undo")
    assert (easel.pixels() == line).all()


def test_a_finger_draws_on_a_phone(browser, server):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(server.url + "/yours")
    wait_until_idle(page)
    easel = Easel(page)
    page.touchscreen.tap(*easel.locate((140, 100)))
    assert easel.pixels()[100, 140] == 230
    expect(easel.headline).not_to_contain_text("Nothing drawn yet", timeout=PATIENCE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def as_file(name, content):
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def test_an_uploaded_item_is_recognised(open_page, dataset):
    page = open_page("/yours?input=Upload")
    trousers = dataset.test_images[2]
    stream = io.BytesIO()
    Image.fromarray(255 - trousers).save(stream, "PNG")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(as_file("trousers.png", stream.getvalue()))
    expect(page.get_by_role("heading", name="Trouser")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Negated", exact=False).first).to_be_visible()
