"""Searches as they stand: read from Optuna's storage, at any time and by whoever looks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from fmnist_core import runs
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import FmnistError, InvalidSettingError, SearchNotFoundError
from fmnist_core.search import database
from fmnist_core.search.config import SearchConfig
from fmnist_core.search.presence import INTERRUPTED, RUNNING, STOPPED, STOPPING, judge_status

if TYPE_CHECKING:
    import optuna

# Of a trial.
WAITING, ACTIVE, COMPLETE, PRUNED, FAILED = "waiting", "running", "complete", "pruned", "failed"
TRIAL_STATES = (WAITING, ACTIVE, COMPLETE, PRUNED, FAILED)

_STATES = {"WAITING": WAITING, "RUNNING": ACTIVE, "COMPLETE": COMPLETE, "PRUNED": PRUNED, "FAIL": FAILED}


@dataclass(frozen=True, eq=False)
class Trial:
    """A trial as the storage has it.

    Attributes:
        number: from 0, in the order in which they were begun.
        state: one of `TRIAL_STATES`.
        value: best val_accuracy, 0 to 1; of one that still trains, so far; None before its first epoch.
        parameters: what was sampled, by name.
        run_id: its run; None before it has one.
        accuracies: val_accuracy by epoch, as far as it has come.
        seconds: what its epochs took, once it has ended.
        started: when it was begun, seconds since 1970; None while it waits.
        error: why it failed, in a sentence.
    """

    number: int
    state: str
    value: float | None
    parameters: Mapping[str, Any]
    run_id: str | None
    accuracies: Mapping[int, float]
    seconds: float | None
    started: float | None
    error: str | None

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in (COMPLETE, PRUNED, FAILED)

    @property
    def epochs(self) -> int:
        """How many epochs it has trained."""
        return max(self.accuracies, default=0)


@dataclass(frozen=True, eq=False)
class Search:
    """A search as the storage has it at one moment.

    Attributes:
        name: what it is called.
        config: its settings.
        created: when it was made, seconds since 1970.
        trials: in the order of their numbers; the cells of a grid that wait are among them.
        status: one of `presence.STATUSES`.
        error: why it was interrupted, in a sentence, if that is known.
        seconds: how long it has been driven, all together.
        workers: how many trainings it had at once when it was driven last; 0 if it never was.
    """

    name: str
    config: SearchConfig
    created: float
    trials: tuple[Trial, ...] = field(repr=False)
    status: str = INTERRUPTED
    error: str | None = None
    seconds: float = 0.0
    workers: int = 0

    @property
    def active(self) -> bool:
        """Whether somebody drives it."""
        return self.status in (RUNNING, STOPPING)

    @property
    def can_go_on(self) -> bool:
        """Whether it was stopped or interrupted before its end."""
        return self.status in (STOPPED, INTERRUPTED)

    @property
    def begun(self) -> tuple[Trial, ...]:
        """The trials without those that wait."""
        return tuple(trial for trial in self.trials if trial.state != WAITING)

    @property
    def done(self) -> int:
        """How many trials have ended, however."""
        return sum(trial.ended for trial in self.trials)

    @property
    def epochs(self) -> int:
        """How many epochs all trials have trained."""
        return sum(trial.epochs for trial in self.trials)

    @property
    def best(self) -> Trial | None:
        """The complete trial with the highest value, of equal ones the first; None before there is one."""
        complete = [trial for trial in self.trials if trial.state == COMPLETE and trial.value is not None]
        return max(complete, key=lambda trial: (trial.value, -trial.number), default=None)

    @property
    def seconds_left(self) -> float | None:
        """An estimate of how long the search will go on; None before a trial has ended, or if nobody is at it."""
        if self.status != RUNNING or not self.done or not self.seconds:
            return None
        guesses = [self.seconds / self.done * max(self.config.planned - self.done, 0)]
        if self.config.budget and self.epochs:
            guesses.append(self.seconds / self.epochs * max(self.config.budget - self.epochs, 0))
        if self.config.seconds:
            guesses.append(max(self.config.seconds - self.seconds, 0.0))
        return min(guesses)


@dataclass(frozen=True)
class SearchListing:
    """All searches, newest first, and what stands in the storage but cannot be read here, with the reason."""

    searches: tuple[Search, ...]
    unreadable: Mapping[str, str]


def create_search(config: SearchConfig) -> Search:
    """Write a new search into the storage; nothing is trained yet.

    Raises:
        SearchExistsError: if another one is called the same.
        StorageError: if the storage cannot be reached or written.
    """
    database.create_study(config)
    return load_search(config.name)


def load_search(name: str) -> Search:
    """Read a search.

    Raises:
        SearchNotFoundError: if there is none of that name, or it was not made by the lab.
        StorageError: if the storage cannot be reached.
    """
    with database.explained():
        return _read(database.open_study(name))


def list_searches() -> SearchListing:
    """Read all searches.

    Raises:
        StorageError: if the storage cannot be reached.
    """
    found, unreadable = [], {}
    with database.explained():
        for name in database.list_names():
            try:
                found.append(_read(database.open_study(name)))
            except FmnistError as error:
                unreadable[name] = str(error)
    return SearchListing(tuple(sorted(found, key=lambda search: search.created, reverse=True)), unreadable)


def find_free_name(wish: str) -> str:
    """Return a name that no search has: the wish, with a number if need be.

    Args:
        wish: for example the name of a recipe; what a name may not hold is replaced by dashes.
    """
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in wish.lower())
    plain = "-".join(part for part in plain.split("-") if part)[:56] or "search"
    taken = set(database.list_names())
    number = 1
    while (name := plain if number == 1 else f"{plain}-{number}") in taken:
        number += 1
    return name


def find_trial_runs(name: str) -> Mapping[int, runs.Run]:
    """Return the runs of a search by the number of their trial.

    Raises:
        SearchNotFoundError: if there is no such search.
    """
    return match_runs(load_search(name), runs.list_runs().runs)


def match_runs(search: Search, known: "tuple[runs.Run, ...]") -> dict[int, runs.Run]:
    """Return those of the runs that belong to a search, by the number of their trial; of several the oldest."""
    found: dict[int, runs.Run] = {}
    for run in sorted(known, key=lambda run: run.created):
        number = run.record.get("trial")
        # Runs of a search of the same name that was deleted are older than this one.
        if run.record.get("search") == search.name and isinstance(number, int) and run.created >= search.created:
            found.setdefault(number, run)
    return found


def best_config(search: Search) -> TrainingConfig:
    """Return the settings of the best trial.

    Raises:
        SearchNotFoundError: if no trial is complete.
    """
    if search.best is None:
        raise SearchNotFoundError(f"A trial must be complete to be the best. Received: {search.name}, with none.")
    return search.config.find_training(search.best.parameters)[1]


def delete_search(name: str, with_runs: bool = False) -> None:
    """Remove a search from the storage, and if wished its runs with all that they have learned.

    Raises:
        SearchNotFoundError: if there is none of that name.
        FmnistError: if it is driven at the moment, or with its runs and one of them is still trained.
    """
    search = load_search(name)
    if search.active:
        raise FmnistError(f"A search must be stopped before it is deleted. Received: {name}, {search.status}.")
    if with_runs:
        # Those that cannot be deleted come first: all go, or none.
        for run in sorted(match_runs(search, runs.list_runs().runs).values(), key=lambda run: not run.active):
            runs.delete_run(run)
    with database.explained():
        database.delete_study(name)


def _read(study: "optuna.Study") -> Search:
    attributes = study.user_attrs
    try:
        config = _read_config(attributes["config"])
        created = float(attributes["created"])
        driver = dict(attributes.get("driver") or {})
        status, error = judge_status(driver, attributes.get("request")), driver.get("error")
        return Search(
            name=study.study_name,
            config=config,
            created=created,
            trials=tuple(read_trial(trial) for trial in study.get_trials(deepcopy=False)),
            status=status,
            error=str(error) if error else None,
            seconds=float(driver.get("seconds", 0.0)),
            workers=int(driver.get("workers", 0)),
        )
    except InvalidSettingError as error:
        raise SearchNotFoundError(f"{study.study_name}: its settings are not valid here: {error}") from None
    except (KeyError, ValueError, TypeError, AttributeError):
        raise SearchNotFoundError(f"{study.study_name}: it is damaged, or not a search of the lab.") from None


@lru_cache(maxsize=256)
def _read_config(text: str) -> SearchConfig:
    return SearchConfig.from_dict(json.loads(text))


def read_trial(trial: "optuna.trial.FrozenTrial") -> Trial:
    """Return a trial of Optuna's as the lab sees it."""
    attributes, accuracies = trial.user_attrs, trial.intermediate_values
    value = max(accuracies.values(), default=None)
    if trial.state.name == "COMPLETE":
        value = trial.value
    return Trial(
        number=trial.number,
        state=_STATES[trial.state.name],
        value=value,
        parameters=dict(trial.params or trial.system_attrs.get("fixed_params", {})),
        run_id=attributes.get("run_id"),
        accuracies=dict(accuracies),
        seconds=attributes.get("seconds"),
        started=trial.datetime_start.timestamp() if trial.datetime_start else None,
        error=attributes.get("error"),
    )
