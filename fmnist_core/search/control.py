"""Searches driven in this process, each by a thread of its own, and what others ask of them."""

from fmnist_core.search.config import SearchConfig
from fmnist_core.search.records import Search


def start(config: SearchConfig) -> str:
    """Make a search and drive it in a thread of this process; return its name.

    Raises:
        SearchExistsError: if another one is called the same.
        StorageError: if the storage cannot be reached or written.
    """
    raise NotImplementedError


def stop(name: str, let_finish: bool = False) -> None:
    """Ask the driver of a search, wherever it is, to begin no more trials.

    Args:
        name: of the search.
        let_finish: whether the trials that train may go on to their end; else their runs are stopped, and resumed when
            the search goes on.

    Raises:
        SearchNotFoundError: if there is no such search.
    """
    raise NotImplementedError


def go_on(name: str, trials: int | None = None) -> None:
    """Drive a search that was stopped, interrupted or has finished, in a thread of this process.

    Args:
        name: of the search.
        trials: how many trials it is to have now, at least as many as it had; None to leave that.

    Raises:
        SearchNotFoundError: if there is no such search.
        FmnistError: if somebody drives it already.
    """
    raise NotImplementedError


def state(name: str) -> Search:
    """Return how a search stands; the same as `records.load_search`."""
    raise NotImplementedError
