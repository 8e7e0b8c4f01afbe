import os
import signal
import time

import distributed
import pytest

from fmnist_core import jobs, run_data, runs
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import FmnistError, RunNotFoundError

SHORT = TrainingConfig("threads/ann", epochs=2, subset=2_000, validation_split=1 / 60)


@pytest.fixture(scope="module")
def cluster(make_home, tmp_path_factory):
    """The real local cluster, its worker warm, in a home of its own."""
    home = make_home(tmp_path_factory.mktemp("jobs") / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_HOME", str(home))
        jobs.warm()
        yield
        jobs.close()


def wait_for(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def wait_until(run_id, status):
    wait_for(lambda: not runs.load_run(run_id).active)
    run = runs.load_run(run_id)
    assert run.status == status, run.record
    return run


def assert_whole(run):
    assert run_data.load_history(run)["epoch"].tolist() == list(range(1, run.config.epochs + 1))
    batches = run_data.load_batches(run)["epoch"]
    assert batches.is_monotonic_increasing
    assert batches.is_unique
    assert batches.iloc[-1] == run.config.epochs
    assert (run.has_model, run.has_evaluation) == (True, True)


def test_runs_train_one_after_the_other_and_one_that_waits_can_be_withdrawn(cluster):
    first, second, third = (jobs.submit(SHORT.with_settings(seed=seed), "threads/ann") for seed in (1, 2, 3))
    waiting = jobs.places_in_line()
    assert (waiting[second], waiting[third]) == (1, 2)
    jobs.stop(third)
    assert runs.load_run(third).status == runs.STOPPED
    assert third not in jobs.places_in_line()
    finished = [wait_until(run_id, runs.FINISHED) for run_id in (first, second)]
    for run in finished:
        assert_whole(run)
    assert finished[0].record["finished"] <= finished[1].record["started"]
    # The worker has passed the third one by.
    assert "started" not in runs.load_run(third).record
    assert jobs.places_in_line() == {}

    jobs.resume(third)
    assert_whole(wait_until(third, runs.FINISHED))


def test_a_run_that_trains_stops_soon_and_keeps_what_it_learned(cluster):
    run_id = jobs.submit(SHORT.with_settings(epochs=1_000), "threads/ann")
    wait_for(lambda: len(run_data.load_history(runs.load_run(run_id))))
    jobs.stop(run_id)
    asked = time.time()
    stopped = wait_until(run_id, runs.STOPPED)
    # Two seconds on a quiet machine.
    assert stopped.record["finished"] - asked < 20
    assert (stopped.has_model, stopped.has_evaluation, stopped.resumable) == (True, True, True)
    assert 1 <= len(run_data.load_history(stopped)) < 1_000


def test_a_worker_that_is_killed_costs_the_epoch_in_progress_and_nothing_else(cluster):
    ended = {run.run_id: run.record for run in runs.list_runs().runs}
    run_id = jobs.submit(SHORT.with_settings(subset=None, epochs=3, batch_size=64), "threads/ann")
    wait_for(lambda: (run_data.load_batches(runs.load_run(run_id))["epoch"] > 1).any())
    for process in distributed.default_client().run(os.getpid).values():
        os.kill(process, signal.SIGKILL)
    killed = runs.load_run(run_id)
    assert len(run_data.load_history(killed)) < 3
    finished = wait_until(run_id, runs.FINISHED)
    assert_whole(finished)
    assert finished.record["started"] > killed.record["started"]
    # Dask hands out ended jobs once more when the worker that held their results is gone.
    assert {run.run_id: run.record for run in runs.list_runs().runs if run.run_id != run_id} == ended


def test_a_run_that_goes_on_waits_behind_those_that_were_there_before(fmnist_home, rewrite):
    older = rewrite(runs.create_run(SHORT, "threads/ann"), status=runs.STOPPED)
    waiting = runs.create_run(SHORT, "threads/ann")
    training = runs.create_run(SHORT, "threads/ann", status=runs.RUNNING)
    assert jobs.places_in_line() == {waiting.run_id: 1}
    runs.requeue_run(older)
    assert jobs.places_in_line() == {waiting.run_id: 1, older.run_id: 2}
    rewrite(training, heartbeat=time.time() + 5)
    assert jobs.places_in_line() == {waiting.run_id: 1, older.run_id: 2}


def test_a_run_that_there_is_not_can_be_neither_stopped_nor_resumed(fmnist_home):
    for asking in (jobs.stop, jobs.resume):
        with pytest.raises(RunNotFoundError, match=r"There must be a run of that name. Received: nowhere\."):
            asking("nowhere")


def test_a_finished_run_is_not_resumed(copied_run):
    with pytest.raises(FmnistError, match="Only a run that ended early can go on"):
        jobs.resume(copied_run.run_id)
