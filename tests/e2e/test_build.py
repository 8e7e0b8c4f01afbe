"""The editor of networks, used as a visitor would."""

import json
import re

import pytest
from playwright.sync_api import expect

from fmnist_core.networks import Network, from_link, to_link
from fmnist_core.stacks import FLATTEN, conv, dense, pool
from tests.e2e.trainings import read_runs, start, wait_for_status

TINY = Network("Tiny", (conv(4, 3), pool(), FLATTEN, dense(8)))


class Editor:
    def __init__(self, page):
        self.page = page
        self.rows = page.locator(".lab-layers .row")

    def row(self, number):
        """A layer by its number; the pixels come before the first."""
        return self.rows.nth(number)

    def open(self, number):
        self.row(number).locator(".open").click()
        expect(self.row(number)).to_have_class(re.compile("selected"))

    def press(self, number, tool):
        self.row(number).hover()
        self.row(number).get_by_role("button", name=f"{tool}: layer {number}").click()

    def type(self, label, value):
        box = self.page.get_by_role("spinbutton", name=label, exact=True)
        box.fill(str(value))
        box.press("Enter")

    def add(self, title):
        self.page.get_by_role("button", name=re.compile("^Add a layer")).click()
        self.page.get_by_role("button", name=title, exact=True).click()

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    def expect_titles(self, *titles):
        expect(self.page.locator(".lab-layers .row:not(.end) .title")).to_have_text(list(titles))

    @property
    def network(self):
        return from_link(re.search(r"[?&]net=([A-Za-z0-9_-]+)", self.page.url)[1])


@pytest.fixture
def open_editor(open_page):
    def open_editor(network=TINY):
        editor = Editor(open_page(f"/build?net={to_link(network)}"))
        expect(editor.rows).to_have_count(len(network.layers) + 2)
        return editor

    return open_editor


def test_a_network_is_edited_made_impossible_mended_sent_and_trained(open_editor, open_page, server):
    editor = open_editor()
    page = editor.page
    editor.open(1)
    editor.type("Filters", 6)
    expect(editor.row(1)).to_contain_text("6 filters · 3×3 · relu")
    expect(editor.row(1)).to_contain_text("26 × 26 × 6")
    expect(editor.row(1)).to_contain_text("60 parameters")
    editor.add("Batch normalisation")
    editor.expect_titles("Convolution", "Batch normalisation", "Max pooling", "Flatten", "Dense")
    editor.press(2, "Move down")
    editor.expect_titles("Convolution", "Max pooling", "Batch normalisation", "Flatten", "Dense")

    # A window larger than the maps: red with its reason, the others not reached.
    editor.open(2)
    editor.type("Window", 30)
    bad = page.locator(".lab-layers .row.bad")
    expect(bad).to_have_count(1)
    expect(bad).to_contain_text("Its window 30×30 must fit into 26×26.")
    expect(page.locator(".lab-layers .row.after")).to_have_count(4)
    expect(page.get_by_text("It cannot be trained. Layer 2, max pooling: its window 30×30")).to_be_visible()
    expect(editor.button("Train it")).to_be_disabled()
    editor.button("Undo").click()
    expect(bad).to_have_count(0)
    expect(editor.button("Train it")).to_be_enabled()

    page.get_by_label("Name", exact=True).fill("From the browser")
    page.get_by_label("Name", exact=True).press("Enter")
    editor.button("Save").click()
    expect(editor.button("Saved")).to_be_disabled()
    kept = json.loads((server.home / "networks" / "from-the-browser.json").read_text())
    assert [layer["class_name"] for layer in kept["layers"]] == [
        *("Conv2D", "MaxPooling2D", "BatchNormalization", "Flatten", "Dense")
    ]

    # Whoever gets the link sees the same.
    page.wait_for_timeout(300)
    other = Editor(open_page(page.url.removeprefix(server.url)))
    other.expect_titles("Convolution", "Max pooling", "Batch normalisation", "Flatten", "Dense")
    expect(other.page.get_by_label("Name", exact=True)).to_have_value("From the browser")

    editor.button("Train it").click()
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()
    expect(page.get_by_role("combobox", name="Network", exact=True)).to_have_value("From the browser")
    for label, value in (("Epochs", 1), ("Training items", 600)):
        box = page.get_by_role("spinbutton", name=label, exact=True)
        box.fill(str(value))
        box.press("Enter")
    run_id = start(page, server)
    assert wait_for_status(server, run_id, "finished", "failed", seconds=240) == "finished"
    record = read_runs(server)[run_id]
    assert record["recipe"] == "own/from-the-browser"
    assert record["config"]["layers"] == kept["layers"]


