import re

from playwright.sync_api import expect

from tests.e2e.conftest import wait_until_idle
from tests.e2e.trainings import read_runs, start, wait_for_status


def test_a_short_training_is_watched_to_its_end(open_page, server):
    page = open_page("/train?epochs=2&subset=3000&compare=none")
    run_id = start(page, server)
    expect(page.get_by_test_id("stProgress")).to_contain_text(re.compile(r"Epoch [12] of 2, .* left"), timeout=40_000)
    expect(page.get_by_text("finished", exact=True)).to_be_visible(timeout=40_000)
    record = read_runs(server)[run_id]
    assert record["result"]["test_accuracy"] > 0.6
    expect(page.get_by_test_id("stMetric").first).to_contain_text(f"{record['result']['test_accuracy']:.2%}")
    # Training and validation, an epoch each a marker, in both charts.
    expect(page.locator(".st-key-curve-accuracy .scatterlayer .point")).to_have_count(4)
    # Nothing goes on asking the server once the run has ended.
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    page.get_by_role("link", name="See where it errs").click()
    expect(page.get_by_role("heading", name="Mistakes", exact=True)).to_be_visible()
    page.wait_for_url(f"**run={run_id}**")


def test_stop_keeps_what_was_learned(open_page, server):
    page = open_page("/train?epochs=500&subset=6000")
    run_id = start(page, server)
    expect(page.get_by_test_id("stProgress")).to_contain_text("left", timeout=40_000)
    page.get_by_role("button", name="Stop").click()
    assert wait_for_status(server, run_id, "stopped", "finished") == "stopped"
    expect(page.get_by_text("stopped", exact=True)).to_be_visible(timeout=10_000)
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    folder = server.home / "runs" / run_id
    assert (folder / "model.keras").is_file()
    assert read_runs(server)[run_id]["result"]["test_accuracy"] > 0.1


def test_a_refresh_and_a_second_tab_find_the_run_again_and_the_next_one_waits(open_page, server):
    page = open_page("/train?epochs=500&subset=6000")
    first = start(page, server)
    expect(page.get_by_test_id("stProgress")).to_contain_text("left", timeout=40_000)
    page.reload()
    expect(page.get_by_test_id("stProgress")).to_contain_text("left", timeout=20_000)

    second_tab = open_page("/train?subset=2000&epochs=1")
    second = start(second_tab, server)
    expect(second_tab.get_by_test_id("stProgress")).to_contain_text("Waiting: 1 before it", timeout=20_000)
    second_tab.get_by_role("button", name="Stop").click()

    # Going to another page leaves the run alone.
    page.goto(page.url.split("/train")[0] + "/mistakes")
    expect(page.get_by_role("heading", name="Mistakes", exact=True)).to_be_visible()
    assert read_runs(server)[first]["status"] == "running"
    page.goto(page.url.split("/mistakes")[0] + f"/train?run={first}")
    page.get_by_role("button", name="Stop").click()
    wait_for_status(server, first, "stopped")
    wait_for_status(server, second, "stopped")
    assert not (server.home / "runs" / second / "model.keras").exists()


def test_invalid_settings_say_why(open_page):
    page = open_page("/train?batch_size=0")
    expect(page.get_by_test_id("stAlert")).to_contain_text("`batch_size`".strip("`"))
    expect(page.get_by_role("button", name="Start training")).to_be_disabled()


def test_choosing_a_paper_and_a_network_fills_in_their_settings(open_page):
    page = open_page("/train?recipe=lab/wide")
    paper, network = (page.get_by_role("combobox", name=name, exact=True) for name in ("Paper", "Network"))
    expect(paper).to_have_value("Our own")
    expect(network).to_have_value("Wide: a residual net of 2.8M")

    def choose(box, title):
        box.click()
        page.get_by_role("option", name=title, exact=True).click()

    def expect_settings(learning_rate, epochs, batch_size):
        for label, value in (("Learning rate", learning_rate), ("Epochs", epochs), ("Batch size", batch_size)):
            expect(page.get_by_role("spinbutton", name=label, exact=True)).to_have_value(value)

    expect_settings("0.2", "120", "512")
    choose(paper, "MCNN: five convolutions")
    expect(network).to_have_value("Proposed: five blocks")
    expect_settings("0.001", "100", "128")
    choose(network, "Learning rate 0.02")
    expect_settings("0.02", "100", "128")
    page.wait_for_url("**recipe=mcnn%2Flearning-rate-0.02**")
    page.reload()
    expect(network).to_have_value("Learning rate 0.02")
    expect_settings("0.02", "100", "128")


def test_a_run_is_paused_stepped_through_and_goes_on(open_page, server):
    page = open_page("/train?epochs=6&subset=3000")
    state = page.get_by_test_id("stProgress")
    run_id = start(page, server)
    expect(page.get_by_role("button", name="Pause")).to_be_enabled(timeout=90_000)
    page.get_by_role("button", name="Pause").press("Enter")
    expect(state).to_contain_text("Paused after", timeout=90_000)
    done, batches = count_batches(state)
    # 3,000 items in batches of 32, six times.
    assert batches == 6 * 94
    for n_batches in (1, 10):
        page.get_by_role("button", name=f"+{n_batches}", exact=True).click()
        done += n_batches
        expect(state).to_contain_text(f"Paused after {done} of {batches} batches", timeout=40_000)
    assert re.fullmatch(r"\d+% · paused · Train", page.title())
    page.reload()
    expect(state).to_contain_text(f"Paused after {done} of {batches} batches", timeout=40_000)
    assert read_runs(server)[run_id]["status"] == "running"
    place = page.get_by_role("button", name="Stop").bounding_box()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible(timeout=20_000)
    # The other buttons stay where the pointer expects them.
    assert abs(page.get_by_role("button", name="Stop").bounding_box()["y"] - place["y"]) < 1
    expect(page.get_by_text("finished", exact=True)).to_be_visible(timeout=120_000)
    expect(page).to_have_title("Train")
    wait_until_idle(page)

    page.get_by_role("button", name="Train on").click()
    page.get_by_test_id("stPopoverBody").get_by_label("More epochs").fill("1")
    page.get_by_test_id("stPopoverBody").get_by_label("More epochs").press("Enter")
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Train on").click()
    expect(state).to_contain_text("7 of 7 epochs, trained in", timeout=60_000)
    page.get_by_role("button", name="Use its settings").click()
    expect(page.get_by_label("Epochs", exact=True)).to_have_value("7")


def count_batches(state):
    """Read how many batches are done, and how many there are, from a paused run's state."""
    done, batches = re.search(r"Paused after ([\d,]+) of ([\d,]+) batches", state.inner_text()).groups()
    return int(done.replace(",", "")), int(batches.replace(",", ""))
