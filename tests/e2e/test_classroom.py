"""A class of two pupils: a teacher makes a grid, they open their links and start, and the surface fills by itself."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.trainings import read_runs, wait_for_status


@pytest.fixture
def pupil(browser, server):
    """Open a link as somebody whom the app does not know."""
    contexts = []

    def open_link(link):
        contexts.append(browser.new_context(viewport={"width": 390, "height": 844}))
        page = contexts[-1].new_page()
        page.goto(link)
        expect(page.get_by_text("The form is filled in.")).to_be_visible(timeout=PATIENT)
        return page

    yield open_link
    for context in contexts:
        context.close()


# On a machine that is busy with other things a page may take its time.
PATIENT = 60_000


def fill(page, label, value):
    field = page.get_by_role("textbox", name=label, exact=True)
    field.fill(value)
    field.press("Enter")


def test_a_grid_fills_while_pupils_train_their_cells(open_page, server, pupil):
    teacher = open_page("/search?mode=Class")
    fill(teacher, "Values of the rows", "0.001, 0.01")
    fill(teacher, "Values of the columns", "32, 64")
    for label, value in (("Epochs", "1"), ("Training items", "500")):
        field = teacher.get_by_role("spinbutton", name=label, exact=True)
        field.fill(value)
        field.press("Enter")
    expect(teacher.get_by_text(re.compile("4 cells, each about"))).to_be_visible()
    teacher.get_by_role("button", name="Make the class").click()
    expect(teacher).to_have_url(re.compile("class=learning-rate-and-batch-size"))
    filled = teacher.get_by_test_id("stMetricValue").first
    expect(filled).to_have_text("0 of 4", timeout=PATIENT)

    link = teacher.get_by_test_id("stCode").first.inner_text(timeout=PATIENT).strip()
    assert link == f"{server.url}/train?class=learning-rate-and-batch-size&cell=next"
    first, second = pupil(link), pupil(link)
    for page, cell, size in ((first, 1, "32"), (second, 2, "64")):
        expect(page.get_by_text(f"Cell {cell} of 4 of “Learning rate and batch size”:")).to_be_visible()
        expect(page).to_have_url(re.compile(f"cell={cell}"))
        expect(page.get_by_role("spinbutton", name="Batch size")).to_have_value(size)
    for page in (first, second):
        page.get_by_role("button", name="Start training").click()
        # The first one may have to wait for a worker to start.
        expect(page.get_by_text("Your run counts in this cell.")).to_be_visible(timeout=PATIENT)
    marked = {name: run["cell"] for name, run in read_runs(server).items() if run.get("classroom")}
    assert sorted(marked.values()) == [1, 2]
    for run_id in marked:
        assert wait_for_status(server, run_id, "finished", "failed", seconds=240) == "finished"

    # Nobody has touched the teacher's page.
    expect(filled).to_have_text("2 of 4", timeout=PATIENT)
    surface = teacher.locator(".js-plotly-plot").first
    expect(surface.locator("text", has_text=re.compile(r"^\d\d\.\d$"))).to_have_count(2)
    # A third pupil gets the next one.
    expect(pupil(link).get_by_text("Cell 3 of 4 of")).to_be_visible()
