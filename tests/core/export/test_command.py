"""The command `export`, as a user calls it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fmnist_core import cli

ROOT = Path(__file__).parents[3]


def test_it_writes_into_the_working_folder_and_says_what_came_of_the_check(fmnist_home, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["export", "hog-svm", "--format", "tensorboard"]) == 0
    out, err = capfd.readouterr()
    assert (tmp_path / "hog-svm-tensorboard.zip").is_file()
    assert out.startswith("hog-svm-tensorboard.zip: ")
    assert "Loaded again in TensorBoard's reader" in out
    assert err == ""


def test_as_json_in_a_process_of_its_own_it_says_nothing_else(fmnist_home, tmp_path):
    path = tmp_path / "network.onnx"
    command = [sys.executable, "-m", "fmnist_core", "export", "threads-model-3", "--format", "onnx", "--out", path]
    done = subprocess.run([*command, "--json"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert said["path"] == str(path)
    assert said["bytes"] == path.stat().st_size
    assert said["check"]["holds"]
    assert said["check"]["largest_difference"] < 1e-4
    assert said["check"]["compared"] == 1_000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gone", "--format", "onnx"], "There must be a run of that name"),
        (["street", "--format", "doc"], "`format` must be one of keras, saved_model"),
        (["hog-svm", "--format", "keras"], "keeps its answers and no network"),
        (["street", "--format", "onnx", "--out", "street.zip"], "must be one that ends in .onnx"),
    ],
)
def test_what_the_user_got_wrong_is_one_line_and_exit_code_2(arguments, said, fmnist_home, capfd):
    assert cli.main(["export", *arguments]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1
