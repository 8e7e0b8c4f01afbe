import shutil
import time

import pytest

from fmnist_core import run_trash, runs
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import FmnistError, RunNotFoundError


@pytest.fixture
def run(fmnist_home):
    """A run that has ended, cheaply: the reference run's files under another name."""
    target = runs.runs_folder() / "mine"
    shutil.copytree(runs.load_run("threads-model-3").path, target)
    runs.save_labels(runs.load_run("mine"), runs.Labels("Mine", ("kept",)))
    return runs.load_run("mine")


def read_all(folder):
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_deleted_run_comes_back_exactly(run):
    before = read_all(run.path)
    trashed = runs.delete_run(run)
    assert (trashed.run_id, run.path.exists(), run_trash.list_trash()) == ("mine", False, (trashed,))
    assert abs(trashed.deleted - time.time()) < 60
    listing = runs.list_runs()
    assert all(found.shipped for found in listing.runs)
    assert listing.unreadable == {}

    again = runs.restore_run("mine")
    assert read_all(again.path) == before
    assert again.labels == run.labels
    assert run_trash.list_trash() == ()
    assert list(run_trash.trash_folder().iterdir()) == []


def test_of_two_of_one_name_the_one_deleted_last_comes_back(run):
    copy = run_trash.trash_folder().parent / "copy"
    shutil.copytree(run.path, copy)
    first = runs.delete_run(run)
    first.path.parent.rename(first.path.parent.with_name("00000000000001"))
    copy.rename(run.path)
    runs.save_labels(run, runs.Labels("Second"))
    runs.delete_run(run)
    assert runs.restore_run("mine").labels.name == "Second"
    with pytest.raises(FmnistError, match="There must be no other run of that name, or it cannot come back"):
        runs.restore_run("mine")
    assert runs.load_run("mine").labels.name == "Second"


def test_what_is_not_in_the_trash_does_not_come_back(run):
    for name in ("mine", "..", "../mine", ""):
        with pytest.raises(RunNotFoundError, match="There must be a deleted run of that name"):
            runs.restore_run(name)


def test_the_trash_is_emptied_for_good_and_of_old_runs_alone(run):
    second = runs.runs_folder() / "second"
    shutil.copytree(run.path, second)
    old = runs.delete_run(run)
    past = int((time.time() - (run_trash.KEPT_DAYS + 1) * 86_400) * 1000)
    # Before the second is deleted, since two of one millisecond share a folder.
    old.path.parent.rename(old.path.parent.with_name(f"{past:014d}"))
    new = runs.delete_run(runs.load_run("second"))
    run_trash.expire_trash()
    assert [trashed.run_id for trashed in run_trash.list_trash()] == [new.run_id] == ["second"]
    run_trash.empty_trash()
    assert run_trash.list_trash() == ()
    run_trash.empty_trash()


def test_a_run_is_not_deleted_while_it_waits(fmnist_home):
    run = runs.create_run(TrainingConfig("threads/ann"), "threads/ann")
    with pytest.raises(FmnistError, match="A run must be stopped before it is deleted"):
        runs.delete_run(run)
    assert run_trash.list_trash() == ()
