"""Searches in the storage, without any training: what a trial came to is told as the driver tells it."""

import json
import sqlite3
import time

import optuna
import pytest
import sqlalchemy
from optuna.trial import TrialState

from fmnist_core import runs, storage
from fmnist_core.errors import FmnistError, SearchExistsError, SearchNotFoundError, StorageError
from fmnist_core.search import (
    Parameter,
    best_config,
    compute_importance,
    create_search,
    database,
    delete_search,
    find_free_name,
    find_trial_runs,
    find_url,
    list_searches,
    load_search,
    presence,
    state,
    stop,
    tabulate_trials,
)
from fmnist_core.search.sampling import make_sampler, suggest


def tell(name, accuracies, state=None, run_id=None, seconds=1.0):
    """Add a trial that has ended."""
    config, study = load_search(name).config, database.open_study(name)
    study.sampler = make_sampler(config, len(study.trials))
    trial = study.ask()
    for parameter in config.parameters:
        suggest(trial, parameter)
    trial.set_user_attr("run_id", run_id)
    trial.set_user_attr("seconds", seconds)
    for epoch, accuracy in enumerate(accuracies, 1):
        trial.report(accuracy, epoch)
    study.tell(trial, *([] if state else [max(accuracies)]), state=state)
    return study.trials[trial.number]


def test_a_search_is_written_read_listed_and_deleted(fmnist_home, make_config):
    assert list_searches().searches == ()
    # Looking makes no file.
    assert not (fmnist_home / "searches.db").exists()
    before = time.time()
    search = create_search(make_config("first", trials=2))
    assert (search.name, search.status, search.trials, search.best) == ("first", "interrupted", (), None)
    assert before <= search.created <= time.time()
    assert load_search("first").config == make_config("first", trials=2)
    create_search(make_config("second"))
    assert [one.name for one in list_searches().searches] == ["second", "first"]
    with pytest.raises(SearchExistsError, match="a name that no other has"):
        create_search(make_config("first"))
    delete_search("first")
    assert [one.name for one in list_searches().searches] == ["second"]
    for missing in (load_search, delete_search, stop, state):
        with pytest.raises(SearchNotFoundError, match=r"There must be a search of that name. Received: first\."):
            missing("first")


def test_trials_are_read_as_they_were_told(shared_home, make_config):
    create_search(make_config("told", trials=9))
    tell("told", [0.5, 0.7, 0.6])
    tell("told", [0.4], TrialState.PRUNED)
    tell("told", [], TrialState.FAIL)
    tell("told", [0.7, 0.2])
    search = load_search("told")
    assert [trial.state for trial in search.trials] == ["complete", "pruned", "failed", "complete"]
    assert [trial.value for trial in search.trials] == [0.7, 0.4, None, 0.7]
    assert search.trials[0].accuracies == {1: 0.5, 2: 0.7, 3: 0.6}
    assert (search.done, search.epochs, search.best.number) == (4, 6, 0)
    rate = search.trials[0].parameters["learning_rate"]
    assert 0.0001 <= rate <= 0.01
    assert best_config(search).learning_rate == rate
    table = tabulate_trials(search)
    assert list(table) == [
        "number",
        "state",
        "value",
        "learning_rate",
        "run_id",
        "seconds",
        "epochs",
        "started",
        "error",
    ]
    assert table["epochs"].tolist() == [3, 1, 0, 2]
    assert table["value"].isna().tolist() == [False, False, True, False]
    assert abs(table["started"].iloc[-1] - time.time()) < 60


def test_optuna_itself_opens_what_the_lab_wrote(fmnist_home, make_config):
    create_search(make_config("plain", (Parameter("batch_size", "int", values=(16, 64)),), sampler="grid"))
    tell("plain", [0.5, 0.75], run_id="some-run")
    (study,) = optuna.get_all_study_summaries(find_url())
    assert (study.study_name, study.n_trials) == ("plain", 2)
    assert json.loads(study.user_attrs["config"])["recipe"] == "threads/ann"
    first, second = optuna.load_study(study_name="plain", storage=find_url()).trials
    assert (first.params, first.value, first.intermediate_values) == ({"batch_size": 16}, 0.75, {1: 0.5, 2: 0.75})
    assert first.distributions == {"batch_size": optuna.distributions.IntDistribution(16, 64)}
    assert first.user_attrs["run_id"] == "some-run"
    assert second.state == TrialState.WAITING


def test_the_cells_of_a_grid_wait_in_order(shared_home, make_config):
    sizes = Parameter("batch_size", "int", values=(16, 32, 64))
    create_search(make_config("grid", (sizes, Parameter("flip", "choice", choices=(False, True))), sampler="grid"))
    search = load_search("grid")
    assert [(trial.state, dict(trial.parameters)) for trial in search.trials] == [
        ("waiting", {"batch_size": 16, "flip": False}),
        ("waiting", {"batch_size": 16, "flip": True}),
        ("waiting", {"batch_size": 32, "flip": False}),
    ]
    assert (search.begun, search.done, len(tabulate_trials(search))) == ((), 0, 0)
    assert tell("grid", [0.5]).params == {"batch_size": 16, "flip": False}
    assert [trial.number for trial in load_search("grid").begun] == [0]


