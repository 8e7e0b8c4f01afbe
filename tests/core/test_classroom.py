"""A class: its grid, how it is kept, what its runs come to, and who gets which cell."""

import csv
import io
import json
import os
import threading
import time

import pytest

from fmnist_core import classroom, classroom_cells, runs, storage
from fmnist_core.classroom import READY, make_classroom
from fmnist_core.cross_validation import Outcome
from fmnist_core.errors import ClassroomExistsError, ClassroomNotFoundError, InvalidSettingError
from fmnist_core.repeats import Spread
from fmnist_core.search import Parameter

RATES = Parameter("learning_rate", "float", values=(0.001, 0.01))
SIZES = Parameter("batch_size", "int", values=(16, 32, 64))
COMMON = {"epochs": 1, "subset": 500, "split": "official"}


def make(title="Rate and size", rows=RATES, columns=SIZES, recipe="threads/ann", **settings):
    return make_classroom(title, recipe, rows, columns, **{**COMMON, **settings})


@pytest.fixture
def make_run(tmp_path):
    made = []

    def make_run(grid, number, status=runs.FINISHED, marks=None, **settings):
        made.append(None)
        config = grid.configure(number)[1].with_settings(**settings)
        record = grid.mark(number) if marks is None else marks
        return runs.Run(f"run-{len(made)}", tmp_path, "threads/ann", config, status, float(len(made)), 1, False, record)

    return make_run


# The grid


def test_cells_are_counted_row_by_row():
    grid = make()
    assert (grid.name, grid.size) == ("rate-and-size", 6)
    assert [grid.find_values(number) for number in (1, 3, 4, 6)] == [(0.001, 16), (0.001, 64), (0.01, 16), (0.01, 64)]
    recipe, config = grid.configure(5)
    assert recipe == "threads/ann"
    assert (config.learning_rate, config.batch_size, config.epochs, config.subset) == (0.01, 32, 1, 500)
    for number in (0, 7):
        with pytest.raises(ClassroomNotFoundError, match="`cell` must be a whole number from 1 to 6"):
            grid.find_values(number)


def test_who_comes_later_gets_the_next_seed_unless_the_seed_is_what_varies():
    assert make(seed=3).configure(1, later=2)[1].seed == 5
    seeds = make(rows=Parameter("seed", "int", values=(0, 1)))
    assert seeds.configure(4, later=2)[1].seed == 1


def test_a_training_belongs_to_a_cell_if_nothing_but_its_seed_differs():
    grid = make()
    config = grid.configure(2)[1]
    assert grid.holds(2, config.with_settings(seed=99))
    assert not grid.holds(1, config)
    assert not grid.holds(2, config.with_settings(flip=True))
    seeds = make(rows=Parameter("seed", "int", values=(0, 1)))
    assert not seeds.holds(1, seeds.configure(4)[1])


def test_where_layers_vary_they_speak_for_the_network():
    grid = make(recipe="threads/model-3", rows=Parameter("kernel_size", "int", values=(2, 3)))
    config = grid.configure(1)[1]
    assert config.layers is not None
    # A recipe of one's own, as which Train shows it, names no architecture.
    assert grid.holds(1, config.with_settings(architecture="fitch/model-7"))
    assert not grid.holds(4, config)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"title": ""}, "A class's name must be 1 to 60 printable characters."),
        ({"title": "!!"}, "A class's name must have a letter from a to z or a digit."),
        ({"rows": Parameter("learning_rate", "float", values=(0.1,))}, "`learning_rate` must have 2 to 8 values."),
        ({"rows": Parameter("shift", "int", values=tuple(range(9)))}, "`shift` must have 2 to 8 values."),
        ({"rows": Parameter("learning_rate", "float", values=(0.1, 11.0))}, "`learning_rate` must be above 0"),
        ({"rows": Parameter("momentum", "float", values=(0.0, 0.9))}, "`momentum` must be left out unless"),
        ({"recipe": "vgg"}, "`recipe` must be one of"),
        ({"epochs": 0}, "`epochs` must be a whole number"),
        ({"validation_split": 0}, "validat"),
    ],
)
def test_what_breaks_a_rule_is_refused(changes, message):
    with pytest.raises(InvalidSettingError) as refusal:
        make(**changes)
    assert message in str(refusal.value)


def test_all_ready_made_grids_are_classes():
    for title, rows, columns in READY.values():
        common = {"epochs": 1, "subset": 500}
        varied = (rows.name, columns.name)
        settings = {name: value for name, value in common.items() if name not in varied}
        assert make_classroom(title, "threads/model-3", rows, columns, **settings).size <= 16


