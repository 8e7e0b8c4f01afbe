import re

import numpy as np
import pytest
from playwright.sync_api import expect

from fmnist_core.templates import draw_template
from tests.e2e.conftest import wait_until_idle
from tests.e2e.easel import Easel, show_bare

INK = 30

pytestmark = pytest.mark.browser

# The first answer may have to wait for Keras.
PATIENCE = 120_000
NOTHING = "Nothing drawn yet"

# How one draws each class: on both sides of the middle at once or not, thick outlines in a bright grey, where to fill
# them, thin lines in darker greys, and what it may be taken for.
DRAWINGS = {
    "T-shirt/top": (
        True,
        [[(140, 30), (112, 14), (84, 20), (40, 62), (60, 92), (86, 78), (86, 266), (140, 266)]],
        (140, 150),
        [],
        {"T-shirt/top"},
    ),
    "Trouser": (
        True,
        [[(140, 14), (100, 14), (90, 90), (86, 266), (122, 266), (140, 100)]],
        (110, 150),
        [],
        {"Trouser"},
    ),
    "Pullover": (
        True,
        [[(140, 24), (112, 14), (76, 26), (56, 80), (42, 264), (64, 266), (80, 120), (86, 110), (86, 250), (140, 250)]],
        (140, 150),
        [(60, [(78, 110), (72, 262)])],
        {"Pullover"},
    ),
    "Dress": (
        True,
        [[(140, 46), (116, 14), (100, 16), (104, 60), (108, 110), (86, 266), (140, 266)]],
        (140, 150),
        [],
        {"Dress"},
    ),
    "Coat": (
        True,
        [[(140, 24), (112, 14), (76, 26), (50, 80), (36, 258), (62, 262), (80, 130), (84, 120), (84, 266), (140, 266)]],
        (120, 150),
        [(60, [(140, 40), (140, 268)]), (60, [(80, 90), (72, 262)]), (120, [(100, 180), (118, 178)])],
        {"Coat", "Pullover", "Shirt"},
    ),
    "Sandal": (
        False,
        [
            [(20, 196), (80, 198), (160, 176), (260, 130)],
            [(30, 190), (60, 150), (100, 186)],
            [(254, 136), (254, 200)],
            [(170, 170), (210, 100), (264, 84), (262, 130)],
        ],
        None,
        [],
        {"Sandal"},
    ),
    "Shirt": (
        True,
        [[(140, 24), (112, 14), (76, 26), (54, 80), (40, 258), (64, 262), (80, 130), (86, 120), (86, 266), (140, 266)]],
        (120, 150),
        [(110, [(114, 70), (114, 250)]), (60, [(80, 90), (74, 262)]), (110, [(140, 40), (140, 262)])],
        {"Shirt", "Coat", "Pullover"},
    ),
    "Sneaker": (
        False,
        [[(16, 190), (16, 176), (90, 146), (160, 104), (200, 116), (256, 96), (264, 190), (16, 190)]],
        (180, 160),
        [(140, [(30, 190), (256, 190)])],
        {"Sneaker"},
    ),
    "Bag": (
        False,
        [[(30, 110), (250, 110), (260, 260), (20, 260), (30, 110)], [(90, 110), (100, 40), (180, 40), (190, 110)]],
        (140, 180),
        [(140, [(40, 170), (240, 170)])],
        {"Bag"},
    ),
    "Ankle boot": (
        False,
        [[(140, 20), (250, 20), (246, 110), (260, 250), (20, 250), (20, 214), (110, 160), (140, 20)]],
        (200, 180),
        [(120, [(24, 252), (256, 252)])],
        {"Ankle boot"},
    ),
}


@pytest.fixture
def easel(open_page):
    return Easel(open_page("/yours"))


@pytest.fixture
def bare(context):
    """The canvas alone, without a page around it."""
    return show_bare(context.new_page())


def start_from(easel, kind):
    easel.page.get_by_role("button", name=f"an {kind}").click()


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_garment_drawn_by_mouse_is_recognised(easel, name):
    on_both_sides, outlines, inside, details, accepted = DRAWINGS[name]
    if on_both_sides:
        easel.press("Both sides")
    for outline in outlines:
        easel.draw(*outline, steps=3)
    if inside is not None:
        easel.press("Fill")
        easel.draw(inside)
    easel.press("Brush")
    easel.set("Size", 5)
    for grey, line in details:
        easel.set("Grey", grey)
        easel.draw(*line, steps=3)
    # "Not sure" names what it could be in the sentence below; the bars name the most likely class in bold.
    answer = easel.page.get_by_role("tabpanel").first
    expect(easel.headline).not_to_contain_text(NOTHING, timeout=PATIENCE)
    wait_until_idle(easel.page)
    names = "|".join(map(re.escape, accepted))
    expect(answer.get_by_text(re.compile(rf"^\W*({names}), |could be ({names})")).first).to_be_visible()