def test_the_same_seed_samples_the_same_trials_whoever_drives(shared_home, make_config):
    for name in ("one", "other"):
        create_search(make_config(name, seed=7))
        for _ in range(3):
            tell(name, [0.5])
    create_search(make_config("third", seed=8))
    tell("third", [0.5])
    one, other, third = ([trial.parameters for trial in load_search(name).trials] for name in ("one", "other", "third"))
    assert one == other
    assert len({rates["learning_rate"] for rates in one}) == 3
    assert third[0] != one[0]


def test_the_learning_rate_matters_where_it_alone_decides(shared_home, make_config):
    parameters = (Parameter.usual("learning_rate"), Parameter.usual("momentum"))
    create_search(make_config("matters", parameters, trials=30, settings={"optimizer": "sgd"}))
    with pytest.raises(FmnistError, match="at least 4 complete trials that differ"):
        compute_importance(load_search("matters"))
    for _ in range(30):
        config, study = load_search("matters").config, database.open_study("matters")
        study.sampler = make_sampler(config, len(study.trials))
        trial = study.ask()
        values = {parameter.name: suggest(trial, parameter) for parameter in config.parameters}
        study.tell(trial, values["learning_rate"])
        assert 0 <= values["momentum"] <= 0.99
    for method in ("fanova", "ped-anova"):
        with pytest.raises(FmnistError, match="must be one of fanova"):
            compute_importance(load_search("matters"), "guess")
        shares = compute_importance(load_search("matters"), method)
        assert sum(shares.values()) == pytest.approx(1)
        assert shares["learning_rate"] > 0.8


def test_runs_are_matched_by_what_they_say_of_themselves(shared_home, make_config, rewrite):
    training = make_config().find_training({"learning_rate": 0.001})[1]
    old = runs.create_run(training, "threads/ann", marks={"search": "mine", "trial": 0})
    search = create_search(make_config("mine"))
    first = runs.create_run(training, "threads/ann", marks={"search": "mine", "trial": 0})
    runs.create_run(training, "threads/ann", marks={"search": "other", "trial": 1})
    runs.create_run(training, "threads/ann", marks={"search": "mine", "trial": "two"})
    assert {number: run.run_id for number, run in find_trial_runs("mine").items()} == {0: first.run_id}
    with pytest.raises(FmnistError, match="A run must be stopped before it is deleted"):
        delete_search(search.name, with_runs=True)
    assert load_search("mine").name == "mine"
    rewrite(first, status=runs.STOPPED)
    delete_search(search.name, with_runs=True)
    assert not first.path.exists()
    assert old.path.exists()


def test_how_a_search_stands_follows_from_what_its_driver_wrote(shared_home, make_config):
    create_search(make_config("driven"))
    study = database.open_study("driven")
    alive = {"status": "running", "key": "k", "process": {"host": "elsewhere", "pid": 1}, "beat": time.time()}
    study.set_user_attr("driver", alive | {"seconds": 12.0, "workers": 3})
    search = load_search("driven")
    assert (search.status, search.active, search.seconds, search.workers) == ("running", True, 12.0, 3)
    with pytest.raises(FmnistError, match="must be stopped before it is deleted"):
        delete_search("driven")
    stop("driven", let_finish=True)
    assert load_search("driven").status == "stopping"
    study.set_user_attr("driver", alive | {"beat": time.time() - 2 * presence.SILENCE_SECONDS})
    assert load_search("driven").status == "interrupted"
    stop("driven")
    assert load_search("driven").status == "stopped"
    study.set_user_attr("driver", alive | {"status": "finished"})
    stop("driven")
    assert load_search("driven").status == "finished"


def test_the_time_left_follows_from_the_trials_that_are_done(shared_home, make_config):
    create_search(make_config("timed", trials=10, seconds=3600, budget=100))
    study = database.open_study("timed")
    alive = {"status": "running", "key": "k", "process": {"host": "elsewhere", "pid": 1}, "beat": time.time()}
    study.set_user_attr("driver", alive | {"seconds": 20.0})
    assert load_search("timed").seconds_left is None
    tell("timed", [0.1] * 2)
    tell("timed", [0.1] * 2)
    # Eight more at ten seconds each; the budget would last for 96 epochs of five seconds.
    assert load_search("timed").seconds_left == 80
    study.set_user_attr("driver", alive | {"seconds": 3590.0})
    assert load_search("timed").seconds_left == 10
    study.set_user_attr("driver", alive | {"seconds": 20.0, "status": "stopped"})
    assert load_search("timed").seconds_left is None


