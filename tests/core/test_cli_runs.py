"""What `runs` can be asked on the command line."""

import json
import shutil

import pytest

from fmnist_core import runs
from fmnist_core.config import TrainingConfig

COMMAND = ("runs",)


@pytest.fixture
def mine(fmnist_home):
    """A run that has ended: the reference run's files under another name."""
    shutil.copytree(runs.load_run("threads-model-3").path, runs.runs_folder() / "mine")
    return runs.load_run("mine")


def test_the_list_has_what_it_always_had_and_more(mine, call_json):
    rows = call_json()
    assert {row["run_id"] for row in rows} == {run.run_id for run in runs.list_runs().runs}
    row = next(row for row in rows if row["run_id"] == "mine")
    assert list(row)[:6] == ["run_id", "recipe", "status", "test_accuracy", "parameters", "path"]
    assert (row["path"], row["test_accuracy"], row["official"]) == (str(mine.path), mine.test_accuracy, False)
    assert row["interval"][0] < row["test_accuracy"] < row["interval"][1]
    assert row["differences"] == {}


def test_a_leaderboard_lists_the_runs_that_are_wanted(mine, call, call_json):
    ranked = call_json("list", "--order", "accuracy")
    assert [row["rank"] for row in ranked if row["rank"]] == [
        place for place, row in enumerate((row for row in ranked if row["official"]), start=1)
    ]
    assert [row["run_id"] for row in call_json("list", "--text", "mine")] == ["mine"]
    assert call("list", "--order", "beauty")[0] == 2
    assert call_json("list", "--status", "failed") == []


def test_labels_are_written_one_at_a_time(mine, call, call_json):
    labels = call_json("label", "mine", "--name", "Best", "--tags", "a, b,a", "--note", "n", "--archive")
    assert labels == {"run_id": "mine", "name": "Best", "tags": ["a", "b"], "note": "n", "archived": True}
    call_json("label", "mine", "--tags", "", "--no-archive")
    assert runs.load_run("mine").labels == runs.Labels("Best", (), "n", False)
    assert "Best" in call("list", "--tag", "a")[1] + call()[1]
    code, _, err = call("label", "mine", "--name", "a\nb")
    assert (code, err.count("\n")) == (2, 1)
    assert "`name` must be 0 to 80 printable" in err
    assert "cannot be labelled" in call("label", "street", "--name", "x")[2]


def test_all_about_one_run(mine, call, call_json):
    described = call_json("show", "mine")
    assert described["settings"] == mine.config.to_dict()
    assert described["sizes"]["models"] == (mine.path / "model.keras").stat().st_size
    assert "threads/model-3" in call("show", "mine")[1]


def test_a_run_goes_to_the_trash_and_comes_back(mine, call, call_json):
    assert [entry["run_id"] for entry in call_json("delete", "mine")] == ["mine"]
    assert "mine" not in call()[1]
    assert [entry["run_id"] for entry in call_json("trash")] == ["mine"]
    assert call_json("undelete", "mine")["path"] == str(mine.path)
    assert call("delete", "mine")[::2] == (0, "`runs undelete RUN` brings it back.\n")
    call("trash", "--empty")
    code, _, err = call("undelete", "mine")
    assert (code, err) == (2, "fmnist_core: There must be a deleted run of that name. Received: 'mine'.\n")


def test_a_run_is_written_as_one_file_and_taken_in_again(fmnist_home, tmp_path, call, call_json):
    path = tmp_path / "hog.run.zip"
    assert call_json("export", "hog-svm", "--out", path)["bytes"] == path.stat().st_size
    code, out, _ = call("import", path, "--json")
    imported = json.loads(out)
    assert (code, imported["test_accuracy"]) == (0, runs.load_run("hog-svm").test_accuracy)
    assert runs.load_run(imported["run_id"]).imported
    assert call("export", "hog-svm", "--out", tmp_path / "file" / "x", "--json")[0] == 0
    (tmp_path / "plain").write_text("x")
    assert (
        "`--out` must be a file that can be written" in call("export", "hog-svm", "--out", tmp_path / "plain" / "x")[2]
    )
    assert "FILE must be a file that can be read" in call("import", tmp_path / "nowhere")[2]
    assert "must be a run that the lab has exported, or a network" in call("import", tmp_path / "plain")[2]


def test_what_runs_can_do_without_is_given_back(mine, call, call_json):
    size = sum(path.stat().st_size for path in (mine.path / "epochs").iterdir())
    active = runs.create_run(TrainingConfig("threads/ann"), "threads/ann")
    assert call_json("free")["epochs"] == size
    assert "came with the lab" in call("free", "epochs", "street")[2]
    assert "must have ended" in call("free", "epochs", active.run_id)[2]
    assert call_json("free", "epochs") == {"freed": size, "runs": ["mine"]}
    assert call_json("free")["epochs"] == 0
    assert call("free", "models")[0] == 2
