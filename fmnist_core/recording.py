"""Train a run: read its settings, fit its network or classifier, write down everything that happens."""

import contextlib
import dataclasses
import importlib
import platform
import time
import traceback
from importlib import metadata
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from fmnist_core import devices, processes, run_data, run_requests, run_status, runs, storage, watched
from fmnist_core.checkpoints import forget_tables, keep_best, load_checkpoint
from fmnist_core.config import choose_items
from fmnist_core.data import Dataset, load_dataset
from fmnist_core.errors import FmnistError, StorageError
from fmnist_core.fitting import Fitted, fit
from fmnist_core.layer_norms import LayerWatch, choose_watched
from fmnist_core.observing import BatchPoint, EpochRecord, NoObserver, Observer
from fmnist_core.run_file import RunFile, heartbeat, now
from fmnist_core.runs import Run
from fmnist_core.training import Trained, train

_PAUSE_NOTE = "It was paused for 30 minutes and then stopped by itself, so that others can train."
# How often a training that holds looks whether it may go on.
_LOOK_SECONDS = 0.05
_STAGE_SECONDS = 0.4
# Single batches are far less than a millionth of many epochs.
_DIGITS = {"epoch": 12}


def execute(run_id: str, listener: Observer | None = None) -> Run:
    """Train a run from its settings, or from its checkpoint if it has one, and return how it ended.

    Args:
        run_id: a run that waits or was interrupted; one that has ended is returned as it is.
        listener: hears what the recorder hears, for example to print it.

    Raises:
        FmnistError: if the training cannot be done; the run then has the status "failed". On a full or read-only
            disk that is a StorageError.
    """
    run = runs.load_run(run_id)
    if run.status in (runs.STOPPED, runs.FAILED, runs.FINISHED) or _is_trained_elsewhere(run):
        # A cluster hands a job out once more when the worker that held its result is gone.
        return run
    if (run.path / "stop").exists():
        RunFile(run).update(status=runs.STOPPED, finished=now())
        return runs.load_run(run_id)
    file = RunFile(run)
    try:
        file.update(status=runs.RUNNING, started=now(), trainer=processes.describe_this_process(), paused_at=None)
        with heartbeat(file):
            file.update(device=_describe_device(run), versions=_versions(run))
            dataset = load_dataset()
            parts = choose_items(run.config, dataset.labels).parts()
            file.update(items={name: len(part) for name, part in parts.items()})
            carry_out = _fit if run.config.is_baseline else _train
            stopped, result = carry_out(run, dataset, file, listener)
        file.update(status=runs.STOPPED if stopped else runs.FINISHED, finished=now(), result=result)
    except Exception as error:
        reason = str(error) if isinstance(error, FmnistError) else storage.explain(error)
        file.close(status=runs.FAILED, finished=now(), error=reason or f"{type(error).__name__} while training.")
        with contextlib.suppress(OSError), storage.written_whole(run.path / "log.txt") as temporary:
            temporary.write_text(traceback.format_exc(), encoding="utf-8")
        if reason and not isinstance(error, FmnistError):
            raise StorageError(reason) from error
        raise
    finally:
        runs.request_go_on(run)
    return runs.load_run(run_id)


def _train(run: Run, dataset: Dataset, file: RunFile, listener: Observer | None) -> tuple[bool, dict[str, Any]]:
    """Train and keep a network; return whether it was stopped, and the result for run.json."""
    recorder = Recorder(run, dataset, file, listener)
    trained = train(run.config, dataset, recorder, load_checkpoint(run, dataset))
    _keep_model(run, trained)
    return trained.stopped, _keep_answers(run, trained, dataset)


def _fit(run: Run, dataset: Dataset, file: RunFile, listener: Observer | None) -> tuple[bool, dict[str, Any] | None]:
    """Fit a classical classifier, from the start whatever went before, and keep what it answers."""
    forget_tables(run)
    fitted = fit(run.config, dataset, FitRecorder(run, dataset, file, listener))
    if fitted is None:
        return True, None
    file.update(parameters=fitted.parameters, stage=None)
    return False, _keep_answers(run, fitted, dataset)


def _is_trained_elsewhere(run: Run) -> bool:
    """Tell whether another process trains the run; of one on another machine only its heartbeat can tell."""
    if run.status != runs.RUNNING:
        return False
    trainer, deadline = run.record.get("trainer") or {}, time.monotonic() + run_status.SILENCE_SECONDS
    if processes.is_here(trainer):
        return trainer != processes.describe_this_process()
    while time.monotonic() < deadline:
        later = runs.load_run(run.run_id)
        if later.status != runs.RUNNING:
            return False
        if later.record["heartbeat"] != run.record["heartbeat"]:
            return True
        time.sleep(1)
    return False


