import re

from playwright.sync_api import expect

# A worker may have to start, and the machine may be busy.
STUDY_MILLISECONDS = 180_000


def test_what_excites_channels_is_computed_and_looked_at(open_page):
    page = open_page("/inside?run=mcnn-proposed&view=Channels&layer=conv2d_1")
    page.get_by_role("button", name="Compute it").click()
    tiles = page.locator(".st-key-channel-tiles .tile")
    expect(tiles).to_have_count(32, timeout=STUDY_MILLISECONDS)
    expect(page.locator(".st-key-class-tiles .tile")).to_have_count(10, timeout=STUDY_MILLISECONDS)
    tiles.nth(3).click()
    expect(page.get_by_role("heading", name="Channel 3 of conv2d_1")).to_be_visible()
    expect(page).to_have_url(re.compile("channel=3"))
    items = page.locator(".st-key-exciting-tiles .tile")
    expect(items).to_have_count(9)
    values = [float(text) for text in page.locator(".st-key-exciting-tiles .line:last-child").all_inner_texts()]
    assert values == sorted(values, reverse=True)
    made = page.get_by_alt_text("The image made for channel 3")
    expect(made).to_be_visible(timeout=STUDY_MILLISECONDS)

    items.first.click()
    expect(page).to_have_url(re.compile(r"item=6\d{4}"))
    page.reload()
    expect(page.get_by_role("heading", name="Channel 3 of conv2d_1")).to_be_visible()
