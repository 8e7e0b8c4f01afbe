import re
import shutil
import zipfile

import numpy as np
import pytest
from playwright.sync_api import expect

from fmnist_core import storage
from fmnist_core.storage import ASSETS


@pytest.fixture
def second_run(server):
    """Another tested run in the server's home, which is wrong about 50 items more than the one that came with it."""
    folder = server.home / "runs" / "second"
    shutil.copytree(ASSETS / "runs" / "mcnn-proposed", folder, ignore=shutil.ignore_patterns("epochs"))
    with np.load(folder / "evaluation.npz") as arrays:
        kept = dict(arrays)
    right = np.flatnonzero(kept["probabilities"].argmax(axis=1) == kept["labels"])[:50]
    kept["probabilities"][right] = np.roll(kept["probabilities"][right], 1, axis=1)
    np.savez(folder / "evaluation.npz", **kept)
    record = storage.read_json(folder / "run.json")
    storage.write_json(folder / "run.json", {**record, "run_id": "second", "recipe": "mcnn/second"})
    yield "second"
    shutil.rmtree(folder)


def test_two_runs_are_compared(open_page, second_run):
    page = open_page(f"/mistakes?run=mcnn-proposed&other={second_run}&view=Compare")
    expect(page.get_by_role("combobox", name="Compare with")).to_have_value(re.compile("mcnn/second"))
    expect(page.get_by_text("This run is better than the other.")).to_be_visible()
    expect(page.get_by_role("heading", name="50 that only this run gets right")).to_be_visible()
    expect(page.get_by_role("heading", name="0 that only the other gets right")).to_be_visible()
    expect(page.locator(".st-key-confusion-difference .plotly")).to_be_visible()
    cards = page.locator(".st-key-only-this-cards .card")
    expect(cards).to_have_count(4)
    first = cards.first.inner_text()
    page.get_by_role("button", name="›").first.click()
    expect(cards.first).not_to_have_text(first)
    expect(cards).to_have_count(4)


def test_the_report_is_one_file_that_asks_for_nothing(open_page, context, tmp_path):
    page = open_page("/mistakes?run=mcnn-proposed")
    page.get_by_role("button", name="Report").click()
    files = {}
    for button in ("As a page", "As tables"):
        with page.expect_download() as download:
            page.get_by_role("button", name=button).click()
        files[button] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[button])
    assert files["As a page"].name == "mistakes-mcnn-proposed.html"
    with zipfile.ZipFile(files["As tables"]) as tables:
        assert "predictions.csv" in tables.namelist()

    asked, said = [], []
    report = context.new_page()
    report.on("request", lambda request: asked.append(request.url))
    report.on("console", lambda message: said.append(message.text))
    report.goto(files["As a page"].as_uri())
    expect(report.get_by_role("heading", name="Mistakes of mcnn/proposed")).to_be_visible()
    expect(report.locator("img")).to_have_count(60)
    assert report.evaluate("[...document.images].every((image) => image.naturalWidth === 28)")
    assert [address for address in asked if not address.startswith(("data:", "file:"))] == []
    assert said == []
