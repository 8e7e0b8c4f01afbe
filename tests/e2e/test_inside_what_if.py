import re

from playwright.sync_api import expect


def press(page, name, key, times):
    """Move a slider by its keys, and wait until each move has arrived."""
    slider = page.locator(f".st-key-if-{name}").get_by_role("slider")
    slider.focus()
    for _ in range(times):
        slider.press(key)


def test_the_answer_and_the_address_follow_a_slider(open_page):
    page = open_page("/inside?run=mcnn-proposed&item=60000&view=What+if")
    heading = page.get_by_role("heading", level=5)
    expect(heading).to_have_text("Still Ankle boot, over 99% → over 99%")
    changed = page.get_by_alt_text("The item changed")
    before = changed.get_attribute("src")
    press(page, "scale", "Home", 1)
    expect(changed).not_to_have_attribute("src", before)
    expect(page).to_have_url(re.compile("if-scale=0.5"))
    expect(heading).not_to_have_text("Still Ankle boot, over 99% → over 99%")
    expect(page.get_by_alt_text(re.compile("What speaks for"))).to_be_visible()

    page.reload()
    expect(changed).to_be_visible()
    expect(page.locator(".st-key-if-scale").get_by_role("slider")).to_have_value("0.5")
    page.get_by_role("button", name="As it was").click()
    expect(heading).to_have_text("Still Ankle boot, over 99% → over 99%")
    expect(changed).to_have_attribute("src", before)
    expect(page).not_to_have_url(re.compile("if-scale"))


def test_what_is_painted_on_the_item_is_seen_by_the_network(open_page):
    page = open_page("/inside?run=mcnn-proposed&item=60000&view=What+if")
    changed = page.get_by_alt_text("The item changed")
    before = changed.get_attribute("src")
    page.get_by_text("Paint on it").click()
    sheet = page.locator(".st-key-what-if-drawing canvas").first
    sheet.scroll_into_view_if_needed()
    expect(sheet).to_be_visible()
    expect(changed).to_have_attribute("src", before)
    box = sheet.bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.25 * box["height"], steps=5)
    page.mouse.up()
    expect(changed).not_to_have_attribute("src", before)


def test_nothing_sticks_out_on_a_phone(open_page):
    page = open_page("/inside?run=mcnn-proposed&item=60000&view=What+if")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_alt_text("The item changed")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
