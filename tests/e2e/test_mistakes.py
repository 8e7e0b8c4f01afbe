import re

import pytest
from playwright.sync_api import expect

PAGE = "/mistakes?run=mcnn-proposed"


@pytest.fixture
def mistakes(open_page):
    """The reference run's matrix."""
    page = open_page(PAGE)
    expect(matrix(page).locator(".cell")).to_have_count(100)
    return page


def matrix(page):
    return page.locator(".st-key-confusion .matrix")


def cell(page, name):
    pattern = name.replace("/", ".")  # a slash would end the selector
    return page.get_by_role("gridcell", name=re.compile(rf"^[\d,]+ {pattern}"))


def heading(page, text):
    return page.get_by_role("heading", name=re.compile(text))


def read_counts(page, grid=".st-key-confusion .matrix"):
    return [int(text or 0) for text in page.locator(f"{grid} .count").all_text_contents()]


def slider(page):
    return page.get_by_role("slider", name="Travel in time")


def open_closer(page, button):
    """Look closer at an item and return the dialog, complete."""
    button.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".tile")).to_have_count(12, timeout=30_000)
    return dialog


def test_a_click_on_a_cell_shows_its_items(mistakes):
    count = cell(mistakes, "Shirt taken for T-shirt/top").inner_text()
    cell(mistakes, "Shirt taken for T-shirt/top").click()
    expect(heading(mistakes, f"^{count} shirts were called T-shirts$")).to_be_visible()
    mistakes.wait_for_url("**cell=6-0")
    beside = mistakes.locator(".st-key-cell-cards .card")
    expect(beside).to_have_count(4)
    for card in beside.all():
        expect(card.locator(".sentence")).to_contain_text("Shirt, called T-shirt/top")
        expect(card.locator("dt")).to_have_count(10)

    mistakes.reload()
    expect(heading(mistakes, "shirts were called T-shirts$")).to_be_visible()
    expect(cell(mistakes, "Shirt taken for T-shirt/top")).to_have_attribute("aria-selected", "true")
    mistakes.get_by_role("button", name="Back to all classes").click()
    expect(heading(mistakes, "By class")).to_be_visible()
    expect(mistakes.locator(".cell[aria-selected=true]")).to_have_count(0)


def test_a_row_and_a_column_open_by_their_names(mistakes):
    counts = read_counts(mistakes)
    mistakes.get_by_role("rowheader", name="Items that are Shirt").click()
    expect(heading(mistakes, f"^1,000 shirts, {counts[66]} of them called rightly$")).to_be_visible()
    mistakes.wait_for_url("**row=6")
    expect(mistakes.locator(".st-key-cell-cards .sentence").first).to_contain_text("Shirt, called")
    expect(mistakes.locator(".cell.within")).to_have_count(10)

    mistakes.get_by_role("columnheader", name="Items taken for Coat").click()
    called = sum(counts[4::10])
    expect(heading(mistakes, f"^{called:,} items called coats, {counts[44]} of them rightly$")).to_be_visible()
    mistakes.wait_for_url("**column=4")
    assert "row=" not in mistakes.url
    # A second click takes it back.
    mistakes.get_by_role("columnheader", name="Items taken for Coat").click()
    expect(heading(mistakes, "By class")).to_be_visible()


def test_the_keys_walk_from_cell_to_cell_and_to_the_names(mistakes):
    cell(mistakes, "Shirt taken for T-shirt/top").focus()
    mistakes.keyboard.press("ArrowLeft")
    expect(mistakes.get_by_role("rowheader", name="Items that are Shirt")).to_be_focused()
    mistakes.keyboard.press("Enter")
    expect(heading(mistakes, "^1,000 shirts, ")).to_be_visible()


def test_a_sentence_opens_its_cell(mistakes):
    sentence = mistakes.get_by_role("button", name=re.compile(r"^\d+ \w[\w -]* were called ")).first
    text = sentence.inner_text()
    sentence.click()
    expect(heading(mistakes, f"^{text}$")).to_be_visible()
    mistakes.wait_for_url(re.compile(r"cell=\d-\d"))
    expect(mistakes.locator(".cell[aria-selected=true]")).to_have_count(1)


def test_shares_and_an_order_by_similarity_leave_the_diagonal_where_it_is(mistakes):
    first = matrix(mistakes).get_by_role("rowheader").first
    expect(first).to_have_text("T-shirt/top")
    mistakes.get_by_text("By similarity").click()
    expect(first).not_to_have_text("T-shirt/top")
    rows = matrix(mistakes).get_by_role("rowheader").all_inner_texts()
    assert matrix(mistakes).get_by_role("columnheader").all_inner_texts() == rows
    assert abs(rows.index("Shirt") - rows.index("T-shirt/top")) == 1
    hits = (
        matrix(mistakes)
        .locator(".cell")
        .evaluate_all(
            "cells => cells.map((cell, place) => cell.matches('.hit') ? place : -1).filter((place) => place >= 0)"
        )
    )
    assert hits == list(range(0, 100, 11))
    mistakes.get_by_text("% of true class").click()
    expect(cell(mistakes, "Trouser rightly recognised")).to_have_text(re.compile(r"^9\d%$"))
    mistakes.wait_for_url(re.compile("(?=.*cells=rows)(?=.*order=similar)"))


