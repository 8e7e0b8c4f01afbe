"""Train runs, compute projections, study networks: not in the caller's process but on workers of a Dask cluster.

By default there are two local clusters, so that nobody waits for a map until others have trained: one of a worker
process for each GPU, or one if there is none, and one of a single worker for projections and studies. Each starts when
it is first needed and lives as long as the process that started it.
`FMNIST_WORKERS=4` makes the one for trainings that large; where there are GPUs, they are shared out among the workers.
`FMNIST_SCHEDULER=tcp://host:8786` sends all jobs to one cluster whose machines share FMNIST_HOME.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from fmnist_core import devices, projecting, runs, studies
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import FmnistError
from fmnist_core.projection_config import ProjectionConfig
from fmnist_core.settings import check_whole

if TYPE_CHECKING:
    from distributed import Client, Future

_TRAINING, _PROJECTIONS = "training", "projections"
_MOST_WORKERS = 256

_lock = threading.Lock()
_clients: "dict[str, Client]" = {}
_futures: "dict[str, Future]" = {}


def submit(config: TrainingConfig, recipe: str, marks: Mapping[str, Any] | None = None) -> str:
    """Queue a training and return its run_id; it starts as soon as a worker is free. See `runs.create_run`."""
    _connect(_TRAINING)  # before there is a run that nobody could be told to train
    run_id = runs.create_run(config, recipe, marks=marks).run_id
    _hand_out(run_id)
    return run_id


def resume(run_id: str) -> None:
    """Queue a run that ended early; it goes on from its last whole epoch.

    Raises:
        FmnistError: if there is no such run or it did not end early.
    """
    runs.requeue_run(runs.load_run(run_id))
    _hand_out(run_id)


def extend(run_id: str, epochs: int) -> None:
    """Queue a finished run for `epochs` more epochs; it goes on from its checkpoint.

    Raises:
        FmnistError: if there is no such run, it has not finished, or it has kept no checkpoint.
        InvalidSettingError: if it would have more epochs than a run may.
    """
    runs.extend_run(runs.load_run(run_id), epochs)
    _hand_out(run_id)


def stop(run_id: str) -> None:
    """Stop a run: at once if it waits, after the current batches if it trains."""
    run = runs.load_run(run_id)
    runs.request_stop(run)
    future = _futures.get(run_id)
    if run.status == runs.QUEUED and future is not None:
        # Should a worker have taken it in this very moment, it finds the request and stops too.
        future.cancel()
        runs.withdraw_run(run)


def submit_projection(config: ProjectionConfig) -> str:
    """See to it that a projection is computed, unless it is there or under way, and return its key."""
    if projecting.announce(config):
        _hand_out_soon(config.key, _project, config.to_dict())
    return config.key


def submit_study(request: studies.Request) -> None:
    """See to it that a study of a run is made, unless it is there or under way."""
    if studies.announce(request):
        _hand_out_soon(request.pending.key, _study, request.run.run_id, request.study, dict(request.settings))


def warm() -> None:
    """Start the training cluster and have its workers load Keras and trace a step: the first job starts at once."""
    client = _connect(_TRAINING)
    workers = list(client.scheduler_info(n_workers=-1)["workers"])
    client.gather([client.submit(_warm, workers=[worker], pure=False) for worker in workers])


def count_workers() -> int:
    """Return how many trainings go on at once; the cluster is started if need be.

    Raises:
        InvalidSettingError: if FMNIST_WORKERS is no number that makes sense.
    """
    workers = _connect(_TRAINING).scheduler_info(n_workers=-1)["workers"]
    return sum(worker["nthreads"] for worker in workers.values())


def close() -> None:
    """End the local clusters and what they compute."""
    with _lock:
        for client in _clients.values():
            cluster = client.cluster
            client.close()
            if cluster is not None:
                cluster.close()
        _clients.clear()
        names = list(_futures)
        _futures.clear()
    for name in names:
        _abandon(name)


def places_in_line() -> dict[str, int]:
    """Return for every waiting run how many stand before it, the one in training included."""
    # A run that goes on waits behind those that were there before, though it is older; its heartbeat tells since when.
    active = sorted(
        (run for run in runs.list_runs().runs if run.active),
        key=lambda run: (run.status == runs.QUEUED, run.record["heartbeat"]),
    )
    return {run.run_id: place for place, run in enumerate(active) if run.status == runs.QUEUED}


def _hand_out(run_id: str) -> None:
    # A worker that dies is replaced and its job handed out once more: it goes on from its checkpoint.
    # Dask drops a job that nobody holds on to, hence the dictionary; jobs that come within a tenth of a second it
    # takes for one lot and does in any order, unless it is told that there are no lots.
    future = _connect(_TRAINING).submit(_train, run_id, pure=False, fifo_timeout="0 ms")
    _futures[run_id] = future

    def ended(future: "Future") -> None:
        if future.status == "error":
            _abandon(run_id)

    future.add_done_callback(ended)


def _abandon(run_id: str) -> None:
    """Tell those who wait for a run that no worker will come for it: there is none, or it killed two of them."""
    # Projections and studies have no run of their own; of a run's folder there may be nothing left.
    with contextlib.suppress(FmnistError):
        runs.abandon_run(runs.load_run(run_id))


def _hand_out_soon(key: str, function: Callable[..., None], *arguments: Any) -> None:
    def hand_out() -> None:
        _futures[key] = _connect(_PROJECTIONS).submit(function, *arguments, pure=False)

    # Not here: the first one has to wait for a worker to start.
    threading.Thread(target=hand_out, name=f"hand out {key}", daemon=True).start()


def _connect(purpose: str) -> "Client":
    with _lock:
        if purpose not in _clients:
            _clients[purpose] = _start(_plan_workers() if purpose == _TRAINING else [{}])
        return _clients[purpose]


def _plan_workers() -> list[dict[str, str]]:
    """Return the environment of each worker: one for each GPU, or one if there is none, or as many as are wished."""
    gpus = devices.find_gpus()
    number = _read_number_of_workers() or len(gpus) or 1
    if gpus:
        return [{"CUDA_VISIBLE_DEVICES": gpus[worker % len(gpus)]} for worker in range(number)]
    if number == 1:
        return [{}]
    # Each would take all processors and all would wait for each other.
    threads = str(max(1, (os.cpu_count() or 1) // number))
    shares = {name: os.environ.get(name, threads) for name in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS")}
    return [shares] * number


def _read_number_of_workers() -> int | None:
    text = os.environ.get("FMNIST_WORKERS")
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdigit() else text
    check_whole("FMNIST_WORKERS", number, 1, _MOST_WORKERS)
    return int(number)


def _start(environments: list[dict[str, str]]) -> "Client":
    """Start a cluster with one worker for each environment, or find the one that is named."""
    import dask
    from distributed import Client, Nanny, Scheduler, SpecCluster

    dask.config.set({"distributed.scheduler.allowed-failures": 1})
    address = os.environ.get("FMNIST_SCHEDULER")
    if address:
        return Client(address)
    place = {"host": "127.0.0.1", "dashboard": False, "dashboard_address": "127.0.0.1:0"}
    options = {"nthreads": 1, "memory_limit": None, "silence_logs": "ERROR", **place}
    cluster = SpecCluster(
        workers={
            number: {"cls": Nanny, "options": {**options, "env": environment}}
            for number, environment in enumerate(environments)
        },
        scheduler={"cls": Scheduler, "options": {"protocol": "tcp://", "port": 0, **place}},
        silence_logs="ERROR",
    )
    return Client(cluster)


def _train(run_id: str) -> None:
    import logging

    from fmnist_core import recording

    # A worker trains many networks, each with functions of its own, and TensorFlow takes that for a mistake.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    recording.execute(run_id)


def _project(settings: dict[str, Any]) -> None:
    # Whoever watches has been told how it ended; Dask would only try again what cannot be mended.
    with contextlib.suppress(FmnistError):
        projecting.execute(ProjectionConfig.from_dict(settings), announced=True)


def _study(run_id: str, study: str, settings: dict[str, Any]) -> None:
    with contextlib.suppress(FmnistError):  # see _project
        studies.execute_by_name(run_id, study, settings)


def _warm() -> None:
    import numpy as np

    from fmnist_core import training
    from fmnist_core.telemetry import as_input

    model = training.compile_model(TrainingConfig())
    images = np.zeros((64, 28, 28), dtype=np.uint8)
    model.fit(as_input(images), np.zeros(64, dtype="int32"), batch_size=32, verbose=0)
