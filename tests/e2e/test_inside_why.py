import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import wait_until_idle

ADDRESS = "/inside?run=mcnn-proposed&item=60012&view=Why"
# The overall colour of a canvas: red, green and blue summed over its pixels.
SUM = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, 28, 28);
  const sums = [0, 0, 0];
  data.forEach((value, index) => { if (index % 4 < 3) sums[index % 4] += value; });
  return sums;
}"""
LONG = 60_000


@pytest.fixture
def page(context, server):
    page = context.new_page()
    page.goto(server.url + ADDRESS)
    # The first visit loads Keras, which takes longer than a page may otherwise.
    expect(page.locator(".lab-overlay canvas")).to_have_count(6, timeout=3 * LONG)
    wait_until_idle(page)
    return page


def slide(page, value):
    page.locator(".lab-overlay input[type=range]").fill(str(value))


def test_a_row_for_the_answer_and_one_for_the_class_asked_about(page):
    rows = page.locator(".lab-overlay .row")
    expect(rows.locator("h4 b")).to_have_text(["Sneaker", "Sandal"])
    expect(rows.first.locator("h4")).to_contain_text("the answer and the truth")
    expect(rows.first.locator("figcaption b")).to_have_text(["Grad-CAM", "Integrated gradients", "Occlusion"])

    page.get_by_role("button", name="SmoothGrad", exact=True).click()
    expect(page.locator(".lab-overlay canvas")).to_have_count(8, timeout=LONG)
    page.get_by_role("button", name="Grad-CAM", exact=True).click()
    expect(rows.first.locator("figcaption b")).to_have_text(
        ["SmoothGrad", "Integrated gradients", "Occlusion"], timeout=LONG
    )

    page.get_by_role("combobox", name="And why not").click()
    page.get_by_role("option", name="Bag").click()
    expect(rows.locator("h4 b")).to_have_text(["Sneaker", "Bag"], timeout=LONG)
    expect(page).to_have_url(re.compile(r"[?&]class=8"))
    page.reload()
    expect(rows.locator("h4 b")).to_have_text(["Sneaker", "Bag"], timeout=LONG)
    expect(rows.last.locator("figcaption b")).to_have_text(["SmoothGrad", "Integrated gradients", "Occlusion"])


def test_the_slider_fades_from_the_garment_to_the_heat_and_stays_where_it_is(page):
    canvas = page.locator(".lab-overlay canvas").first
    slide(page, 0)
    red, green, blue = canvas.evaluate(SUM)
    # Grey, and the same under every method.
    assert red == green == blue > 0
    assert page.locator(".lab-overlay canvas").last.evaluate(SUM) == [red, green, blue]
    slide(page, 50)
    both = canvas.evaluate(SUM)
    assert both[0] > both[2]
    slide(page, 100)
    heat = canvas.evaluate(SUM)
    assert heat[0] > 1.5 * heat[2]
    # What was set stays when the page runs again.
    page.get_by_role("button", name="Gradient", exact=True).click()
    expect(page.locator(".lab-overlay canvas")).to_have_count(8, timeout=LONG)
    assert page.locator(".lab-overlay canvas").first.evaluate(SUM) == heat


def test_another_layer_gives_another_heat_map(page):
    slide(page, 100)
    canvas = page.locator(".lab-overlay canvas").first
    before = canvas.evaluate(SUM)
    page.get_by_role("combobox", name="Layer for Grad-CAM").click()
    page.get_by_role("option", name="conv2d_1 · 14 × 14").click()
    expect(page).to_have_url(re.compile("cam=conv2d_1"), timeout=LONG)
    changed = (canvas.evaluate(SUM) != before for _ in range(600) if page.wait_for_timeout(100) is None)
    assert any(changed)


def test_the_pictures_are_put_to_the_test(page):
    page.get_by_text("Does it change when the network forgets?").click()
    tiles = page.locator(".st-key-cascade .tile")
    # As trained, then down to each of the seven layers with kernels.
    expect(tiles).to_have_count(8, timeout=LONG)
    expect(tiles.first).to_contain_text("rank 1.00")
    expect(tiles.last).to_contain_text("conv2d")
    expect(page.get_by_text(re.compile("It passes:|Take care:"))).to_be_visible()

    page.get_by_text("Does the answer go with the hottest pixels?").click()
    expect(page.get_by_text(re.compile(r"Area under the curve: deletion \d\.\d\d"))).to_be_visible(timeout=LONG)
    expect(page.locator(".stPlotlyChart")).to_have_count(2, timeout=LONG)
