import math
import re
import urllib.error
import urllib.request

import numpy as np
import pytest
from playwright.sync_api import expect

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.exploration import name_item
from fmnist_core.projection_config import ProjectionConfig
from fmnist_core.projection_files import load_projection, pack_projection
from fmnist_core.sheets import encode_sprite
from pages.shared.map_canvas import read_selection
from tests.e2e.conftest import wait_until_idle

pytestmark = pytest.mark.browser

BAG, TROUSER = CLASS_NAMES.index("Bag"), CLASS_NAMES.index("Trouser")
PATIENCE = 30_000


def lay_out(method):
    """Where the browser has the 70,000 points of a shipped projection: the longer side is from -0.5 to 0.5."""
    embedding = load_projection(ProjectionConfig(method=method).key).embedding.astype(np.float64)
    low, extent = embedding.min(axis=0), np.ptp(embedding, axis=0)
    steps = np.rint((embedding - low) / extent * 65_535)
    return ((steps / 65_535 - 0.5) * extent / extent.max()).astype(np.float32)


def find_inside(outline, places):
    """The points inside an outline by the even-odd rule, edge by edge."""
    x, y = places.T.astype(np.float64)
    inside = np.zeros(len(places), bool)
    for (x0, y0), (x1, y1) in zip(outline, np.roll(outline, 1, axis=0), strict=True):
        if y0 != y1:
            inside ^= ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return np.flatnonzero(inside)


class Map:
    """The map on the page, and where its points are in the window."""

    def __init__(self, page):
        self.page = page
        self.root = page.locator(".lab-map")
        self.card = page.locator(".lab-map .card")
        self.wait("ready")

    def wait(self, state):
        expect(self.root).to_have_attribute("data-state", state, timeout=PATIENCE)

    def get(self, expression, argument=None):
        return self.root.evaluate(f"(root, argument) => (root.map.{expression})", argument)

    def locate(self, item):
        place = self.get("locate(argument)", item)
        return place["x"], place["y"]

    def box(self):
        return self.page.locator(".lab-map .marks").bounding_box()

    def to_plane(self, points):
        """Window to plane, from what the map says of its view."""
        view, box = self.get("view.place"), self.box()
        middle = np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])
        return (np.asarray(points) - middle) * [1, -1] / view["scale"] + [view["x"], view["y"]]

    def to_window(self, places):
        view, box = self.get("view.place"), self.box()
        middle = np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])
        return (np.asarray(places, np.float64) - [view["x"], view["y"]]) * [1, -1] * view["scale"] + middle

    def drag(self, points):
        self.page.mouse.move(*points[0])
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*point)
        self.page.mouse.up()

    def chosen(self):
        """Positions of the selected points, as they were told to Python."""
        value = self.get(
            "choice && { bits: map.choice.encode(), count: map.choice.count }".replace("map.", "root.map.")
        )
        return read_selection(value, 70_000)

    def picture(self):
        """The 28 × 28 pixels on the card."""
        text = self.card.locator("canvas").evaluate(
            """canvas => Array.from(canvas.getContext("2d").getImageData(0, 0, 28, 28).data)
                .filter((_, i) => i % 4 === 0).map((grey) => String.fromCharCode(grey)).join("")"""
        )
        return np.frombuffer(text.encode("latin-1"), np.uint8).reshape(28, 28)

    def enlarge(self, item, notches):
        """Roll the wheel over an item; what lies under the pointer stays there."""
        for rolled in range(notches):
            # The pointer is on a whole pixel, so an item beside it drifts away.
            if rolled % 4 == 0:
                place = np.round(self.locate(item))
                self.page.mouse.move(*place)
            before = self.to_plane(place)
            self.page.mouse.wheel(0, -120)
            self.page.wait_for_timeout(20)
            assert self.to_window(before) == pytest.approx(place, abs=0.1)
        self.page.mouse.move(*self.locate(item))

    def change_to(self, title):
        before = self.root.get_attribute("data-url")
        self.page.get_by_text(title, exact=True).first.click()
        expect(self.root).not_to_have_attribute("data-url", before, timeout=PATIENCE)
        self.wait("ready")

    def selected_on_page(self):
        """How many items Python says are selected, in the page's own heading."""
        return self.page.get_by_role("heading", name=re.compile("selected"))


