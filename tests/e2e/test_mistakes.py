import re

from playwright.sync_api import expect


def click_cell(page, true_class, predicted_class):
    """Click the middle of a cell, wherever plotly has drawn it."""
    chart = page.locator(".st-key-confusion .plotly .nsewdrag").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    x = box["x"] + box["width"] * (predicted_class + 0.5) / 10
    y = box["y"] + box["height"] * (true_class + 0.5) / 10
    page.mouse.move(x, y)
    # Plotly clicks what it hovers over.
    expect(page.locator(".st-key-confusion .hovertext")).to_be_visible()
    page.mouse.click(x, y)


def test_a_click_on_a_cell_shows_its_items(open_page):
    page = open_page("/mistakes?run=mcnn-proposed")
    expect(page.get_by_test_id("stMetric").first).to_contain_text(re.compile(r"\d\d\.\d\d%"))
    click_cell(page, 6, 0)
    heading = page.get_by_role("heading", name="Shirt called T-shirt/top")
    expect(heading).to_be_visible()
    count = int(re.match(r"([\d,]+)", heading.inner_text()).group(1).replace(",", ""))
    assert count > 10
    assert page.url.endswith("cell=6-0")
    beside = page.locator(".st-key-cell-cards .card")
    expect(beside).to_have_count(4)
    for card in beside.all():
        expect(card.locator(".sentence")).to_contain_text("Shirt, called T-shirt/top")
        expect(card.locator("dt")).to_have_count(10)

    page.reload()
    expect(page.get_by_role("heading", name="Shirt called T-shirt/top")).to_be_visible()
    page.get_by_role("button", name="Back to all classes").click()
    expect(page.get_by_role("heading", name="By class")).to_be_visible()


def test_the_gallery_turns_its_pages(open_page):
    page = open_page("/mistakes?run=mcnn-proposed")
    cards = page.locator(".st-key-mistakes-cards .sentence")
    expect(cards).to_have_count(12)
    first = cards.first.inner_text()
    page.get_by_role("button", name="›").last.click()
    expect(cards.first).not_to_have_text(first)