class Recorder:
    """The observer that writes what it hears into the run folder, and does what others ask there."""

    def __init__(self, run: Run, dataset: Dataset, file: RunFile, listener: Observer | None = None) -> None:
        self._run = run
        self._path = run.path
        self._file = file
        self._listener = listener or NoObserver()
        (run.path / "epochs").mkdir(exist_ok=True)
        split = choose_items(run.config, dataset.labels)
        if len(split.validation):
            _save_arrays(run.path / "epochs" / "items.npz", items=split.validation)
        items = choose_watched(split.train)
        self._layers = LayerWatch(run.config, dataset.images[items], dataset.labels[items])

    def on_begin(self, model: keras.Model) -> None:
        """Look at the layers before they are trained."""
        in_bfloat16 = any(layer.compute_dtype == "bfloat16" for layer in model.layers)
        self._file.update(precision="bfloat16" if in_bfloat16 else "float32")
        self._layers.begin(model)
        self._listener.on_begin(model)

    def on_point(self, point: BatchPoint) -> None:
        """Append the point to batches.csv."""
        _append(self._path / "batches.csv", run_data.BATCH_COLUMNS, dataclasses.asdict(point))
        self._listener.on_point(point)

    def on_epoch(self, record: EpochRecord, model: keras.Model, probabilities: NDArray | None) -> None:
        """Keep the answers, the row and then the checkpoint: what the checkpoint knows is all there."""
        self._keep_probabilities(record, probabilities)
        watched.answer(self._run, record.epoch, model)
        norms = [dataclasses.asdict(layer) for layer in self._layers.measure(record.epoch)]
        _append(self._path / "layers.csv", run_data.LAYER_COLUMNS, *norms)
        self._keep_row(record)
        with storage.written_whole(self._path / "checkpoint.keras", suffix=".keras") as temporary:
            model.save(temporary)
        if self._run.config.early_stopping:
            keep_best(self._run, record.epoch)
        self._listener.on_epoch(record, model, probabilities)

    def on_stage(self, doing: str, share: float) -> None:
        """Pass it on; a network has no stages."""
        self._listener.on_stage(doing, share)

    def wants_stop(self) -> bool:
        """Tell whether somebody has asked the run to stop."""
        return (self._path / "stop").exists() or self._listener.wants_stop()

    def wants_pause(self) -> bool:
        """Tell whether somebody has asked the run to hold."""
        return (self._path / "pause").exists()

    def wait_to_go_on(self) -> int | None:
        """Hold until somebody asks to go on, to step or to stop, or has forgotten about it."""
        self._file.update(paused_at=now())
        deadline = time.monotonic() + run_requests.PAUSE_SECONDS
        try:
            while self.wants_pause() and not (self._path / "stop").exists():
                steps = run_requests.take_step(self._run)
                if steps:
                    return steps
                if time.monotonic() > deadline:
                    self._file.update(note=_PAUSE_NOTE)
                    (self._path / "stop").touch()
                time.sleep(_LOOK_SECONDS)
            return None
        finally:
            self._file.update(paused_at=None)

    def _keep_probabilities(self, record: EpochRecord, probabilities: NDArray | None) -> None:
        if probabilities is not None:
            path = self._path / "epochs" / f"{record.epoch:04d}.npz"
            _save_arrays(path, probabilities=probabilities.astype(np.float16))

    def _keep_row(self, record: EpochRecord) -> None:
        memory = {"memory": processes.measure_memory(), "device_memory": devices.measure_memory()}
        _append(self._path / "history.csv", run_data.HISTORY_COLUMNS, dataclasses.asdict(record) | memory)


class FitRecorder(Recorder):
    """Records a classical classifier: its stages in run.json, its answers as those of a first and only epoch."""

    _told = 0.0

    def on_stage(self, doing: str, share: float) -> None:
        """Keep the stage, as often as somebody who watches can read it."""
        if time.monotonic() - self._told > _STAGE_SECONDS:
            self._told = time.monotonic()
            self._file.update(stage={"doing": doing, "share": share})
        super().on_stage(doing, share)

    def on_epoch(self, record: EpochRecord, model: None, probabilities: NDArray | None) -> None:
        """Keep the probabilities and the row; there is no network to go on with."""
        self._keep_probabilities(record, probabilities)
        self._keep_row(record)
        self._listener.on_epoch(record, model, probabilities)


def _keep_model(run: Run, trained: Trained) -> None:
    """Write the model that the run ended with."""
    with storage.written_whole(run.path / "model.keras", suffix=".keras") as temporary:
        trained.model.save(temporary)


def _keep_answers(run: Run, trained: Trained | Fitted, dataset: Dataset) -> dict[str, Any]:
    """Write the answers for the test part, and return the result for run.json."""
    labels = dataset.labels[trained.split.test]
    _save_arrays(
        run.path / "evaluation.npz",
        items=trained.split.test.astype(np.int32),
        labels=labels,
        probabilities=trained.probabilities,
    )
    return {
        "test_accuracy": float((trained.probabilities.argmax(axis=1) == labels).mean()),
        "seconds": trained.seconds,
        "images_per_second": trained.images_per_second,
        "epochs": len(run_data.load_history(run)),
    }


def _append(path: Path, columns: tuple[str, ...], *rows: dict[str, Any]) -> None:
    lines = [",".join(_write_cell(name, row[name]) for name in columns) for row in rows]
    storage.append_line(path, "\n".join(lines), heading=",".join(columns))


def _write_cell(name: str, value: float | str | None) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else f"{value:.{_DIGITS.get(name, 6)}g}"


def _save_arrays(path: Path, **arrays: Any) -> None:
    with storage.written_whole(path, suffix=".npz") as temporary:
        np.savez_compressed(temporary, **arrays)


def _describe_device(run: Run) -> str:
    return devices.describe_processor() if run.config.is_baseline else devices.describe()


def _versions(run: Run) -> dict[str, str]:
    if run.config.is_baseline:
        packages = ("scikit-learn", "numpy", "scipy")
        return {"python": platform.python_version()} | {name: metadata.version(name) for name in packages}
    backend = keras.backend.backend()
    return {
        "python": platform.python_version(),
        "keras": keras.__version__,
        "backend": backend,
        # Asked of the module: its package has other names too, tensorflow-cpu for example.
        backend: importlib.import_module(backend).__version__,
    }