@pytest.fixture
def garments(open_page):
    return Map(open_page("/map"))


def test_all_items_are_there(garments, dataset):
    expect(garments.root).to_have_attribute("data-points", "70000")
    places = lay_out("umap")
    items = [0, 7, 69_999, 31_415]
    shown = [garments.locate(item) for item in items]
    assert np.allclose(garments.to_window(places[items]), shown, atol=0.1)
    box = garments.box()
    window = garments.to_window(places)
    assert (window > [box["x"], box["y"]]).all()
    assert (window < [box["x"] + box["width"], box["y"] + box["height"]]).all()
    # Something is drawn, and nearly all classes' colours are among it.
    drawn = garments.root.evaluate(
        """async (root) => {
            root.map.invalidate();
            root.map.draw(performance.now());
            const { gl, canvas } = root.map.points;
            const pixels = new Uint8Array(4 * canvas.width * canvas.height);
            gl.readPixels(0, 0, canvas.width, canvas.height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
            return pixels.filter((_, i) => i % 4 === 3 && pixels[i] > 0).length / canvas.width / canvas.height;
        }"""
    )
    assert 0.05 < drawn < 0.8


def test_hovering_shows_an_items_picture(garments, dataset):
    garments.root.evaluate(
        """root => {
            const card = root.querySelector(".card");
            root.waits = [];
            root.querySelector(".marks").addEventListener("pointermove", () => (root.moved = performance.now()), true);
            new MutationObserver(() => card.dataset.pictured && root.waits.push(performance.now() - root.moved))
                .observe(card, { attributes: true, attributeFilter: ["data-pictured"] });
        }"""
    )
    for item in np.random.default_rng(0).integers(0, 70_000, 12).tolist():
        garments.page.mouse.move(*garments.locate(item))
        expect(garments.card).to_have_attribute("data-pictured", re.compile(r"\d"))
        # Others may lie so close that one of them is nearer to the whole pixel under the pointer.
        found = int(garments.card.get_attribute("data-item"))
        assert np.linalg.norm(np.subtract(garments.locate(found), garments.locate(item))) <= 1
        expect(garments.card).to_have_attribute("data-pictured", str(found))
        assert (garments.picture() == dataset.images[found]).all()
        class_name, place = name_item(found, int(dataset.labels[found])).split(", ", 1)
        expect(garments.card.locator(".name")).to_have_text(class_name)
        expect(garments.card.locator(".number")).to_have_text(place.capitalize())
    waits = garments.root.evaluate("root => root.waits")
    assert len(waits) >= 12
    assert np.median(waits) < 150
    garments.page.mouse.move(5, 5)
    expect(garments.card).to_be_hidden()


def test_a_click_pins_and_a_click_on_nothing_unpins(garments, dataset):
    garments.enlarge(12_345, 24)
    garments.page.mouse.click(*garments.locate(12_345))
    expect(garments.root).to_have_attribute("data-pinned", "12345")
    expect(garments.page).to_have_url(re.compile("item=12345"))
    wait_until_idle(garments.page)
    marked = garments.get("marked")
    assert len(marked) == 10
    garments.page.locator(".lab-map .marks").focus()
    garments.page.keyboard.press("0")
    garments.page.wait_for_timeout(500)
    box = garments.box()
    garments.page.mouse.click(box["x"] + 20, box["y"] + box["height"] - 20)
    expect(garments.root).to_have_attribute("data-pinned", "")
    expect(garments.page).not_to_have_url(re.compile("item="))


def test_what_the_address_pins_is_pinned(open_page):
    garments = Map(open_page("/map?item=4711"))
    expect(garments.root).to_have_attribute("data-pinned", "4711")


