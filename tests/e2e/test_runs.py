import re
import shutil

import pytest
from playwright.sync_api import expect

from fmnist_core import run_package, runs, storage
from fmnist_core.run_labels import Labels
from fmnist_core.storage import ASSETS
from tests.e2e.conftest import wait_until_idle

ROW = 35


@pytest.fixture
def table(server, open_page):
    """The page with two runs of one's own in the server's home, found by their tag among those of other tests."""
    folders = [server.home / "runs" / name for name in ("mine", "mine-too")]
    for folder in folders:
        shutil.copytree(ASSETS / "runs" / "threads-model-3", folder)
        storage.write_json(folder / "labels.json", Labels(tags=("unmistakable",)).to_dict())
    yield open_page("/runs?find=unmistakable")
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def tick(page, *places):
    """Tick rows of the table, counted from 0."""
    grid = page.get_by_test_id("stDataFrame").first
    expect(grid.locator("canvas").first).to_be_visible()
    page.wait_for_timeout(500)
    box = grid.bounding_box()
    for place in places:
        page.mouse.click(box["x"] + 18, box["y"] + ROW * (place + 1) + ROW / 2)
        wait_until_idle(page)


def details(page):
    return page.locator(".st-key-details-of-run")


def test_a_ticked_row_opens_its_details_and_stands_in_the_address(table):
    tick(table, 0)
    expect(details(table)).to_contain_text("Tested on 14,000 other items than the official ones")
    table.wait_for_url(re.compile(r"run=mine"))
    table.reload()
    expect(details(table)).to_contain_text("165,866 parameters")
    tick(table, 0)
    expect(details(table)).to_have_count(0)
    assert "run=" not in table.url


def test_two_ticked_rows_are_compared(table):
    tick(table, 0, 1)
    table.get_by_role("button", name="Compare these").click()
    expect(table.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")
    table.wait_for_url(re.compile(r"compare=(mine(,|%2C)mine-too|mine-too(,|%2C)mine)"))


def test_a_deleted_run_is_back_after_undo(table, server, open_page):
    page = open_page("/runs?run=mine")
    expect(details(page)).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".st-key-deleted")).to_contain_text("was moved to the trash")
    assert not (server.home / "runs" / "mine").exists()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".st-key-deleted")).to_have_count(0)
    assert (server.home / "runs" / "mine" / "model.keras").is_file()


def test_a_file_is_imported_or_refused_with_a_reason(table, server, tmp_path):
    (tmp_path / "hog.run.zip").write_bytes(run_package.pack_run(runs.load_run("hog-svm")))
    (tmp_path / "evil.keras").write_bytes(b"not a network")
    table.get_by_role("button", name="Import").click()
    dialog = table.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(tmp_path / "evil.keras")
    dialog.get_by_role("button", name="Check it and take it in").click()
    expect(dialog).to_contain_text("Not taken in. The file must be a run that the lab has exported, or a network")
    dialog.locator("input[type=file]").set_input_files(tmp_path / "hog.run.zip")
    dialog.get_by_role("button", name="Check it and take it in").click()
    expect(details(table)).to_contain_text("Imported from hog.run.zip", timeout=60_000)
    imported = list((server.home / "runs").glob("hog-svm-*"))
    assert len(imported) == 1
    shutil.rmtree(imported[0])
