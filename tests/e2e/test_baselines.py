import re

from playwright.sync_api import expect

from tests.e2e.trainings import read_runs, start


def test_a_random_forest_is_chosen_fitted_and_its_mistakes_are_looked_at(open_page, server):
    page = open_page("/train?subset=600")
    paper, classifier = (page.get_by_role("combobox", name=name, exact=True) for name in ("Paper", "Network"))
    paper.click()
    page.get_by_role("option", name="Classical", exact=True).click()
    expect(classifier).to_have_value("Logistic regression")
    classifier.click()
    page.get_by_role("option", name="Random forest", exact=True).click()
    expect(page.get_by_text("A hundred trees each ask a chain of questions")).to_be_visible()
    expect(page.get_by_role("spinbutton", name="Epochs", exact=True)).to_have_count(0)
    items = page.get_by_role("spinbutton", name="Training items", exact=True)
    items.fill("600")
    items.press("Enter")
    expect(page.get_by_text("600 train")).to_be_visible()
    run_id = start(page, server)
    expect(page.get_by_text("finished", exact=True)).to_be_visible(timeout=150_000)
    expect(page.get_by_test_id("stProgress")).to_contain_text(re.compile(r"Fitted in \d+ s"))
    record = read_runs(server)[run_id]
    assert record["result"]["test_accuracy"] > 0.6
    expect(page.get_by_test_id("stMetric").first).to_contain_text(f"{record['result']['test_accuracy']:.2%}")
    page.get_by_role("link", name="See where it errs").click()
    expect(page.get_by_role("heading", name="Mistakes", exact=True)).to_be_visible()
    page.wait_for_url(f"**run={run_id}**")
    expect(page.get_by_test_id("stMetric").first).to_contain_text(f"{record['result']['test_accuracy']:.2%}")
