import os
import signal
import subprocess
import sys
import time

import distributed
import pytest

from fmnist_core import jobs, run_data, runs, storage
from fmnist_core.errors import FmnistError, InvalidSettingError
from fmnist_core.search import create_search, find_trial_runs, go_on, load_search, start, stop
from fmnist_core.search.driver import Driver, extend_search, run_search
from fmnist_core.search.parameters import Parameter


def wait_for(condition, seconds=900):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def wait_until(name, status):
    wait_for(lambda: not load_search(name).active)
    search = load_search(name)
    assert (search.status, search.error) == (status, None)
    return search


def assert_whole(search, n_trials):
    """Every trial has a run of its own, that run is finished, and its best accuracy is the trial's value."""
    assert [(trial.number, trial.state) for trial in search.trials] == [(n, "complete") for n in range(n_trials)]
    mine = [run for run in runs.list_runs().runs if run.record.get("search") == search.name]
    assert sorted(run.record["trial"] for run in mine) == list(range(n_trials))
    for number, run in find_trial_runs(search.name).items():
        trial = search.trials[number]
        history = run_data.load_history(run)
        assert (run.run_id, run.status) == (trial.run_id, runs.FINISHED)
        assert history["epoch"].tolist() == list(range(1, run.config.epochs + 1))
        assert trial.accuracies == dict(zip(history["epoch"], history["val_accuracy"], strict=True))
        assert trial.value == history["val_accuracy"].max()
        assert run.config == search.config.find_training(trial.parameters)[1]
    assert len({tuple(trial.parameters.values()) for trial in search.trials}) == n_trials


def find_trainers(name):
    """Processes that train trials of a search at the moment."""
    found = [run for run in find_trial_runs(name).values() if run.status == runs.RUNNING]
    return [run.record["trainer"]["pid"] for run in found if run.record.get("trainer")]


def test_twelve_trials_survive_the_kill_of_one_of_two_workers(two_workers, make_config):
    name = start(make_config("killed-worker", trials=12))
    wait_for(lambda: load_search(name).done >= 2 and find_trainers(name))
    assert load_search(name).status == "running"
    os.kill(find_trainers(name)[0], signal.SIGKILL)
    search = wait_until(name, "finished")
    assert_whole(search, 12)
    assert len({run.record["trainer"]["pid"] for run in find_trial_runs(name).values()}) >= 2
    assert search.workers == 2
    assert search.best.value == max(trial.value for trial in search.trials)


DRIVER = """
import sys
from fmnist_core.search.driver import run_search
if __name__ == "__main__":
    run_search(sys.argv[1], lambda trial: print(trial.number, trial.state, flush=True))
"""


def test_a_driver_that_is_killed_is_followed_by_another_one(two_workers, make_fits, tmp_path):
    name = create_search(make_fits("killed-driver", trials=6)).name
    script = tmp_path / "driver.py"
    script.write_text(DRIVER)
    with subprocess.Popen(
        [sys.executable, script, name],
        env={
            **os.environ,
            "PYTHONPATH": str(storage.ASSETS.parent),
            "FMNIST_SCHEDULER": distributed.default_client().scheduler.address,
        },
        stdout=subprocess.DEVNULL,
    ) as driver:
        wait_for(lambda: load_search(name).done >= 2 and find_trainers(name))
        with pytest.raises(FmnistError, match="one process at a time"):
            go_on(name)
        driver.kill()
    # One of its trials loses its worker too, which nobody notices; the other one trains on.
    for trainer in find_trainers(name)[:1]:
        os.kill(trainer, signal.SIGKILL)
    # The driver may have been killed between asking for a trial and giving it a run; the next one gives it one.
    begun = {trial.number: trial.run_id for trial in load_search(name).begun if trial.run_id}
    assert load_search(name).status == "interrupted"
    go_on(name)
    search = wait_until(name, "finished")
    assert_whole(search, 6)
    assert begun.items() <= {trial.number: trial.run_id for trial in search.trials}.items()


