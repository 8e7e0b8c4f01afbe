import json

import numpy as np
import pytest

from fmnist_core import runs
from fmnist_core.config import TrainingConfig
from fmnist_core.storage import ASSETS

# Right nine times; item 3, a dress, is called a coat.
PREDICTED = [0, 1, 2, 4, 4, 5, 6, 7, 8, 9]


@pytest.fixture
def make_run(fmnist_home):
    """Make a run whose answers are known: ten test items, one of each class, each with one sure answer."""

    def make_run(predicted=PREDICTED, **settings):
        run = runs.create_run(TrainingConfig(split="official", **settings), "threads/model-3", status=runs.FINISHED)
        probabilities = np.full((10, 10), 0.01, np.float32)
        probabilities[np.arange(10), predicted] = 0.91
        np.savez(
            run.path / "evaluation.npz",
            items=np.arange(60_000, 60_010),
            labels=np.arange(10, dtype=np.uint8),
            probabilities=probabilities,
        )
        return run

    return make_run


@pytest.fixture
def tested_run(make_run):
    return make_run()


@pytest.fixture
def past_run(make_run, dataset):
    """A run that kept two epochs of 20 validation items: in the first it calls everything a bag, then all is right."""
    run = make_run(validation_split=0.1)
    items = np.arange(59_000, 59_020)
    (run.path / "epochs").mkdir(exist_ok=True)
    np.savez(run.path / "epochs" / "items.npz", items=items)
    for epoch, predicted in ((1, np.full(20, 8)), (2, dataset.labels[items])):
        probabilities = np.full((20, 10), 0.01, np.float16)
        probabilities[np.arange(20), predicted] = 0.91
        np.savez(run.path / "epochs" / f"{epoch:04}.npz", probabilities=probabilities)
    return run


@pytest.fixture
def open_mistakes(open_page):
    return lambda **query: open_page("analysis/mistakes.py", **query)


def headings(page):
    return [subheader.value for subheader in page.subheader]


def said(page):
    return [caption.value for caption in page.caption]


def sentences(page):
    return [button.label for button in page.button]


def test_the_figures_are_those_of_the_run(open_mistakes, tested_run):
    page = open_mistakes(run=tested_run.run_id)
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["Accuracy"] == "90.00%"
    assert metrics["Mistakes"] == "1"
    assert metrics["Log loss"] == f"{-(9 * np.log(0.91) + np.log(0.01)) / 10:.4f}"
    table = page.dataframe[0].value.set_index("class")
    assert table.loc["Dress", "recall"] == 0
    assert table.loc["Coat", "precision"] == 50
    assert not page.exception


def test_the_most_confused_pairs_are_sentences_that_open_their_cells(open_mistakes, tested_run):
    page = open_mistakes(run=tested_run.run_id)
    assert [sentence for sentence in sentences(page) if "called" in sentence] == [":primary[1 dress was called a coat]"]
    page.button(key="pair 0").click().run()
    assert page.query_params["cell"] == "3-4"
    assert headings(page) == ["1 dress was called a coat"]


def test_a_network_without_mistakes_is_said_to_have_none(open_mistakes, make_run):
    page = open_mistakes(run=make_run(predicted=range(10)).run_id)
    assert "Not a single mistake." in [markdown.value for markdown in page.markdown]


@pytest.mark.parametrize(
    ("query", "heading"),
    [
        ({"cell": "3-4"}, "1 dress was called a coat"),
        ({"cell": "4-4"}, "1 coat was rightly called a coat"),
        ({"row": "3"}, "1 dress, 0 of them called rightly"),
        ({"column": "4"}, "2 items called coats, 1 of them rightly"),
    ],
)
@pytest.mark.parametrize("view", [{}, {"cells": "rows"}, {"cells": "columns", "order": "similar"}])
def test_what_the_url_has_chosen_in_the_matrix_is_opened(open_mistakes, tested_run, query, heading, view):
    page = open_mistakes(run=tested_run.run_id, **query, **view)
    assert headings(page) == [heading]
    assert not page.exception
    page.button(key="all classes").click().run()
    assert headings(page) == ["By class", "Most confused"]
    assert set(page.query_params) == {"run", *view}


def test_an_empty_cell_says_so(open_mistakes, tested_run):
    page = open_mistakes(run=tested_run.run_id, cell="0-9")
    assert [info.value for info in page.info] == ["There is no such item."]


@pytest.mark.parametrize(
    "query",
    [{"cell": cell} for cell in ("10-0", "-1-2", "x", "3", "²-1", "1-2-3")]
    + [{"row": "10"}, {"row": "-1"}, {"column": "x"}, {"item": "70000"}, {"item": "²"}, {"epoch": "0"}],
)
def test_what_is_none_is_ignored(open_mistakes, tested_run, query):
    page = open_mistakes(run=tested_run.run_id, **query)
    assert headings(page) == ["By class", "Most confused"]
    assert not page.exception


def test_at_an_earlier_epoch_the_validation_items_are_seen(open_mistakes, past_run, dataset):
    page = open_mistakes(run=past_run.run_id, epoch="1", column="8")
    bags = int((dataset.labels[59_000:59_020] == 8).sum())
    assert page.toggle(key="past").value
    assert headings(page) == [f"20 items called bags, {bags} of them rightly"]
    assert any(sentence.startswith("20 validation items") for sentence in said(page))