def test_a_free_name_is_found(shared_home, make_config):
    assert find_free_name("fitch/Model-7") == "fitch-model-7"
    assert find_free_name("…") == "search"
    create_search(make_config("fitch-model-7"))
    create_search(make_config("fitch-model-7-2"))
    assert find_free_name("fitch/model-7") == "fitch-model-7-3"


def test_what_is_not_the_lab_s_is_named_beside_the_list(fmnist_home, make_config):
    create_search(make_config("mine"))
    optuna.create_study(study_name="theirs", storage=find_url())
    study = database.open_study("mine")
    optuna.create_study(study_name="own", storage=find_url()).set_user_attr("config", study.user_attrs["config"])
    optuna.load_study(study_name="own", storage=find_url()).set_user_attr("created", "soon")
    later = json.loads(study.user_attrs["config"]) | {"recipe": "own/deleted", "name": "later"}
    gone = optuna.create_study(study_name="later", storage=find_url())
    gone.set_user_attr("config", json.dumps(later))
    gone.set_user_attr("created", 1.0)
    listing = list_searches()
    assert [one.name for one in listing.searches] == ["mine"]
    assert set(listing.unreadable) == {"theirs", "own", "later"}
    assert "not a search of the lab" in listing.unreadable["theirs"]
    assert "`recipe` must be one of" in listing.unreadable["later"]


def test_another_storage_is_found_by_its_url_and_complained_of_without_its_password(tmp_path, monkeypatch, make_config):
    monkeypatch.setenv("FMNIST_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FMNIST_STORAGE", f"sqlite:///{tmp_path / 'other.db'}")
    create_search(make_config("there"))
    assert [one.name for one in list_searches().searches] == ["there"]
    assert not (storage.home() / "searches.db").exists()
    monkeypatch.setenv("FMNIST_STORAGE", f"sqlite:///{tmp_path / 'nowhere' / 'other.db'}")
    with pytest.raises(StorageError, match="must be a database that can be reached and written"):
        list_searches()
    monkeypatch.setenv("FMNIST_STORAGE", "postgresql+psycopg2://me:secret@127.0.0.1:1/lab")
    with pytest.raises(StorageError) as refused:
        list_searches()
    assert "secret" not in str(refused.value)
    monkeypatch.setenv("FMNIST_STORAGE", "the database")
    with pytest.raises(StorageError, match="no URL of a database"):
        list_searches()


def test_a_damaged_storage_is_a_sentence(fmnist_home, make_config):
    (fmnist_home / "searches.db").write_text("no database, whatever its name says" * 100)
    with pytest.raises(StorageError, match="must be a database that can be reached"):
        list_searches()


def test_a_storage_that_somebody_removed_is_made_anew(fmnist_home, make_config):
    create_search(make_config("gone"))
    (fmnist_home / "searches.db").unlink()
    assert list_searches().searches == ()
    create_search(make_config("gone"))
    with sqlite3.connect(find_url().removeprefix("sqlite:///")) as connection:
        assert connection.execute("select count(*) from studies").fetchone() == (1,)


def test_two_hundred_trials_are_read_with_as_few_statements_as_two(shared_home, make_config):
    create_search(make_config("many", trials=300))
    study = database.open_study("many")
    distribution = optuna.distributions.FloatDistribution(0.0001, 0.01, log=True)

    def add_trials(number):
        study.add_trials(
            optuna.create_trial(
                value=0.5,
                params={"learning_rate": 0.001},
                distributions={"learning_rate": distribution},
                intermediate_values={1: 0.4, 2: 0.5},
            )
            for _ in range(number)
        )

    def count_statements():
        load_search("many")
        statements = []

        def note(connection, cursor, statement, *rest):
            statements.append(statement)

        sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", note)
        trials = load_search("many").trials
        list_searches()
        sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", note)
        return len(trials), len(statements)

    add_trials(2)
    of_two = count_statements()
    add_trials(198)
    of_two_hundred = count_statements()
    assert (of_two[0], of_two_hundred[0]) == (2, 200)
    assert 0 < of_two_hundred[1] == of_two[1]


def test_steps_end_where_they_fit(shared_home, make_config, recwarn):
    rates = Parameter("label_smoothing", "float", 0.0, 0.25, step=0.1)
    create_search(make_config("steps", (rates, Parameter("shift", "int", 0, 5, step=2)), sampler="random"))
    found = [tell("steps", [0.5]).params for _ in range(8)]
    assert {params["label_smoothing"] for params in found} <= {0.0, 0.1, 0.2}
    assert {params["shift"] for params in found} <= {0, 2, 4}
    assert [str(warning.message) for warning in recwarn if "optuna" in warning.filename] == []
