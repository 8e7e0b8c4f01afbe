import io
import json
import shutil
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmnist_core import run_package, runs, storage
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import FmnistError, RefusedFileError
from fmnist_core.run_package import pack_run, read_arrays, read_record, unpack

NAMED = {
    "run.json",
    "history.csv",
    "batches.csv",
    "layers.csv",
    "evaluation.npz",
    "model.keras",
    "epochs/items.npz",
    *(f"epochs/{epoch:04d}.npz" for epoch in range(1, 11)),
}


@pytest.fixture(scope="module")
def package():
    """The reference run as one file."""
    return pack_run(runs.load_run("threads-model-3"))


@pytest.fixture
def change(package, change_members):
    """Write the package with some members changed, added or (None) left out."""

    return lambda **members: change_members(io.BytesIO(package), "changed.zip", **members)


def save_arrays(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def make_npz(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return stream.getvalue()


def make_header(shape, dtype="<f4"):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": dtype, "fortran_order": False, "shape": shape})
    return stream.getvalue()


PICKLED = save_arrays(
    items=np.array([{"a": print}], dtype=object), labels=np.zeros(1, "u1"), probabilities=np.zeros((1, 10))
)


def test_a_package_holds_a_run_and_nothing_that_is_nobody_s_business(fmnist_home, rewrite):
    shutil.copytree(runs.load_run("threads-model-3").path, runs.runs_folder() / "copy")
    (runs.runs_folder() / "copy" / "checkpoint.keras").write_bytes(b"x")
    run = rewrite(runs.load_run("copy"), submitter={"host": "here", "pid": 1}, note="secret", imported={"kind": "run"})
    (run.path / "watched").mkdir()
    (run.path / "watched" / "mine.npy").write_bytes(b"x")
    (run.path / "log.txt").write_text("secret")
    runs.save_labels(run, runs.Labels("Mine"))
    with zipfile.ZipFile(io.BytesIO(pack_run(runs.load_run(run.run_id)))) as archive:
        assert set(archive.namelist()) <= NAMED | {"labels.json"}
        assert "checkpoint.keras" not in archive.namelist()
        assert archive.read("labels.json")
        assert archive.read("model.keras") == (run.path / "model.keras").read_bytes()
        record = json.loads(archive.read("run.json"))
    assert not {"submitter", "trainer", "note", "imported"} & record.keys()
    assert TrainingConfig.from_dict(record["config"]) == run.config


def test_what_is_unpacked_is_what_was_packed(package, tmp_path):
    path, folder = tmp_path / "run.zip", tmp_path / "unpacked"
    path.write_bytes(package)
    assert unpack(path, folder) == "threads-model-3"
    run = runs.load_run("threads-model-3")
    for name in NAMED - {"run.json"}:
        assert (folder / name).read_bytes() == (run.path / name).read_bytes(), name
    record = storage.read_json(folder / "run.json")
    for name in ("recipe", "config", "status", "created", "parameters", "device", "versions", "items", "result"):
        assert record[name] == run.record[name]
    again = runs.load_run(str(folder))
    assert (again.config, again.status, again.test_accuracy) == (run.config, run.status, run.test_accuracy)


def test_only_a_run_with_a_result_is_handed_on(fmnist_home):
    run = runs.create_run(TrainingConfig("threads/ann"), "threads/ann")
    with pytest.raises(FmnistError, match="Only a run that has ended with a result can be handed on"):
        pack_run(run)


def test_a_network_from_elsewhere_has_no_run_to_hand_on(fmnist_home):
    run = runs.load_run("hog-svm")
    elsewhere = replace(run, record={**run.record, "imported": {"kind": "keras"}})
    with pytest.raises(FmnistError, match="no run to hand on, only its file"):
        pack_run(elsewhere)


@pytest.mark.parametrize(
    ("members", "complaint"),
    [
        ({"run__json": None}, "must hold run.json"),
        ({"run__json": b"{"}, "run.json must be JSON"),
        ({"run__json": b"[" * 100_000}, "run.json must be JSON"),
        ({"run__json": b"{}"}, "that of a run that has ended"),
        ({"../run__json": b"{}"}, "must not lead outside of it. Received: '../run.json'."),
        ({"/tmp/x": b""}, "must not lead outside of it"),
        ({"checkpoint__keras": b""}, "a run and nothing else. Received: 'checkpoint.keras'."),
        ({"epochs/../../x": b""}, "must not lead outside of it"),
        ({"epochs/00001__npz": b""}, "a run and nothing else"),
        ({"watched/mine__npy": b""}, "a run and nothing else"),
        ({"labels__json": b'{"name": "<b>"}'}, "`name` must be 0 to 80 printable"),
        ({"history__csv": bytes(2_000_001)}, "history.csv must take at most 2,000,000 bytes. Received: 2,000,001."),
        ({"layers__csv": b"epoch,layer\n1,<img src=x>,1\n"}, "layers.csv must name layers by letters"),
        ({"evaluation__npz": b"x"}, "evaluation.npz must be whole. Received: a damaged file."),
        ({"evaluation__npz": PICKLED}, "evaluation.npz must be whole"),
        (
            {"evaluation__npz": save_arrays(items=np.arange(3), labels=np.zeros(3, "u1"))},
            "evaluation.npz must hold items, labels, probabilities and nothing else",
        ),
        (
            {
                "evaluation__npz": save_arrays(
                    items=np.arange(3), labels=np.zeros(3, "u1"), probabilities=np.ones((3, 9))
                )
            },
            "ten probabilities for each item",
        ),
        (
            {
                "evaluation__npz": save_arrays(
                    items=np.array([1, 1]), labels=np.zeros(2, "u1"), probabilities=np.full((2, 10), 0.1)
                )
            },
            "must number different items",
        ),
        ({"epochs/items__npz": save_arrays(items=np.array([70_000]))}, "must number different items"),
        ({"epochs/0001__npz": save_arrays(probabilities=np.full((3, 10), np.nan))}, "ten probabilities for each item"),
        ({"epochs/0001__npz": save_arrays(probabilities=np.full((3, 10), 7.0))}, "ten probabilities for each item"),
        ({"model__keras": b"x"}, "must be a whole zip"),
    ],
)
def test_a_package_that_breaks_a_rule_is_refused_with_the_rule(change, tmp_path, members, complaint):
    folder = tmp_path / "unpacked"
    with pytest.raises(FmnistError) as refused:
        unpack(change(**members), folder)
    assert complaint in str(refused.value)
    assert not (tmp_path / "run.json").exists()


@pytest.mark.parametrize(
    "content",
    [
        make_npz(probabilities=make_header((10**12, 10))),  # a promise of 40 TB
        make_npz(probabilities=make_header((10**30,))),
        make_npz(probabilities=make_header((-1, 10))),
        make_npz(probabilities=make_header((2, 10)) + bytes(79)),
        make_npz(probabilities=make_header((2, 10), "|O") + bytes(160)),
        make_npz(probabilities=make_header((2,), "<U40") + bytes(320)),
        make_npz(probabilities=b"\x93NUMPY\x03\x00" + bytes(100)),
        make_npz(probabilities=b""),
        make_npz(probabilities=make_header((0,)), more=b""),
    ],
)
def test_arrays_are_measured_before_memory_is_set_aside_for_them(content):
    with pytest.raises(RefusedFileError, match=r"epochs\.npz must"):
        read_arrays("epochs.npz", content, {"probabilities": "f"})


def test_of_a_record_only_what_is_known_and_well_formed_is_kept():
    config = TrainingConfig("threads/ann").to_dict()
    record = {
        "run_id": "a",
        "recipe": "threads/ann",
        "config": config,
        "status": "finished",
        "created": 5.0,
        "parameters": 7,
        "device": "![](http://there/x.png)",
        "precision": "float32",
        "note": "**read me**",
        "error": "x",
        "submitter": {"pid": 1},
        "imported": {},
        "result": {"test_accuracy": 0.5, "seconds": "long", "epochs": 2, "more": 1},
        "items": {"test": 10, "train": -1},
        "versions": {"keras": "3.15.1", "<b>": "1", "python": ["3"]},
        "started": float("inf"),
    }
    assert read_record(json.dumps(record).encode()) == {
        "run_id": "a",
        "recipe": "threads/ann",
        "config": config,
        "status": "finished",
        "created": 5.0,
        "parameters": 7,
        "precision": "float32",
        "heartbeat": 5.0,
        "items": {"test": 10},
        "result": {"test_accuracy": 0.5, "epochs": 2},
        "versions": {"keras": "3.15.1"},
    }


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("ab1. <", max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab", max_size=3), inner, max_size=2),
    max_leaves=4,
)
ENTRIES = ("run_id", "recipe", "config", "status", "created", "parameters", "result", "items", "versions", "device")


@given(st.dictionaries(st.sampled_from(ENTRIES), ANY_JSON, min_size=1, max_size=3))
def test_whatever_stands_in_a_record_it_is_read_or_refused(entries):
    record = {
        "run_id": "a",
        "recipe": "threads/ann",
        "config": {},
        "status": "finished",
        "created": 5.0,
        "parameters": 7,
    }
    try:
        found = read_record(json.dumps(record | entries).encode())
    except RefusedFileError:
        return
    assert found["status"] in ("finished", "stopped")
    assert isinstance(found["run_id"], str)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_package_raises_nothing_but_its_sentence(package, tmp_path, data):
    content = bytearray(package)
    match data.draw(st.sampled_from(["cut", "flip", "random"])):
        case "cut":
            content = content[: data.draw(st.integers(0, len(content)))]
        case "flip":
            for place in data.draw(st.lists(st.integers(-1_500, 9_000), min_size=1, max_size=8)):
                content[place] ^= data.draw(st.integers(1, 255))
        case _:
            content = data.draw(st.binary(max_size=300))
    path = tmp_path / "damaged.zip"
    path.write_bytes(content)
    try:
        assert isinstance(unpack(path, tmp_path / "unpacked"), str)
    except FmnistError as error:
        assert "Received" in str(error) or "must" in str(error)  # noqa: PT017


def test_a_package_is_no_larger_than_it_may_be(tmp_path, monkeypatch, package):
    monkeypatch.setattr(run_package, "MOST_BYTES", 1_000)
    path = tmp_path / "large.zip"
    path.write_bytes(package)
    with pytest.raises(RefusedFileError, match="must take at most 1,000 bytes"):
        unpack(path, tmp_path / "unpacked")