# Keeping


def test_a_class_is_kept_and_read_again(fmnist_home):
    grid = make("Ränder & Größen")
    assert classroom.save_classroom(grid) == "rander-groen" == grid.name
    assert classroom.load_classroom(grid.name) == grid
    listing = classroom.list_classrooms()
    assert (dict(listing.classrooms), dict(listing.unreadable)) == ({grid.name: grid}, {})
    with pytest.raises(ClassroomExistsError, match="no other class of that name"):
        classroom.save_classroom(grid)
    classroom.save_classroom(make("Ränder & Größen", epochs=2), replace=True)
    assert classroom.load_classroom(grid.name).configure(1)[1].epochs == 2
    classroom.delete_classroom(grid.name)
    assert classroom.list_classrooms().classrooms == {}
    for function in (classroom.delete_classroom, classroom.load_classroom):
        with pytest.raises(ClassroomNotFoundError, match="There must be a class of that name"):
            function(grid.name)


def test_the_newest_class_comes_first(fmnist_home):
    for age, title in enumerate(("New", "Middle", "Old")):
        path = classroom.classrooms_folder() / f"{classroom.save_classroom(make(title))}.json"
        os.utime(path, (time.time() - 100 * age,) * 2)
    assert list(classroom.list_classrooms().classrooms) == ["new", "middle", "old"]


@pytest.mark.parametrize("name", ["../secret", "", "A", "a b", "a/b", "x" * 80, None])
def test_a_name_cannot_lead_out_of_the_folder(fmnist_home, name):
    with pytest.raises(ClassroomNotFoundError):
        classroom.load_classroom(name)


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        {"title": "x"},
        {"title": 3, "grid": {}},
        {**make("x").to_dict(), "more": 1},
        {"title": "x", "grid": {**make("x").grid.to_dict(), "recipe": [1]}},
        {"title": "x", "grid": {**make("x").grid.to_dict(), "settings": 5}},
        {"title": "x", "grid": {**make("x").grid.to_dict(), "settings": {"epochs": {}}}},
        {"title": "x", "grid": {**make("x").grid.to_dict(), "parameters": [1, 2]}},
        {"title": "x", "grid": {**make("x").grid.to_dict(), "parameters": [{"name": "epochs"}]}},
        {"title": "y", "grid": make("x").grid.to_dict()},
    ],
)
def test_a_file_that_is_no_class_is_reported_and_hides_no_other(fmnist_home, content):
    classroom.save_classroom(make("Good"))
    storage.write_json(classroom.classrooms_folder() / "x.json", json.loads(json.dumps(content)))
    listing = classroom.list_classrooms()
    assert (list(listing.classrooms), list(listing.unreadable)) == (["good"], ["x"])


def test_a_file_that_is_no_json_is_reported(fmnist_home):
    classroom.save_classroom(make("Good"))
    (classroom.classrooms_folder() / "x.json").write_text("{")
    assert "must be written as JSON" in classroom.list_classrooms().unreadable["x"]


# The surface


def test_runs_are_sorted_into_their_cells(make_run):
    grid = make()
    first, again, active, failed = (
        make_run(grid, number, status, seed=seed)
        for number, status, seed in (
            (1, runs.FINISHED, 0),
            (1, runs.FINISHED, 1),
            (2, runs.RUNNING, 0),
            (6, runs.FAILED, 0),
        )
    )
    other, unmarked = make_run(grid, 3, marks={"classroom": "another", "cell": 3}), make_run(grid, 3, marks={})
    longer, nowhere, odd = (
        make_run(grid, 4, epochs=2),
        make_run(grid, 4, marks={"classroom": grid.name, "cell": 7}),
        make_run(grid, 4, marks={"classroom": grid.name, "cell": "4"}),
    )
    surface = classroom_cells.collect_surface(
        grid, [again, odd, nowhere, longer, unmarked, other, failed, active, first]
    )
    assert [cell.runs for cell in surface.cells] == [(first, again), (active,), (), (), (), (failed,)]
    assert surface.strays == (longer, nowhere, odd)
    assert (surface.n_filled, surface.n_active, surface.complete) == (1, 1, False)
    assert (surface.cells[3].row, surface.cells[3].column) == (0.01, 16)
    full = classroom_cells.collect_surface(grid, [make_run(grid, number) for number in range(1, 7)])
    assert full.complete


