"""What papers claim and what came out, as a visitor looks at it and trains a network again."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.trainings import read_runs, wait_for_status

WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def row(page, title):
    return page.locator(".lab-claims .row", has=page.get_by_text(title, exact=True))


def expect_no_scrolling_sideways(page):
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") <= 0


def test_from_the_leaderboard_to_a_paper_and_by_quick_to_a_finished_run(open_page, server, requests_seen):
    page = open_page("/papers")
    expect(page.get_by_role("heading", name=re.compile(r"networks"))).to_be_visible()
    expect(page.locator(".js-plotly-plot .scatterlayer .point").first).to_be_visible()
    page.get_by_role("radio", name="Fitch: CNN Analysis").click()
    page.wait_for_url("**paper=fitch**")
    cheap = row(page, "Model 8: no convolution")
    expect(cheap.get_by_role("group", name=re.compile(r"^Test accuracy: claimed 87.22"))).to_be_visible()
    expect(cheap).to_contain_text(re.compile("reproduced|above the claim|below the claim|cannot be told"))

    before = set(read_runs(server))
    cheap.get_by_role("button", name=re.compile("^Run Model 8: no convolution quickly")).click()
    link = cheap.get_by_role("link", name=re.compile("watch it on Train"))
    expect(link).to_be_visible(timeout=20_000)
    (run_id,) = set(read_runs(server)) - before
    record = read_runs(server)[run_id]
    # A tenth of 15 epochs, and everything else as the recipe has it.
    assert (record["recipe"], record["config"]["epochs"], record["config"]["batch_size"]) == ("fitch/model-8", 2, 64)
    link.click()
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()
    page.wait_for_url(f"**/train**run={run_id}**")
    expect(page.get_by_role("combobox", name="Network")).to_have_value("Model 8: no convolution")
    assert wait_for_status(server, run_id, "finished", "failed", seconds=300) == "finished"
    expect(page.get_by_text("finished", exact=True)).to_be_visible(timeout=30_000)

    # Back there, it is among the runs of its network, and on the leaderboard.
    page.get_by_role("link", name="Papers").click()
    expect(page.get_by_role("radio", name="Overview")).to_have_attribute("aria-checked", "true")
    page.get_by_role("radio", name="Your runs").click()
    # Other tests may have trained on this server before.
    mine = sum(record["status"] == "finished" for record in read_runs(server).values())
    expect(page.locator(".js-plotly-plot .scatterlayer .point")).to_have_count(mine)
    assert all(url.startswith(server.url) for url in requests_seen if url.startswith("http"))


def test_a_long_training_is_not_begun_before_it_is_said_how_long(open_page, server):
    page = open_page("/papers?paper=mcnn&table=3")
    before = set(read_runs(server))
    row(page, "ResNet50").get_by_role("button", name=re.compile("^Run ResNet50:")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("100 epochs")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    assert set(read_runs(server)) == before


def test_details_open_by_keyboard_and_stay_open(open_page):
    page = open_page("/papers?paper=threads")
    more = row(page, "ANN: two dense layers").get_by_role("button", name="More about ANN: two dense layers")
    more.focus()
    more.press("Enter")
    expect(more).to_have_attribute("aria-expanded", "true")
    expect(row(page, "ANN: two dense layers").locator(".details")).to_contain_text("the paper's baseline")
    more.press("Enter")
    expect(row(page, "ANN: two dense layers").locator(".details")).to_be_hidden()


@pytest.mark.parametrize(
    ("path", "chosen"),
    [
        ("/papers?paper=mcnn&table=2", ["MCNN: five convolutions", "Learning rate"]),
        ("/papers?paper=threads&part=Figures&figure=classes", ["Threads of Understanding", "Classes"]),
        ("/papers?by=operations", ["Overview", "Operations"]),
    ],
)
def test_a_link_opens_what_was_chosen(open_page, path, chosen):
    page = open_page(path)
    for name in chosen:
        expect(page.get_by_role("radio", name=name, exact=True)).to_have_attribute("aria-checked", "true")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize(
    "path",
    [
        "/papers",
        "/papers?board=Who+promised+too+much",
        "/papers?paper=mcnn",
        "/papers?paper=silwimba&table=2",
        "/papers?paper=fitch&part=Contradictions",
        "/papers?paper=threads&part=Figures",
    ],
)
def test_nothing_scrolls_sideways(open_page, path, size):
    page = open_page(path)
    page.set_viewport_size(size)
    page.reload()
    expect(page.get_by_role("heading", name="Papers", exact=True)).to_be_visible()
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    expect_no_scrolling_sideways(page)


def test_on_a_phone_rows_are_cards_with_all_that_they_say(open_page):
    page = open_page("/papers?paper=fitch")
    page.set_viewport_size(NARROW)
    card = row(page, "Model 7: the champion")
    expect(page.locator(".lab-claims .head")).to_be_hidden()
    for text in ("Best validation", "91.73", "95.39"):
        expect(card).to_contain_text(text)
    box = card.get_by_role("button", name=re.compile("^Run Model 7: the champion:")).bounding_box()
    assert box["height"] >= 40
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= NARROW["width"]
