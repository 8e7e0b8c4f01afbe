from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmnist_core import run_data, runs
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import RunNotFoundError

CONFIG = TrainingConfig("threads/ann", epochs=3, subset=500)


@pytest.fixture
def run(fmnist_home):
    return runs.create_run(CONFIG, "threads/ann")


# Tables


HISTORY = """epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,images_per_second,memory,device_memory
1,0.651234,0.761,0.52,0.81,0.001,1.25,2400,900,
2,0.451234,0.841,0.42,0.85,0.001,1.2,2500,905,
3,0.401234,0.861,,,0.0005,1.1,2600,905.5,
"""
OLD_HISTORY = """epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,images_per_second
1,0.651234,0.761,0.52,0.81,0.001,1.25,2400
2,0.451234,0.841,,,0.001,1.2,2500
"""
LAYERS = """epoch,layer,weight_norm,change,gradient_norm
1,1 Conv2D,1.5,,0.25
1,2 Dense,nan,0.5,0.125
2,1 Conv2D,1.6,0.1,0.2
"""


def test_the_history_has_a_row_an_epoch_with_numbers(run):
    (run.path / "history.csv").write_text(HISTORY)
    table = run_data.load_history(run)
    assert tuple(table.columns) == run_data.HISTORY_COLUMNS
    assert table["epoch"].tolist() == [1, 2, 3]
    assert table["loss"].tolist() == [0.651234, 0.451234, 0.401234]
    assert table["val_accuracy"].tolist()[:2] == [0.81, 0.85]
    assert np.isnan(table["val_accuracy"].iloc[2])


def test_memory_is_a_column_that_older_histories_do_without(run):
    (run.path / "history.csv").write_text(HISTORY)
    assert run_data.load_history(run)["memory"].tolist() == [900, 905, 905.5]
    (run.path / "history.csv").write_text(OLD_HISTORY)
    table = run_data.load_history(run)
    assert tuple(table.columns) == run_data.HISTORY_COLUMNS
    assert table["images_per_second"].tolist() == [2_400, 2_500]
    assert table["memory"].isna().all()
    assert table["device_memory"].isna().all()


def test_the_layers_have_a_row_an_epoch_and_layer(run):
    assert run_data.load_layers(run).empty
    (run.path / "layers.csv").write_text(LAYERS + "2,2 De")
    table = run_data.load_layers(run)
    assert tuple(table.columns) == run_data.LAYER_COLUMNS
    assert table["layer"].tolist() == ["1 Conv2D", "2 Dense", "1 Conv2D"]
    assert table["epoch"].tolist() == [1, 1, 2]
    assert table["gradient_norm"].tolist() == [0.25, 0.125, 0.2]
    assert np.isnan(table["change"].iloc[0])
    assert np.isnan(table["weight_norm"].iloc[1])


def test_the_stamp_of_the_tables_tells_a_change(run):
    stamps = {run_data.stamp_tables(run)}
    for name in ("history.csv", "batches.csv", "layers.csv"):
        (run.path / name).write_text("epoch\n")
        stamps.add(run_data.stamp_tables(run))
    assert len(stamps) == 4
    assert run_data.stamp_tables(run) in stamps


def test_a_history_cut_short_anywhere_has_whole_rows_only(run):
    whole = HISTORY.encode()
    for length in range(len(whole) + 1):
        part = whole[:length]
        (run.path / "history.csv").write_bytes(part)
        table = run_data.load_history(run)
        rows = max(part.count(b"\n") - 1, 0)
        assert tuple(table.columns) == run_data.HISTORY_COLUMNS
        assert table["epoch"].tolist() == [1, 2, 3][:rows]
        assert table["images_per_second"].tolist() == [2_400, 2_500, 2_600][:rows]


def test_lines_that_are_no_rows_are_left_out(run):
    lines = HISTORY.splitlines()
    damaged = [
        lines[0],
        lines[1],
        "2,0.45,0.8",
        "",
        "x,0.4,0.8,,,,,,,",
        "\x00",
        lines[3],
        "4,loss?,0.9,,,0.001,1,1,,",
        '"5,0.4,0.9,,,,1,1,,',
    ]
    (run.path / "history.csv").write_text("\n".join(damaged) + "\n")
    table = run_data.load_history(run)
    assert table["epoch"].tolist() == [1, 3, 4]
    assert np.isnan(table["loss"].iloc[2])


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xff\n", b"a,b\n1,2\n", b"\n\n\n", b"epoch\n1\n", b",,,,,,,\n1,1,1,1,1,1,1,1\n"]
)
def test_what_is_no_history_is_empty(run, content):
    (run.path / "history.csv").write_bytes(content)
    table = run_data.load_history(run)
    assert table.empty
    assert tuple(table.columns) == run_data.HISTORY_COLUMNS


CELLS = st.text('0123456789.-e" ,\n\rnaif', max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(st.lists(st.lists(CELLS, min_size=10, max_size=10).map(",".join), max_size=4), st.binary(max_size=20))
def test_any_table_can_be_read_as_numbers(fmnist_home, rows, rest):
    folder = fmnist_home / "runs" / "table"
    folder.mkdir(parents=True, exist_ok=True)
    run = runs.Run("table", folder, "threads/ann", CONFIG, runs.FINISHED, 0.0, 1, False, {})
    text = "\n".join([",".join(run_data.HISTORY_COLUMNS), *rows, ""])
    (folder / "history.csv").write_bytes(text.encode() + rest)
    table = run_data.load_history(run)
    assert tuple(table.columns) == run_data.HISTORY_COLUMNS
    assert all(np.issubdtype(kind, np.number) for kind in table.dtypes)
    assert np.isfinite(table["epoch"]).all()


# Answers


def test_an_evaluation_that_is_not_there_is_named(run):
    with pytest.raises(RunNotFoundError, match=f"{run.run_id} has not been tested yet"):
        run_data.load_evaluation(run)


def test_epochs_that_were_not_kept_are_named(run):
    with pytest.raises(RunNotFoundError, match=r"has kept no readable 0001\.npz"):
        run_data.load_epoch(run, 1)
    with pytest.raises(RunNotFoundError, match=r"has kept no readable items\.npz"):
        run_data.load_epoch_items(run)


def test_an_evaluation_cut_short_anywhere_is_damaged(copied_run):
    path = copied_run.path / "evaluation.npz"
    whole = path.read_bytes()
    for length in [0, 1, 100, *np.linspace(200, len(whole) - 1, 20, dtype=int)]:
        path.write_bytes(whole[:length])
        with pytest.raises(RunNotFoundError, match="is damaged"):
            run_data.load_evaluation(copied_run)


@pytest.mark.parametrize("offset", range(0, 400, 50))
def test_an_evaluation_with_wrong_bytes_is_damaged_or_read(copied_run, offset):
    path = copied_run.path / "evaluation.npz"
    content = bytearray(path.read_bytes())
    content[offset : offset + 20] = b"\xaa" * 20
    path.write_bytes(content)
    with suppress(RunNotFoundError):
        assert len(run_data.load_evaluation(copied_run).items) == 10_000


def test_arrays_of_another_kind_are_no_evaluation(copied_run):
    np.savez(copied_run.path / "evaluation.npz", images=np.zeros(3))
    with pytest.raises(RunNotFoundError, match="is damaged"):
        run_data.load_evaluation(copied_run)
