import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import distributed
import pytest

from fmnist_core import jobs, run_data, runs, storage
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import FmnistError, InvalidSettingError, RunNotFoundError

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


def wait_for(condition, seconds=300):
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
    stopped = wait_until(run_id, runs.STOPPED)
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


def test_a_worker_that_is_gone_is_noticed_at_once_and_its_run_goes_on_by_itself(cluster):
    run_id = jobs.submit(SHORT.with_settings(epochs=1_000), "threads/ann")
    wait_for(lambda: len(run_data.load_history(runs.load_run(run_id))))
    for process in distributed.default_client().run(os.getpid).values():
        os.kill(process, signal.SIGKILL)
    # The heartbeat would be believed for half a minute.
    wait_for(lambda: runs.load_run(run_id).status == runs.QUEUED, seconds=25)
    wait_for(lambda: runs.load_run(run_id).status == runs.RUNNING)
    jobs.stop(run_id)
    wait_until(run_id, runs.STOPPED)


def test_a_finished_run_is_trained_on_and_its_history_has_no_seam(cluster):
    run_id = jobs.submit(SHORT, "threads/ann")
    first = wait_until(run_id, runs.FINISHED)
    before = run_data.load_history(first)
    jobs.extend(run_id, 2)
    assert runs.load_run(run_id).active
    longer = wait_until(run_id, runs.FINISHED)
    assert longer.config == first.config.with_settings(epochs=4)
    assert_whole(longer)
    assert run_data.load_history(longer).head(2).equals(before)
    assert longer.record["result"]["epochs"] == 4


SERVER = """
import sys
from fmnist_core import jobs
from fmnist_core.config import TrainingConfig
if __name__ == "__main__":
    print(jobs.submit(TrainingConfig.from_dict(eval(sys.argv[1])), "threads/ann"), flush=True)
    print(jobs.submit(TrainingConfig.from_dict(eval(sys.argv[1])), "threads/ann"), flush=True)
    sys.stdin.read()
"""


def test_runs_of_a_server_that_is_killed_are_interrupted_and_go_on_to_the_end(cluster, tmp_path):
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    config = SHORT.with_settings(subset=20_000, epochs=3, batch_size=32)
    # A session of its own, so that its workers are killed with it.
    with subprocess.Popen(
        [sys.executable, script, repr(config.to_dict())],
        env={**os.environ, "PYTHONPATH": str(storage.ASSETS.parent)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as server:
        trains, waits = (server.stdout.readline().strip() for _ in range(2))
        wait_for(lambda: (run_data.load_batches(runs.load_run(trains))["epoch"] > 1).any())
        assert runs.load_run(waits).status == runs.QUEUED
        os.killpg(server.pid, signal.SIGKILL)
    for run_id in (trains, waits):
        wait_for(lambda run_id=run_id: runs.load_run(run_id).status == runs.INTERRUPTED, seconds=10)
        jobs.resume(run_id)
    assert len(run_data.load_history(runs.load_run(trains))) < 3
    for run_id in (trains, waits):
        assert_whole(wait_until(run_id, runs.FINISHED))


@contextmanager
def started(module, *arguments):
    """A program of Dask's, as somebody would start it by hand."""
    with subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{module}", *arguments],
        env={**os.environ, "PYTHONPATH": str(storage.ASSETS.parent)},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_a_cluster_elsewhere_trains_a_run_on_each_of_its_workers(cluster, tmp_path, monkeypatch):
    jobs.close()
    file = tmp_path / "scheduler.json"
    here = ("--scheduler-file", str(file), "--host", "127.0.0.1", "--no-dashboard")
    worker = ("dask_worker", *here, "--nthreads", "1", "--death-timeout", "60")
    with (
        started("dask_scheduler", *here, "--port", "0", "--dashboard-address", "127.0.0.1:0"),
        started(*worker),
        started(*worker),
    ):
        wait_for(file.exists)
        wait_for(lambda: file.read_text().endswith("}"))
        monkeypatch.setenv("FMNIST_SCHEDULER", json.loads(file.read_text())["address"])
        with distributed.Client(os.environ["FMNIST_SCHEDULER"]) as client:
            client.wait_for_workers(2, timeout=60)
        jobs.warm()
        both = [jobs.submit(SHORT.with_settings(epochs=20, seed=seed), "threads/ann") for seed in (1, 2)]
        ended = [wait_until(run_id, runs.FINISHED) for run_id in both]
        for run in ended:
            assert_whole(run)
        assert len({run.record["trainer"]["pid"] for run in ended}) == 2
        assert max(run.record["started"] for run in ended) < min(run.record["finished"] for run in ended)
        jobs.close()


def test_every_gpu_has_a_worker_of_its_own(cluster, monkeypatch):
    jobs.close()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-a,MIG-b")
    try:
        seen = jobs._connect(jobs._TRAINING).run(os.getenv, "CUDA_VISIBLE_DEVICES")
        assert sorted(seen.values()) == ["GPU-a", "MIG-b"]
        assert len(jobs._connect(jobs._PROJECTIONS).run(os.getpid)) == 1
    finally:
        jobs.close()


def test_there_are_as_many_workers_as_are_wished_and_they_share_what_there_is(cluster, monkeypatch):
    jobs.close()
    monkeypatch.setenv("FMNIST_WORKERS", "3")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-a,MIG-b")
    try:
        assert jobs.count_workers() == 3
        seen = jobs._connect(jobs._TRAINING).run(os.getenv, "CUDA_VISIBLE_DEVICES")
        assert sorted(seen.values()) == ["GPU-a", "GPU-a", "MIG-b"]
    finally:
        jobs.close()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert [worker["OMP_NUM_THREADS"] for worker in jobs._plan_workers()] == ["2", "2", "2"]
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert [worker["OMP_NUM_THREADS"] for worker in jobs._plan_workers()] == ["5", "5", "5"]


@pytest.mark.parametrize("number", ["0", "many", "-1", "2.5", "257", "²"])
def test_a_number_of_workers_that_makes_no_sense_is_refused(fmnist_home, monkeypatch, number):
    monkeypatch.setenv("FMNIST_WORKERS", number)
    with pytest.raises(InvalidSettingError, match="`FMNIST_WORKERS` must be a whole number from 1 to 256"):
        jobs.submit(SHORT, "threads/ann")
    assert not runs.runs_folder().exists()


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
    for asking in (jobs.stop, jobs.resume, lambda run_id: jobs.extend(run_id, 1)):
        with pytest.raises(RunNotFoundError, match=r"There must be a run of that name. Received: nowhere\."):
            asking("nowhere")


def test_a_finished_run_is_not_resumed(copied_run):
    with pytest.raises(FmnistError, match="Only a run that ended early can go on"):
        jobs.resume(copied_run.run_id)
