import importlib

import pytest

from fmnist_core import pending, runs, studies
from fmnist_core.errors import InvalidSettingError, RunNotFoundError

SMALL = studies.Study("Layers counted", "tests.core.small_study:count_layers", 1.0)


@pytest.fixture
def request_(fmnist_home, monkeypatch):
    monkeypatch.setitem(studies.STUDIES, "count", SMALL)
    return studies.Request(runs.load_run("mcnn-proposed"), "count", {"times": 2})


def test_what_was_computed_once_is_read_from_then_on(request_, fmnist_home):
    assert studies.load_study(request_) is None
    told = []
    made = studies.execute(request_, lambda sentence, share: told.append((sentence, share)))
    assert told == [("Starting", 0.0), ("Counting", 0.5)]
    again = []
    kept = studies.execute(request_, lambda *said: again.append(said))
    assert again == []
    assert kept["layers"].tolist() == made["layers"].tolist()
    assert len(set(kept["layers"])) == 1
    # A run that came with the lab stays as it came.
    assert request_.path.is_relative_to(fmnist_home)


def test_other_settings_and_another_test_are_another_study(request_):
    other = studies.Request(request_.run, "count", {"times": 3})
    assert other.path != request_.path
    assert studies.Request(request_.run, "count", {"times": 2}).path == request_.path


def test_an_unknown_study_is_refused(request_):
    with pytest.raises(InvalidSettingError, match="`study` must be one of"):
        studies.Request(request_.run, "dance", {})


def test_a_damaged_result_counts_as_none(request_):
    request_.path.parent.mkdir(parents=True)
    request_.path.write_bytes(b"PK not really")
    assert studies.load_study(request_) is None
    assert studies.execute(request_)["layers"].shape == (2,)
    assert studies.load_study(request_) is not None


def test_a_failure_is_told_to_those_who_watch(request_, monkeypatch):
    monkeypatch.setattr(type(request_.run), "tested_at", 1.0)
    run = type(request_.run)(**{**vars(request_.run), "path": request_.path})
    broken = studies.Request(run, "count", {})
    with pytest.raises(RunNotFoundError):
        studies.execute(broken)
    progress = broken.pending.load_progress()
    assert progress.status == pending.FAILED
    assert "can be loaded" in progress.sentence


def test_every_study_can_be_imported():
    for study in studies.STUDIES.values():
        module, _, name = study.function.partition(":")
        assert callable(getattr(importlib.import_module(module), name))