def test_by_keyboard_alone(open_editor):
    editor = open_editor()
    page = editor.page
    editor.row(1).locator(".open").focus()
    page.keyboard.press("ArrowDown")
    expect(editor.row(2)).to_have_class(re.compile("selected"))
    page.keyboard.press("Alt+ArrowUp")
    editor.expect_titles("Max pooling", "Convolution", "Flatten", "Dense")
    # The focus goes with the layer.
    expect(editor.row(1).locator(".open")).to_be_focused()
    page.keyboard.press("d")
    editor.expect_titles("Max pooling", "Max pooling", "Convolution", "Flatten", "Dense")
    expect(editor.row(2).locator(".open")).to_be_focused()
    page.keyboard.press("Delete")
    editor.expect_titles("Max pooling", "Convolution", "Flatten", "Dense")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    editor.expect_titles("Convolution", "Max pooling", "Flatten", "Dense")
    page.keyboard.press("Control+y")
    editor.expect_titles("Max pooling", "Convolution", "Flatten", "Dense")
    # From the layer, which is open still, one tab leads to its buttons.
    expect(editor.row(2).locator(".open")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    editor.expect_titles("Convolution", "Max pooling", "Flatten", "Dense")


def test_a_layer_is_dragged_to_its_place(open_editor):
    editor = open_editor()
    box = editor.row(4).bounding_box()
    editor.row(1).locator(".title").drag_to(
        editor.row(4), target_position={"x": box["width"] / 2, "y": box["height"] - 4}
    )
    editor.expect_titles("Max pooling", "Flatten", "Dense", "Convolution")
    expect(editor.page.locator(".lab-layers .row.bad")).to_contain_text("Needs maps of height × width × channels")


def test_the_browser_s_back_goes_back_to_the_network_before(open_editor):
    editor = open_editor()
    editor.press(2, "Remove")
    editor.expect_titles("Convolution", "Flatten", "Dense")
    editor.page.wait_for_timeout(500)
    editor.page.go_back()
    editor.expect_titles("Convolution", "Max pooling", "Flatten", "Dense")
    assert editor.network == TINY


def test_json_goes_out_and_comes_back(open_editor, tmp_path):
    editor = open_editor()
    page = editor.page
    editor.button("More").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download JSON").click()
    assert download.value.suggested_filename == "tiny.json"
    content = json.loads(download.value.path().read_text())
    assert content == json.loads(json.dumps(TINY.to_dict()))
    file = tmp_path / "changed.json"
    file.write_text(json.dumps({**content, "name": "Changed", "layers": content["layers"][1:]}))
    page.locator("input[type=file]").set_input_files(file)
    editor.expect_titles("Max pooling", "Flatten", "Dense")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Changed")


def test_the_link_is_copied(open_editor, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    editor = open_editor()
    editor.button("More").click()
    editor.button("Copy link").click()
    expect(editor.button("Copied")).to_be_visible()
    copied = editor.page.evaluate("navigator.clipboard.readText()")
    assert from_link(re.search(r"/build\?net=([A-Za-z0-9_-]+)$", copied)[1]) == TINY


def test_train_leads_to_the_editor_with_its_network_and_settings(open_page):
    page = open_page("/train?recipe=fitch/model-7&epochs=3")
    page.get_by_role("link", name="Edit this network").click()
    expect(page.get_by_role("heading", name="Build", exact=True)).to_be_visible()
    editor = Editor(page)
    expect(editor.row(1)).to_contain_text("64 filters")
    page.wait_for_url(re.compile("net="))
    assert editor.network.settings == {"epochs": 3, "batch_size": 128, "validation_split": 0.2}


def test_a_link_to_train_holds_network_and_settings_for_those_who_have_not_saved_it(open_page, server):
    tiny = Network("Nobody has it", TINY.layers, {"epochs": 4})
    page = open_page(f"/train?net={to_link(tiny)}&batch_size=16&rotate=5")
    expect(page.get_by_role("combobox", name="Paper", exact=True)).to_have_value("Your own")
    expect(page.get_by_role("combobox", name="Network", exact=True)).to_have_value("Nobody has it")
    for label, value in (("Epochs", "4"), ("Batch size", "16")):
        expect(page.get_by_role("spinbutton", name=label, exact=True)).to_have_value(value)
    page.get_by_role("spinbutton", name="Epochs", exact=True).fill("6")
    page.get_by_role("spinbutton", name="Epochs", exact=True).press("Enter")
    page.wait_for_url(re.compile("epochs=6"))
    other = open_page(page.url.removeprefix(server.url))
    expect(other.get_by_role("combobox", name="Network", exact=True)).to_have_value("Nobody has it")
    for label, value in (("Epochs", "6"), ("Batch size", "16")):
        expect(other.get_by_role("spinbutton", name=label, exact=True)).to_have_value(value)


def test_on_a_phone_the_open_layer_shows_its_buttons_and_nothing_is_too_wide(open_editor):
    editor = open_editor()
    page = editor.page
    page.set_viewport_size({"width": 390, "height": 844})
    expect(editor.row(1).locator(".tools")).to_be_hidden()
    editor.open(1)
    expect(editor.row(1).locator(".tools")).to_be_visible()
    assert editor.row(1).get_by_role("button", name="Remove").bounding_box()["height"] >= 40
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= main.clientWidth")
    expect(page.get_by_role("spinbutton", name="Filters", exact=True)).to_be_visible()