def test_travelling_through_the_epochs_redraws_the_matrix_and_its_items(mistakes):
    mistakes.get_by_text("Travel through the epochs").click()
    expect(slider(mistakes)).to_be_visible()
    expect(mistakes.get_by_text(re.compile("^6,000 validation items"))).to_be_visible()
    past = ".st-key-past-confusion .matrix"
    now = read_counts(mistakes, past)
    slider(mistakes).focus()
    mistakes.keyboard.press("Home")
    expect(slider(mistakes)).to_have_attribute("aria-valuetext", "Epoch 1")
    then = read_counts(mistakes, past)
    assert then != now
    assert sum(then) == sum(now) == 6_000
    mistakes.wait_for_url("**epoch=1*")
    cell(mistakes, "Coat taken for Shirt").click()
    expect(heading(mistakes, f"^{then[46]:,} coats were called shirts$")).to_be_visible()

    mistakes.reload()
    expect(slider(mistakes)).to_have_attribute("aria-valuetext", "Epoch 1")
    expect(heading(mistakes, f"^{then[46]:,} coats were called shirts$")).to_be_visible()
    mistakes.get_by_text("Travel through the epochs").click()
    expect(slider(mistakes)).to_have_count(0)
    expect(matrix(mistakes)).to_be_visible()
    assert sum(read_counts(mistakes)) == 10_000


def test_the_gallery_turns_its_pages_and_changes_its_kind(open_page):
    page = open_page(f"{PAGE}&view=Errors")
    cards = page.locator(".st-key-confident-cards .sentence")
    expect(cards).to_have_count(12)
    first = cards.first.inner_text()
    page.get_by_role("button", name="›").click()
    expect(cards.first).not_to_have_text(first)

    page.get_by_text("Closest calls").click()
    expect(page.get_by_text("the first two classes are within 10%")).to_be_visible()
    expect(page.locator(".st-key-close-cards .card")).to_have_count(12)
    page.get_by_text("By pair of classes").click()
    expect(page.get_by_text(re.compile("were called .* The most confident come first"))).to_be_visible()
    page.wait_for_url("**kind=pair*")


def test_an_item_looked_at_closer_shows_what_it_resembles_and_leads_on(open_page):
    page = open_page(f"{PAGE}&view=Errors")
    button = page.get_by_role("button", name=re.compile("^Look closer at")).first
    index = re.search(r"test (\d+)", button.get_attribute("aria-label"))[1]
    item = 60_000 + int(index)
    dialog = open_closer(page, button)
    expect(dialog.get_by_text("Nearest of class")).to_have_count(2)
    expect(dialog.locator("dt")).to_have_count(10)
    page.wait_for_url(f"**item={item}*")
    targets = {
        "See it inside the network": f"inside?run=mcnn-proposed&item={item}",
        "Find it on the map": f"map?item={item}",
        "Change it and ask again": f"yours?run=mcnn-proposed&item={item}",
    }
    for name, target in targets.items():
        expect(dialog.get_by_role("link", name=name)).to_have_attribute("href", target)

    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.wait_for_url(re.compile(r"^((?!item=).)*$"))
    # The same one can be opened again.
    dialog = open_closer(page, button)
    dialog.get_by_role("link", name="Change it and ask again").click()
    expect(page.get_by_role("heading", name="Classify yours")).to_be_visible()
    page.wait_for_url(re.compile(r"/yours\?((?!item=).)*$"))
    # The garment lies on the sheet, so that there is an answer.
    expect(page.get_by_text("Nothing drawn yet")).to_have_count(0, timeout=60_000)


def test_the_papers_pictures_open_their_items(open_page):
    page = open_page(f"{PAGE}&view=Errors&kind=papers")
    plates = page.locator(".plate")
    expect(plates).to_have_count(25)
    expect(plates.first).to_contain_text(re.compile(r"Ankle boot \d+% \(Ankle boot\)"))
    page.get_by_text("First 25 mistakes (Fitch)").click()
    expect(page.locator(".plate.wrong")).to_have_count(25)
    page.get_by_text("60 at random (MCNN)").click()
    expect(plates).to_have_count(60)
    expect(plates.first).to_contain_text("Actual = ")
    first = plates.first.get_attribute("aria-label")
    page.get_by_role("button", name="Draw others").click()
    expect(plates.first).not_to_have_attribute("aria-label", first)
    open_closer(page, plates.first)


@pytest.mark.parametrize("query", ["&cell=6-0", "&past=true", "&view=Errors&kind=papers", "&view=Errors&item=60023"])
def test_nothing_sticks_out_on_a_phone(open_page, query):
    page = open_page(PAGE + query)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".cell, .plate, .tile, .card").first).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("[data-testid=stMain]").evaluate("main => main.scrollWidth") <= 390
