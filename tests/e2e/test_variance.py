import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def open_variance(open_page):
    return lambda **query: open_page("/map?view=Explained+variance" + "".join(f"&{k}={v}" for k, v in query.items()))


def pictures(page):
    """The addresses of the rebuilt items' pictures, a pair for each: as it is, and rebuilt."""
    tiles = page.locator(".st-key-rebuilt-items .tile")
    expect(tiles).to_have_count(10)
    return [tuple(image.get_attribute("src") for image in tile.locator("img").all()) for tile in tiles.all()]


def test_the_slider_rebuilds_the_items(open_variance):
    page = open_variance(k=600)
    before = pictures(page)
    assert all(original != rebuilt for original, rebuilt in before)
    first = page.locator(".st-key-rebuilt-items .tile").first
    expect(first).to_contain_text("kept")
    page.get_by_role("slider", name="Components used (k)").press("End")
    expect(page.get_by_text("k = 784 holds 100.0% of the variance")).to_be_visible()
    expect(first).to_contain_text("off by 0.0")
    after = pictures(page)
    assert [original for original, _ in after] == [original for original, _ in before]
    assert all(original == rebuilt for original, rebuilt in after)
    expect(page).to_have_url(re.compile("k=784"))

    page.get_by_role("slider", name="Components used (k)").press("Home")
    expect(page.get_by_text("k = 0 holds 0.0% of the variance")).to_be_visible()
    # Without components all are the mean.
    assert len({rebuilt for _, rebuilt in pictures(page)}) == 1

    page.get_by_role("button", name="Other items").click()
    expect(page).to_have_url(re.compile("draw=1"))
    expect(first.locator("img").first).not_to_have_attribute("src", before[0][0])


def test_a_component_that_is_clicked_shows_its_loadings(open_variance):
    page = open_variance()
    garments = page.locator(".st-key-eigen-garments .tile")
    expect(garments).to_have_count(25)
    expect(garments.nth(0)).to_have_attribute("aria-selected", "true")
    lowest = page.locator(".st-key-lowest-items .tile")
    expect(lowest.first).to_have_attribute("aria-label", re.compile("Sandal"))

    garments.nth(2).click()
    expect(page.get_by_text("Lowest along component 3")).to_be_visible()
    expect(page.get_by_text("6.02% of the variance")).to_be_visible()
    expect(garments.nth(2)).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(re.compile("component=3"))
    expect(lowest).to_have_count(10)
    expect(lowest.first).to_have_attribute("aria-label", re.compile("Ankle boot"))

    garments.nth(2).press("ArrowDown")
    expect(page.get_by_text("Lowest along component 8")).to_be_visible()
    # The number beside them and the pictures are one choice.
    page.get_by_role("spinbutton", name="Component").fill("2")
    page.get_by_role("spinbutton", name="Component").press("Enter")
    expect(garments.nth(1)).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text("Lowest along component 2")).to_be_visible()
    garments.nth(7).click()
    expect(page.get_by_text("Lowest along component 8")).to_be_visible()
    expect(page).to_have_url(re.compile("component=8"))

    chart = page.locator(".st-key-loadings .plotly .nsewdrag").first
    chart.scroll_into_view_if_needed()
    chart.hover()
    expect(page.locator(".st-key-loadings .hovertext")).to_contain_text(re.compile(r"x 1[34], y 1[34]: [+−]"))

    page.reload()
    expect(page.get_by_text("Lowest along component 8")).to_be_visible()


def test_a_phone_scrolls_down_only(open_variance):
    page = open_variance()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".st-key-errors .plotly .xtitle")).to_have_count(1)
    widths = page.evaluate("[document.querySelector('[data-testid=stMain]').scrollWidth, window.innerWidth]")
    assert widths[0] <= widths[1]
