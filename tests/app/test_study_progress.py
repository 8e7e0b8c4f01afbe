"""What is seen of a study while it is made, and when it fails or somebody has had enough of it."""

import dataclasses
import threading
import time

import pytest

from fmnist_core import jobs, pending, processes, runs, storage, studies

RUN, LAYER = "mcnn-proposed", "conv2d_2"


@pytest.fixture
def workers(fmnist_home):
    """The real ones: whoever submits starts them, and here they end."""
    yield
    # Not while the cluster still starts: it would be there after its end.
    for thread in threading.enumerate():
        if thread.name.startswith("hand out"):
            thread.join(60)
    jobs.close()


@pytest.fixture
def open_surgery(open_page):
    return lambda: open_page("analysis/inside.py", run=RUN, view="Surgery", operated=LAYER)


def find_ablation():
    return studies.Request(runs.load_run(RUN), "ablation", {"layer": LAYER})


def read(page):
    return [text.value for text in (*page.markdown, *page.error, *page.warning)]


def write_progress(work, **changes):
    record = {
        "status": pending.RUNNING,
        "sentence": "Silencing channel 3",
        "share": 0.5,
        "seconds_left": 4.0,
        "process": processes.describe_this_process(),
        "changed": time.time(),
    }
    storage.write_json(work.folder / f"{work.key}.json", {**record, **changes})


def test_one_under_way_can_be_followed_and_cancelled(open_surgery):
    work = find_ablation().pending
    write_progress(work)
    page = open_surgery()
    assert not page.exception
    assert "Compute it" not in [button.label for button in page.button]
    page.button(key=f"cancel {work.key}").click().run()
    assert work.load_progress().cancelling
    assert page.button(key=f"cancel {work.key}").disabled


def test_one_that_failed_says_why_and_can_be_asked_for_again(open_surgery, workers):
    work = find_ablation().pending
    write_progress(work, status=pending.FAILED, sentence="The disk is full.")
    page = open_surgery()
    assert "The disk is full." in read(page)
    page.button(key=f"compute {find_ablation().key}").click().run()
    assert work.load_progress().active
    assert "The disk is full." not in read(page)


def test_one_whose_worker_has_gone_is_told_of(open_surgery):
    work = find_ablation().pending
    write_progress(work, process={**processes.describe_this_process(), "pid": 2**22 + 1})
    assert any("was interrupted" in text for text in read(open_surgery()))


def test_a_quick_one_begins_by_itself_but_not_again_after_it_was_cancelled(open_surgery, workers, monkeypatch):
    quick = dataclasses.replace(studies.STUDIES["ablation"], seconds=1.0)
    monkeypatch.setitem(studies.STUDIES, "ablation", quick)
    work = find_ablation().pending
    page = open_surgery()
    assert work.load_progress().active
    page.button(key=f"cancel {work.key}").click().run()
    deadline = time.monotonic() + 60
    while work.load_progress() is not None:  # one that waits is forgotten at once, one under way at its next step
        assert time.monotonic() < deadline
        time.sleep(0.1)
    page.run()
    assert "Compute it" in [button.label for button in page.button]
    assert work.load_progress() is None
    page.button(key=f"compute {find_ablation().key}").click().run()
    assert work.load_progress().active


def test_a_damaged_result_is_thrown_away_and_offered_anew(open_surgery):
    path = find_ablation().path
    path.parent.mkdir(parents=True)
    path.write_bytes(b"PK not really")
    page = open_surgery()
    assert not page.exception
    assert not path.exists()
    assert "Compute it" in [button.label for button in page.button]
