"""Optuna's storage: a file of the lab, or the database that FMNIST_STORAGE names. Optuna itself is imported late."""

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fmnist_core import storage
from fmnist_core.errors import SearchExistsError, SearchNotFoundError, StorageError
from fmnist_core.search.config import SearchConfig

if TYPE_CHECKING:
    import optuna

# How long SQLite waits for another process that writes.
_PATIENCE_SECONDS = 60
_lock = threading.Lock()
_storages: "dict[str, Any]" = {}


def find_url() -> str:
    """Return the URL of the storage: FMNIST_STORAGE, or the lab's own file. `optuna-dashboard URL` opens it."""
    return os.environ.get("FMNIST_STORAGE") or f"sqlite:///{storage.home().absolute() / 'searches.db'}"


def create_study(config: SearchConfig) -> "optuna.Study":
    """Make the study of a search; the cells of a grid wait in it, in order.

    Raises:
        SearchExistsError: if there is one of that name.
        StorageError: if the storage cannot be reached or written.
    """
    import itertools

    optuna = _import_optuna()
    with explained():
        try:
            study = optuna.create_study(study_name=config.name, storage=_open(), direction="maximize")
        except optuna.exceptions.DuplicatedStudyError:
            raise SearchExistsError(f"A search must have a name that no other has. Received: {config.name}.") from None
        study.set_user_attr("created", time.time())
        study.set_user_attr("recipe", config.recipe)
        if config.sampler == "grid":
            for cell in itertools.islice(config.cells, config.planned):
                study.enqueue_trial(cell)
        # Last: what has no settings is not a search yet.
        write_config(study, config)
    return study


def write_config(study: "optuna.Study", config: SearchConfig) -> None:
    """Write the settings of a search into its study."""
    study.set_user_attr("config", json.dumps(config.to_dict()))


def open_study(name: str) -> "optuna.Study":
    """Return the study of a search.

    Raises:
        SearchNotFoundError: if there is none of that name.
    """
    optuna = _import_optuna()
    if _is_there():
        with contextlib.suppress(KeyError):
            return optuna.load_study(study_name=name, storage=_open())
    raise SearchNotFoundError(f"There must be a search of that name. Received: {name}.")


def list_names() -> tuple[str, ...]:
    """Return the names of all studies in the storage; none if there is no storage yet."""
    if not _is_there():
        return ()
    return tuple(_import_optuna().get_all_study_names(_open()))


def delete_study(name: str) -> None:
    """Remove a study.

    Raises:
        SearchNotFoundError: if there is none of that name.
    """
    optuna = _import_optuna()
    open_study(name)
    optuna.delete_study(study_name=name, storage=_open())
    (storage.home() / "searches" / f"{name}.lock").unlink(missing_ok=True)


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turn a failure of the storage into a sentence.

    Raises:
        StorageError: if the block fails because the database cannot be reached, read or written.
    """
    import sqlalchemy.exc

    optuna = _import_optuna()
    try:
        with storage.explained():
            yield
    except (sqlalchemy.exc.SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        raise StorageError(
            f"The storage of searches must be a database that can be reached and written. Received: {_show_url()}."
        ) from error


def _show_url() -> str:
    import sqlalchemy

    try:
        return sqlalchemy.engine.make_url(find_url()).render_as_string(hide_password=True)
    except sqlalchemy.exc.ArgumentError:
        return "no URL of a database"


def _is_there() -> bool:
    """Tell whether there is anything to read: looking must not make a file."""
    return bool(os.environ.get("FMNIST_STORAGE")) or (storage.home() / "searches.db").is_file()


def _open() -> Any:
    """Return the storage, one for all threads of this process; it remembers the trials that have ended."""
    from optuna.storages import RDBStorage, get_storage

    url = find_url()
    with _lock:
        if url.startswith("sqlite") and url in _storages and not _is_there():
            del _storages[url]  # somebody has removed the file
        if url not in _storages:
            if not os.environ.get("FMNIST_STORAGE"):
                storage.home().mkdir(parents=True, exist_ok=True)
            options = {"connect_args": {"timeout": _PATIENCE_SECONDS}} if url.startswith("sqlite") else {}
            try:
                _storages[url] = get_storage(RDBStorage(url, engine_kwargs=options))
            except ImportError:
                raise StorageError(f"The database's driver must be installed. Received: {_show_url()}.") from None
        return _storages[url]


def _import_optuna() -> Any:
    import optuna

    # Its news are told by the lab itself.
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
