import json
import os
import signal
import subprocess
import sys
import time

import pytest

from fmnist_core import run_data, runs, storage
from fmnist_core.papers.documents import load_documents
from fmnist_core.papers.results import load_histories, load_results
from fmnist_core.papers.verdicts import VERDICTS

COMMAND = ("papers",)


@pytest.fixture
def train(fmnist_home, tmp_path):
    """Start the queue for threads/ann in a process of its own, as somebody does in a terminal."""
    return lambda: subprocess.Popen(
        [sys.executable, "-m", "fmnist_core", "papers", "run", "threads/ann", "--folder", tmp_path / "table"],
        cwd=storage.ASSETS.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Not what a shell may have told the one who runs the tests to ignore.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )


def made_runs():
    return [run for run in runs.list_runs().runs if not run.shipped]


def wait_for_epochs(n_epochs, process):
    while process.poll() is None:
        if any(len(run_data.load_history(run)) >= n_epochs for run in made_runs()):
            return
        time.sleep(0.02)
    raise AssertionError(f"It ended before epoch {n_epochs}: {process.communicate()[1]}")


# Training


def test_the_queue_goes_on_whoever_stops_or_kills_it(train, tmp_path):
    table = tmp_path / "table"
    with train() as process:
        wait_for_epochs(2, process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out) == (0, ""), err
    assert err.splitlines()[0] == "1 runs: 0 recorded before, 0 trained already, 1 to train."
    assert "stopped; the same command goes on from its last whole epoch." in err
    (run,) = made_runs()
    assert run.status == runs.STOPPED
    assert load_results(table) == ()

    with train() as process:
        wait_for_epochs(5, process)
        process.kill()
    (run,) = made_runs()
    assert run.status == runs.INTERRUPTED
    assert load_results(table) == ()

    with train() as process:
        out, err = process.communicate()
    assert process.returncode == 0, err
    (run,) = made_runs()
    (result,) = load_results(table)
    assert (run.status, result.epochs, result.complete, result.note) == (runs.FINISHED, 10, True, "")
    assert out.startswith(
        f"[1/1] threads/ann, seed 0: test accuracy {result.test_accuracy:.2%} after 10 of 10 epochs, "
    )
    # Of the epochs before the breaks nothing was lost, and none was trained twice.
    assert load_histories(table)["epoch"].tolist() == list(range(1, 11))
    assert result.seconds >= run_data.load_history(run)["seconds"].sum() * 0.999
    assert "epoch 4/10 " not in err

    before = {path.name: path.read_bytes() for path in table.iterdir()}
    with train() as process:
        out, err = process.communicate()
    assert (process.returncode, out) == (0, "")
    assert err == "1 runs: 1 recorded before, 0 trained already, 0 to train.\n"
    assert {path.name: path.read_bytes() for path in table.iterdir()} == before


def test_a_finished_run_is_recorded_and_not_trained_again(call, fmnist_home, tmp_path):
    code, out, err = call("run", "fitch/model-1", "--quick")
    assert code == 0, err
    assert out.startswith("[1/1] fitch/model-1, seed 0: test accuracy ")
    assert "(Only 1 of 10 epochs were asked for.)" in out
    assert not (tmp_path / "table").exists()
    code, out, err = call("run", "fitch/model-1", "--quick", "--folder", tmp_path / "table", "--json")
    (row,) = json.loads(out)
    assert (code, err) == (0, "1 runs: 0 recorded before, 1 trained already, 0 to train.\n")
    assert (row["recipe"], row["epochs"], row["epochs_planned"]) == ("fitch/model-1", 1, 10)
    assert len(made_runs()) == 1
    # It is not the recipe, so it does not count, and the lab's own table takes none of the kind.
    assert not load_results(tmp_path / "table")[0].complete
    code, out, err = call("run", "fitch/model-1", "--quick", "--folder", storage.ASSETS / "papers")
    assert (code, out) == (2, "")
    assert "must not be the lab's own" in err
    # What was cut short is recorded on request.
    code, out, err = call("record", "fitch/model-1", "--folder", tmp_path / "other")
    assert (code, out, err) == (0, "", "0 of 1 runs are recorded in full.\n")
    code, out, err = call("record", "fitch/model-1", "--cut-short", "--folder", tmp_path / "other")
    assert out.endswith("after 1 of 10 epochs (Only 1 of 10 epochs were asked for.)\n")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["run", "fitch/model-9"], "`NAME` must be one of threads"),
        (["run", "--seeds", "0"], "`n_seeds`"),
        (["record", "nobody"], "`NAME` must be one of threads"),
        (["show", "nobody"], "`NAME` must be one of threads"),
        (["ship", "no-such-run"], "There must be a run of that name"),
        (["ship", "mcnn-proposed"], "has finished can be shipped"),
        (["dance"], "invalid choice"),
    ],
)
def test_what_the_user_got_wrong_is_one_line(call, fmnist_home, arguments, complaint):
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert complaint in err
    assert made_runs() == []


# Showing


def test_claim_stands_beside_result_for_every_row_of_every_paper(call):
    lines = call()[1].splitlines()
    rows = [recipe.name for document in load_documents().values() for t in document.tables for recipe in t.recipes]
    assert [line.split()[0] for line in lines if line.startswith("  ")] == rows
    assert all(": " in line for line in lines)
    assert call("show")[1].splitlines() == lines


def test_papers_can_be_chosen(call):
    code, out, err = call("show", "fitch", "--json")
    rows = json.loads(out)
    assert (code, err) == (0, "")
    assert {row["paper"] for row in rows} == {"fitch"}
    row = next(row for row in rows if row["recipe"] == "fitch/model-7")
    assert row["figures"]["test"]["claimed"] == 0.9173
    (result, *_) = [result for result in load_results() if result.recipe == "fitch/model-7"]
    assert row["figures"]["test"]["measured"]["mean"] == pytest.approx(result.test_accuracy, abs=0.01)
    assert row["verdict"] in VERDICTS


def test_every_action_helps(call):
    for action in ("show", "run", "record", "ship"):
        code, out, err = call(action, "--help")
        assert (code, err) == (0, "")
        assert out.startswith(f"usage: python -m fmnist_core papers {action}")
        assert "--json" in out
