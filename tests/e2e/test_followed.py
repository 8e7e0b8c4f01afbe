import re

from playwright.sync_api import expect

from tests.e2e.trainings import start


def draw(page):
    canvas = page.locator(".drawing")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.6, steps=5)
    page.mouse.up()


def story(page):
    return page.get_by_test_id("stHtml").filter(has_text=re.compile("No answer yet|after epoch"))


def test_a_drawing_is_answered_after_each_epoch_for_all_who_watch(open_page, server):
    page = open_page("/train?recipe=threads/ann&epochs=25&subset=3000")
    start(page, server)
    page.get_by_role("tab", name="Your drawing").click()
    expect(page.get_by_text("Nothing is followed yet")).to_be_visible()
    expect(page.get_by_role("button", name="Follow it")).to_be_disabled()
    draw(page)
    page.get_by_role("button", name="Follow it").click()
    expect(story(page)).to_be_visible()
    expect(story(page)).to_contain_text("after epoch 25 of 25", timeout=150_000)
    expect(story(page).locator("img[src^='data:image/svg']")).to_be_visible()

    other = open_page(page.url.removeprefix(re.match(r"https?://[^/]+", page.url)[0]))
    expect(story(other)).to_contain_text("after epoch 25 of 25")
    other.get_by_role("button", name="Remove").click()
    expect(other.get_by_text("Nothing is followed yet")).to_be_visible()


def test_nothing_sticks_out_on_a_phone(open_page, server):
    page = open_page("/train?recipe=threads/ann&epochs=1&subset=1000")
    start(page, server)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("tab", name="Your drawing").click()
    expect(page.get_by_role("button", name="Follow it")).to_be_visible()
    assert page.locator("[data-testid=stMain]").evaluate("main => main.scrollWidth") <= 390
