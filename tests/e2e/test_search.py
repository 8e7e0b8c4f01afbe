"""A search as a visitor starts it, stops it, lets it go on, and takes the best further."""

import re

from playwright.sync_api import expect

from tests.e2e.trainings import read_runs

NARROW = {"width": 390, "height": 844}
# Three trainings; on a machine that does much else each may take a minute.
PATIENCE = 300_000


def test_a_search_is_started_by_clicks_stopped_goes_on_and_shows_the_best(open_page, server):
    page = open_page("/search?trial_epochs=1&trial_items=500")
    main = page.get_by_test_id("stMain")
    expect(page.get_by_role("heading", name="Search", exact=True)).to_be_visible()
    for label, values in (("Learning rate", "0.0001, 0.001, 0.01"), ("Batch size", "50")):
        box = page.get_by_role("textbox", name=label)
        box.fill(values)
        box.press("Enter")
    expect(main.get_by_text("3 trainings")).to_be_visible()
    before = set(read_runs(server))
    page.get_by_role("button", name="Start the search").click()

    expect(page).to_have_url(re.compile("search=lab-first-look"), timeout=60_000)
    expect(main.get_by_text("running", exact=True)).to_be_visible(timeout=60_000)
    expect(main.get_by_text(re.compile("^1 of 3 trials"))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Now", exact=True).click()
    expect(main.get_by_text("stopped", exact=True)).to_be_visible(timeout=PATIENCE)
    expect(main.get_by_text(re.compile("^[12] of 3 trials, "))).to_be_visible()

    page.get_by_role("button", name="Go on", exact=True).click()
    expect(main.get_by_text("finished", exact=True)).to_be_visible(timeout=PATIENCE)
    expect(main.get_by_text(re.compile("^3 of 3 trials, 3 epochs in "))).to_be_visible()
    records = [record for name, record in read_runs(server).items() if name not in before]
    assert {record["config"]["learning_rate"] for record in records} == {0.0001, 0.001, 0.01}
    assert {(record["config"]["epochs"], record["config"]["subset"]) for record in records} == {(1, 500)}
    assert {record["status"] for record in records} == {"finished"}

    # The best one is told, stands in the chart, and leads to a training in full.
    expect(page.get_by_test_id("stMetricValue")).to_have_text(re.compile(r"^\d\d\.\d\d%$"))
    expect(main.get_by_text(re.compile("^Learning rate 0.0*1, Batch size 50$"))).to_be_visible()
    expect(page.locator(".js-plotly-plot").first.locator(".scatterlayer .point")).to_have_count(4)
    page.set_viewport_size(NARROW)
    expect(page.get_by_role("tab", name="Two settings")).to_be_visible()
    # On a phone the results stand before the form.
    result, form = main.get_by_text("finished", exact=True), page.get_by_role("button", name="Start the search")
    assert result.bounding_box()["y"] < form.bounding_box()["y"]
    for tab in ("Slices", "Curves", "Two settings"):
        page.get_by_role("tab", name=tab).click()
        assert main.evaluate("element => element.scrollWidth - element.clientWidth") <= 0
    page.get_by_role("link", name="Train this in full").click()
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()
    expect(page.get_by_role("spinbutton", name="Batch size")).to_have_value("50")
    expect(page.get_by_role("spinbutton", name="Epochs")).to_have_value("10")