def test_an_outline_is_laid_on_the_canvas(easel):
    start_from(easel, "outline")
    sneaker = easel.page.get_by_role("option", name="Outline of class Sneaker")
    sneaker.click()
    expect(easel.headline).to_contain_text("Sneaker", timeout=PATIENCE)
    # The list closes, so that the canvas is seen.
    expect(sneaker).to_have_count(0)
    assert (easel.pixels() == draw_template(7)).all()


def test_an_item_is_picked_from_the_grid(easel, dataset):
    start_from(easel, "item")
    easel.page.get_by_role("option", name=re.compile("Trouser")).first.click()
    first = dataset.test_images[dataset.test_labels == 1][0]
    easel.wait_for(lambda pixels: (pixels == np.kron(first, np.ones((10, 10)))).all())
    expect(easel.headline).to_contain_text("Trouser", timeout=PATIENCE)


# --- Scissors ---


def test_a_pullover_without_its_sleeves_is_none(easel):
    easel.press("Sleeves off")
    expect(easel.headline).to_contain_text("Pullover", timeout=PATIENCE)
    expect(easel.note).to_contain_text("Cut both sleeves off")
    expect(easel.find("Scissors")).to_have_attribute("aria-pressed", "true")
    whole = easel.pixels()
    easel.draw((82, 279), (82, 70), (80, 1))
    one = easel.pixels()
    assert one[:, :79].max() < INK  # but for specks that no eye sees
    assert (one[:, 84:] == whole[:, 84:]).all()
    easel.draw((198, 279), (198, 70), (200, 1))
    both = easel.pixels()
    assert both[:, 201:].max() < INK
    assert (both[:, 84:196] == whole[:, 84:196]).all()
    expect(easel.headline).to_contain_text(re.compile("T-shirt/top|Dress"))
    easel.press("Undo")
    easel.press("Undo")
    assert (easel.pixels() == whole).all()
    expect(easel.headline).to_contain_text("Pullover")


def test_both_sides_are_cut_at_once(bare):
    bare.press("Both sides")
    bare.draw((140, 40), (140, 240))
    bare.draw((30, 100), (250, 100))
    bare.press("Scissors")
    bare.draw((60, 60), (60, 140))
    drawn = bare.pixels()
    assert not drawn[:, :58].any()
    assert not drawn[:, 222:].any()
    assert drawn[100, 64:216].all()


def test_what_is_gone_round_falls_off(bare):
    bare.draw((60, 140), (220, 140))
    bare.press("Scissors")
    bare.draw((110, 110), (170, 110), (170, 170), (110, 170), (112, 114), steps=10)
    drawn = bare.pixels()
    assert not drawn[:, 112:168].any()
    assert drawn[140, 60:108].all()
    assert drawn[140, 172:220].all()


def test_a_cut_that_ends_within_the_garment_goes_on_straight(bare):
    bare.set("Size", 30)
    bare.draw((40, 140), (240, 140))
    bare.press("Scissors")
    bare.draw((200, 90), (200, 130))
    drawn = bare.pixels()
    assert not drawn[:, 202:].any()
    assert (drawn[112:168, 40:198] == 230).all()


def test_a_cut_through_nothing_says_so_and_cannot_be_undone(bare):
    bare.press("Scissors")
    expect(bare.note).to_contain_text("the smaller side falls off")
    bare.draw((30, 40), (250, 40))
    expect(bare.note).to_contain_text("Nothing was cut")
    expect(bare.find("Undo")).to_have_attribute("aria-disabled", "true")


# --- Drawing ---


def test_both_sides_are_drawn_filled_and_erased_at_once(bare):
    bare.press("Both sides")
    bare.draw((100, 40), (40, 40), (40, 120), (100, 120), (100, 40))
    bare.press("Fill")
    bare.draw((70, 80))
    bare.press("Eraser")
    bare.draw((70, 80), (70, 90))
    drawn = bare.pixels().astype(int)
    assert drawn[60, 60] == drawn[60, 219] == 230
    assert drawn[80, 70] == drawn[80, 209] == 0
    assert np.abs(drawn - drawn[:, ::-1]).max() <= 2
    bare.press("Both sides")
    bare.press("Brush")
    bare.draw((40, 200), (80, 200))
    assert not bare.pixels()[190:210, 140:].any()


def test_a_line_is_straight_and_so_is_a_stroke_with_shift(bare):
    def is_straight():
        bare.wait_for(lambda pixels: (pixels[100, 60:220] == 230).all())
        drawn = bare.pixels()
        assert not drawn[:87].any()
        assert not drawn[113:].any()

    bare.press("Line")
    bare.draw((60, 100), (140, 240), (220, 100))
    is_straight()
    bare.press("Clear")
    bare.press("Brush")
    bare.page.keyboard.down("Shift")
    bare.draw((60, 100), (140, 240), (220, 100))
    bare.page.keyboard.up("Shift")
    is_straight()


