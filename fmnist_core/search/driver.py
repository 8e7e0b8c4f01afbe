"""The driver of a search: asks Optuna for trials, has each trained as a run, and tells how it ended.

What it knows lies in Optuna's storage and in the run folders. Before anything is begun it is written down there, so a
driver that is killed at any moment can be followed by another one that neither loses a trial nor begins it twice.
"""

import contextlib
import itertools
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

from fmnist_core import jobs, processes, runs, storage
from fmnist_core.errors import FmnistError, InvalidSettingError
from fmnist_core.search import database, presence, records, sampling
from fmnist_core.search.records import Trial
from fmnist_core.search.watching import Watch

_LOOK_SECONDS = 0.25

# What may be asked of a driver, in the storage.
STOP, LET_FINISH = "stop", "let finish"

Report = Callable[[Trial], None]


def run_search(name: str, report: Report | None = None, stop: threading.Event | None = None) -> records.Search:
    """Drive a search to its end, or until it is stopped, and return how it stands.

    Args:
        name: of a search in the storage.
        report: called with a trial whenever it has begun, trained an epoch, or ended.
        stop: asks for the end when it is set, as `control.stop` does.

    Raises:
        SearchNotFoundError: if there is no such search.
        FmnistError: if somebody drives it already, or a job cannot be handed out.
    """
    Driver(name, report, stop).run()
    return records.load_search(name)