def test_a_lasso_selects_what_lies_inside(garments):
    garments.page.get_by_role("button", name="Lasso").click()
    # A star that crosses itself: its middle is outside by the even-odd rule.
    box = garments.box()
    middle, radius = (box["x"] + 0.62 * box["width"], box["y"] + 0.5 * box["height"]), 0.3 * box["height"]
    star = [
        (middle[0] + radius * math.sin(0.8 * math.pi * k), middle[1] - radius * math.cos(0.8 * math.pi * k))
        for k in range(5)
    ]
    outline = garments.to_plane(star)
    garments.drag(star)
    expected = find_inside(outline, lay_out("umap"))
    assert 1_000 < len(expected) < 60_000
    assert (garments.chosen() == expected).all()
    expect(garments.selected_on_page()).to_have_text(f"{len(expected):,} selected", timeout=PATIENCE)
    # On another map they are the same items, and Python knows.
    garments.change_to("PCA")
    assert (garments.chosen() == expected).all()
    wait_until_idle(garments.page)
    expect(garments.selected_on_page()).to_have_text(f"{len(expected):,} selected", timeout=PATIENCE)
    garments.page.get_by_role("button", name="Clear the selection").click()
    expect(garments.root).to_have_attribute("data-selected", "0")
    expect(garments.selected_on_page()).to_have_count(0, timeout=PATIENCE)


def test_shift_lassoes_and_escape_gives_up(garments):
    box = garments.box()
    left, top = box["x"] + 100, box["y"] + 100
    places = [(left, top), (left + 300, top), (left + 300, top + 300), (left, top + 300)]
    garments.page.keyboard.down("Shift")
    garments.page.mouse.move(*places[0])
    garments.page.mouse.down()
    for place in places[1:]:
        garments.page.mouse.move(*place)
    inside = find_inside(garments.to_plane(places), lay_out("umap"))
    expect(garments.page.locator(".lab-map .status")).to_have_text(f"{len(inside):,} inside")
    garments.page.keyboard.up("Shift")
    garments.page.keyboard.press("Escape")
    garments.page.mouse.up()
    expect(garments.root).to_have_attribute("data-selected", "0")
    expect(garments.page.locator(".lab-map .status")).to_be_hidden()


def test_what_is_hidden_cannot_be_selected_or_pointed_at(garments, dataset):
    garments.page.get_by_role("button", name="Trouser", exact=True).click()
    expect(garments.root).to_have_attribute("data-hidden", str(TROUSER))
    expect(garments.page).to_have_url(re.compile(f"hide={TROUSER}"))
    trousers = lay_out("umap")[dataset.labels == TROUSER]
    garments.page.mouse.move(*garments.to_window(np.median(trousers, axis=0)))
    garments.page.wait_for_timeout(200)
    found = garments.card.get_attribute("data-item")
    assert garments.card.is_hidden() or dataset.labels[int(found)] != TROUSER
    garments.page.get_by_role("button", name="Select a box").click()
    box = garments.box()
    garments.drag(
        [
            (box["x"] + 2, box["y"] + box["height"] - 2),
            (box["x"] + 300, box["y"] + 200),
            (box["x"] + box["width"] - 2, box["y"] + 2),
        ]
    )
    assert (garments.chosen() == np.flatnonzero(dataset.labels != TROUSER)).all()


def test_one_category_alone(garments):
    bag = garments.page.get_by_role("button", name="Bag", exact=True)
    others = ",".join(str(code) for code in range(10) if code != BAG)
    bag.dblclick()
    expect(garments.root).to_have_attribute("data-hidden", others)
    expect(bag).to_have_attribute("aria-pressed", "true")
    garments.page.get_by_role("button", name="Show all").click()
    expect(garments.root).to_have_attribute("data-hidden", "")
    garments.page.get_by_role("button", name="Only Bag").press("Enter")
    expect(garments.root).to_have_attribute("data-hidden", others)
    garments.page.get_by_role("button", name="Only Bag").press("Enter")
    expect(garments.root).to_have_attribute("data-hidden", "")


