import math
import shutil
from dataclasses import replace

import pytest

from fmnist_core import run_data, run_table, runs
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import InvalidSettingError
from fmnist_core.evaluation.intervals import estimate_share
from fmnist_core.recipes import find_recipe
from fmnist_core.run_table import Choice, choose_rows, find_differences, rank_rows, say_setting, tabulate_runs


@pytest.fixture
def rows(fmnist_home):
    """A row for each reference run, and one for a run that waits, called "Mine"."""
    config = find_recipe("threads/ann").config.with_settings(epochs=3, seed=7, batch_size=64, flip=True)
    run = runs.create_run(config, "threads/ann")
    runs.save_labels(run, runs.Labels("Mine", ("class 7b", "slow"), "Why so slow?"))
    return tabulate_runs(runs.list_runs().runs)


def find(rows, name):
    return next(row for row in rows if name in (row.run.run_id, row.run.title))


def test_a_row_says_what_a_run_is_and_came_to(rows):
    row, run = find(rows, "threads-model-3"), runs.load_run("threads-model-3")
    history = run_data.load_history(run)
    assert row.accuracy == estimate_share(round(0.9028571428571428 * 14_000), 14_000)
    assert (row.test_items, row.official) == (14_000, False)
    assert row.curve == tuple(history["val_accuracy"])
    assert (row.val_accuracy, row.val_loss) == (history["val_accuracy"].iloc[-1], history["val_loss"].iloc[-1])
    assert row.model_bytes == (run.path / "model.keras").stat().st_size
    assert row.seconds == run.record["result"]["seconds"]
    assert row.words == ""


def test_a_run_that_waits_has_settings_and_nothing_else(rows):
    row = find(rows, "Mine")
    assert row.words == "epochs 3, batch size 64, seed 7, flip"
    assert row.differences["epochs"] == (find_recipe("threads/ann").config.epochs, 3)
    assert (row.accuracy, row.curve, row.val_accuracy, row.val_loss, row.model_bytes, row.seconds) == (
        None,
        (),
        None,
        None,
        0,
        None,
    )


def test_settings_are_compared_with_the_recipe_s_if_it_is_here(fmnist_home):
    one = TrainingConfig("threads/ann")
    assert find_differences(one, one) == {}
    assert find_differences(one.with_settings(subset=5), one) == {"subset": (None, 5)}
    run = runs.create_run(one, "own/gone")
    assert tabulate_runs([run])[0].words == "its recipe is not here"
    elsewhere = replace(run, record={**run.record, "imported": {"kind": "keras"}})
    assert tabulate_runs([elsewhere])[0].words == "trained elsewhere"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("batch_size", 64, "batch size 64"),
        ("learning_rate", 0.0005, "learning rate 0.0005"),
        ("subset", None, "no subset"),
        ("flip", True, "flip"),
        ("flip", False, "no flip"),
        ("optimizer", "sgd", "optimizer sgd"),
        ("layers", (), "other layers"),
        ("layers", None, "the architecture's layers"),
    ],
)
def test_settings_are_said_in_few_words(name, value, words):
    assert say_setting(name, value) == words


def test_the_table_is_read_anew_when_it_changes(fmnist_home):
    copy = runs.runs_folder() / "copy"
    shutil.copytree(runs.load_run("threads-model-3").path, copy)
    (before,) = tabulate_runs([runs.load_run("copy")])
    text = (copy / "history.csv").read_text().splitlines()
    (copy / "history.csv").write_text("\n".join(text[:4]) + "\n")
    (after,) = tabulate_runs([runs.load_run("copy")])
    assert (len(before.curve), len(after.curve)) == (10, 3)
    (copy / "history.csv").write_bytes(b"\xff")
    assert tabulate_runs([runs.load_run("copy")])[0].curve == ()


def test_curves_are_those_of_the_whole_table(fmnist_home):
    for run in runs.list_runs().runs:
        table = run_data.load_history(run)
        curves = run_data.load_curves(run.path, "val_accuracy", "loss", "memory")
        for name, values in curves.items():
            assert len(values) == len(table)
            assert all(
                math.isclose(one, other) or (math.isnan(one) and math.isnan(other))
                for one, other in zip(values, table[name], strict=True)
            )


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(text="MINE"), ["Mine"]),
        (Choice(text="why slow 7b"), ["Mine"]),
        (Choice(text="batch 64"), ["Mine"]),
        (Choice(text="mine elsewhere"), []),
        (Choice(statuses=("queued",)), ["Mine"]),
        (Choice(recipes=("threads",), shipped=False), ["Mine"]),
        (Choice(recipes=("threads/ann",)), ["Mine"]),
        (Choice(tags=("slow",)), ["Mine"]),
        (Choice(tags=("slow", "quick")), []),
        (Choice(shipped=False), ["Mine"]),
        (Choice(recipes=("fitch",)), ["fitch/model-7 · reference run"]),
    ],
)
def test_rows_are_chosen_by_what_is_said_of_them(rows, choice, expected):
    assert [row.run.title for row in choose_rows(rows, choice)] == expected


def test_what_is_put_aside_is_shown_only_if_asked_for(rows):
    run = find(rows, "Mine").run
    runs.save_labels(run, replace(run.labels, archived=True))
    rows = tabulate_runs(runs.list_runs().runs)
    assert len(choose_rows(rows, Choice())) == len(rows) - 1
    assert len(choose_rows(rows, Choice(archived=True))) == len(rows)


def test_an_unknown_status_or_order_is_refused(rows):
    with pytest.raises(InvalidSettingError, match="`status` must be one of queued"):
        Choice(statuses=("baking",))
    with pytest.raises(InvalidSettingError, match="`order` must be one of newest, accuracy, size, time"):
        rank_rows(rows, "beauty")


def test_only_runs_tested_on_the_official_items_are_ranked_by_accuracy(rows):
    ranked = rank_rows(rows, "accuracy")
    official = [row for row in ranked if row.rank]
    assert [row.rank for row in official] == list(range(1, len(official) + 1))
    assert all(row.official for row in official)
    values = [row.accuracy.value for row in official]
    assert values == sorted(values, reverse=True)
    others = ranked[len(official) :]
    assert "threads-model-3" in {row.run.run_id for row in others if row.accuracy}
    assert others[-1].run.title == "Mine"
    assert len(ranked) == len(rows)


def test_by_size_and_time_the_smallest_come_first(rows):
    for order, measure in (("size", lambda row: row.run.parameters), ("time", lambda row: row.seconds)):
        ranked = rank_rows(rows, order)
        values = [measure(row) for row in ranked if row.rank]
        assert values == sorted(values)
        assert len(values) == len(rows) - 1
        assert ranked[-1].rank is None
    assert rank_rows(rows, "newest")[0].run.title == "Mine"
    assert not any(row.rank for row in rank_rows(rows, "newest"))


def test_all_tags_are_listed_once(rows):
    assert run_table.list_tags([row.run for row in rows] * 2) == ("class 7b", "slow")
