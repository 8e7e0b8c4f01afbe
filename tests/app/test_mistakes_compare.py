import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core import runs
from fmnist_core.config import TrainingConfig


@pytest.fixture
def make_run(fmnist_home, dataset):
    """Make a tested run that is wrong about the first so many of 200 test items, from `first` on."""

    def make(wrong, split="official", first=60_000):
        run = runs.create_run(TrainingConfig(split=split), "threads/model-3", status=runs.FINISHED)
        items = np.arange(first, first + 200)
        labels = dataset.labels[items]
        predicted = (labels + (np.arange(200) < wrong)) % 10
        probabilities = np.full((200, 10), 0.01, np.float32)
        probabilities[np.arange(200), predicted] = 0.91
        np.savez(run.path / "evaluation.npz", items=items, labels=labels, probabilities=probabilities)
        return run

    return make


@pytest.fixture
def compare(open_page):
    def open_comparison(run, other=None):
        query = {"other": other.run_id} if other else {}
        return open_page("analysis/mistakes.py", run=run.run_id, view="Compare", **query)

    return open_comparison


def read_metrics(page):
    return {metric.label: metric.value for metric in page.metric}


def read_texts(page):
    return [element.value for element in (*page.markdown, *page.caption, *page.subheader)]


def test_two_runs_are_compared_in_figures_and_in_words(compare, make_run):
    better, worse = make_run(10), make_run(40)
    page = compare(better, worse)
    assert not page.exception
    metrics = read_metrics(page)
    assert (metrics["This run"], metrics["The other"]) == ("95.00%", "80.00%")
    assert metrics["Difference"] == "+15.00 points"
    # 30 against none: (30 - 1)² / 30.
    assert metrics["McNemar’s test"] == "p < 0.001"
    texts = read_texts(page)
    assert any(text.startswith("**This run is better than the other.** 30 of 200 garments") for text in texts)
    assert {"30 that only this run gets right", "0 that only the other gets right"} <= set(texts)
    assert not page.warning


def test_the_other_way_round_it_is_the_other_that_is_better(compare, make_run):
    better, worse = make_run(10), make_run(40)
    page = compare(worse, better)
    assert read_metrics(page)["Difference"] == "−15.00 points"
    assert any(text.startswith("**The other is better than this run.**") for text in read_texts(page))


def test_a_small_difference_is_called_none(compare, make_run):
    page = compare(make_run(10), make_run(13))
    assert any(text.startswith("**This does not show which is better.**") for text in read_texts(page))
    # Three against none: 2 / 2³.
    assert read_metrics(page)["McNemar’s test"] == "p = 0.250"


def test_a_card_is_looked_at_closer_with_the_answers_of_the_network_that_errs(open_page, make_run, dataset):
    better, worse = make_run(0), make_run(2)
    page = open_page("analysis/mistakes.py", run=better.run_id, view="Compare", other=worse.run_id, item="60001")
    assert not page.exception
    # Test item 1 is a pullover, which only the other calls a dress.
    assert {"Nearest of class Pullover", "Nearest of class Dress"} <= set(read_texts(page))


def test_a_run_is_never_compared_with_itself(compare, make_run):
    run, other = make_run(10), make_run(20)
    page = compare(run, run)
    box = page.selectbox(key="other")
    assert run.run_id not in box.options
    assert box.value == other.run_id


def test_the_first_choice_is_a_run_with_the_same_split(compare, make_run):
    same = make_run(20)
    make_run(5, split="threads")
    run = make_run(10)
    assert compare(run).selectbox(key="other").value == same.run_id


def test_few_items_in_common_are_said_to_be_few(compare, make_run):
    page = compare(make_run(0), make_run(0, first=60_150))
    assert [warning.value for warning in page.warning] == [
        "They have only 50 items in common, too few to say much.",
    ]


def test_without_an_item_in_common_the_page_says_why(compare, make_run):
    page = compare(make_run(0), make_run(0, split="mcnn", first=0))
    assert not page.exception
    (info,) = page.info
    assert "answered none of the same items" in info.value
    assert "“mcnn”" in info.value


def test_alone_a_run_has_nothing_to_be_compared_with(make_run):
    def show(run_id):
        from fmnist_core import runs
        from pages.shared.mistakes import comparison

        run = runs.load_run(run_id)
        comparison.show_comparison(run, [run])

    page = AppTest.from_function(show, kwargs={"run_id": make_run(0).run_id}).run()
    (info,) = page.info
    assert "To compare takes two" in info.value
    assert not page.selectbox
