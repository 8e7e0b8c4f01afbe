import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmnist_core import run_data, runs, storage
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import FmnistError, InvalidSettingError, RunNotFoundError
from fmnist_core.processes import describe_this_process
from fmnist_core.run_requests import take_step

CONFIG = TrainingConfig("threads/ann", epochs=3, subset=500, seed=7)
# Few characters, but those that matter; hypothesis spends seconds on preparing all of Unicode.
TEXTS = st.text("aZ09._-/\\ ~*\n\0é雲", max_size=20)
# The folder that an example is written to is the same for all examples of a test, and that is meant.
in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)


@pytest.fixture
def run(fmnist_home):
    return runs.create_run(CONFIG, "threads/ann")


def of_this_home(listing):
    return [run for run in listing.runs if not run.shipped]


def look_at(run):
    """Ask a run everything that a page asks."""
    answers = (run.active, run.stopping, run.resumable, run.has_model, run.has_evaluation, run.tested_at, run.title)
    assert run.test_accuracy is None or isinstance(run.test_accuracy, (int, float))
    return answers


# What a new run is


def test_a_new_run_waits_under_a_name_that_tells_when_and_what(run, fmnist_home):
    assert re.fullmatch(r"20\d{6}-\d{6}-threads-ann-[0-9a-f]{4}", run.run_id)
    assert run.path == fmnist_home / "runs" / run.run_id
    assert (run.status, run.recipe, run.config, run.parameters) == ("queued", "threads/ann", CONFIG, 59_850)
    assert abs(run.created - time.time()) < 60
    assert (run.active, run.stopping, run.resumable, run.shipped) == (True, False, False, False)
    assert (run.has_model, run.has_evaluation, run.tested_at, run.test_accuracy) == (False, False, 0.0, None)
    assert run_data.load_history(run).empty
    assert run_data.load_batches(run).empty


def test_a_run_is_found_again_by_its_name_and_by_its_path(run):
    for name in (run.run_id, str(run.path)):
        found = runs.load_run(name)
        assert (found.run_id, found.config, found.record) == (run.run_id, CONFIG, run.record)


def test_runs_of_the_same_second_have_names_of_their_own(fmnist_home):
    assert len({runs.create_run(CONFIG, "threads/ann").run_id for _ in range(5)}) == 5


def test_runs_are_listed_newest_first_and_shipped_ones_last(fmnist_home):
    names = [runs.create_run(CONFIG, "threads/ann").run_id for _ in range(3)]
    listing = runs.list_runs()
    assert [run.run_id for run in of_this_home(listing)] == names[::-1]
    shipped = [run.shipped for run in listing.runs]
    assert shipped == sorted(shipped)
    assert listing.unreadable == {}


def test_the_lab_comes_with_a_run_that_answers_and_can_be_judged(fmnist_home):
    listing = runs.list_runs()
    assert listing.runs
    for run in listing.runs:
        assert run.shipped
        assert run.status == runs.FINISHED
        assert (run in listing.with_model()) == (not run.config.is_baseline)
        assert run in listing.with_evaluation()
        assert not run.resumable
        assert "reference run" in run.title
        answers = run_data.load_evaluation(run)
        right = (answers.probabilities.argmax(axis=1) == answers.labels).mean()
        assert run.test_accuracy == pytest.approx(right)
        assert len(run_data.load_history(run)) == run.record["result"]["epochs"]


def test_a_home_without_runs_has_only_shipped_ones(fmnist_home):
    assert of_this_home(runs.list_runs()) == []


def test_only_runs_that_can_answer_are_offered_to_be_asked(finished_run, copied_run, rewrite):
    waiting = runs.create_run(CONFIG, "threads/ann")
    assert [run.run_id for run in runs.list_runs().with_model() if not run.shipped] == [copied_run.run_id]
    assert runs.find_answering_run(copied_run.run_id).run_id == copied_run.run_id
    assert runs.find_answering_run().shipped
    with pytest.raises(RunNotFoundError, match=f"must have ended with a network. Received: {waiting.run_id}, queued"):
        runs.find_answering_run(waiting.run_id)
    # A run that goes on has the network of its earlier end.
    rewrite(copied_run, status=runs.RUNNING, heartbeat=time.time())
    assert [run for run in runs.list_runs().with_model() if not run.shipped] == []


