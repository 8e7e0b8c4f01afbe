import csv
import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import wait_until_idle

pytestmark = pytest.mark.browser

# An ankle boot and trousers that the reference run recognises.
BOOT, TROUSER = 60_165, 60_002
# The first answer may have to wait for Keras.
PATIENCE = 60_000


class Visit:
    """A visitor who says what is right."""

    def __init__(self, page):
        self.page = page

    def expect_question(self):
        expect(self.page.get_by_text("Was this right?").first).to_be_visible(timeout=PATIENCE)
        wait_until_idle(self.page)

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()
        wait_until_idle(self.page)

    def say_yes(self):
        self.press("Yes")
        expect(self.page.get_by_role("button", name="Take back")).to_be_visible(timeout=PATIENCE)

    def say_no(self, name):
        self.page.get_by_role("button", name="No, it is").click()
        self.page.get_by_role("button", name=name).click()
        chosen = self.page.get_by_role("button", name=re.compile(f"No, it is {name}"))
        expect(chosen).to_be_visible(timeout=PATIENCE)
        # The list has closed.
        expect(self.page.get_by_role("button", name="Bag")).to_have_count(0)

    def open_tab(self, name):
        self.page.get_by_role("tab", name=name).click()
        wait_until_idle(self.page)


@pytest.fixture
def visit(open_page):
    def start(path):
        found = Visit(open_page(path))
        found.expect_question()
        return found

    return start


def test_answers_are_voted_on_summed_up_taken_away_and_deleted(visit):
    someone = visit(f"/yours?item={BOOT}")
    page = someone.page
    someone.say_yes()
    someone.say_no("Coat")
    page.get_by_text("Keep the picture too").click()
    wait_until_idle(page)
    someone.open_tab("Session")
    expect(page.get_by_role("heading", name="0 of 1 answer right, 0%")).to_be_visible()
    expect(page.get_by_text("wrong, it is Coat")).to_be_visible()
    expect(page.get_by_alt_text("Coat, the picture that was kept")).to_be_visible()
    rows = page.get_by_role("table").locator("tr").all_inner_texts()
    assert [row.split() for row in rows] == [["Coat", "Ankle", "boot"], ["Coat", "1"], ["Ankle", "boot"]]
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    (line,) = csv.DictReader(download.value.path().read_text().splitlines())
    assert (line["answer"], line["truth"], line["right"], line["picture kept"]) == ("Ankle boot", "Coat", "0", "1")
    # The address brings the tab back, and a changed mind counts once.
    assert "input=Session" in page.url
    someone.open_tab("Draw")
    someone.press("Yes")
    someone.open_tab("Session")
    expect(page.get_by_role("heading", name="1 of 1 answer right, 100%")).to_be_visible()
    someone.press("Delete")
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    someone.open_tab("Draw")
    expect(page.get_by_role("button", name="Take back")).to_have_count(0)


def test_another_visitor_finds_what_was_said_on_this_machine_only_if_he_asks(visit, open_page):
    someone = visit(f"/yours?item={TROUSER}")
    someone.say_yes()
    page = open_page("/yours?input=Session")
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    page.get_by_role("radio", name="All on this machine").click()
    expect(page.get_by_role("heading", name=re.compile(r"\d+ of \d+ answers? right"))).to_be_visible()
    page.get_by_role("button", name="Delete all").click()
    page.get_by_role("button", name="Delete them").click()
    expect(page.get_by_text("Nothing here yet")).to_be_visible()


def test_a_vote_survives_a_visit_to_another_page(visit):
    someone = visit(f"/yours?item={TROUSER}")
    someone.say_yes()
    someone.page.get_by_role("link", name="Gallery").click()
    expect(someone.page.get_by_role("heading", name="Gallery")).to_be_visible()
    wait_until_idle(someone.page)
    someone.page.get_by_role("link", name="Classify yours").click()
    someone.expect_question()
    expect(someone.page.get_by_role("button", name="Take back")).to_be_visible()


def test_on_a_phone_all_of_it_fits(browser, server):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{server.url}/yours?item={BOOT}")
    someone = Visit(page)
    someone.expect_question()
    page.get_by_role("button", name="No, it is").tap()
    choice = page.get_by_role("button", name="Dress")
    expect(choice).to_be_visible()
    choice.tap()
    expect(page.get_by_role("button", name="No, it is Dress")).to_be_visible()
    page.get_by_role("tab", name="Session").tap()
    expect(page.get_by_text("wrong, it is Dress")).to_be_visible()
    wait_until_idle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
