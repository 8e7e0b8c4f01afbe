import re

import numpy as np
import pytest
from playwright.sync_api import expect

from fmnist_core.interpretation.probing import PIXELS, Probe
from fmnist_core.storage import ASSETS
from tests.e2e.conftest import wait_until_idle

ITEM = 60_012
PAGE = f"/inside?run=mcnn-proposed&item={ITEM}"


@pytest.fixture(scope="module")
def probe():
    return Probe.load(ASSETS / "runs" / "mcnn-proposed" / "model.keras")


@pytest.fixture(scope="module")
def outputs(probe, dataset):
    image = dataset.images[ITEM][np.newaxis]
    made = probe.compute_outputs(image, [layer.name for layer in probe.layers])
    return {PIXELS: probe.scale(image)[0], **{name: each[0] for name, each in made.items()}}


@pytest.fixture(scope="module", autouse=True)
def warmed(browser, server):
    """The network opened once: the first visitor of a busy machine waits for Keras."""
    page = browser.new_page()
    page.goto(server.url + PAGE)
    expect(page.locator(".lab-operation[data-state=ready]")).to_be_visible(timeout=120_000)
    page.close()


def open_operation(open_page, layer, channel):
    page = open_page(f"{PAGE}&layer={layer}&channel={channel}")
    expect(page.locator(".lab-operation[data-state=ready]")).to_be_visible()
    return page


def point_at(page, canvas, place, shape):
    """Put the pointer on a pixel of a picture."""
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    x, y = ((place[axis] + 0.5) / shape[axis] * box[side] for axis, side in ((1, "width"), (0, "height")))
    page.mouse.move(box["x"] + x, box["y"] + y)


def read_number(page, line):
    return float(page.locator(f".sums dd[data-line={line}]").inner_text().replace("−", "-").replace(",", ""))


def expect_pixel(page, place, shape, expected):
    """Point at an output pixel, and compare what is shown with what Keras makes of it."""
    point_at(page, page.locator(".to .picture canvas"), place, shape)
    expect(page.locator(".lines h4")).to_have_text(f"Row {place[0]}, column {place[1]}")
    assert read_number(page, "output") == pytest.approx(float(expected), abs=1e-5)


@pytest.mark.parametrize(
    ("layer", "channel"),
    [
        ("conv2d", 3),
        ("batch_normalization", 9),
        ("max_pooling2d", 0),
        ("dropout", 4),
        ("conv2d_1", 17),
        ("max_pooling2d_2", 63),
    ],
)
def test_the_numbers_under_the_pointer_are_keras_own(open_page, outputs, layer, channel):
    page = open_operation(open_page, layer, channel)
    maps = outputs[layer][..., channel]
    last = maps.shape[0] - 1
    for place in ((0, 0), (last, last), (last // 2, 1), (1, last // 2)):
        expect_pixel(page, place, maps.shape, maps[place])


def test_hovering_asks_nothing_of_the_server(context, open_page, outputs):
    sent = []
    context.on(
        "page",
        lambda page: page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame))),
    )
    page = open_operation(open_page, "conv2d_1", 5)
    maps = outputs["conv2d_1"][..., 5]
    wait_until_idle(page)
    before = len(sent)
    assert before > 0
    for column in range(14):
        expect_pixel(page, (7, column), maps.shape, maps[7, column])
    assert len(sent) == before


def test_the_window_is_outlined_and_its_products_add_up(open_page, probe, outputs):
    page = open_operation(open_page, "conv2d", 3)
    maps = outputs["conv2d"][..., 3]
    expect_pixel(page, (10, 12), maps.shape, maps[10, 12])
    frame = page.locator(".from .frame")
    style = frame.evaluate("({style}) => [style.top, style.left, style.width, style.height].map(parseFloat)")
    assert style == pytest.approx([100 * 9 / 28, 100 * 11 / 28, 300 / 28, 300 / 28], abs=0.01)
    cells = page.locator(".from .cells")
    expect(cells).to_have_count(2)
    values, weights = (
        [float(cell.get_attribute("title")) for cell in cells.nth(place).locator("span").all()] for place in (0, 1)
    )
    assert np.allclose(values, outputs[PIXELS][9:12, 11:14, 0].ravel(), atol=1e-6)
    kernel, bias = probe.get_keras_layer("conv2d").get_weights()
    assert np.allclose(weights, kernel[:, :, 0, 3].ravel(), atol=1e-6)
    assert read_number(page, "sum") == pytest.approx(np.dot(values, weights), abs=1e-5)
    assert read_number(page, "bias") == pytest.approx(float(bias[3]), abs=1e-5)
    # At the corner five of the nine lie beyond the edge.
    expect_pixel(page, (0, 0), maps.shape, maps[0, 0])
    expect(page.locator(".from .cells .outside")).to_have_count(5)


