import json
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fmnist_core import run_data, runs
from fmnist_core.errors import FmnistError, InvalidSettingError
from fmnist_core.papers.shipping import choose_epochs, measure_folder, round_small, ship_run


@pytest.fixture
def folder(tmp_path):
    """Where runs are shipped to."""
    return tmp_path / "shipped"


def list_files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_shipped_run_holds_what_can_be_looked_at_and_nothing_else(copied_run, folder):
    for name in ("log.txt", "watched.csv", "checkpoint.keras"):
        (copied_run.path / name).write_text("to be left behind")
    shipped = ship_run(copied_run, "small", folder)
    assert list_files(folder) == {
        f"small/{name}"
        for name in (
            "run.json",
            "history.csv",
            "batches.csv",
            "layers.csv",
            "evaluation.npz",
            "model.keras",
            "epochs/items.npz",
            "epochs/0001.npz",
            "epochs/0002.npz",
        )
    }
    for name in list_files(folder / "small") - {"run.json", "epochs/0001.npz"}:
        assert (folder / "small" / name).read_bytes() == (copied_run.path / name).read_bytes()
    assert measure_folder(folder) == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert (shipped.config, shipped.test_accuracy) == (copied_run.config, copied_run.test_accuracy)


def test_it_does_not_tell_which_process_trained_it(copied_run, folder):
    record = json.loads((ship_run(copied_run, None, folder).path / "run.json").read_text())
    assert record["run_id"] == "threads-model-3"
    assert set(copied_run.record) - set(record) == {"submitter", "paused_at"} | ({"trainer"} & set(copied_run.record))
    assert "host" not in json.dumps(record)


def test_a_newer_run_takes_the_place_of_one_of_the_same_name(copied_run, folder):
    old = ship_run(copied_run, "small", folder)
    (old.path / "trust.npz").touch()
    ship_run(copied_run, "small", folder)
    assert [path.name for path in folder.iterdir()] == ["small"]
    assert "small/trust.npz" not in list_files(folder)


def test_of_many_epochs_sixteen_are_kept_and_the_one_that_was_tested(copied_run, folder):
    lines = (copied_run.path / "history.csv").read_text().splitlines()
    rows = [f"{epoch},{lines[1].partition(',')[2]}" for epoch in range(1, 101)]
    (copied_run.path / "history.csv").write_text("\n".join([lines[0], *rows]) + "\n")
    for epoch in range(3, 101):
        shutil.copy(copied_run.path / "epochs" / "0002.npz", copied_run.path / "epochs" / f"{epoch:04d}.npz")
    shipped = ship_run(copied_run, "many", folder)
    kept = sorted(int(path.stem) for path in (shipped.path / "epochs").glob("0*.npz"))
    assert (len(kept), kept[:3], kept[-1]) == (17, [1, 2, 8], 100)
    assert len(run_data.load_history(shipped)) == 100


def test_answers_after_an_epoch_are_rounded_but_for_those_of_the_network_that_was_kept(copied_run, folder):
    shipped = ship_run(copied_run, "small", folder)
    for name, same in (("0001.npz", False), ("0002.npz", True)):
        before, after = (np.load(run.path / "epochs" / name)["probabilities"] for run in (copied_run, shipped))
        assert np.array_equal(before, after) == same
        assert np.array_equal(before.argmax(axis=1), after.argmax(axis=1))


@given(hnp.arrays(np.float16, 10, elements=st.floats(0, 1, width=16)))
def test_small_probabilities_are_rounded_by_as_little_as_is_promised(probabilities):
    rounded = round_small(probabilities)
    large = probabilities >= 0.05
    assert np.array_equal(rounded[large], probabilities[large])
    change = np.abs(rounded.astype(float) - probabilities.astype(float))
    assert (change <= np.maximum(0.0625 * probabilities.astype(float), 4e-6)).all()
    # Rounded once more they stay: a run may be shipped again.
    assert np.array_equal(round_small(rounded), rounded)


@given(st.integers(0, 300), st.integers(1, 300), st.integers(2, 40))
def test_chosen_epochs_are_evenly_spread_and_hold_the_kept_one(n_epochs, kept, most):
    epochs = list(range(1, n_epochs + 1))
    chosen = choose_epochs(epochs, kept, most)
    assert chosen == sorted(set(chosen))
    assert (kept in chosen) == (kept <= n_epochs)
    spread = choose_epochs(epochs, 1, most)
    assert set(chosen) == set(spread) | ({kept} & set(epochs))
    assert len(spread) == min(n_epochs, most)
    if n_epochs > most:
        assert (spread[0], spread[-1]) == (1, n_epochs)
        assert np.ptp(np.diff(spread)) <= 1


def test_only_a_finished_run_of_this_machine_can_be_shipped(copied_run, rewrite, folder):
    with pytest.raises(FmnistError, match="has finished can be shipped"):
        ship_run(runs.load_run("mcnn-proposed"), None, folder)
    with pytest.raises(FmnistError, match="has finished can be shipped"):
        ship_run(rewrite(copied_run, status="stopped"), None, folder)
    assert not folder.exists()


@pytest.mark.parametrize("name", ["", "../up", "Capital", "a--b", "-a", "a.b", "a/b"])
def test_a_name_that_is_no_folder_s_is_refused(copied_run, folder, name):
    with pytest.raises(InvalidSettingError, match="`name` must be made of lower-case letters"):
        ship_run(copied_run, name, folder)