def test_from_near_points_are_garments(garments, dataset):
    item = 12_345
    garments.enlarge(item, 36)
    expect(garments.root).not_to_have_attribute("data-pictures", "0")
    box, window = garments.box(), garments.to_window(lay_out("umap"))
    inside = ((window > [box["x"], box["y"]]) & (window < [box["x"] + box["width"], box["y"] + box["height"]])).all(1)
    pictured = garments.get("pictured")
    assert set(np.flatnonzero(inside)) <= set(pictured)
    assert item in pictured
    assert len(pictured) <= 350
    garments.page.wait_for_function(
        "([root, positions]) => positions.every((position) => root.map.pictures.has(position))",
        arg=[garments.root.element_handle(), pictured],
    )
    # It is under the pointer, so it lies on top of the others.
    side = garments.get("tile")
    x, y = garments.locate(item)
    shown = garments.root.evaluate(
        """(root, [x, y]) => {
            root.map.draw(performance.now());
            const canvas = root.querySelector(".marks");
            const box = canvas.getBoundingClientRect();
            const data = canvas.getContext("2d").getImageData(x - box.left - 20, y - box.top - 20, 41, 41).data;
            return Array.from(data.filter((_, i) => i % 4 === 0));
        }""",
        [x, y],
    )
    shown = np.reshape(shown, (41, 41)).astype(float)
    # Pixel (20 + dx, 20 + dy) of the screen shows pixel 14 + d · 28 / side of the garment.
    steps = np.clip(14 + np.floor((np.arange(41) - 20) * 28 / side), 0, 27).astype(int)
    expected = dataset.images[item][np.ix_(steps, steps)].astype(float)
    assert np.corrcoef(shown.ravel(), expected.ravel())[0, 1] > 0.8


def watch_states(garments):
    garments.root.evaluate(
        """root => {
            root.states = [];
            new MutationObserver(() => root.states.push(root.dataset.state))
                .observe(root, { attributes: true, attributeFilter: ["data-state"] });
        }"""
    )


def test_points_glide_to_their_places_on_another_map(garments):
    watch_states(garments)
    garments.enlarge(5, 5)
    garments.change_to("PCA")
    assert garments.root.evaluate("root => root.states") == ["loading", "gliding", "ready"]
    items = [0, 1, 69_999]
    shown = [garments.locate(item) for item in items]
    assert np.allclose(garments.to_window(lay_out("pca")[items]), shown, atol=0.1)
    assert garments.get("view.zoom") == pytest.approx(1)


def test_who_wants_less_motion_gets_none(browser, server):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(server.url + "/map")
    garments = Map(page)
    garments.root.evaluate(
        """root => {
            root.shares = [];
            const { points } = root.map;
            const draw = points.draw.bind(points);
            points.draw = (view, look) => root.shares.push(look.share) && draw(view, look);
        }"""
    )
    garments.change_to("PCA")
    assert set(garments.root.evaluate("root => root.shares")) == {1}
    context.close()


def test_keys_move_zoom_pin_and_clear(garments):
    surface = garments.page.locator(".lab-map .marks")
    surface.focus()
    before = garments.locate(0)
    garments.page.keyboard.press("ArrowLeft")
    assert garments.locate(0) == pytest.approx((before[0] + 60, before[1]), abs=0.1)
    garments.page.keyboard.press("+")
    assert garments.get("view.zoom") == pytest.approx(1.5)
    garments.page.keyboard.press("0")
    expect(garments.page.locator(".lab-map")).to_be_visible()
    garments.page.wait_for_function(
        "root => Math.abs(root.map.view.zoom - 1) < 1e-6", arg=garments.root.element_handle()
    )
    # To where there is a point in the middle, then pin it.
    place = lay_out("umap")[777]
    garments.get("look(() => Object.assign(root.map.view, argument))", {"x": float(place[0]), "y": float(place[1])})
    garments.page.keyboard.press("Enter")
    expect(garments.root).to_have_attribute("data-pinned", re.compile(r"\d+"))
    pinned = int(garments.root.get_attribute("data-pinned"))
    assert (lay_out("umap")[pinned] == place).all()


