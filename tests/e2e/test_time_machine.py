import re

import pytest
from playwright.sync_api import expect

PAGE = "/train?run=mcnn-proposed&watch=Time+machine"


@pytest.fixture
def past(open_page):
    """The reference run's 46 epochs."""
    page = open_page(PAGE)
    expect(page.locator(".st-key-accuracy-then .scatterlayer")).to_be_visible()
    return page


def stories(page):
    return page.get_by_test_id("stHtml").filter(has_text=re.compile(r"epoch \d+: "))


def drag_over_map(page, left, top, right, bottom):
    """Draw a rectangle by hand; its corners are shares of the map's width and height, from the top left."""
    chart = page.locator(".st-key-cartography .nsewdrag").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    points = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in corners]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=8)
    page.mouse.up()


def test_the_arrow_keys_travel_in_time(past):
    expect(stories(past)).to_contain_text("epoch 46: ")
    cell = past.locator(".st-key-confusion-then .textpoint text").first
    now = cell.text_content()
    past.get_by_role("slider", name="Travel in time").focus()
    past.keyboard.press("ArrowLeft")
    expect(stories(past)).to_contain_text("epoch 45: ")
    past.keyboard.press("Home")
    expect(stories(past)).to_contain_text("epoch 1: ")
    expect(cell).not_to_have_text(now)
    past.wait_for_url("**epoch=1**")
    past.reload()
    expect(stories(past)).to_contain_text("epoch 1: ")


def test_a_click_pins_an_item_and_another_one_lets_it_go(past):
    tiles = past.locator(".st-key-then .tile")
    expect(tiles).to_have_count(24)
    name = re.search(r"train item [\d,]+", tiles.nth(7).get_attribute("aria-label"))[0]
    tiles.nth(7).click()
    expect(stories(past).locator("img[alt*='train item']")).to_have_count(1)
    expect(stories(past)).to_contain_text(name)
    past.wait_for_url(f"**pins={name.removeprefix('train item ').replace(',', '')}**")
    past.get_by_role("button", name="Unpin all").click()
    expect(stories(past).locator("img[alt*='train item']")).to_have_count(6)


def test_dots_that_are_drawn_around_open_their_items_and_one_of_them_its_story(past):
    drag_over_map(past, 0.01, 0.7, 0.4, 0.99)
    count = past.get_by_text(re.compile(r"^[\d,]+ selected$"))
    expect(count).to_be_visible()
    assert 20 < int(count.inner_text().split()[0].replace(",", "")) < 600
    tiles = past.locator(".st-key-cartography-items .tile")
    name = re.search(r"train item [\d,]+", tiles.first.get_attribute("aria-label"))[0]
    tiles.first.click()
    expect(stories(past)).to_contain_text(name)
    expect(stories(past)).to_contain_text(re.compile("never right|wrong at the end|forgotten"))
    # What was selected is still there.
    expect(count).to_be_visible()
    past.get_by_role("button", name=re.compile("Ambiguous")).click()
    expect(count).to_have_count(0)


def test_nothing_sticks_out_on_a_phone(past):
    past.set_viewport_size({"width": 390, "height": 844})
    expect(past.get_by_role("slider", name="Travel in time")).to_be_visible()
    assert past.evaluate("document.documentElement.scrollWidth") <= 390
    assert past.locator("[data-testid=stMain]").evaluate("main => main.scrollWidth") <= 390


def test_a_run_that_trains_brings_its_epochs_one_by_one(open_page, server):
    page = open_page("/train?recipe=threads/ann&epochs=3&subset=3000")
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url("**run=2*")
    page.get_by_role("tab", name="Time machine").click()
    expect(stories(page).or_(page.get_by_text("There is no such item."))).to_be_visible(timeout=40_000)
    # Who stands at the newest epoch is taken along.
    expect(page.get_by_role("slider", name="Travel in time")).to_have_attribute(
        "aria-valuetext", "Epoch 3", timeout=60_000
    )
