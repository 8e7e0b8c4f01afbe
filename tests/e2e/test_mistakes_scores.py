import re

from playwright.sync_api import expect


def open_tab(page, name):
    page.get_by_role("tab", name=name).click()
    expect(page).to_have_url(re.compile(f"view={name}"))


def test_scores_are_shown_with_curves_that_can_be_enlarged(open_page):
    page = open_page("/mistakes?run=mcnn-proposed")
    expect(page.get_by_test_id("stMetric").first).to_contain_text(re.compile(r"interval \d\d\.\d\d% to \d\d\.\d\d%"))
    open_tab(page, "Scores")
    rows = page.get_by_role("row").filter(has_text=re.compile(r"\d–\d"))
    expect(rows).to_have_count(10)
    expect(rows.last).to_contain_text(re.compile(r"Brier score.*0\.1\d{3}"))
    expect(page.locator(".st-key-class-scores .bars .point")).to_have_count(30)
    for chart in (".st-key-roc", ".st-key-precision-recall"):
        expect(page.locator(f"{chart} .legend .traces")).to_have_count(11)
    first_tick = page.locator(".st-key-roc .ytick text").first
    expect(first_tick).to_have_text("0%")
    page.get_by_role("radio", name="Corner enlarged").click()
    expect(first_tick).to_have_text("80%")
    expect(page).to_have_url(re.compile("curves=Corner"))


def test_a_class_can_be_put_out_by_its_name(open_page):
    page = open_page("/mistakes?run=mcnn-proposed&view=Scores")
    chart = page.locator(".st-key-roc")
    lines = chart.locator(".scatterlayer .trace")
    expect(lines).to_have_count(12)  # ten classes, their mean, and guessing
    shirt = chart.locator(".legend .traces").filter(has_text="Shirt 0.9")
    shirt.scroll_into_view_if_needed()
    shirt.locator(".legendtoggle").click()
    expect(lines).to_have_count(11)


def test_calibration_is_mended_in_words_and_pictures(open_page):
    page = open_page("/mistakes?run=mcnn-proposed")
    open_tab(page, "Calibration")
    expect(page.get_by_role("heading", name="The network is over-confident: T = 1.")).to_be_visible()
    errors = page.get_by_test_id("stMetric").filter(has_text="Expected calibration error")
    expect(errors).to_have_count(2)
    before, after = (float(re.search(r"(\d+\.\d+)%", metric.inner_text()).group(1)) for metric in errors.all())
    assert 0 < after < before
    for chart in (".st-key-reliability", ".st-key-reliability-mended"):
        expect(page.locator(f"{chart} .legend .traces")).to_have_count(3)
    accuracy = page.get_by_role("row").filter(has_text="Accuracy").get_by_role("cell")
    expect(accuracy.nth(1)).to_have_text(accuracy.nth(2).inner_text())


def test_overfitting_offers_what_is_not_known_and_shows_what_is(open_page):
    page = open_page("/mistakes?run=mcnn-proposed")
    open_tab(page, "Overfitting")
    # Another test may have had the network asked already: then its answers are there at once.
    expect(page.get_by_role("button", name="Compute it").or_(page.locator(".st-key-gaps"))).to_be_visible()
    expect(page.locator(".st-key-epoch-gap .legend .traces")).to_have_count(2)
    expect(page.locator(".st-key-fates .legend .traces")).to_have_count(5)
    expect(page.get_by_text(re.compile(r"Of 6,000 validation items, [\d,]+ were forgotten"))).to_be_visible()
    page.get_by_role("link", name="See them in the time machine").click()
    expect(page).to_have_url(re.compile(r"/train\?.*run=mcnn-proposed"))
    expect(page.get_by_role("tab", name="Time machine")).to_have_attribute("aria-selected", "true")
