import shutil

import pytest

from fmnist_core import run_storage, runs
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import FmnistError, InvalidSettingError
from fmnist_core.run_storage import FREEABLE, KINDS, free_runs, measure_usage, say_bytes

SIZES = {
    "model.keras": 1_000,
    "checkpoint.keras": 2_000,
    "best.keras": 500,
    "epochs/0001.npz": 30,
    "epochs/items.npz": 3,
    "tensorboard/train/events.1": 70,
    "labels.json": 7,
}


@pytest.fixture
def run(fmnist_home):
    """A run that has ended, of files of known size."""
    run = runs.create_run(TrainingConfig("threads/ann"), "threads/ann")
    shutil.copy(runs.load_run("threads-model-3").path / "run.json", run.path / "run.json")
    for name, size in SIZES.items():
        (run.path / name).parent.mkdir(parents=True, exist_ok=True)
        (run.path / name).write_bytes(bytes(size))
    return runs.load_run(run.run_id)


def test_what_a_run_takes_is_told_by_kind(run):
    record = (run.path / "run.json").stat().st_size
    expected = {"models": 1_000, "checkpoints": 2_500, "epochs": 33, "tensorboard": 70, "others": 7 + record}
    usage = measure_usage(runs.list_runs().runs)
    assert usage.by_run == {run.run_id: expected}
    assert usage.by_kind == expected
    assert (usage.trash, usage.exports) == (0, 0)
    assert usage.total == sum(expected.values())


def test_the_trash_and_the_exports_count_too(run, fmnist_home):
    total = measure_usage([run]).total
    (fmnist_home / "exports" / "a").mkdir(parents=True)
    (fmnist_home / "exports" / "a" / "x.onnx").write_bytes(bytes(11))
    runs.delete_run(run)
    usage = measure_usage(runs.list_runs().runs)
    assert (usage.by_run, usage.trash, usage.exports) == ({}, total, 11)
    assert run_storage.empty_exports() == 11
    assert run_storage.empty_exports() == 0
    assert measure_usage([]).exports == 0


@pytest.mark.parametrize(("kind", "freed"), [("checkpoints", 2_500), ("epochs", 33), ("tensorboard", 70)])
def test_files_of_one_kind_are_given_back_and_the_others_stay(run, kind, freed):
    before = run_storage.measure_run(run)
    assert free_runs([run], kind) == freed
    assert run_storage.measure_run(run) == before | {kind: 0}
    assert free_runs([run], kind) == 0
    assert runs.load_run(run.run_id).extendable is False or kind != "checkpoints"


@pytest.mark.parametrize("kind", ["models", "others", "everything"])
def test_networks_and_tables_are_not_given_back(run, kind):
    with pytest.raises(InvalidSettingError, match="`kind` must be one of checkpoints, epochs, tensorboard"):
        free_runs([run], kind)


def test_nothing_of_an_active_or_shipped_run_is_touched(run):
    active = runs.create_run(TrainingConfig("threads/ann"), "threads/ann")
    before = run_storage.measure_run(run)
    for other, rule in ((active, "must have ended"), (runs.load_run("street"), "came with the lab")):
        with pytest.raises(FmnistError, match=rule):
            free_runs([run, other], "epochs")
        assert run_storage.measure_run(run) == before


def test_what_is_lost_is_said_of_all_that_can_be_freed():
    assert tuple(kind for kind in KINDS if KINDS[kind].lost) == FREEABLE
    assert "models" not in FREEABLE


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (9_960, "10 kB"),
        (4_016_692, "4.0 MB"),
        (283_692_061, "284 MB"),
        (999_600, "1.0 MB"),
        (1.2e9, "1.2 GB"),
        (5e15, "5000 TB"),
    ],
)
def test_bytes_are_said_as_people_do(size, words):
    assert say_bytes(size) == words
