import re

from playwright.sync_api import expect

from tests.e2e.conftest import wait_until_idle

# What tests pairs has to be imported first, beside all else that a server does at its start.
PATIENCE = 90_000


def test_runs_are_compared_and_a_link_brings_all_of_it_back(open_page):
    page = open_page("/runs?view=Compare&compare=mcnn-proposed,gone,fitch-model-7")
    expect(page.get_by_text("not any more: gone. The others are shown.")).to_be_visible()
    curves = page.locator(".st-key-compared-curves .scatterlayer .trace")
    expect(curves).to_have_count(2, timeout=PATIENCE)
    page.get_by_role("radio", name="Loss").click()
    page.get_by_role("radio", name="Both").click()
    expect(curves).to_have_count(4)
    page.get_by_role("tab", name="Is it chance?").click()
    sentence = page.get_by_text(re.compile("proposed is better than model-7 by .* that would be chance"))
    expect(sentence).to_be_visible(timeout=PATIENCE)
    wait_until_idle(page)
    page.reload()
    expect(page.get_by_text("not any more")).to_have_count(0)
    expect(sentence).to_be_visible(timeout=PATIENCE)
    expect(curves).to_have_count(4)
    expect(page.get_by_role("radio", name="Loss")).to_be_checked()


def test_a_link_to_what_a_popover_holds_survives_other_choices(open_page):
    page = open_page("/runs?view=Compare&compare=mcnn-proposed,fitch-model-7&align=best&smooth=0.5")
    page.get_by_role("radio", name="Loss").click()
    # While plotly redraws there are two titles for a moment.
    expect(page.locator(".st-key-compared-curves .ytitle", has_text="loss")).to_be_visible()
    page.get_by_role("button", name="View").click()
    expect(page.get_by_role("radio", name="Best epoch")).to_be_checked()
    expect(page.locator(".st-key-compared-curves .xtitle", has_text="counted from the best epoch")).to_be_visible()


def test_a_phone_needs_no_scrolling_sideways(open_page):
    page = open_page("/runs?view=Compare&compare=mcnn-proposed,fitch-model-7,threads-model-3&below=Classes")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".st-key-compared-classes .barlayer .trace")).to_have_count(3, timeout=PATIENCE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
