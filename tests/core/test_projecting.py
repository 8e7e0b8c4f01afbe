import json
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from fmnist_core import jobs, pending, projecting, projection_files
from fmnist_core.errors import InvalidSettingError
from fmnist_core.projection_config import ProjectionConfig

# Three hundred items from 20 components: a fraction of a second, and still a real projection.
SMALL = ProjectionConfig(method="pca", n_components=20, per_class=30)
PENDING = "projections/pending"


def list_pending(home):
    return sorted(path.name for path in (home / PENDING).glob("*") if path.suffix != ".lock")


def run_in_another_process(config, home, program="projecting.execute(config)"):
    code = (
        "import json, sys, time\nfrom fmnist_core import projecting, projections\n"
        "from fmnist_core.projection_config import ProjectionConfig\n"
        f"config = ProjectionConfig(**json.loads({json.dumps(config.to_dict())!r}))\n{program}"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "FMNIST_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def test_what_was_computed_once_is_read_from_then_on(fmnist_home):
    told = []
    first = projecting.execute(SMALL, lambda sentence, share: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1
    assert list_pending(fmnist_home) == []
    again = []
    second = projecting.execute(SMALL, lambda sentence, share: again.append(share))
    assert again == []
    assert np.abs(second.embedding - first.embedding).max() <= np.ptp(first.embedding) / 65_535
    assert second.about == first.about


def test_progress_can_be_followed_and_the_end_leaves_no_trace(fmnist_home):
    seen = []

    def report(sentence, share):
        progress = projecting.load_progress(SMALL.key)
        if progress:
            seen.append(progress)

    assert projecting.load_progress(SMALL.key) is None
    projecting.execute(SMALL, report)
    assert seen[0].status == pending.RUNNING
    assert 0 <= seen[0].share <= 1
    assert seen[0].sentence
    assert projecting.load_progress(SMALL.key) is None


def test_one_under_way_can_be_cancelled(fmnist_home):
    def report(sentence, share):
        projecting.cancel(SMALL.key)

    with pytest.raises(pending.CancelledError):
        projecting.execute(SMALL, report)
    assert projection_files.find_projection(SMALL.key) is None
    assert list_pending(fmnist_home) == []
    # Whoever asks anew is not cancelled by the old request.
    assert len(projecting.execute(SMALL).items) == 300


def test_one_that_waits_is_forgotten_when_it_is_cancelled(fmnist_home):
    assert projecting.announce(SMALL)
    assert projecting.load_progress(SMALL.key).status == pending.QUEUED
    assert not projecting.announce(SMALL)  # somebody else need not ask again
    projecting.cancel(SMALL.key)
    assert projecting.load_progress(SMALL.key) is None
    with pytest.raises(pending.CancelledError):
        projecting.execute(SMALL, announced=True)


def test_one_that_cannot_be_computed_says_why_to_those_who_watch(fmnist_home):
    config = ProjectionConfig(method="umap", n_neighbors=200, per_class=5)
    with pytest.raises(InvalidSettingError, match="`n_neighbors` 200 needs at least 201 items"):
        projecting.execute(config)
    progress = projecting.load_progress(config.key)
    assert (progress.status, progress.active) == (pending.FAILED, False)
    assert progress.sentence.startswith("`n_neighbors` 200 needs at least 201 items")
    assert projecting.announce(config)  # it may be asked for again
    assert projecting.load_progress(config.key).status == pending.QUEUED


def test_two_who_ask_at_once_compute_once(fmnist_home):
    program = "heard = []\nprojecting.execute(config, lambda *_: heard.append(1))\nprint(bool(heard))"
    asking = [run_in_another_process(SMALL, fmnist_home, program) for _ in range(2)]
    said = [process.communicate(timeout=60) for process in asking]
    # Only the one that computes has progress to hear of.
    assert sorted(out.strip() for out, _ in said) == ["False", "True"]
    assert [err for _, err in said] == ["", ""]


def test_one_waits_for_another_who_is_at_it(fmnist_home):
    release = threading.Event()
    entered = threading.Event()
    results = []

    def slowly(sentence, share):
        entered.set()
        release.wait(30)

    first = threading.Thread(target=lambda: results.append(projecting.execute(SMALL, slowly)))
    second = threading.Thread(target=lambda: results.append(projecting.execute(SMALL, lambda *_: pytest.fail("twice"))))
    first.start()
    assert entered.wait(30)
    second.start()
    time.sleep(0.3)
    assert results == []
    release.set()
    for thread in (first, second):
        thread.join(30)
    assert [result.config for result in results] == [SMALL, SMALL]


def test_a_killed_computation_leaves_nothing_that_looks_whole_and_can_be_done_again(fmnist_home):
    slow = "projecting.execute(config, lambda *_: time.sleep(0.5))"
    process = run_in_another_process(SMALL, fmnist_home, slow)
    wait_for(lambda: (found := projecting.load_progress(SMALL.key)) and found.status == pending.RUNNING)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert projecting.load_progress(SMALL.key).status == pending.INTERRUPTED
    assert projection_files.find_projection(SMALL.key) is None
    assert list((fmnist_home / "projections").glob("*.npz")) == []
    assert len(projecting.execute(SMALL).items) == 300
    assert projecting.load_progress(SMALL.key) is None


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"status": "running"}', "null", "\x00"])
def test_a_damaged_progress_file_counts_as_none(fmnist_home, content):
    path = fmnist_home / PENDING / f"{SMALL.key}.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    assert projecting.load_progress(SMALL.key) is None
    assert len(projecting.execute(SMALL).items) == 300


def test_a_worker_computes_what_is_submitted_and_only_once(fmnist_home):
    try:
        assert jobs.submit_projection(SMALL) == SMALL.key
        jobs.submit_projection(SMALL)
        path = wait_for(lambda: projection_files.find_projection(SMALL.key))
        wait_for(lambda: projecting.load_progress(SMALL.key) is None)
        written = path.stat().st_mtime_ns
        jobs.submit_projection(SMALL)
        assert projecting.load_progress(SMALL.key) is None
        assert path.stat().st_mtime_ns == written
    finally:
        jobs.close()
