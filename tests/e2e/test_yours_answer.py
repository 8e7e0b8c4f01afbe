import re

import numpy as np
import pytest
from playwright.sync_api import expect

from fmnist_core import projection_files, runs, studies
from fmnist_core.trust import STUDY
from fmnist_core.trust_fitting import build_trust
from tests.e2e.conftest import wait_until_idle

pytestmark = pytest.mark.browser

RUN = "mcnn-proposed"
# The first answer may have to wait for Keras.
PATIENCE = 60_000


@pytest.fixture
def known(server, monkeypatch):
    """See to it that something is known of the run; who its neighbours are is left to chance."""
    monkeypatch.setenv("FMNIST_HOME", str(server.home))
    run = runs.load_run(RUN)
    path = studies.Request(run, STUDY, {}).path
    if not path.is_file():
        outputs = np.random.default_rng(0).random((60, 512), np.float32)
        checksum = projection_files.checksum(run.path / "model.keras")
        path.parent.mkdir(parents=True, exist_ok=True)
        arrays = build_trust(checksum, outputs, np.arange(50), np.arange(50, 60)).to_arrays()
        np.savez_compressed(path, **arrays)


def test_an_answer_is_looked_at_closer(known, open_page, requests_seen, server):
    page = open_page(f"/yours?item=60001&run={RUN}")
    panel = page.get_by_role("tabpanel").first
    expect(panel.get_by_text("What the network sees", exact=True)).to_be_visible(timeout=PATIENCE)
    panel.get_by_text("What it looked at", exact=True).click()
    expect(panel.get_by_text("Grad-CAM", exact=True)).to_be_visible(timeout=PATIENCE)
    panel.get_by_text("The nearest training items", exact=True).click()
    expect(panel.get_by_role("listbox", name="The nearest training items").get_by_role("option")).to_have_count(5)
    panel.get_by_role("option").first.click()
    link = panel.get_by_role("link", name="See it inside the network")
    expect(link).to_have_attribute("href", re.compile(r"item=\d+"))
    panel.get_by_text("Where it lands on the map", exact=True).click()
    expect(panel.get_by_text("The picture itself was not projected")).to_be_visible()
    wait_until_idle(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert [url for url in requests_seen if not url.startswith((server.url, "data:", "blob:"))] == []
