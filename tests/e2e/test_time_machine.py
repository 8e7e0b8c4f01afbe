import re

import pytest
from playwright.sync_api import expect

from tests.e2e.trainings import start

PAGE = "/train?run=mcnn-proposed&watch=Time+machine"


@pytest.fixture
def past(open_page):
    """The reference run's 46 epochs."""
    page = open_page(PAGE)
    expect(page.locator(".matrix .cell")).to_have_count(100)
    return page


def counts(page):
    return [int(text or 0) for text in page.locator(".matrix .count").all_text_contents()]


def slider(page):
    return page.get_by_role("slider", name="Travel in time")


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
    now = counts(past)
    slider(past).focus()
    past.keyboard.press("ArrowLeft")
    expect(slider(past)).to_have_attribute("aria-valuetext", "Epoch 45")
    expect(past.get_by_text("what has changed since epoch 44")).to_be_visible()
    assert counts(past) != now
    expect(stories(past)).to_contain_text("epoch 45: ")
    past.keyboard.press("Home")
    expect(stories(past)).to_contain_text("epoch 1: ")
    # Every epoch judges the same 6,000 items.
    assert sum(counts(past)) == sum(now) == 6_000
    past.wait_for_url("**epoch=1**")
    past.reload()
    expect(stories(past)).to_contain_text("epoch 1: ")
    expect(slider(past)).to_have_attribute("aria-valuetext", "Epoch 1")


def test_the_matrix_follows_the_pointer_before_it_is_let_go_and_python_hears_where_it_ends(past):
    now = counts(past)
    box = slider(past).bounding_box()
    past.mouse.move(box["x"] + box["width"] - 8, box["y"] + box["height"] / 2)
    past.mouse.down()
    past.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2, steps=10)
    expect(slider(past)).to_have_attribute("aria-valuetext", "Epoch 1")
    assert counts(past) != now
    assert sum(counts(past)) == 6_000
    assert "epoch=" not in past.url
    past.mouse.up()
    expect(stories(past)).to_contain_text("epoch 1: ")


def test_time_runs_to_the_end_and_can_be_held(past):
    past.get_by_role("button", name="Play all epochs").click()
    expect(slider(past)).not_to_have_attribute("aria-valuetext", "Epoch 46")
    past.get_by_role("button", name="Pause").click()
    held = slider(past).get_attribute("aria-valuetext")
    expect(stories(past)).to_contain_text(f"{held.lower()}: ")
    past.get_by_role("button", name="Play all epochs").click()
    expect(slider(past)).to_have_attribute("aria-valuetext", "Epoch 46", timeout=30_000)
    expect(stories(past)).to_contain_text("epoch 46: ")


def test_a_cell_says_what_it_holds_and_opens_it_by_click_and_by_key(past):
    cell = past.get_by_role("gridcell", name=re.compile(r"^\d+ Shirt taken for Coat"))
    count = int(cell.get_attribute("aria-label").split()[0])
    cell.click()
    expect(past.get_by_text(f"{count} Shirt taken for Coat after epoch 46")).to_be_visible()
    past.wait_for_url("**cell=6-4**")
    expect(cell).to_have_attribute("aria-selected", "true")
    cell.press("ArrowUp")
    past.keyboard.press("Enter")
    expect(past.get_by_text(re.compile(r"^\d+ Sandal taken for Coat after epoch 46"))).to_be_visible()
    past.get_by_role("button", name="Other items").click()
    expect(past.get_by_label("Look at those")).to_be_visible()
    expect(past.locator(".cell[aria-selected=true]")).to_have_count(0)


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
    start(page, server)
    page.get_by_role("tab", name="Time machine").click()
    expect(stories(page).or_(page.get_by_text("There is no such item."))).to_be_visible(timeout=40_000)
    # Who stands at the newest epoch is taken along.
    expect(page.get_by_role("slider", name="Travel in time")).to_have_attribute(
        "aria-valuetext", "Epoch 3", timeout=60_000
    )
