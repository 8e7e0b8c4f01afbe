"""The page Map as a whole; what its canvas does is in test_map_canvas.py."""

import io
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import wait_until_idle

# A worker has to start, to load umap-learn and to compile it.
PATIENCE = 180_000


class Map:
    def __init__(self, page):
        self.page = page
        self.root = page.locator(".lab-map")
        self.wait()

    def wait(self):
        expect(self.root).to_have_attribute("data-state", "ready", timeout=30_000)
        wait_until_idle(self.page)

    def select_everything_within(self, left, top, right, bottom):
        """Draw a box by its corners, each a share of the map's width or height."""
        self.page.get_by_role("button", name="Select a box").click()
        box = self.root.locator(".marks").bounding_box()
        places = [
            (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in ((left, top), (right, bottom))
        ]
        self.page.mouse.move(*places[0])
        self.page.mouse.down()
        self.page.mouse.move(*places[1], steps=5)
        self.page.mouse.up()
        return int(self.root.get_attribute("data-selected"))

    def pin(self, item):
        x, y = self.root.evaluate("(root, item) => { const p = root.map.locate(item); return [p.x, p.y]; }", item)
        self.page.mouse.click(x, y)

    @property
    def query(self):
        return {name: values[0] for name, values in parse_qs(urlsplit(self.page.url).query).items()}


@pytest.fixture
def open_map(open_page):
    return lambda query="": Map(open_page("/map" + query))


def test_what_is_selected_opens_below_and_leaves_as_csv(open_map, dataset):
    map_ = open_map("?method=pca")
    count = map_.select_everything_within(0.3, 0.3, 0.45, 0.45)
    page = map_.page
    expect(page.get_by_role("heading", name=f"{count:,} selected")).to_be_visible()
    expect(page.locator(".lab-grid .tile").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV of places").click()
    table = pd.read_csv(io.BytesIO(download.value.path().read_bytes()))
    assert len(table) == count
    assert (table["class_index"] == dataset.labels[table["item"]]).all()
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.get_by_role("heading", name="selected")).to_have_count(0)
    expect(map_.root).to_have_attribute("data-selected", "0")


def test_a_selection_is_projected_alone_by_a_worker_and_left_again(open_map):
    map_ = open_map()
    count = map_.select_everything_within(0.05, 0.1, 0.25, 0.6)
    assert count > 300
    page = map_.page
    page.get_by_role("button", name="Project only these").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(map_.root).to_have_attribute("data-points", str(count), timeout=PATIENCE)
    map_.wait()
    expect(page.get_by_text(f"Only {count:,} selected items are projected.")).to_be_visible()
    page.get_by_role("button", name="Everything", exact=True).click()
    expect(map_.root).to_have_attribute("data-points", "70000")
    assert "chosen" not in map_.query


def test_a_computation_can_be_cancelled(open_map):
    map_ = open_map("?method=tsne&perplexity=40&per_class=2000")
    page = map_.page
    page.get_by_role("button", name="Compute it").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Compute it")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("progressbar")).to_have_count(0)


def test_from_a_pinned_item_one_walks_on_to_its_neighbours(open_map):
    map_ = open_map("?method=pca")
    map_.pin(60_007)
    page = map_.page
    expect(page.get_by_text("of the 10 nearest")).to_be_visible()
    pinned = map_.query["item"]
    tiles = page.locator(".lab-grid .tile")
    expect(tiles).to_have_count(10)
    tiles.nth(3).click()
    expect(map_.root).not_to_have_attribute("data-pinned", pinned)
    expect(page.get_by_text("of the 10 nearest")).to_be_visible()
    assert map_.query["item"] != pinned
    page.get_by_role("button", name="Unpin").click()
    expect(page.get_by_role("heading", name="Put a finger on one")).to_be_visible()
    expect(map_.root).to_have_attribute("data-pinned", "")


def test_a_link_brings_projection_colour_filter_and_pinned_item(open_map):
    map_ = open_map("?method=pca&color=split&hide=0&item=60007")
    expect(map_.root).to_have_attribute("data-pinned", "60007")
    expect(map_.root).to_have_attribute("data-hidden", "0")
    page = map_.page
    expect(page.get_by_role("radio", name="PCA")).to_be_checked()
    expect(map_.root.get_by_role("button", name="Test item", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Shirt")).to_be_visible()


def test_in_space_items_can_be_turned(open_map, open_page):
    page = open_page("/map?dimensions=3&method=pca")
    scene = page.locator(".js-plotly-plot .gl-container canvas").first
    expect(scene).to_be_visible()
    expect(page.get_by_text("10,000 of the 70,000 items, drawn at random")).to_be_visible()
    read_camera = """() => JSON.stringify(
        document.querySelector('.js-plotly-plot')._fullLayout.scene._scene.getCamera().eye)"""
    page.wait_for_function("() => document.querySelector('.js-plotly-plot')?._fullLayout?.scene?._scene?.getCamera")
    before = page.evaluate(read_camera)
    box = scene.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 120, box["y"] + box["height"] / 2 + 40, steps=5)
    page.mouse.up()
    assert page.evaluate(read_camera) != before


def test_the_quality_of_all_maps_stands_in_a_table(open_page):
    page = open_page("/map?view=How+good")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    expect(page.get_by_text("Trustworthiness (Venna and Kaski, 2001)")).to_be_visible()