def test_a_drawing_can_be_flipped(bare):
    bare.draw((40, 60), (100, 60))
    drawn = bare.pixels()
    bare.press("Flip")
    assert (bare.pixels() == drawn[:, ::-1]).all()
    bare.page.keyboard.press("h")
    assert (bare.pixels() == drawn).all()


def test_what_python_lays_on_the_canvas_can_be_undone_and_brings_its_tool(bare):
    bare.draw((40, 60), (100, 60))
    drawn = bare.pixels()
    bare.page.evaluate("data => window.receive(data)", {"sheet": "", "version": 1, "tool": "scissors", "note": "Cut."})
    assert not bare.pixels().any()
    expect(bare.note).to_have_text("Cut.")
    expect(bare.find("Scissors")).to_have_attribute("aria-pressed", "true")
    bare.press("Undo")
    assert (bare.pixels() == drawn).all()
    # The same version again is no news: what is drawn stays.
    bare.page.evaluate("data => window.receive(data)", {"sheet": "", "version": 1})
    assert (bare.pixels() == drawn).all()


def test_what_cannot_be_done_is_disabled(bare):
    def disabled():
        return [n for n in ("Undo", "Redo", "Clear", "Flip") if bare.find(n).get_attribute("aria-disabled") == "true"]

    assert disabled() == ["Undo", "Redo", "Clear", "Flip"]
    bare.draw((40, 60), (100, 60))
    assert disabled() == ["Redo"]
    bare.page.keyboard.press("Control+z")
    assert disabled() == ["Undo", "Clear", "Flip"]
    bare.page.keyboard.press("Control+Shift+z")
    assert disabled() == ["Redo"]
    # Nothing is there to be rubbed out, so there is nothing more to undo.
    bare.press("Eraser")
    bare.draw((40, 200), (100, 200))
    bare.press("Undo")
    assert not bare.pixels().any()


def test_one_can_draw_with_the_keyboard_alone(bare):
    bare.sheet.focus()
    press = bare.page.keyboard.press
    press("s")
    expect(bare.find("Scissors")).to_have_attribute("aria-pressed", "true")
    press("b")
    press("ArrowUp")
    press("Space")
    for _ in range(5):
        press("Shift+ArrowRight")
    press("Space")
    press("Shift+ArrowDown")
    drawn = bare.pixels()
    assert (drawn[136, 140:220] == 230).all()
    assert not drawn[152:].any()
    # Each stroke is sent once, when the pen is lifted.
    assert len(bare.page.evaluate("window.sent")) == 1
    press("Delete")
    assert not bare.pixels().any()


def test_undo_and_settings_are_there_again_after_a_visit_to_another_page(easel):
    easel.draw((60, 60), (200, 60))
    one = easel.pixels()
    easel.set("Size", 20)
    easel.press("Both sides")
    easel.press("Eraser")
    easel.draw((100, 60), (110, 60))
    two = easel.pixels()
    assert (one != two).any()
    expect(easel.headline).not_to_contain_text(NOTHING, timeout=PATIENCE)
    wait_until_idle(easel.page)
    easel.page.get_by_role("link", name="Gallery").click()
    expect(easel.sheet).to_have_count(0)
    easel.page.get_by_role("link", name="Classify yours").click()
    expect(easel.sheet).to_be_visible()
    easel.wait_for(lambda pixels: (pixels == two).all())
    assert easel.page.get_by_label("Size").input_value() == "20"
    expect(easel.find("Both sides")).to_have_attribute("aria-pressed", "true")
    expect(easel.find("Eraser")).to_have_attribute("aria-pressed", "true")
    easel.press("Undo")
    assert (easel.pixels() == one).all()
    easel.press("Redo")
    assert (easel.pixels() == two).all()


def test_fingers_draw_and_cut_on_a_phone(browser, server):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(server.url + "/yours")
    wait_until_idle(page)
    easel = Easel(page)
    easel.sheet.scroll_into_view_if_needed()
    protocol = context.new_cdp_session(page)

    def swipe(*points):
        for kind, at in zip(["touchStart", *["touchMove"] * (len(points) - 1)], points, strict=True):
            x, y = easel.locate(at)
            protocol.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        protocol.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    swipe((60, 100), (100, 100), (160, 100), (220, 100))
    easel.wait_for(lambda pixels: (pixels[100, 62:218] == 230).all())
    easel.find("Scissors").click()
    expect(easel.find("Scissors")).to_have_attribute("aria-pressed", "true")
    swipe((180, 60), (180, 100), (180, 140))
    easel.wait_for(lambda pixels: not pixels[:, 182:].any())
    assert (easel.pixels()[100, 62:178] == 230).all()
    # Drawing does not scroll the page, and nothing sticks out of it.
    sizes = [easel.find(name).bounding_box() for name in ("Brush", "Scissors", "Clear", "Both sides")]
    assert all(box["height"] >= 40 and box["width"] >= 36 and box["x"] + box["width"] <= 390 for box in sizes)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
