import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.selection import Selection, find_items, take_page


def tiles(page: Page):
    return page.get_by_role("listbox").get_by_role("option")


def picked(page: Page):
    return page.get_by_role("listbox").get_by_role("option", selected=True)


def expect_query(page: Page, name: str, value: str) -> None:
    expect(page).to_have_url(re.compile(rf"[?&]{name}={re.escape(value)}(&|$)"))


def read_canvas(page: Page, selector: str) -> np.ndarray:
    """Return the grey values of a 28×28 canvas inside one of our components."""
    values = page.locator(selector).evaluate(
        "canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, index) => index % 4 === 0)"
    )
    return np.array(values, dtype=np.uint8).reshape(28, 28)


def test_click_shows_the_item_large(open_page, dataset):
    page = open_page("/")
    expect(page.get_by_role("heading", name="Ankle boot")).to_be_visible()
    tiles(page).nth(3).click()
    expect(page.get_by_role("heading", name="Dress")).to_be_visible()
    expect(page.get_by_role("img", name="Dress, train item 3")).to_be_visible()
    np.testing.assert_array_equal(read_canvas(page, ".picture"), dataset.images[3])
    expect(picked(page)).to_have_attribute("aria-label", "Dress, train item 3")
    expect_query(page, "item", "3")


def test_thumbnails_show_their_items(open_page, dataset, tmp_path):
    page = open_page("/?size=100")
    # Shown at exactly twice its size and photographed, a thumbnail must give back its item's pixels.
    tile = tiles(page).nth(57)
    tile.evaluate("tile => { tile.style.cssText += ';position:fixed;z-index:9;top:200px;left:600px;width:56px' }")
    tile.locator(".thumbnail").screenshot(path=tmp_path / "tile.png")
    with Image.open(tmp_path / "tile.png") as shot:
        pixels = np.asarray(shot.convert("L"), dtype=int)[:56, :56][::2, ::2]
    assert np.abs(pixels - dataset.images[57]).max() <= 1