def test_of_many_channels_those_that_add_most_come_first(open_page, probe, outputs):
    page = open_operation(open_page, "conv2d_1", 5)
    maps = outputs["conv2d_1"][..., 5]
    expect_pixel(page, (6, 6), maps.shape, maps[6, 6])
    kernel = probe.get_keras_layer("conv2d_1").get_weights()[0][..., 5]
    parts = (outputs["dropout"][5:8, 5:8] * kernel).sum(axis=(0, 1))
    order = np.argsort(-np.abs(parts))
    names = page.locator(".part .name")
    expect(names).to_have_text([f"channel {channel}" for channel in order[:4]])
    rest = float(page.locator(".rest b").inner_text().replace("−", "-"))
    assert rest == pytest.approx(parts[order[4:]].sum(), abs=6e-4)


def test_a_unit_shows_its_largest_terms(open_page, probe, outputs):
    page = open_operation(open_page, "dense", 40)
    units = outputs["dense"]
    across = int(np.ceil(np.sqrt(len(units))))
    shape = (int(np.ceil(len(units) / across)), across)
    for unit in (0, 40, 300):
        point_at(page, page.locator(".to .picture canvas"), divmod(unit, across), shape)
        expect(page.locator(".lines h4")).to_have_text(f"Unit {unit}")
        assert read_number(page, "output") == pytest.approx(float(units[unit]), abs=1e-5)
    products = outputs["flatten"] * probe.get_keras_layer("dense").get_weights()[0][:, 300]
    largest = np.argmax(np.abs(products))
    # What was flattened was 1 × 1 × 128.
    expect(page.locator(".term .name").first).to_have_text(f"channel {largest}, row 0, column 0")
    expect(page.locator(".term b").first).to_have_text(f"{products[largest]:.3f}".replace("-", "−"))


def test_a_normalized_unit_is_keras_own(open_page, outputs):
    page = open_operation(open_page, "batch_normalization_5", 7)
    expect(page.locator(".lines h4")).to_have_text("Unit 7")
    assert read_number(page, "output") == pytest.approx(float(outputs["batch_normalization_5"][7]), abs=1e-5)


def test_the_softmax_makes_shares_of_logits(open_page, probe, outputs, dataset):
    page = open_operation(open_page, "dense_1", 0)
    logits = probe.ask(probe.scale(dataset.images[ITEM][np.newaxis]))[0]
    rows = page.get_by_role("option")
    expect(rows).to_have_count(10)
    for class_index in (5, 7, 9):
        rows.nth(class_index).hover()
        expect(rows.nth(class_index)).to_have_attribute("aria-selected", "true")
        assert read_number(page, "before") == pytest.approx(float(logits[class_index]), abs=1e-5)
        assert read_number(page, "output") == pytest.approx(float(outputs["dense_1"][class_index]), abs=1e-5)


def test_a_click_on_a_map_opens_it(open_page, outputs):
    page = open_page(PAGE)
    maps = page.locator('.layer[data-layer="max_pooling2d"] .maps')
    maps.scroll_into_view_if_needed()
    # Eight maps a column, each 40 CSS pixels high and 3 from the next: the third of the second column.
    maps.hover(position={"x": 43 + 20, "y": 2 * 43 + 20})
    largest = outputs["max_pooling2d"][..., 10]
    largest = largest.ravel()[np.abs(largest).argmax()]
    status = page.locator(".lab-strip .status").first
    expect(status).to_have_text(re.compile(r"max_pooling2d · channel 10 of 32 · (largest|strongest) value"))
    assert float(status.inner_text().split()[-1].replace("−", "-")) == pytest.approx(largest, abs=6e-4)
    maps.click(position={"x": 43 + 20, "y": 2 * 43 + 20})
    expect(page.get_by_role("heading", name="Max pooling · max_pooling2d, channel 10 of 32")).to_be_visible()
    expect(page).to_have_url(re.compile("layer=max_pooling2d&channel=10"))
    expect(page.locator(".to h4")).to_have_text("max_pooling2d, channel 10")

    page.reload()
    expect(page.get_by_role("heading", name="Max pooling · max_pooling2d, channel 10 of 32")).to_be_visible()
    expect(maps.locator(".mark.picked")).to_have_count(1)