class Driver:
    """Drives one search; there is no other one of it as long as this one lives.

    Raises:
        SearchNotFoundError: if there is no such search.
        FmnistError: if somebody drives it already.
    """

    def __init__(self, name: str, report: Report | None = None, stop: threading.Event | None = None) -> None:
        self._name = name
        self._report = report or (lambda trial: None)
        self._stop = stop or threading.Event()
        self._left = threading.Event()
        search = records.load_search(name)
        self._config = search.config
        self._key = secrets.token_hex(8)
        self._before, self._began = search.seconds, time.monotonic()
        self._workers, self._beaten = 0, 0.0
        self._watched: dict[int, Watch] = {}
        self._lock = _take_lock(name)
        try:
            with database.explained():
                self._study = self._take_up()
        except BaseException:  # even Ctrl-C must not leave the search locked; it is raised again
            self._lock.release()
            raise

    def _take_up(self) -> Any:
        study = database.open_study(self._name)
        # The lock is this machine's; another one may share the storage.
        if presence.is_driven(study.user_attrs.get("driver") or {}):
            raise _driven_already(self._name)
        study.pruner = sampling.make_pruner(self._config, self._config.longest)
        study.set_user_attr("request", None)
        presence.driving.add(self._key)
        self._write(study, presence.RUNNING)
        return study

    def leave(self) -> None:
        """End without touching the runs, as if the process were killed: the search can go on later."""
        self._left.set()

    def run(self) -> None:
        """Drive the search to its end, or until it is stopped.

        Raises:
            FmnistError: if a job cannot be handed out, or the storage is gone; the search is interrupted then.
        """
        status, reason = presence.INTERRUPTED, None
        try:
            with database.explained():
                status = self._drive()
        except Exception as error:
            reason = str(error) if isinstance(error, FmnistError) else f"It ended with {type(error).__name__}."
            raise
        finally:
            with contextlib.suppress(Exception):  # there may be no storage any more, which is what went wrong
                self._write(self._study, status, reason)
            presence.driving.discard(self._key)
            self._lock.release()

    def _drive(self) -> str:
        """Return the status with which it ended."""
        self._workers = jobs.count_workers()
        self._take_over()
        while not self._left.is_set():
            for watch in list(self._watched.values()):
                self._look(watch)
            request = self._find_request()
            if request == STOP:
                for watch in self._watched.values():
                    watch.hold()
            while not request and len(self._watched) < max(self._workers, 1) and self._may_ask():
                self._begin()
            if not self._watched:
                return presence.STOPPED if request else presence.FINISHED
            self._beat()
            self._left.wait(_LOOK_SECONDS)
        return presence.INTERRUPTED

    def _take_over(self) -> None:
        """Watch the trials that an earlier driver has begun; those that have got no run yet get it now."""
        from optuna.trial import Trial as OptunaTrial
        from optuna.trial import TrialState

        begun = self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        if not begun:
            return
        known = records.match_runs(records.load_search(self._name), runs.list_runs().runs)
        for frozen in begun:
            self._study.sampler = sampling.make_sampler(self._config, frozen.number)
            # Optuna has no other way back to a trial that was asked for in a process that is gone.
            trial = OptunaTrial(self._study, frozen._trial_id)
            run = known.get(frozen.number)
            self._train(trial, run.run_id if run else frozen.user_attrs.get("run_id"))

    def _may_ask(self) -> bool:
        """Tell whether another trial may begin: there are to be more, and its time and its epochs are there."""
        search = records.load_search(self._name)
        if len(search.begun) >= self._config.planned:
            return False
        if self._config.seconds is not None and self._seconds >= self._config.seconds:
            return False
        if self._config.budget is None:
            return True
        spent = sum(trial.epochs for trial in search.begun if trial.number not in self._watched)
        promised = sum(watch.epochs for watch in self._watched.values())
        return spent + promised + self._config.longest <= self._config.budget

    def _begin(self) -> None:
        self._study.sampler = sampling.make_sampler(self._config, len(self._study.get_trials(deepcopy=False)))
        self._train(self._study.ask(), None)

    def _train(self, trial: Any, run_id: str | None) -> None:
        """Watch the run of a trial, which is submitted now unless it has been before."""
        values = {parameter.name: sampling.suggest(trial, parameter) for parameter in self._config.parameters}
        try:
            recipe, config = self._config.find_training(values)
        except InvalidSettingError as error:
            watch = Watch(self._study, trial, None, 0)
            watch.fail(str(error))
        else:
            if run_id is None:
                run_id = jobs.submit(config, recipe, {"search": self._name, "trial": trial.number})
            if trial.user_attrs.get("run_id") != run_id:
                trial.set_user_attr("run_id", run_id)
            watch = Watch(self._study, trial, run_id, config.epochs)
            watch.let_go()
            self._watched[trial.number] = watch
        self._tell(watch)

    def _look(self, watch: Watch) -> None:
        changed = watch.look()
        if watch.ended:
            del self._watched[watch.number]
        if changed:
            self._tell(watch)

    def _tell(self, watch: Watch) -> None:
        self._report(records.read_trial(watch.frozen))

    def _find_request(self) -> str | None:
        request = self._study.user_attrs.get("request")
        return STOP if self._stop.is_set() else request

    @property
    def _seconds(self) -> float:
        """How long the search has been driven, by those before too."""
        return self._before + time.monotonic() - self._began

    def _beat(self) -> None:
        if time.monotonic() - self._beaten > presence.BEAT_SECONDS:
            self._workers = jobs.count_workers()
            self._write(self._study, presence.RUNNING)

    def _write(self, study: Any, status: str, error: str | None = None) -> None:
        self._beaten = time.monotonic()
        entries = {
            "status": status,
            "key": self._key,
            "process": processes.describe_this_process(),
            "beat": time.time(),
            "seconds": self._seconds,
            "workers": self._workers,
            "error": error,
        }
        study.set_user_attr("driver", entries)


def extend_search(name: str, trials: int) -> None:
    """Let a search that nobody drives have more trials.

    Raises:
        SearchNotFoundError: if there is no such search.
        InvalidSettingError: if there would be fewer than have begun, or more than a search may have.
        FmnistError: if somebody drives it.
    """
    search = records.load_search(name)
    if search.active:
        raise _driven_already(name)
    if isinstance(trials, int) and trials < len(search.begun):
        raise InvalidSettingError(
            f"`trials` must be at least the {len(search.begun)} that have begun. Received: {trials}."
        )
    config = search.config.with_settings(trials=trials)
    with database.explained():
        study = database.open_study(name)
        if config.sampler == "grid":
            for cell in itertools.islice(config.cells, len(search.trials), config.planned):
                study.enqueue_trial(cell)
        database.write_config(study, config)


def _take_lock(name: str) -> Any:
    import filelock

    folder = storage.home() / "searches"
    with storage.explained():
        folder.mkdir(parents=True, exist_ok=True)
        # The thread that drives is not the one that starts it.
        lock = filelock.FileLock(folder / f"{name}.lock", thread_local=False)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            raise _driven_already(name) from None
    return lock


def _driven_already(name: str) -> FmnistError:
    return FmnistError(f"A search must be driven by one process at a time. Received: {name}, which is driven already.")