def test_an_epoch_s_classes_are_those_of_its_answers_and_the_last_one_stands_without_a_number(open_mistakes, past_run):
    assert open_mistakes(run=past_run.run_id, epoch="1").dataframe[0].value["recall"].sum() == 100
    page = open_mistakes(run=past_run.run_id, past="true")
    table = page.dataframe[0].value
    assert table["support"].sum() == 20
    assert set(table.loc[table["support"] > 0, "recall"]) == {100.0}
    page.toggle(key="past").set_value(False).run()
    assert page.dataframe[0].value["support"].sum() == 10


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"validation_split": 0.0}, "This run validates no items"),
        ({"validation_split": 0.1}, "This run has kept no epochs"),
    ],
)
def test_a_run_without_epochs_says_why_and_shows_its_test_items(open_mistakes, make_run, settings, reason):
    page = open_mistakes(run=make_run(**settings).run_id, past="true")
    assert page.info[0].value.startswith(reason)
    assert page.dataframe[0].value["support"].sum() == 10


def test_a_classical_classifier_has_no_epochs_and_an_item_of_it_leads_to_the_map_only(open_mistakes, make_run):
    run = make_run(architecture="baselines/random-forest", epochs=1, validation_split=0.05)
    page = open_mistakes(run=run.run_id, past="true", item="60003")
    assert page.info[0].value.startswith("A classical classifier is fitted at once")
    assert page.dataframe[0].value["support"].sum() == 10
    assert [link.proto.label for link in page.get("page_link")] == ["Find it on the map"]


def test_every_kind_of_error_has_its_items(open_mistakes, tested_run):
    expected = {
        "confident": "1 items.",
        "unsure": "1 items.",
        "close": "0 items.",
        "pair": "1 dress was called a coat.",
    }
    for kind, beginning in expected.items():
        page = open_mistakes(run=tested_run.run_id, view="Errors", kind=kind)
        assert not page.exception
        assert any(sentence.startswith(beginning) for sentence in said(page)), kind


def test_a_pair_can_be_chosen_and_any_class_is_one(open_mistakes, tested_run):
    page = open_mistakes(run=tested_run.run_id, view="Errors", kind="pair", true="5", called="5")
    assert "1 sandal was rightly called a sandal. The most confident come first." in said(page)
    page.selectbox(key="true").set_value("any").run()
    page.selectbox(key="called").set_value("4").run()
    assert any(sentence.startswith("2 items.") for sentence in said(page))
    assert (page.query_params["true"], page.query_params["called"]) == ("any", "4")


@pytest.mark.parametrize(
    ("plate", "sentence"), [("first", "figure 9"), ("mistakes", "figure 10"), ("random", "figure 16")]
)
def test_the_papers_pictures_say_where_they_are_from(open_mistakes, tested_run, plate, sentence):
    page = open_mistakes(run=tested_run.run_id, view="Errors", kind="papers", plate=plate)
    assert any(sentence in caption for caption in said(page))
    assert not page.exception


def test_others_can_be_drawn(open_mistakes, tested_run):
    page = open_mistakes(run=tested_run.run_id, view="Errors", kind="papers", plate="random")
    page.button(key="draw others").click().run()
    assert page.query_params["draw"] == "1"


def test_without_mistakes_the_papers_pictures_of_them_are_empty(open_mistakes, make_run):
    run = make_run(predicted=range(10))
    page = open_mistakes(run=run.run_id, view="Errors", kind="papers", plate="mistakes")
    assert [info.value for info in page.info] == ["There is no such item."]


def test_an_item_in_the_url_is_looked_at_closer(open_mistakes, tested_run):
    page = open_mistakes(run=tested_run.run_id, view="Errors", item="60003")
    assert not page.exception
    # The dress, and the coat that it was taken for.
    assert said(page)[-2:] == ["Nearest of class Dress", "Nearest of class Coat"]
    assert any("pixel by pixel" in markdown.value for markdown in page.markdown)


def test_the_shipped_run_is_there_on_a_first_visit(open_mistakes):
    page = open_mistakes()
    shipped = [path.name for path in (ASSETS / "runs").iterdir()]
    assert page.selectbox(key="run").value in shipped
    record = json.loads((ASSETS / "runs" / page.selectbox(key="run").value / "run.json").read_text())
    assert page.metric[0].value == f"{record['result']['test_accuracy']:.2%}"


def test_a_damaged_evaluation_is_said_not_thrown(open_mistakes):
    run = runs.create_run(TrainingConfig(), "threads/model-3", status=runs.FINISHED)
    (run.path / "evaluation.npz").write_bytes(b"PK not really")
    page = open_mistakes(run=run.run_id)
    assert page.selectbox(key="run").value == run.run_id
    # app.py turns the error into its sentence; AppTest, which runs the page without app.py, shows it raw.
    assert page.exception[0].stack_trace == []
    assert "Traceback" not in page.exception[0].message


def test_a_link_to_another_page_takes_the_run_along(open_mistakes, tested_run):
    page = open_mistakes(run="mcnn-proposed")
    page.switch_page("models/train.py")
    page.query_params["run"] = "mcnn-proposed"
    page.run()
    assert page.selectbox(key="run").value == "mcnn-proposed"