def test_the_strip_and_the_pixels_are_walked_by_keyboard(open_page):
    page = open_operation(open_page, "conv2d", 0)
    scroller = page.locator(".scroller").first
    scroller.focus()
    for key in ("ArrowDown", "ArrowRight"):
        scroller.press(key)
    expect(page.locator(".status").first).to_have_text(re.compile("conv2d · channel 9 of 32"))
    scroller.press("PageDown")
    expect(page.locator(".status").first).to_have_text(re.compile("batch_normalization · channel 0 of 32"))
    scroller.press("Enter")
    expect(page.get_by_role("heading", name="batch_normalization, channel 0 of 32")).to_be_visible()

    output = page.locator(".to .picture canvas")
    expect(page.locator(".to h4")).to_have_text("batch_normalization, channel 0")
    row, column = map(int, re.findall(r"\d+", page.locator(".lines h4").inner_text()))
    output.press("ArrowUp" if row else "ArrowDown")
    expect(page.locator(".lines h4")).to_have_text(f"Row {row - 1 if row else 1}, column {column}")


def test_all_channels_of_a_wide_layer_can_be_opened(open_page):
    page = open_operation(open_page, "conv2d_4", 0)
    more = page.locator('.layer[data-layer="conv2d_4"] .more')
    expect(more.first).to_have_text("+ 80 more")
    sheet = page.locator(".lab-strip.wrap .maps")
    sheet.scroll_into_view_if_needed()
    # Below the strip stand all 128, along rows.
    sheet.click(position={"x": 43 + 20, "y": 20})
    expect(page.get_by_role("heading", name="conv2d_4, channel 1 of 128")).to_be_visible()


def test_the_filters_open_too(open_page):
    page = open_page(PAGE)
    page.get_by_role("radio", name="Filters").click()
    expect(page.get_by_text("Filter 30 of conv2d, its kernel")).to_be_visible()
    maps = page.locator('.layer[data-layer="conv2d_1"] .maps')
    maps.scroll_into_view_if_needed()
    maps.click(position={"x": 20, "y": 43 + 20})
    expect(page.get_by_text("Filter 1 of conv2d_1, its 32 kernels")).to_be_visible()
    expect(page).to_have_url(re.compile("show=filters"))


def test_a_class_of_the_strip_opens_the_softmax(open_page):
    page = open_page(PAGE)
    page.locator('.layer[data-layer="dense_1"] .bars button').nth(7).click()
    expect(page.get_by_role("heading", name="Softmax · dense_1, 10 units")).to_be_visible()
    expect(page.locator(".lines h4")).to_have_text("Sneaker")


def test_the_map_shows_all_items_as_the_penultimate_layer_sees_them(open_page):
    page = open_page(PAGE)
    page.get_by_role("link", name="The penultimate layer on the Map").click()
    expect(page.get_by_role("heading", name="Map", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/map\?.*space=layer.*run=mcnn-proposed.*item={ITEM}"))


def test_a_finger_points_too(browser, server, outputs):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{server.url}{PAGE}&layer=conv2d&channel=3")
    wait_until_idle(page)
    output = page.locator(".to .picture canvas")
    output.scroll_into_view_if_needed()
    box = output.bounding_box()
    output.tap(position={"x": box["width"] * 20.5 / 28, "y": box["height"] * 5.5 / 28})
    expect(page.locator(".lines h4")).to_have_text("Row 5, column 20")
    assert read_number(page, "output") == pytest.approx(float(outputs["conv2d"][5, 20, 3]), abs=1e-5)
    # Only the strip scrolls sideways, not the page.
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    maps = page.locator('.layer[data-layer="conv2d"] .maps')
    maps.scroll_into_view_if_needed()
    maps.tap(position={"x": 20, "y": 20})
    expect(page.get_by_role("heading", name="Convolution · conv2d, channel 0 of 32")).to_be_visible()
    context.close()