def test_cells_show_the_mean_of_their_finished_runs(make_run):
    grid = make()
    members = [make_run(grid, 1), make_run(grid, 1, seed=1), make_run(grid, 2), make_run(grid, 3)]
    surface = classroom_cells.collect_surface(grid, members)
    figures = [(0.8, 0.7), (0.9, 0.6), (0.85, 0.9), (None, None)]
    outcomes = {run.run_id: Outcome(run.run_id, 0, None, *pair) for run, pair in zip(members, figures, strict=True)}
    spreads = classroom_cells.average_cells(surface, outcomes, "validation")
    assert (spreads[0].mean, spreads[0].seeds) == (pytest.approx(0.85), 2)
    assert spreads[1:] == [Spread(0.85, 0.0, 1), None, None, None, None]
    assert classroom_cells.find_best(classroom_cells.average_cells(surface, outcomes, "test")) == 1
    assert classroom_cells.find_best([None, None]) is None
    assert classroom_cells.find_best([None, Spread(0.5, 0, 1), Spread(0.5, 0, 1)]) == 1
    text = classroom_cells.to_csv(grid, surface, spreads, "validation", "http://host:1/")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0] == {
        "cell": "1",
        "learning_rate": "0.001",
        "batch_size": "16",
        "runs": "2",
        "validation_accuracy": "0.850000",
        "standard_deviation": "0.070711",
        "link": "http://host:1/train?class=rate-and-size&cell=1",
    }
    assert (rows[5]["runs"], rows[5]["validation_accuracy"]) == ("0", "")


def test_a_cell_is_written_short(make_run):
    grid = make()
    runs_of_cell = {
        "finished": [make_run(grid, 1), make_run(grid, 1, seed=1)],
        "running": [make_run(grid, 1, runs.RUNNING), make_run(grid, 1, runs.QUEUED)],
        "waiting": [make_run(grid, 1, runs.QUEUED)],
    }

    def write(spread, *names):
        members = [run for name in names for run in runs_of_cell[name]]
        cell = classroom_cells.collect_surface(grid, members).cells[0]
        return classroom_cells.write_cell(cell, spread, {runs_of_cell["running"][0].run_id: 0.456})

    assert write(None) == ()
    assert write(None, "waiting") == ("…",)
    assert write(None, "running") == ("46%",)
    assert write(Spread(0.9123, 0.0, 1), "finished") == ("91.2",)
    assert write(Spread(0.9123, 0.01, 2), "finished", "running") == ("91.2", "×2", "46%")


# Handing out


def test_the_next_free_cell_is_the_emptiest_and_the_first_of_these(fmnist_home, make_run):
    grid = make()
    members = [make_run(grid, 1), make_run(grid, 2, runs.QUEUED), make_run(grid, 3, runs.FAILED)]
    surface = classroom_cells.collect_surface(grid, members)
    # What has failed leaves its cell free.
    assert [classroom_cells.claim_cell(grid, surface) for _ in range(4)] == [3, 4, 5, 6]
    assert [classroom_cells.claim_cell(grid, surface) for _ in range(7)] == [1, 2, 3, 4, 5, 6, 1]
    classroom_cells.release_claim(grid, 4)
    assert classroom_cells.claim_cell(grid, surface) == 4


def test_a_claim_ends_when_its_holder_has_left(fmnist_home):
    grid = make()
    surface = classroom_cells.collect_surface(grid, [])
    assert classroom_cells.claim_cell(grid, surface) == 1
    (path,) = (classroom.classrooms_folder() / grid.name).iterdir()
    os.utime(path, (time.time() - classroom_cells.CLAIM_SECONDS - 1,) * 2)
    assert classroom_cells.claim_cell(grid, surface) == 1
    classroom_cells.release_claim(grid, 5)  # which nobody holds


def test_many_who_ask_at_once_get_different_cells(fmnist_home):
    grid = make()
    surface, given, lock = classroom_cells.collect_surface(grid, []), [], threading.Barrier(12)

    def ask():
        lock.wait()
        given.append(classroom_cells.claim_cell(grid, surface))

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == sorted([1, 2, 3, 4, 5, 6] * 2)


def test_deleting_or_replacing_a_class_takes_the_claims_along(fmnist_home):
    grid = make()
    classroom.save_classroom(grid)
    surface = classroom_cells.collect_surface(grid, [])
    assert [classroom_cells.claim_cell(grid, surface) for _ in range(2)] == [1, 2]
    classroom.save_classroom(grid, replace=True)
    assert classroom_cells.claim_cell(grid, surface) == 1
    classroom.delete_classroom(grid.name)
    assert list(classroom.classrooms_folder().iterdir()) == []
