import re

import pytest
from playwright.sync_api import expect

CHANNELS = ".lab-surgery .channel"
# The first visitor waits for Keras to be loaded and the network to be compiled.
COLD_MS = 180_000


@pytest.fixture
def page(context, server):
    page = context.new_page()
    page.goto(f"{server.url}/inside?run=mcnn-proposed&view=Surgery&operated=conv2d_4")
    expect(page.locator(CHANNELS)).to_have_count(128, timeout=COLD_MS)
    expect(page.get_by_test_id("stMetric").first).to_contain_text("nothing is silenced", timeout=COLD_MS)
    return page


def test_a_click_silences_a_channel_and_another_lets_it_be_heard_again(page):
    channels = page.locator(CHANNELS)
    metric = page.get_by_test_id("stMetric").first
    whole = re.search(r"[\d.]+%", metric.inner_text()).group()

    # Quick clicks, each before the answer to the one before.
    for position in (2, 4, 9):
        channels.nth(position).click()
    expect(page.get_by_text("3 of 128 silenced")).to_be_visible()
    expect(page.locator(f"{CHANNELS}[aria-pressed=true]")).to_have_count(3)
    expect(page.get_by_role("heading", name="What each class loses")).to_be_visible()
    expect(page).to_have_url(re.compile("silenced=2-4-9"))

    channels.nth(4).click()
    expect(page.get_by_text("2 of 128 silenced")).to_be_visible()

    page.get_by_role("button", name="Silence all").click()
    expect(page.get_by_text("128 of 128 silenced")).to_be_visible()
    expect(page.locator(f"{CHANNELS}[aria-pressed=true]")).to_have_count(128)
    expect(metric).to_contain_text("10.0%")

    page.reload()
    expect(page.locator(f"{CHANNELS}[aria-pressed=true]")).to_have_count(128)
    page.get_by_role("button", name="Hear all").click()
    expect(page.locator(f"{CHANNELS}[aria-pressed=true]")).to_have_count(0)
    expect(metric).to_contain_text(whole)
    expect(metric).to_contain_text("nothing is silenced")


def test_the_keyboard_reaches_every_channel(page):
    channels = page.locator(CHANNELS)
    channels.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(channels.nth(2)).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_text("1 of 128 silenced")).to_be_visible()
    expect(channels.nth(2)).to_have_attribute("aria-pressed", "true")
    expect(channels.nth(2)).to_have_attribute("aria-label", "Channel 2")


def test_the_study_shows_which_channels_matter(page):
    page.get_by_role("button", name="Compute it").click()
    chart = page.locator(".st-key-ablation .plotly")
    expect(chart).to_be_visible(timeout=COLD_MS)
    page.get_by_role("button", name="Silence the 5 most important").click()
    expect(page.get_by_text("5 of 128 silenced")).to_be_visible()
    expect(page.locator(f"{CHANNELS}[aria-pressed=true]")).to_have_count(5)