def test_arrow_keys_walk_through_the_items(open_page):
    page = open_page("/")
    tiles(page).nth(0).click()
    for key, item in (("ArrowRight", 1), ("ArrowDown", 6), ("ArrowLeft", 5), ("ArrowUp", 0), ("End", 24), ("Home", 0)):
        page.keyboard.press(key)
        expect(tiles(page).nth(item)).to_be_focused()
        expect(tiles(page).nth(item)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowLeft")
    expect(tiles(page).nth(0)).to_be_focused()
    expect_query(page, "item", "0")


def test_fast_walk_ends_where_the_last_key_led(open_page, dataset):
    page = open_page("/?size=100")
    tiles(page).nth(0).click()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    expect_query(page, "item", "12")
    expect(page.get_by_role("img", name="train item 12")).to_be_visible()
    expect(picked(page)).to_have_attribute("aria-label", f"{CLASS_NAMES[dataset.labels[12]]}, train item 12")


def test_pages_turn(open_page):
    page = open_page("/")
    expect(page.get_by_text("of 2,400")).to_be_visible()
    page.get_by_role("button", name="›").click()
    expect(tiles(page).first).to_have_attribute("aria-label", re.compile("train item 25$"))
    expect(page.get_by_text("Items 26 to 50 of 60,000")).to_be_visible()
    expect_query(page, "page", "2")
    page.get_by_role("spinbutton", name="Page").fill("2400")
    page.keyboard.press("Enter")
    expect(tiles(page).last).to_have_attribute("aria-label", re.compile("train item 59,999$"))
    page.get_by_role("button", name="‹").click()
    expect(page.get_by_text("Items 59,951 to 59,975 of 60,000")).to_be_visible()


def test_link_restores_what_was_chosen(open_page, browser, dataset):
    page = open_page("/")
    page.get_by_role("radio", name="Random").click()
    page.get_by_role("spinbutton", name="Seed").fill("5")
    page.keyboard.press("Enter")
    page.get_by_role("radio", name="100", exact=True).click()
    page.get_by_role("button", name="›").click()
    items = take_page(
        found := find_items(Selection(order="random", seed=5), dataset.labels), Selection(size=100, page=2)
    )
    assert len(found) == 60_000
    expect(tiles(page).first).to_have_attribute("aria-label", re.compile(f"train item {items[0]:,}$"))
    tiles(page).nth(42).click()
    expect_query(page, "item", str(items[42]))
    page.get_by_role("radio", name="Pixel values").click()
    expect(page.get_by_role("region", name="Pixel values")).to_be_visible()
    expect_query(page, "detail", "Pixel+values")

    other = browser.new_page()
    other.goto(page.url)
    expect(tiles(other)).to_have_count(100)
    expect(tiles(other).first).to_have_attribute("aria-label", re.compile(f"train item {items[0]:,}$"))
    expect(picked(other)).to_have_attribute("aria-label", re.compile(f"train item {items[42]:,}$"))
    expect(other.get_by_role("region", name="Pixel values")).to_be_visible()
    other.close()


def test_another_view_and_back_keeps_the_selection(open_page):
    page = open_page("/?order=One+class&class=Bag&size=100&page=3")
    first = tiles(page).first.get_attribute("aria-label")
    page.get_by_role("tab", name="Typical items").click()
    expect(page.get_by_role("heading", name="Median")).to_be_visible()
    expect_query(page, "view", "Typical+items")
    page.get_by_role("tab", name="Items", exact=True).click()
    expect(tiles(page)).to_have_count(100)
    expect(tiles(page).first).to_have_attribute("aria-label", first)


def test_every_value_of_the_item_is_written_out(open_page, dataset):
    page = open_page("/?detail=Pixel+values&item=7")
    cells = page.get_by_role("region", name="Pixel values").locator("td")
    expect(cells).to_have_count(784)
    assert [int(text) for text in cells.all_text_contents()] == dataset.images[7].ravel().tolist()
    sizes = cells.nth(400).evaluate(
        "cell => [cell.scrollWidth, cell.clientWidth, parseFloat(getComputedStyle(cell).fontSize)]"
    )
    assert sizes[0] <= sizes[1]
    assert sizes[2] >= 10


@pytest.mark.parametrize("size", [25, 400])
def test_csv_holds_the_items_shown(open_page, dataset, size):
    page = open_page(f"/?order=Random&shuffle=3&size={size}&from=Test+items")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    assert download.value.suggested_filename == "fashion-mnist-test-random-page-1.csv"
    table = pd.read_csv(download.value.path())
    items = find_items(Selection(order="random", part="test", seed=3), dataset.labels)[:size]
    assert table["label"].tolist() == dataset.labels[items].tolist()
    np.testing.assert_array_equal(table.iloc[:, 1:], dataset.images[items].reshape(size, 784))


def test_sheet_is_a_picture_of_the_items_shown(open_page, dataset):
    page = open_page("/")
    with page.expect_download() as download:
        page.get_by_role("button", name="PNG sheet").click()
    with Image.open(download.value.path()) as sheet:
        first = np.asarray(sheet)[8 : 8 + 112 : 4, 8 : 8 + 112 : 4]
    np.testing.assert_array_equal(first, dataset.images[0])


def test_wrong_indices_are_explained_and_can_be_mended(open_page):
    page = open_page("/?order=By+index&indices=1-x")
    expect(page.get_by_role("alert")).to_contain_text("must be numbers and ranges below 70,000, such as 0-24, 42")
    page.get_by_role("textbox", name="Indices").fill("0, 42")
    page.keyboard.press("Enter")
    expect(tiles(page)).to_have_count(2)


def test_a_class_can_be_highlighted(open_page):
    page = open_page("/")
    chip = page.get_by_role("button", name="Trouser")
    chip.click()
    expect(page.locator(".tile:not(.dimmed)")).to_have_count(2)
    expect(chip).to_have_attribute("aria-pressed", "true")
    chip.click()
    expect(page.locator(".tile.dimmed")).to_have_count(0)


def test_on_a_phone_nothing_is_wider_than_the_screen_and_the_item_stands_below(open_page):
    page = open_page("/?size=400")
    page.set_viewport_size({"width": 390, "height": 844})
    grid, picture = page.get_by_role("listbox").bounding_box(), page.locator(".picture").bounding_box()
    assert picture["y"] > grid["y"] + grid["height"]
    assert grid["height"] < 844 / 2 + 10
    assert tiles(page).first.bounding_box()["width"] >= 28
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= main.clientWidth")


@pytest.mark.parametrize("view", ["Items", "Classes", "Typical+items", "Pixels"])
def test_no_view_asks_another_host(requests_seen, open_page, server, view):
    page = open_page(f"/?view={view}")
    page.wait_for_load_state("networkidle")
    assert requests_seen
    assert [url for url in requests_seen if not url.startswith((server.url, "data:", "blob:"))] == []