def test_a_search_that_is_stopped_holds_its_trials_and_goes_on_with_them(two_workers, make_config):
    name = start(make_config("stopped", trials=4, settings={"epochs": 30}))
    wait_for(lambda: load_search(name).epochs >= 2)
    stop(name)
    stopped = wait_until(name, "stopped")
    assert [trial.state for trial in stopped.trials] == ["running", "running"]
    assert {run.status for run in find_trial_runs(name).values()} == {runs.STOPPED}
    # The one that nobody drives may get other limits.
    with pytest.raises(InvalidSettingError, match=r"at least the 2 that have begun. Received: 1\."):
        extend_search(name, 1)
    go_on(name, trials=3)
    wait_for(lambda: load_search(name).done >= 1)
    stop(name, let_finish=True)
    search = wait_until(name, "stopped")
    assert all(trial.state == "complete" for trial in search.trials)
    assert 2 <= len(search.trials) <= 3
    assert all(trial.epochs == 30 for trial in search.trials)
    assert search.seconds > stopped.seconds


def test_bad_trials_are_pruned_and_their_runs_say_so(two_workers, make_config):
    # The first four learn; of those after them, rates that learn nothing are worse than the median.
    rates = Parameter("learning_rate", "choice", choices=(0.001, 0.002, 0.003, 0.004, 1e-9, 2e-9))
    name = create_search(
        make_config("pruned", (rates,), sampler="grid", pruner="median", trials=6, settings={"epochs": 20})
    ).name
    extend_search(name, 4)
    extend_search(name, 6)
    search = run_search(name)
    assert [trial.parameters["learning_rate"] for trial in search.trials] == list(rates.choices)
    assert [trial.state for trial in search.trials] == ["complete"] * 4 + ["pruned"] * 2
    for trial in search.trials[4:]:
        run = runs.load_run(trial.run_id)
        assert run.status == runs.STOPPED
        assert run.record["note"].startswith("Pruned by its search after epoch ")
        assert trial.epochs < 20
        assert trial.value == max(trial.accuracies.values())


def test_what_becomes_of_its_runs_becomes_of_the_trials(two_workers, make_config):
    name = start(make_config("meddled", trials=3, settings={"epochs": 500}))
    wait_for(lambda: load_search(name).epochs >= 2)
    seen = next(trial for trial in load_search(name).trials if trial.epochs)
    jobs.stop(seen.run_id)
    wait_for(lambda: load_search(name).trials[seen.number].ended)
    stopped = load_search(name).trials[seen.number]
    assert (stopped.state, stopped.value) == ("pruned", max(stopped.accuracies.values()))
    assert "note" not in runs.load_run(stopped.run_id).record
    stop(name)
    held = [trial for trial in wait_until(name, "stopped").trials if not trial.ended]
    for trial in held:
        runs.delete_run(runs.load_run(trial.run_id))
    extend_search(name, 1 + len(held))
    search = run_search(name)
    assert search.status == "finished"
    for trial in held:
        gone = search.trials[trial.number]
        assert (gone.state, gone.error) == ("failed", "Its run was deleted, or cannot be read any more.")


def test_no_more_trials_begin_than_time_and_budget_allow(two_workers, make_fits):
    budget = run_search(create_search(make_fits("budget", trials=9, budget=3)).name)
    assert (budget.status, budget.done, budget.epochs) == ("finished", 3, 3)
    timed = run_search(create_search(make_fits("timed", trials=500, seconds=1)).name)
    assert timed.status == "finished"
    assert 1 <= timed.done == len(timed.trials) < 10


def test_a_driver_holds_its_search_alone(two_workers, make_config):
    name = create_search(make_config("alone")).name
    driver = Driver(name)
    assert load_search(name).status == "running"
    with pytest.raises(FmnistError, match="Received: alone, which is driven already"):
        Driver(name)
    with pytest.raises(FmnistError, match="driven already"):
        extend_search(name, 9)
    driver.leave()
    driver.run()
    assert load_search(name).status == "interrupted"
    Driver(name).leave()
