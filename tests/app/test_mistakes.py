import json

import numpy as np
import pytest

from fmnist_core import runs
from fmnist_core.config import TrainingConfig
from fmnist_core.storage import ASSETS


@pytest.fixture
def tested_run(fmnist_home):
    """A run whose ten answers are known: nine right, and item 3 (a dress) called a coat."""
    run = runs.create_run(TrainingConfig(split="official"), "threads/model-3", status=runs.FINISHED)
    probabilities = np.full((10, 10), 0.01, np.float32)
    predicted = [0, 1, 2, 4, 4, 5, 6, 7, 8, 9]
    probabilities[np.arange(10), predicted] = 0.91
    np.savez(
        run.path / "evaluation.npz",
        items=np.arange(60_000, 60_010),
        labels=np.arange(10, dtype=np.uint8),
        probabilities=probabilities,
    )
    return run


@pytest.fixture
def open_mistakes(open_page):
    return lambda **query: open_page("analysis/mistakes.py", **query)


def test_the_figures_are_those_of_the_run(open_mistakes, tested_run):
    page = open_mistakes(run=tested_run.run_id)
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["Accuracy"] == "90.00%"
    assert metrics["Mistakes"] == "1"
    assert metrics["Log loss"] == f"{-(9 * np.log(0.91) + np.log(0.01)) / 10:.4f}"
    table = page.dataframe[0].value.set_index("class")
    assert table.loc["Dress", "recall"] == 0
    assert table.loc["Coat", "precision"] == 0.5
    assert "1 × Dress called Coat" in page.markdown[-1].value
    assert not page.exception


def test_a_cell_in_the_url_shows_its_items(open_mistakes, tested_run):
    page = open_mistakes(run=tested_run.run_id, cell="3-4")
    assert "1 × Dress called Coat" in [subheader.value for subheader in page.subheader]


def test_an_empty_cell_says_so(open_mistakes, tested_run):
    page = open_mistakes(run=tested_run.run_id, cell="0-9")
    assert [info.value for info in page.info] == ["There is no such item."]


@pytest.mark.parametrize("cell", ["10-0", "-1-2", "x", "3", "²-1", "1-2-3"])
def test_a_cell_that_is_none_is_ignored(open_mistakes, tested_run, cell):
    page = open_mistakes(run=tested_run.run_id, cell=cell)
    assert "By class" in [subheader.value for subheader in page.subheader]
    assert not page.exception


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
