"""Search, tab Repeats: the form, the groups, and one of them closely."""

import pytest

from fmnist_core import jobs, run_data, runs, storage
from fmnist_core.config import TrainingConfig
from fmnist_core.cross_validation import name_group

CONFIG = TrainingConfig("threads/ann", epochs=1, subset=500)


@pytest.fixture
def open_repeats(open_page):
    return lambda **query: open_page("models/search.py", mode="Repeats", **query)


@pytest.fixture
def make_run(fmnist_home):
    """Make a run that has ended, with a history of one epoch."""

    def make(config=CONFIG, validation=0.8, test=0.7, status=runs.FINISHED):
        run = runs.create_run(config, "threads/ann", status=status)
        if status == runs.FINISHED:
            storage.write_json(run.path / "run.json", {**run.record, "result": {"test_accuracy": test, "epochs": 1}})
            row = dict.fromkeys(run_data.HISTORY_COLUMNS, 1) | {"val_accuracy": validation}
            text = ",".join(row) + "\n" + ",".join(str(value) for value in row.values()) + "\n"
            (run.path / "history.csv").write_text(text)
        return runs.load_run(run.run_id)

    return make


def metrics(page):
    return {metric.label: metric.value for metric in page.metric}


def start_button(page):
    return page.button(key="repeats start")


def test_an_empty_lab_says_what_repeats_are_for(open_repeats):
    page = open_repeats()
    assert "Nothing has been repeated yet" in page.info[0].value
    assert start_button(page).label == "Train 3 times"
    assert any("3 trainings, one after the other, each on 42,000 items" in caption.value for caption in page.caption)
    assert not page.exception


def test_folds_and_seeds_multiply_and_take_the_official_split(open_repeats):
    page = open_repeats(repeated="threads/ann", seeds="2", folds="5", repeated_items="1000")
    assert start_button(page).label == "Train 10 times"
    said = " ".join(caption.value for caption in page.caption)
    assert "each on 1,000 items" in said
    assert "The official split, whatever the recipe's is." in said
    page.number_input(key="repeated_items").set_value(50_000).run()
    assert page.error[0].value == (
        "`subset` must be at most the 48,000 training items of this split. Received: 50,000."
    )
    assert start_button(page).disabled
    assert not page.exception


def test_a_click_submits_all_of_them(open_repeats, monkeypatch):
    # What the jobs do is tested elsewhere; here they must not begin to train.
    monkeypatch.setattr(jobs, "_hand_out", lambda run_id: None)
    page = open_repeats(repeated="threads/ann", seeds="1", folds="3", repeated_items="500", repeated_epochs="1")
    start_button(page).click().run()
    made = sorted(run.config.fold for run in runs.list_runs().runs if not run.shipped)
    assert made == [0, 1, 2]
    assert page.session_state["group"] == name_group("threads/ann", CONFIG.with_settings(folds=3, split="official"))
    assert metrics(page)["Runs"] == "0 of 3"
    assert not page.exception


def test_seeds_are_summed_up(open_repeats, make_run):
    made = [make_run(CONFIG.with_settings(seed=seed), 0.8 + seed / 100, 0.7 + seed / 50) for seed in range(3)]
    page = open_repeats()
    shown = metrics(page)
    assert shown["Validation accuracy ± SD"] == "81.00% ± 1.00"
    assert shown["Test accuracy ± SD"] == "72.00% ± 2.00"
    table = page.dataframe[0].value.iloc[0]
    assert (table["Seeds"], table["Folds"], table["Finished"]) == (3, "none", "3 of 3")
    assert (table["Validation ± SD"], table["Test ± SD"]) == ("81.00 ± 1.00%", "72.00 ± 2.00%")
    assert table["Compare"] == "/runs?view=Compare&compare=" + ",".join(run.run_id for run in made)
    assert "epochs 1" in table["Differs in"]
    assert page.query_params["group"] == name_group("threads/ann", CONFIG)
    assert not page.exception


def test_a_fold_that_waits_and_answers_that_are_gone_are_said(open_repeats, make_run):
    folds = CONFIG.with_settings(folds=2)
    make_run(folds)
    waiting = make_run(folds.with_settings(fold=1), status=runs.STOPPED)
    page = open_repeats()
    assert metrics(page) == {"Validation accuracy": "80.00%", "Test accuracy": "70.00%", "Runs": "1 of 2"}
    assert any("When all folds of a seed have finished" in caption.value for caption in page.caption)
    storage.write_json(waiting.path / "run.json", {**make_run(folds.with_settings(fold=1)).record})
    page = open_repeats()
    assert any("Seed 0 out of fold:" in caption.value for caption in page.caption)
    assert not page.exception
