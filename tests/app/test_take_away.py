"""What a run's details offer to take away: made on a worker, checked, kept, handed out."""

import importlib.util
import json
import shutil
import threading
import time

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core import export, jobs, pending, processes, runs, storage
from fmnist_core.export import keeping

# A worker's process loads the script that it was started from; there it shall show nothing.
SCRIPT = """
from fmnist_core import runs
from pages.shared.runs.take_away import show_take_away

if __name__ == "__main__":
    show_take_away(runs.load_run({run_id!r}))
"""


@pytest.fixture
def open_view(fmnist_home):
    return lambda run_id: AppTest.from_string(SCRIPT.format(run_id=run_id), default_timeout=30).run()


@pytest.fixture
def workers(fmnist_home):
    """The real ones: whoever submits starts them, and here they end."""
    yield
    for thread in threading.enumerate():
        if thread.name.startswith("hand out"):
            thread.join(60)
    jobs.close()


def keep(run, format, **changes):
    """Keep an export as a worker would have, without making it."""
    entries = {"runtime": "LiteRT 1", "compared": 1000, "what": "items", "largest_difference": 3e-7}
    check = export.Check(**{**entries, "accuracy": 0.912, "own_accuracy": 0.912, "tolerance": 1e-4, **changes})
    path = keeping.find_path(run, format)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * 2_500_000)
    request = keeping.request_export(run, format)
    request.path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(request.path, check=np.array(json.dumps(check.to_dict())), seconds=np.array(1.0))


def read(page):
    return " ".join(text.value for text in (*page.markdown, *page.caption, *page.warning, *page.error))


def test_all_formats_of_a_network_are_offered_with_what_they_are_good_for(open_view):
    page = open_view("threads-model-3")
    assert not page.exception
    text = read(page)
    for found in export.FORMATS.values():
        assert f"**{found.title}**" in text
        assert found.purpose in text
    assert {button.label for button in page.button} == {"Make and check"}
    assert len(page.button) == len(export.FORMATS)


def test_of_a_classical_classifier_only_what_it_has(open_view):
    page = open_view("hog-svm")
    assert [button.key for button in page.button] == ["export script", "export report", "export tensorboard"]
    assert "keeps its answers and no network" in read(page)
    assert not page.expander


def test_what_has_been_made_is_handed_out_at_once(open_view):
    keep(runs.load_run("threads-model-3"), "litert")
    page = open_view("threads-model-3")
    assert "export litert" not in [button.key for button in page.button]
    assert "Loaded again in LiteRT 1: largest difference 3e-07, accuracy 91.2% (the run itself 91.2%)" in read(page)
    (handed_out,) = page.get("download_button")
    assert handed_out.label == "Download, 2.5 MB"


def test_a_check_that_does_not_hold_is_a_warning(open_view):
    keep(runs.load_run("threads-model-3"), "litert", largest_difference=0.3)
    assert ["largest difference 0.3" in warning.value for warning in open_view("threads-model-3").warning] == [True]


def test_what_is_not_installed_comes_with_the_line_that_installs_it(open_view, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "tf2onnx" else find(name, *rest)
    )
    page = open_view("threads-model-3")
    assert not page.error
    assert "export onnx" not in [button.key for button in page.button]
    assert export.FORMATS["onnx"].install_line in [code.value for code in page.code]


def test_why_one_failed_is_said_and_it_can_be_asked_for_again(open_view):
    request = keeping.request_export(runs.load_run("threads-model-3"), "onnx")
    storage.write_json(
        request.pending.folder / f"{request.pending.key}.json",
        {
            "status": pending.FAILED,
            "sentence": "The disk is full.",
            "share": 0.5,
            "seconds_left": None,
            "process": processes.describe_this_process(),
            "changed": time.time(),
        },
    )
    page = open_view("threads-model-3")
    assert [error.value for error in page.error] == ["The disk is full."]
    assert page.button(key="export onnx").label == "Try again"


def test_a_click_has_a_worker_make_it(open_view, workers):
    run = runs.load_run("hog-svm")
    page = open_view("hog-svm")
    page.button(key="export tensorboard").click().run()
    assert not page.exception
    deadline = time.monotonic() + 120
    while keeping.load_kept(run, "tensorboard") is None:
        progress = keeping.request_export(run, "tensorboard").pending.load_progress()
        assert progress is None or progress.active
        assert time.monotonic() < deadline
        time.sleep(0.2)
    page = open_view("hog-svm")
    assert "TensorBoard's reader" in read(page)
    # Whoever frees the disk may throw it away; it is then offered anew.
    keeping.find_path(run, "tensorboard").unlink()
    assert "export tensorboard" in [button.key for button in open_view("hog-svm").button]


def test_a_run_that_went_on_is_made_anew(copy_of_threads):
    keep(copy_of_threads, "script")
    assert keeping.load_kept(copy_of_threads, "script") is not None
    with (copy_of_threads.path / "history.csv").open("a") as stream:
        stream.write("11,0.1,0.9,0.1,0.9,0.001,1,1,1,\n")
    assert keeping.load_kept(copy_of_threads, "script") is None


@pytest.fixture
def copy_of_threads(fmnist_home):
    shutil.copytree(storage.ASSETS / "runs" / "threads-model-3", runs.runs_folder() / "copy")
    return runs.load_run("copy")


def test_how_to_serve_it_is_told(open_view):
    page = open_view("threads-model-3")
    codes = [code.value for code in page.code]
    assert any("mlflow models serve" in code and "threads-model-3.onnx" in code for code in codes)
    assert any("tensorflow/serving" in code for code in codes)
    assert sum('"instances"' in code for code in codes) == 2
