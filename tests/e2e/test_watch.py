"""Repeats, earlier runs and the view of the curves, in a browser."""

import re
import time

from playwright.sync_api import expect

from tests.e2e.trainings import read_runs, wait_for_status


def start(page, server, repeats):
    """Click Start and return the new runs by seed, once there are all of them."""
    before = set(read_runs(server))
    page.get_by_role("button", name="Start training").click()
    deadline = time.monotonic() + 30
    while len(started := {name: run for name, run in read_runs(server).items() if name not in before}) < repeats:
        assert time.monotonic() < deadline, "not all runs have appeared"
        time.sleep(0.1)
    return {run["config"]["seed"]: name for name, run in started.items()}


def test_two_repeats_become_a_band_before_an_earlier_run(open_page, server):
    # Something to compare with.
    page = open_page("/train?recipe=threads/ann&epochs=1&subset=700")
    (earlier,) = start(page, server, 1).values()
    assert wait_for_status(server, earlier, "finished", "failed", seconds=150) == "finished"

    page = open_page("/train?recipe=threads/ann&epochs=1&subset=600&repeats=2")
    runs = start(page, server, 2)
    assert sorted(runs) == [0, 1]
    for seed in (0, 1):
        assert wait_for_status(server, runs[seed], "finished", "failed", seconds=150) == "finished"
    records = read_runs(server)
    # In the order of their seeds, however quickly they were submitted.
    assert records[runs[0]]["finished"] <= records[runs[1]]["started"]
    assert records[runs[0]]["result"]["test_accuracy"] != records[runs[1]]["result"]["test_accuracy"]

    page.wait_for_url(f"**run={runs[0]}**")
    expect(page.get_by_text("mean of 2 seeds")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Seed 0, one of 2 repeats, of which 2 have ended.")).to_be_visible()
    expect(page.get_by_test_id("stMetric").filter(has_text="SD of 2 seeds")).to_contain_text("±")
    chart = page.locator(".st-key-curve-accuracy")
    # A band for training and one for validation.
    expect(chart.locator(".scatterlayer .js-fill")).to_have_count(2)
    # The earlier run has one epoch, which a line could not show. With another of its minute it has the seconds, too.
    expect(page.get_by_text(re.compile(r"^ann \d\d:\d\d(:\d\d| seed 0)?$")).first).to_be_visible()
    expect(chart.locator(".scatterlayer .trace .point").first).to_be_visible()


def test_the_view_is_kept_in_the_address(open_page, server):
    page = open_page("/train?run=mcnn-proposed")
    chart = page.locator(".st-key-curve-accuracy")
    line = chart.locator(".scatterlayer .js-line").last
    expect(line).to_be_attached()
    before = line.get_attribute("d")
    page.get_by_role("button", name="View", exact=True).click()
    page.get_by_role("slider", name="Smoothing").press("End")
    page.wait_for_url("**smoothing=0.99**")
    expect(line).not_to_have_attribute("d", before)
    page.get_by_text("Batches", exact=True).click()
    page.wait_for_url("**axis=batches**")
    expect(chart.get_by_text("batch", exact=True)).to_be_visible()
    page.reload()
    expect(chart.get_by_text("batch", exact=True)).to_be_visible()
    expect(chart.get_by_text("epoch", exact=True)).to_have_count(0)


def test_the_inside_of_a_run_is_a_click_away(open_page, server):
    runs = read_runs(server).items()
    trained = [name for name, run in runs if (run["recipe"], run["status"]) == ("threads/ann", "finished")]
    page = open_page(f"/train?run={trained[0]}")
    page.get_by_role("tab", name="Inside").click()
    chart = page.locator(".st-key-layers-gradient_norm")
    expect(chart.get_by_text("1 Dense")).to_be_visible()
    page.get_by_role("radio", name="Weights").click()
    expect(page.locator(".st-key-layers-weight_norm").get_by_text("1 Dense")).to_be_visible()
    page.wait_for_url("**of=weight_norm**")
    for title in ("Learning rate", "Images a second", "Memory, MB"):
        expect(page.get_by_text(title, exact=True).last).to_be_visible()
