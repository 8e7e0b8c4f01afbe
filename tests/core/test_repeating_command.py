"""`train` with folds and repeats, from the command line."""

import json
import os
import signal
import threading
import time

import pytest

from fmnist_core import runs
from fmnist_core.cli import main

# Far quicker to fit than any network.
FOREST = "baselines/random-forest"
QUICK = ("--set", "split=official", "--set", "validation_split=0.01")


@pytest.fixture
def call(capsys):
    own = signal.getsignal(signal.SIGINT)

    def call(*arguments):
        code = main(list(arguments))
        return code, *capsys.readouterr()

    yield call
    signal.signal(signal.SIGINT, own)


def test_folds_and_seeds_are_trained_and_summed_up(fmnist_home, call):
    code, out, err = call("train", FOREST, "--folds", "2", "--repeats", "2", "--subset", "320", "--json")
    assert code == 0
    printed = json.loads(out)
    entries = printed["runs"]
    assert [(entry["seed"], entry["fold"]) for entry in entries] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert [line for line in err.splitlines() if "of 4)" in line][3] == "seed 1, fold 1 of 2 (4 of 4)"
    for entry in entries:
        run = runs.load_run(entry["run_id"])
        assert (run.status, run.config.folds, run.config.split) == (runs.FINISHED, 2, "official")
        assert run.record["items"] == {"train": 320, "validation": 30_000, "test": 10_000}
        assert entry["test_accuracy"] == run.test_accuracy
    summary = printed["summary"]
    for part in ("validation_accuracy", "test_accuracy"):
        figures = [entry[part] for entry in entries]
        assert summary[part]["mean"] == pytest.approx(sum(figures) / 4)
        assert summary[part]["runs"] == 4
    for told, pair in zip(summary["out_of_fold"], (entries[:2], entries[2:]), strict=True):
        # Folds of one size: all answers are right as often as the folds are on average.
        assert told["accuracy"] == pytest.approx(sum(entry["validation_accuracy"] for entry in pair) / 2, abs=1e-4)
        assert told["low"] < told["accuracy"] < told["high"]


def test_ctrl_c_ends_the_series_and_keeps_what_was_done(fmnist_home, call):
    def press():
        while len(list(runs.runs_folder().glob("*/run.json"))) < 2:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press, daemon=True)
    thread.start()
    # The first seed ends by itself; it is the second one that is stopped.
    code, out, err = call("train", "threads/ann", "--repeats", "3", "--subset", "320", "--epochs", "15", *QUICK)
    thread.join(60)
    assert code == 0
    first, second = sorted(runs.list_runs().runs[:2], key=lambda run: run.created)
    assert (first.status, second.status) == (runs.FINISHED, runs.STOPPED)
    assert len(list(runs.runs_folder().iterdir())) == 2
    assert "Stopping after the current batches" in err
    assert (
        out.splitlines()[0]
        == f"seed 0  validation {_validation(first)}  test {first.test_accuracy:.2%}  {first.run_id}"
    )
    assert "1 of 3 trained; mean ± standard deviation:" in out


def _validation(run):
    from fmnist_core.run_data import load_history

    return f"{load_history(run)['val_accuracy'].iloc[-1]:.2%}"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--folds", "1"), "`folds` must be a whole number from 2 to 20. Received: 1."),
        (("--repeats", "0"), "`repeats` must be a whole number from 1 to 10. Received: 0."),
        (("--folds", "5", "--subset", "48001"), "`subset` must be at most the 48,000 training items of this split."),
    ],
)
def test_what_cannot_be_cut_is_refused_before_anything_is_trained(fmnist_home, call, arguments, complaint):
    code, out, err = call("train", "threads/ann", *arguments)
    assert (code, out) == (2, "")
    assert complaint in err
    assert len(err.splitlines()) == 1
    assert not runs.runs_folder().exists()
