"""The page Runs: its table, a run's details, the trash, the disk."""

import shutil

import pytest

from fmnist_core import run_trash, runs
from fmnist_core.config import TrainingConfig

PAGE = "models/runs.py"


@pytest.fixture
def mine(fmnist_home):
    """A run that has ended, with a checkpoint: the reference run's files under another name."""
    folder = runs.runs_folder() / "mine"
    shutil.copytree(runs.load_run("threads-model-3").path, folder)
    (folder / "checkpoint.keras").write_bytes(bytes(5_000_000))
    return runs.load_run("mine")


def table_of(app):
    return app.dataframe[0].value


def texts(app):
    return "\n".join(element.value for kind in ("text", "caption", "markdown") for element in app.get(kind))


def test_all_runs_stand_in_the_table_newest_first(mine, open_page):
    app = open_page(PAGE)
    assert not app.exception
    names = table_of(app)["name"].tolist()
    assert sorted(names) == sorted(
        ["threads/model-3", *(f"{run.recipe} · reference" for run in runs.list_runs().runs if run.shipped)]
    )
    assert list(table_of(app)["created"]) == sorted(table_of(app)["created"], reverse=True)
    row = table_of(app).set_index("name").loc["threads/model-3"]
    assert (row["accuracy"].round(2), row["interval"], row["tested"]) == (90.29, "89.8 – 90.8", "≠ 14,000 others")
    assert len(row["curve"]) == 10
    assert "2 marked ≠ were tested on other items" in texts(app)


def test_without_runs_of_one_s_own_the_page_shows_the_reference_runs(open_page):
    app = open_page(PAGE)
    assert not app.exception
    assert len(table_of(app)) == sum(run.shipped for run in runs.list_runs().runs)
    storage = open_page(PAGE, view="Storage")
    assert not storage.exception
    assert "Nothing was trained or imported here yet" in storage.info[0].value


def test_a_leaderboard_and_a_filter_come_with_the_link(mine, open_page):
    app = open_page(PAGE, sort="accuracy", find="fitch")
    table = table_of(app)
    assert table[["rank", "name"]].values.tolist() == [[1, "fitch/model-7 · reference"]]
    app = open_page(PAGE, reference="false", status="finished")
    assert table_of(app)["name"].tolist() == ["threads/model-3"]
    app.text_input(key="find").set_value("nothing of the kind").run()
    assert [info.value for info in app.info] == ["No run is like that. Ask for less above."]


def test_a_link_opens_a_run_s_details(mine, open_page):
    app = open_page(PAGE, run="mine", about="Settings")
    assert not app.exception
    assert any(metric.label == "Test accuracy" and metric.value == "90.29%" for metric in app.metric)
    assert "Exactly as its recipe, threads/model-3, says." in texts(app)
    assert "14,000 other items than the official ones" in texts(app)
    app.button(key="close-details").click().run()
    assert not app.metric
    assert "run" not in app.query_params


def test_labels_are_written_in_a_form_and_are_in_the_table_at_once(mine, open_page):
    app = open_page(PAGE, run="mine")
    app.text_input(key="name-mine").set_value(" Best ")
    app.text_area(key="note-mine").set_value("Why?")
    app.button[[button.label for button in app.button].index("Save")].click().run()
    assert not app.exception
    assert runs.load_run("mine").labels == runs.Labels("Best", (), "Why?", False)
    assert "Best" in table_of(app)["name"].tolist()


def test_labels_that_break_a_rule_are_refused_on_the_page(mine, open_page):
    app = open_page(PAGE, run="mine")
    app.text_input(key="name-mine").set_value("<b>")
    app.button[[button.label for button in app.button].index("Save")].click().run()
    assert "`name` must be 0 to 80 printable characters" in app.error[0].value
    assert runs.load_run("mine").labels == runs.Labels()


def test_a_run_of_the_lab_cannot_be_changed(open_page):
    app = open_page(PAGE, run="street")
    assert "came with the lab, so it cannot be named" in texts(app)
    assert "delete-run" not in [button.key for button in app.button]


def test_a_deleted_run_comes_back_with_undo(mine, open_page):
    app = open_page(PAGE, run="mine")
    app.button(key="delete-run").click().run()
    assert not app.exception
    assert "was moved to the trash." in texts(app)
    assert [trashed.run_id for trashed in run_trash.list_trash()] == ["mine"]
    assert "threads/model-3" not in table_of(app)["name"].tolist()
    app.button(key="undo").click().run()
    assert runs.load_run("mine").config == mine.config
    assert "threads/model-3" in table_of(app)["name"].tolist()
    assert "undo" not in [button.key for button in app.button]


def test_a_run_that_waits_cannot_be_deleted(fmnist_home, open_page):
    run = runs.create_run(TrainingConfig("threads/ann"), "threads/ann")
    app = open_page(PAGE, run=run.run_id)
    assert app.button(key="delete-run").disabled
    assert table_of(app)["status"].tolist().count("⚪ queued") == 1


def test_checkpoints_are_freed_after_it_was_said_what_is_lost(mine, open_page):
    app = open_page(PAGE, view="Storage")
    assert "Checkpoints of all 1 run" in texts(app)
    assert "cannot be trained on" in texts(app)
    assert mine.extendable
    app.button(key="free-go").click().run()
    assert not app.exception
    assert not runs.load_run("mine").extendable
    assert (mine.path / "model.keras").is_file()


def test_the_trash_is_shown_brought_back_and_emptied(mine, open_page):
    runs.delete_run(mine)
    app = open_page(PAGE, view="Storage")
    assert "1 deleted, " in texts(app)
    app.button(key="restore").click().run()
    assert runs.load_run("mine").run_id == "mine"
    runs.delete_run(runs.load_run("mine"))
    app.run()
    app.button(key="empty-trash").click().run()
    assert not app.exception
    assert run_trash.list_trash() == ()


def test_folders_that_are_no_runs_are_named(mine, open_page):
    (runs.runs_folder() / "foreign").mkdir()
    app = open_page(PAGE)
    assert "foreign: its run.json cannot be opened." in texts(app)
