import json
import os
import signal
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core import runs, storage
from fmnist_core.commands.search import read_choice, read_range
from fmnist_core.errors import InvalidSettingError
from fmnist_core.search import PRESETS, Parameter, create_search, database, load_search
from fmnist_core.search.sampling import suggest

COMMAND = ("search",)


def attempt(make):
    """Return what is made, or the sentence why it is not."""
    try:
        return make()
    except InvalidSettingError as error:
        return str(error)


numbers = st.integers(0, 10**6) | st.floats(0, 10**6)


@given(numbers, numbers, st.sampled_from(["", ":log", ":0.125", ":2"]))
def test_a_range_is_read_as_it_is_written(one, other, how):
    low, high = sorted((one, other))
    step = json.loads(how[1:]) if how not in ("", ":log") else None
    expected = attempt(lambda: Parameter("learning_rate", "float", low, high, log=how == ":log", step=step))
    assert attempt(lambda: read_range(f"learning-rate={low}..{high}{how}")) == expected


@given(st.text())
def test_what_is_no_range_is_refused_with_a_sentence(text):
    for read in (read_range, read_choice):
        for said in (text, f"learning_rate={text}", f"optimizer={text}"):
            made = attempt(lambda read=read, said=said: read(said))
            assert "Received" in made if isinstance(made, str) else made.name in ("learning_rate", "optimizer")


def test_choices_are_words_or_numbers_and_points_of_a_grid():
    assert read_choice("optimizer=adam, sgd") == Parameter("optimizer", "choice", choices=("adam", "sgd"))
    assert read_choice("batch-size=64,16") == Parameter("batch_size", "choice", choices=(64, 16))
    assert read_choice("batch-size=64,16", as_values=True) == Parameter("batch_size", "int", values=(64, 16))
    assert read_choice("flip=true,false", as_values=True) == Parameter("flip", "choice", choices=(True, False))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "`search` must be given a RECIPE, a --preset, --list, --show or --go-on."),
        (("threads/ann",), "`search` must be told what to vary: --range or --choice"),
        (("threads/none", "--range", "epochs=1..2"), "`recipe` must be one of threads/ann"),
        (("threads/ann", "--range", "epochs"), "`--range` takes KEY=…. Received: epochs."),
        (("threads/ann", "--range", "epochs=1-2"), "`--range` takes KEY=LOW..HIGH, and :log or :STEP behind it."),
        (("threads/ann", "--range", "depth=1..2"), "`parameter` must be one of learning_rate"),
        (("threads/ann", "--range", "epochs=1..2", "--trials", "0"), "`trials` must be a whole number"),
        (
            ("threads/ann", "--range", "epochs=1..2", "--sampler", "bayes"),
            "`sampler` must be one of grid, random, tpe.",
        ),
        (("--preset", "mine"), "`preset` must be one of "),
        (("threads/ann", "--preset", "mcnn-batch-size"), "A preset must be given alone"),
        (("--show", "nowhere"), "There must be a search of that name. Received: nowhere."),
        (("--go-on", "nowhere"), "There must be a search of that name. Received: nowhere."),
        (("--stop", "nowhere"), "There must be a search of that name. Received: nowhere."),
    ],
)
def test_what_the_user_gets_wrong_is_one_line_and_exit_code_2(shared_home, call, arguments, complaint):
    code, printed, said = call(*arguments)
    assert (code, printed) == (2, "")
    assert said.startswith("fmnist_core: ")
    assert complaint in said
    assert said.count("\n") == 1


def test_searches_are_listed_shown_and_deleted(shared_home, make_config, call):
    create_search(make_config("listed", trials=2))
    study = database.open_study("listed")
    trial = study.ask()
    rate = suggest(trial, make_config().parameters[0])
    trial.set_user_attr("run_id", "a-run")
    trial.report(0.75, 1)
    study.tell(trial, 0.75)
    best = {
        "name": "listed",
        "trials": 1,
        "best_value": 0.75,
        "best_parameters": {"learning_rate": rate},
        "run_id": "a-run",
    }
    code, printed, _ = call("--list", "--json")
    assert (code, json.loads(printed)) == (0, [best | {"status": "interrupted", "recipe": "threads/ann"}])
    shown = json.loads(call("--show", "listed", "--json")[1])
    assert best.items() <= shown.items()
    assert shown["config"]["name"] == "listed"
    assert [(trial["state"], trial["value"]) for trial in shown["all"]] == [("complete", 0.75)]
    assert "75.00%    1 epochs  learning_rate" in call("--show", "listed")[1]
    assert "1/2" in call("--list")[1]
    assert call("--delete", "listed") == (0, "", "")
    assert call("--list")[1] == ""


def test_presets_are_listed(shared_home, call):
    assert "silwimba-kernel-size" in call("--preset", "list")[1]
    assert [row["name"] for row in json.loads(call("--preset", "list", "--json")[1])] == list(PRESETS)


ITEMS = ("--set", "subset=1000", "--set", "split=official", "--set", "validation_split=0.02")


def test_a_search_ends_with_the_contract(shared_home, call):
    code, printed, said = call(
        "baselines/logistic-regression", "--range", "seed=0..99", *ITEMS, "--trials", "2", "--json"
    )
    assert code == 0, said
    result = json.loads(printed)
    search = load_search("baselines-logistic-regression")
    assert result == {
        "name": search.name,
        "trials": 2,
        "best_value": max(trial.value for trial in search.trials),
        "best_parameters": dict(search.best.parameters),
        "run_id": search.best.run_id,
    }
    assert runs.load_run(result["run_id"]).record["search"] == search.name
    lines = [line for line in said.splitlines() if line.startswith("trial ")]
    assert [line.split("  ")[0] for line in lines] == ["trial 1/2", "trial 2/2"]
    # With more trials it goes on where it was.
    code, printed, _ = call("--go-on", search.name, "--trials", "3", "--json")
    assert (code, json.loads(printed)["trials"]) == (0, 3)
    assert [trial.run_id for trial in load_search(search.name).trials[:2]] == [trial.run_id for trial in search.trials]


def test_ctrl_c_stops_gently_and_says_how_to_go_on(shared_home):
    rates = ("--range", "learning_rate=0.0001..0.01:log")
    with subprocess.Popen(
        [sys.executable, "-m", "fmnist_core", "search", "threads/ann", *rates, *ITEMS, "--set", "epochs=900"],
        cwd=storage.ASSETS.parent,
        env={**os.environ, "PYTHONPATH": str(storage.ASSETS.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        deadline = time.monotonic() + 300
        while not (
            database.list_names() and "threads-ann" in database.list_names() and load_search("threads-ann").epochs
        ):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.2)
        # As a terminal does it: to the workers too.
        os.killpg(process.pid, signal.SIGINT)
        printed, said = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "Traceback" not in said
    assert "To go on: python -m fmnist_core search --go-on threads-ann" in said
    assert printed.startswith("threads-ann: stopped")
    (trial,) = load_search("threads-ann").trials
    run = runs.load_run(trial.run_id)
    assert (trial.state, run.status, run.has_model) == ("running", runs.STOPPED, True)
