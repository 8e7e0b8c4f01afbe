import pytest
from playwright.sync_api import expect

PAGES = {
    "/": "Gallery",
    "/train": "Train",
    "/build": "Build",
    "/papers": "Papers",
    "/mistakes": "Mistakes",
    "/yours": "Classify yours",
}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_by_its_url_on_a_cold_server(path, cold_server, open_page):
    page = open_page(path, cold_server)
    expect(page.get_by_role("heading", name=PAGES[path], exact=True)).to_be_visible()
    assert page.get_by_role("dialog").count() == 0
    # The frame is there, not only the page.
    for title in PAGES.values():
        expect(page.get_by_test_id("stSidebarNav").get_by_role("link", name=title)).to_be_visible()


def test_the_gallery_is_found_by_its_name_too(open_page, server):
    page = open_page("/gallery?page=3")
    expect(page.get_by_role("heading", name="Gallery", exact=True)).to_be_visible()
    expect(page.get_by_test_id("stSidebarNav").get_by_role("link", name="Gallery")).to_have_count(1)
    assert page.get_by_role("dialog").count() == 0
    # What a link says of it is kept.
    expect(page.get_by_text("Items 51 to 75 of 60,000")).to_be_visible()
    assert page.url.startswith(f"{server.url}/?")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_no_other_host(path, open_page, requests_seen, server):
    page = open_page(path)
    page.wait_for_timeout(1000)
    assert requests_seen
    assert {url for url in requests_seen if not url.startswith((server.url, "data:", "blob:"))} == set()
