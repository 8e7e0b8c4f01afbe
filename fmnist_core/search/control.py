"""Searches driven in this process, each by a thread of its own, and what others ask of them."""

import contextlib
import threading

from fmnist_core.errors import FmnistError
from fmnist_core.search import database, presence, records
from fmnist_core.search.config import SearchConfig
from fmnist_core.search.driver import LET_FINISH, STOP, Driver, extend_search
from fmnist_core.search.records import Search

_lock = threading.Lock()
_threads: dict[threading.Thread, Driver] = {}


def start(config: SearchConfig) -> str:
    """Make a search and drive it in a thread of this process; return its name.

    Raises:
        SearchExistsError: if another one is called the same.
        StorageError: if the storage cannot be reached or written.
    """
    records.create_search(config)
    go_on(config.name)
    return config.name


def go_on(name: str, trials: int | None = None) -> None:
    """Drive a search that was stopped, interrupted or has finished, in a thread of this process.

    Args:
        name: of the search.
        trials: how many trials it is to have now, at least as many as have begun; None to leave that.

    Raises:
        SearchNotFoundError: if there is no such search.
        InvalidSettingError: if `trials` breaks its rule.
        FmnistError: if somebody drives it already.
    """
    if trials is not None:
        extend_search(name, trials)
    driver = Driver(name)
    thread = threading.Thread(target=_drive, args=(driver,), name=f"search {name}", daemon=True)
    with _lock:
        _threads[thread] = driver
    thread.start()


def stop(name: str, let_finish: bool = False) -> None:
    """Ask the driver of a search, wherever it is, to begin no more trials.

    Args:
        name: of the search.
        let_finish: whether the trials that train may go on to their end; else their runs are stopped, and resumed when
            the search goes on.

    Raises:
        SearchNotFoundError: if there is no such search.
    """
    search = records.load_search(name)
    with database.explained():
        study = database.open_study(name)
        if search.active:
            study.set_user_attr("request", LET_FINISH if let_finish else STOP)
        elif search.status == presence.INTERRUPTED:
            study.set_user_attr("driver", {**study.user_attrs.get("driver", {}), "status": presence.STOPPED})


def state(name: str) -> Search:
    """Return how a search stands, as `records.load_search` does.

    Raises:
        SearchNotFoundError: if there is no such search.
    """
    return records.load_search(name)


def leave_all(seconds: float = 5.0) -> None:
    """End the threads of this process as if it were killed, for when it ends: all searches can go on later.

    Args:
        seconds: how long to wait for them.
    """
    with _lock:
        threads = dict(_threads)
    for driver in threads.values():
        driver.leave()
    for thread in threads:
        thread.join(seconds)


def _drive(driver: Driver) -> None:
    try:
        # Whoever looks at the search is told by the storage.
        with contextlib.suppress(FmnistError):
            driver.run()
    finally:
        with _lock:
            _threads.pop(threading.current_thread(), None)