def test_fingers_move_pinch_and_tap(browser, server):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(server.url + "/map")
    garments = Map(page)
    wait_until_idle(page)
    page.locator(".lab-map .stage").scroll_into_view_if_needed()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = garments.box()
    assert box["height"] == pytest.approx(0.62 * 844, abs=3)
    touch = context.new_cdp_session(page)

    def send(kind, *points):
        touch.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y, "id": k} for k, (x, y) in enumerate(points)]},
        )

    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = garments.locate(0)
    send("touchStart", (x, y))
    send("touchMove", (x + 30, y + 10))
    send("touchMove", (x + 60, y + 20))
    send("touchEnd")
    moved = np.subtract(garments.locate(0), before)
    assert moved == pytest.approx([60, 20], abs=0.5)
    zoom = garments.get("view.zoom")
    send("touchStart", (x - 20, y), (x + 20, y))
    send("touchMove", (x - 60, y), (x + 60, y))
    send("touchEnd")
    assert garments.get("view.zoom") == pytest.approx(3 * zoom, rel=0.01)
    inside = next(
        item
        for item in range(1000)
        if box["x"] + 40 < garments.locate(item)[0] < box["x"] + box["width"] - 40
        and box["y"] + 80 < garments.locate(item)[1] < box["y"] + box["height"] - 40
    )
    page.touchscreen.tap(*garments.locate(inside))
    expect(garments.card).to_be_visible()
    expect(garments.root).to_have_attribute("data-pinned", re.compile(r"\d+"))
    assert garments.card.get_attribute("data-item") == garments.root.get_attribute("data-pinned")
    expect(page).to_have_url(re.compile("item="))
    context.close()


def test_without_webgl2_the_page_shows_another_map(context, open_page):
    context.add_init_script(
        """const { getContext } = HTMLCanvasElement.prototype;
        HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
            return kind === "webgl2" ? null : getContext.call(this, kind, ...rest);
        };"""
    )
    page = open_page("/map")
    expect(page.locator(".lab-map")).to_have_attribute("data-state", "unsupported")
    expect(page.locator(".lab-map")).to_be_hidden()
    expect(page.get_by_text("no WebGL2")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stPlotlyChart").first).to_be_visible(timeout=PATIENCE)


def test_a_graphics_card_that_comes_back_finds_its_points(garments):
    drawn = garments.root.evaluate(
        """async (root) => {
            const { points } = root.map;
            const count = () => {
                root.map.invalidate();
                root.map.draw(performance.now());
                const { width, height } = points.canvas;
                const pixels = new Uint8Array(4 * width * height);
                points.gl.readPixels(0, 0, width, height, points.gl.RGBA, points.gl.UNSIGNED_BYTE, pixels);
                return pixels.filter((value) => value > 0).length;
            };
            const wait = (kind) => new Promise((done, fail) => {
                points.canvas.addEventListener(kind, () => done());
                setTimeout(() => fail(new Error(`no ${kind}`)), 10000);
            });
            const before = count();
            const card = points.gl.getExtension("WEBGL_lose_context");
            const lost = wait("webglcontextlost");
            card.loseContext();
            await lost;
            await new Promise((done) => setTimeout(done, 100));
            const restored = wait("webglcontextrestored");
            card.restoreContext();
            await restored;
            return [before, count()];
        }"""
    )
    assert drawn[0] == drawn[1] > 10_000


def test_a_map_that_does_not_load_says_so_and_can_be_tried_again(context, server):
    page = context.new_page()
    page.route("**/lab/projections/**", lambda route: route.abort())
    page.goto(server.url + "/map")
    failure = page.locator(".lab-map .failure")
    expect(failure).to_contain_text("The map could not be loaded. The server does not answer.", timeout=PATIENCE)
    page.unroute("**/lab/projections/**")
    page.get_by_role("button", name="Try again").click()
    Map(page)
    expect(failure).to_be_hidden()


def fetch(server, path):
    with urllib.request.urlopen(server.url + path) as answer:
        return answer.read()


def test_the_server_answers_by_address(server, dataset):
    key = ProjectionConfig(method="pca").key
    assert fetch(server, f"/lab/projections/{key}?v=1") == pack_projection(load_projection(key), dataset.labels)
    items = [69_999, 0, 17]
    assert fetch(server, "/lab/garments?items=69999,0,17") == encode_sprite(dataset.images[items]).png
    for path, status in (("/lab/garments?items=70000", 400), ("/lab/projections/nothing", 404)):
        with pytest.raises(urllib.error.HTTPError) as error:
            fetch(server, path)
        assert error.value.code == status
        assert error.value.read().decode().endswith(".")