# How a run stands


@pytest.mark.parametrize("status", runs.STATUSES)
def test_the_status_written_last_is_read(run, rewrite, status):
    assert rewrite(run, status=status).status == status


def test_a_running_run_without_a_heartbeat_is_interrupted(run, rewrite):
    assert rewrite(run, status=runs.RUNNING, heartbeat=time.time() - 20).status == runs.RUNNING
    silent = rewrite(run, status=runs.RUNNING, heartbeat=time.time() - 40)
    assert silent.status == runs.INTERRUPTED
    assert silent.resumable


@pytest.fixture
def gone():
    """A process of this machine that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    return {"host": socket.gethostname(), "pid": process.pid}


def test_a_run_whose_worker_is_gone_waits_for_another_one_as_long_as_its_submitter_lives(run, rewrite, gone):
    now = time.time()
    trained = rewrite(run, status=runs.RUNNING, trainer=gone, heartbeat=now)
    assert trained.status == runs.QUEUED
    assert rewrite(trained, submitter=gone).status == runs.INTERRUPTED
    here = {"host": socket.gethostname(), "pid": os.getpid()}
    assert rewrite(trained, trainer=here).status == runs.RUNNING
    # Who trains in the process that was called comes back for nothing.
    assert rewrite(trained, submitter=gone, trainer=gone).status == runs.INTERRUPTED
    elsewhere = {"host": "elsewhere", "pid": 1}
    assert rewrite(trained, trainer=elsewhere).status == runs.RUNNING
    assert rewrite(trained, trainer=elsewhere, heartbeat=now - 40).status == runs.INTERRUPTED
    assert rewrite(trained, submitter=elsewhere).status == runs.INTERRUPTED


@pytest.mark.parametrize("status", [runs.STOPPED, runs.FAILED, runs.FINISHED])
def test_a_run_that_has_ended_needs_no_heartbeat(run, rewrite, status):
    assert rewrite(run, status=status, heartbeat=0).status == status


def test_a_run_that_is_made_to_be_trained_at_once_names_its_trainer(fmnist_home):
    config = TrainingConfig("threads/ann")
    assert runs.create_run(config, "threads/ann", status=runs.RUNNING).record["trainer"] == describe_this_process()
    assert "trainer" not in runs.create_run(config, "threads/ann").record


def test_a_waiting_run_whose_submitter_has_ended_is_interrupted(run, rewrite):
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    submitter = {"host": socket.gethostname(), "pid": process.pid}
    assert rewrite(run, submitter=submitter).status == runs.INTERRUPTED


def test_a_waiting_run_whose_submitter_s_number_went_to_a_later_process_is_interrupted(run, rewrite):
    submitter = {"host": socket.gethostname(), "pid": os.getpid()}
    assert rewrite(run, submitter=submitter, heartbeat=time.time()).status == runs.QUEUED
    assert rewrite(run, submitter=submitter, heartbeat=time.time() - 1e6).status == runs.INTERRUPTED


def test_a_waiting_run_of_another_machine_is_believed(run, rewrite):
    assert rewrite(run, submitter={"host": "elsewhere", "pid": 1}, heartbeat=0).status == runs.QUEUED


def test_only_an_active_run_can_be_asked_to_stop(run, rewrite):
    runs.request_stop(rewrite(run, status=runs.FINISHED))
    assert not (run.path / "stop").exists()
    runs.request_stop(rewrite(run, status=runs.QUEUED))
    assert runs.load_run(run.run_id).stopping


@pytest.mark.parametrize("status", runs.STATUSES)
def test_only_a_waiting_run_can_be_withdrawn(run, rewrite, status):
    runs.withdraw_run(rewrite(run, status=status))
    assert runs.load_run(run.run_id).status == (runs.STOPPED if status == runs.QUEUED else status)


def test_a_run_that_nobody_comes_for_is_interrupted(run, rewrite):
    runs.abandon_run(rewrite(run, status=runs.RUNNING))
    assert runs.load_run(run.run_id).status == runs.RUNNING
    runs.abandon_run(rewrite(run, status=runs.QUEUED))
    assert runs.load_run(run.run_id).status == runs.INTERRUPTED


def test_requests_to_a_paused_run_are_files_that_it_finds(run, rewrite):
    run = rewrite(run, status=runs.RUNNING)
    assert (run.paused, run.paused_at, take_step(run)) == (False, None, None)
    runs.request_pause(run)
    assert (run.paused, run.paused_at) == (True, None)
    held = rewrite(run, paused_at=5.0)
    assert held.paused_at == 5.0
    runs.request_step(held, 100)
    runs.request_step(held, 10)
    assert (take_step(held), take_step(held)) == (10, None)
    runs.request_step(held, 1)
    runs.request_go_on(held)
    assert (held.paused, held.paused_at, take_step(held)) == (False, None, None)
    runs.request_pause(held)
    runs.request_stop(held)
    assert (held.paused, held.stopping) == (False, True)


def test_a_step_pauses_a_run_that_trains(run, rewrite):
    run = rewrite(run, status=runs.RUNNING)
    runs.request_step(run, 1)
    assert run.paused


@pytest.mark.parametrize("n_batches", [0, -1, 1.5, "10", True, 10_001])
def test_a_step_has_a_whole_number_of_batches(run, rewrite, n_batches):
    with pytest.raises(InvalidSettingError, match="`n_batches` must be a whole number from 1 to 10000"):
        runs.request_step(rewrite(run, status=runs.RUNNING), n_batches)


@pytest.mark.parametrize("content", ["", "{", "-5", "null", "1e9", '"ten"'])
def test_a_damaged_step_is_forgotten(run, content):
    (run.path / "step").write_text(content)
    assert take_step(run) is None
    assert not (run.path / "step").exists()


@pytest.mark.parametrize("status", [runs.STOPPED, runs.FAILED, runs.INTERRUPTED, runs.FINISHED])
def test_a_run_that_has_ended_is_neither_paused_nor_stepped(run, rewrite, status):
    run = rewrite(run, status=status)
    runs.request_pause(run)
    runs.request_step(run, 1)
    assert {path.name for path in run.path.iterdir()} == {"run.json"}


def test_a_finished_run_waits_for_more_epochs_than_it_has(copied_run, rewrite):
    # It stopped early, after two of a hundred epochs.
    long = rewrite(copied_run, config={**copied_run.config.to_dict(), "epochs": 100})
    runs.request_go_on(long)
    runs.extend_run(long, 5)
    again = runs.load_run(long.run_id)
    assert (again.status, again.config.epochs, again.paused) == (runs.QUEUED, 7, False)
    assert again.record["result"] == copied_run.record["result"]


@pytest.mark.parametrize("status", [status for status in runs.STATUSES if status != runs.FINISHED])
def test_only_a_finished_run_is_extended(copied_run, rewrite, status):
    run = rewrite(copied_run, status=status, heartbeat=time.time())
    with pytest.raises(FmnistError, match=f"Only a finished run that has kept its checkpoint .* {status}"):
        runs.extend_run(run, 1)


def test_without_a_checkpoint_or_from_the_lab_no_run_is_extended(copied_run):
    assert not replace(copied_run, shipped=True).extendable
    (copied_run.path / "checkpoint.keras").unlink()
    with pytest.raises(FmnistError, match="Only a finished run that has kept its checkpoint"):
        runs.extend_run(copied_run, 1)


@pytest.mark.parametrize("epochs", [0, -1, 1.5, 999, 1001])
def test_a_run_has_no_more_epochs_than_a_run_may_have(copied_run, epochs):
    with pytest.raises(InvalidSettingError, match="`epochs` must be a whole number from 1 to 1000"):
        runs.extend_run(copied_run, epochs)
    assert runs.load_run(copied_run.run_id).status == runs.FINISHED


@pytest.mark.parametrize("status", [runs.STOPPED, runs.FAILED, runs.INTERRUPTED])
def test_a_run_that_ended_early_can_wait_once_more(run, rewrite, status):
    runs.request_stop(run)
    runs.requeue_run(rewrite(run, status=status, heartbeat=0))
    again = runs.load_run(run.run_id)
    assert (again.status, again.stopping, again.config) == (runs.QUEUED, False, CONFIG)


@pytest.mark.parametrize("status", [runs.QUEUED, runs.RUNNING, runs.FINISHED])
def test_a_run_that_has_not_ended_early_cannot(run, rewrite, status):
    run = rewrite(run, status=status)
    with pytest.raises(FmnistError, match=f"Only a run that ended early can go on. Received: {run.run_id}, {status}"):
        runs.requeue_run(run)
    assert runs.load_run(run.run_id).status == status


def test_a_shipped_run_cannot_go_on(run, rewrite):
    assert not replace(rewrite(run, status=runs.STOPPED), shipped=True).resumable


# Deleting


def test_a_run_that_has_ended_can_be_deleted(copied_run):
    runs.delete_run(copied_run)
    assert not copied_run.path.exists()
    assert of_this_home(runs.list_runs()) == []
    with pytest.raises(RunNotFoundError):
        runs.load_run(copied_run.run_id)


@pytest.mark.parametrize("status", [runs.QUEUED, runs.RUNNING])
def test_an_active_run_cannot_be_deleted(run, rewrite, status):
    with pytest.raises(FmnistError, match="A run must be stopped before it is deleted"):
        runs.delete_run(rewrite(run, status=status))
    assert runs.load_run(run.run_id).status == status


def test_a_shipped_run_cannot_be_deleted(copied_run):
    # A copy in the test's own folder: were it not refused, the lab's own run would be gone.
    with pytest.raises(FmnistError, match="A run that came with the lab cannot be deleted"):
        runs.delete_run(replace(copied_run, shipped=True))
    assert copied_run.path.is_dir()


# Names that are none


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../outside", "..\\outside", ".hidden", "a b", "x" * 500, "a\x00b", "é"]
)
def test_a_name_that_leads_elsewhere_is_refused(run, fmnist_home, monkeypatch, name):
    for place in (fmnist_home / "outside", runs.runs_folder() / ".hidden"):
        shutil.copytree(run.path, place)
    shutil.copy(run.path / "run.json", runs.runs_folder())
    # What has a slash is a path from where the user stands, and there is nothing of that name.
    monkeypatch.chdir(run.path)
    with pytest.raises(RunNotFoundError, match="There must be a run of that name"):
        runs.load_run(name)


@in_one_folder
@given(TEXTS)
def test_any_text_is_a_run_or_refused(fmnist_home, name):
    with suppress(RunNotFoundError):
        assert runs.load_run(name).run_id == name


# Folders that are no runs


RECORD = {
    "recipe": "threads/ann",
    "config": CONFIG.to_dict(),
    "status": runs.QUEUED,
    "created": 1.8e9,
    "heartbeat": 1.8e9,
    "submitter": {"host": "elsewhere", "pid": 1},
    "parameters": 59_850,
}
DAMAGED = [
    *[
        {name: value for name, value in RECORD.items() if name != missing}
        for missing in RECORD
        if missing != "submitter"
    ],
    {**RECORD, "status": "baking"},
    {**RECORD, "config": 5},
    {**RECORD, "config": {"epochs": 0}},
    {**RECORD, "parameters": float("inf")},
    *[{**RECORD, "created": moment} for moment in (float("inf"), float("nan"), 1e300, "yesterday", None)],
    {**RECORD, "heartbeat": "late"},
    {**RECORD, "result": 5},
    {**RECORD, "result": {"test_accuracy": "high"}},
    {**RECORD, "submitter": 5},
]


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"\xff\xfe", b"null", b"[]", b"5", b'"run"', b"{}", b"[" * 100_000, b"9" * 100_000),
        *(json.dumps(record).encode() for record in DAMAGED),
    ],
    ids=lambda content: content[-40:].decode(errors="replace"),
)
def test_a_damaged_or_foreign_record_is_listed_with_a_reason(fmnist_home, content):
    folder = runs.runs_folder() / "foreign"
    folder.mkdir(parents=True)
    (folder / "run.json").write_bytes(content)
    listing = runs.list_runs()
    assert of_this_home(listing) == []
    assert listing.unreadable["foreign"].startswith("foreign: its ")
    with pytest.raises(RunNotFoundError, match="foreign: its "):
        runs.load_run("foreign")


def test_the_record_that_was_damaged_above_is_a_run(fmnist_home):
    storage.write_json(runs.runs_folder() / "whole" / "run.json", RECORD)
    assert runs.load_run("whole").status == runs.QUEUED


def test_what_else_stands_in_the_folder_is_listed_with_a_reason(run):
    folder = runs.runs_folder()
    (folder / "empty").mkdir()
    (folder / "notes.txt").write_text("not a run")
    (folder / "nested" / "run.json").mkdir(parents=True)
    (folder / ".half-written").mkdir()
    (folder / "dangling").symlink_to(folder / "nowhere")
    listing = runs.list_runs()
    assert [found.run_id for found in of_this_home(listing)] == [run.run_id]
    assert set(listing.unreadable) == {"empty", "notes.txt", "nested", "dangling"}
    assert all("its run.json cannot be opened" in reason for reason in listing.unreadable.values())


def test_every_run_that_is_listed_can_be_loaded_by_its_name(run):
    shutil.copytree(run.path, runs.runs_folder() / "a copy (2)")
    listing = runs.list_runs()
    for listed in listing.runs:
        assert runs.load_run(listed.run_id).path == listed.path
    assert "a copy (2)" in listing.unreadable


@in_one_folder
@given(st.binary(max_size=200))
def test_random_bytes_are_no_run(fmnist_home, content):
    folder = runs.runs_folder() / "random"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.json").write_bytes(content)
    assert "random" in runs.list_runs().unreadable


def test_a_record_cut_short_anywhere_is_no_run(run):
    path = run.path / "run.json"
    whole = path.read_bytes()
    for length in range(len(whole.rstrip())):
        path.write_bytes(whole[:length])
        assert run.run_id in runs.list_runs().unreadable


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("ab1. ", max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab", max_size=3), inner, max_size=2),
    max_leaves=4,
)
ENTRIES = ("run_id", "recipe", "config", "status", "created", "heartbeat", "submitter", "parameters", "result", "items")


@in_one_folder
@given(st.dictionaries(st.sampled_from(ENTRIES), ANY_JSON, min_size=1, max_size=3))
def test_whatever_stands_in_a_record_the_run_is_listed_or_left_out(fmnist_home, entries):
    folder = runs.runs_folder() / "changed"
    storage.write_json(folder / "run.json", RECORD | entries)
    listing = runs.list_runs()
    for run in of_this_home(listing):
        look_at(run)
    assert bool(of_this_home(listing)) != ("changed" in listing.unreadable)


@in_one_folder
@given(ANY_JSON)
def test_whatever_stands_for_the_submitter_s_number_a_waiting_run_can_be_read(run, rewrite, pid):
    status = rewrite(run, submitter={"host": socket.gethostname(), "pid": pid}).status
    assert status in (runs.QUEUED, runs.INTERRUPTED)


def test_a_foreign_record_is_told_apart_from_settings_that_are_not_valid_here(run, rewrite):
    config = {**CONFIG.to_dict(), "augmentation": "flip"}
    with pytest.raises(RunNotFoundError, match="its settings are not valid here: `setting` must be one of"):
        rewrite(run, config=config)


def test_a_record_is_readable_json_of_the_contract(run):
    record = json.loads((run.path / "run.json").read_text(encoding="utf-8"))
    assert {"run_id", "recipe", "config", "status", "created", "heartbeat", "parameters"} <= set(record)
    assert record["run_id"] == run.run_id
    assert record["config"]["seed"] == 7
