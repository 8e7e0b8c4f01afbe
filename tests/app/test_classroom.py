"""A class: its form, its surface and its links on Search, and a pupil's cell on Train."""

import os
import time

import pytest

from fmnist_core import classroom, jobs, run_data, runs, storage
from fmnist_core.classroom import make_classroom
from fmnist_core.search import Parameter

RATES = Parameter("learning_rate", "float", values=(0.001, 0.01))
SIZES = Parameter("batch_size", "int", values=(16, 64))


@pytest.fixture
def grid(fmnist_home):
    made = make_classroom("Rate and size", "threads/ann", RATES, SIZES, epochs=1, subset=500)
    classroom.save_classroom(made)
    return made


@pytest.fixture
def open_class(open_page):
    return lambda **query: open_page("models/search.py", mode="Class", **query)


@pytest.fixture
def open_cell(open_page, monkeypatch):
    # What the jobs do is tested elsewhere; here they must not begin to train.
    monkeypatch.setattr(jobs, "_hand_out", lambda run_id: None)
    return lambda cell, name="rate-and-size", **query: open_page(
        "models/train.py", **{"class": name, "cell": cell}, **query
    )


def finish(grid, number, validation=0.8, test=0.7, **settings):
    recipe, config = grid.configure(number)
    run = runs.create_run(config.with_settings(**settings), recipe, status=runs.FINISHED, marks=grid.mark(number))
    storage.write_json(run.path / "run.json", {**run.record, "result": {"test_accuracy": test, "epochs": 1}})
    row = dict.fromkeys(run_data.HISTORY_COLUMNS, 1) | {"val_accuracy": validation}
    (run.path / "history.csv").write_text(",".join(row) + "\n" + ",".join(map(str, row.values())) + "\n")


def metrics(page):
    return {metric.label: metric.value for metric in page.metric}


def buttons(page):
    return {button.label: button for button in page.button}


def parameter(page, name):
    value = page.query_params[name]
    return value[0] if isinstance(value, list) else value


# The form


def test_without_a_class_there_is_the_form_of_one(open_class):
    page = open_class()
    assert page.text_input(key="class title").value == "Learning rate and batch size"
    assert page.selectbox(key="class_recipe").value == "threads/model-3"
    assert any("12 cells, each about" in caption.value for caption in page.caption)
    buttons(page)["Make the class"].click().run()
    kept = classroom.load_classroom("learning-rate-and-batch-size")
    assert (kept.size, kept.grid.recipe) == (12, "threads/model-3")
    assert kept.configure(12)[1].with_settings(learning_rate=0.001, batch_size=32) == (
        kept.configure(1)[1].with_settings(learning_rate=0.001, batch_size=32)
    )
    assert parameter(page, "class") == "learning-rate-and-batch-size"
    assert metrics(page)["Cells filled"] == "0 of 12"
    assert not page.exception


def test_another_start_fills_the_form_and_choices_are_chosen(open_class):
    page = open_class()
    page.selectbox(key="class_from").set_value("rate-optimizer").run()
    assert page.text_input(key="class title").value == "Learning rate and optimizer"
    assert page.multiselect[0].value == ["sgd", "adagrad", "rmsprop", "adam"]
    page.multiselect[0].set_value(["sgd"]).run()
    assert "`optimizer` must have 2 to 8 values. Received: 1." in [error.value for error in page.error]
    assert buttons(page)["Make the class"].disabled
    page.multiselect[0].set_value(["sgd", "adam"]).run()
    assert any("6 cells" in caption.value for caption in page.caption)
    assert not page.exception


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ("0.1", "`learning_rate` must have 2 to 8 values. Received: 1."),
        ("0.1, fast", "The values of `learning_rate` must be numbers with commas between. Received: 0.1, fast."),
        ("0.1, 11", "`learning_rate` must be above 0 and at most 10. Received: 11.0."),
        ("", "`learning_rate` must have at least one value. Received: none."),
    ],
)
def test_values_that_break_a_rule_say_so(open_class, values, rule):
    page = open_class()
    page.text_input(key="class rows rate-size learning_rate").set_value(values).run()
    (error,) = page.error
    assert error.value.endswith(rule)
    assert buttons(page)["Make the class"].disabled


def test_a_name_that_is_taken_is_not_offered_and_not_replaced(open_class, grid):
    page = open_class(**{"class": "_new"})
    page.text_input(key="class title").set_value("Rate and size").run()
    buttons(page)["Make the class"].click().run()
    assert page.error[0].value == "There must be no other class of that name. Received: Rate and size."
    assert classroom.load_classroom("rate-and-size") == grid
    assert not page.exception


def test_rows_and_columns_must_differ_and_a_batch_must_fit(open_class):
    page = open_class()
    page.selectbox(key="class columns").set_value("learning_rate").run()
    assert page.error[0].value == "Rows and columns must be different settings. Received: Learning rate twice."
    page.selectbox(key="class columns").set_value("batch_size").run()
    page.number_input(key="class items").set_value(100).run()
    assert "`batch_size` must be at most the number of training items, 100." in page.error[0].value


# The surface


def test_the_surface_shows_what_has_finished(open_class, grid):
    finish(grid, 1, 0.80, 0.75)
    finish(grid, 1, 0.82, 0.71, seed=1)
    finish(grid, 4, 0.90, 0.70)
    page = open_class(**{"class": "rate-and-size"})
    shown = metrics(page)
    assert (shown["Cells filled"], shown["Trained now"], shown["Best so far"]) == ("2 of 4", "0", "90.00%")
    assert shown["… in cell"] == "4: 0.01 · 64"
    page.segmented_control(key="measure").set_value("test").run()
    assert metrics(page)["Best so far"] == "73.00%"
    assert any("whoever picks the best of many" in caption.value for caption in page.caption)
    assert parameter(page, "measure") == "test"
    assert not page.exception


def test_links_begin_with_the_address_and_say_how_to_be_reached(open_class, grid):
    page = open_class(**{"class": "rate-and-size"})
    links = [code.value for code in page.code]
    assert links[0].endswith("/train?class=rate-and-size&cell=next")
    assert links[1].endswith("/train?class=rate-and-size&cell=1")
    assert [link.rpartition("=")[2] for link in links[2].splitlines()] == ["1", "2", "3", "4"]
    assert "--server.address 0.0.0.0" in page.info[0].value
    page.selectbox(key="class cell").set_value(3).run()
    assert page.code[1].value.endswith("cell=3")
    assert not page.exception


def test_an_unknown_class_and_a_damaged_one_are_said(open_class, grid):
    page = open_class(**{"class": "nobody"})
    assert page.warning[0].value == "There is no class called “nobody” in this lab."
    assert page.selectbox(key="class").value == "rate-and-size"
    (classroom.classrooms_folder() / "broken.json").write_text("{")
    page = open_class(**{"class": "broken"})
    assert "must be written as JSON" in page.warning[0].value
    assert not page.exception


def test_a_class_can_be_deleted(open_class, grid):
    page = open_class(**{"class": "rate-and-size"})
    buttons(page)["Delete this class"].click().run()
    assert classroom.list_classrooms().classrooms == {}
    assert "Make the class" in buttons(page)
    assert not page.exception


def test_a_run_that_was_trained_on_with_other_settings_is_not_counted(open_class, grid):
    finish(grid, 1, epochs=2)
    page = open_class(**{"class": "rate-and-size"})
    assert metrics(page)["Cells filled"] == "0 of 4"
    assert any("1 run was started for a cell and trained on" in caption.value for caption in page.caption)


# A pupil's cell


def test_a_link_fills_the_form_and_its_run_is_marked(open_cell, grid):
    page = open_cell("3")
    assert page.number_input(key="learning_rate").value == 0.01
    assert page.number_input(key="batch_size").value == 16
    assert page.selectbox(key="recipe").value == "threads/ann"
    assert any(
        text.value == "**Cell 3 of 4 of “Rate and size”:** learning rate 0.01, batch size 16." for text in page.markdown
    )
    buttons(page)["Start training"].click().run()
    run = runs.list_runs().runs[0]
    assert (run.record["classroom"], run.record["cell"]) == ("rate-and-size", 3)
    assert grid.holds(3, run.config)
    assert any("Your run counts in this cell" in caption.value for caption in page.caption)
    assert not page.exception


def test_another_setting_takes_the_run_out_of_the_cell_and_one_click_brings_it_back(open_cell, grid):
    page = open_cell("1")
    page.number_input(key="batch_size").set_value(50).run()
    assert any("no longer holds the settings of this cell" in caption.value for caption in page.caption)
    buttons(page)["Start training"].click().run()
    assert "classroom" not in runs.list_runs().runs[0].record
    buttons(page)["Back to its settings"].click().run()
    assert page.number_input(key="batch_size").value == 16
    assert "Back to its settings" not in buttons(page)
    buttons(page)["Leave the class"].click().run()
    assert "class" not in page.query_params
    assert not any("Cell 1 of 4" in text.value for text in page.markdown)
    assert not page.exception


def test_who_comes_later_gets_another_seed(open_cell, grid):
    finish(grid, 2)
    page = open_cell("2")
    assert page.number_input(key="seed").value == 1


def test_the_next_free_cell_is_given_once_and_given_back_by_who_leaves(open_cell, grid):
    first, second = open_cell("next"), open_cell("next")
    assert (parameter(first, "cell"), parameter(second, "cell")) == ("1", "2")
    first.run()
    assert parameter(first, "cell") == "1"
    buttons(first)["Leave the class"].click().run()
    assert parameter(open_cell("next"), "cell") == "1"
    buttons(second)["Start training"].click().run()
    # The run holds the cell now, not the claim.
    assert [path.name for path in (classroom.classrooms_folder() / grid.name).iterdir()] == ["1-0"]


def test_a_claim_lapses(open_cell, grid):
    open_cell("next")
    (path,) = (classroom.classrooms_folder() / grid.name).iterdir()
    os.utime(path, (time.time() - 3600,) * 2)
    assert parameter(open_cell("next"), "cell") == "1"


@pytest.mark.parametrize(
    ("name", "cell", "sentence"),
    [
        ("nobody", "1", "There must be a class of that name. Received: 'nobody'."),
        ("rate-and-size", "5", "`cell` must be a whole number from 1 to 4. Received: 5."),
        ("rate-and-size", "first", "`cell` must be a whole number from 1 to 4, or next. Received: first."),
        ("../etc", "1", "There must be a class of that name. Received: '../etc'."),
    ],
)
def test_a_link_that_leads_nowhere_says_why_and_leaves_the_page_usable(open_cell, grid, name, cell, sentence):
    page = open_cell(cell, name)
    assert page.error[0].value == sentence
    assert not buttons(page)["Start training"].disabled
    assert "class" not in page.query_params
    assert not page.exception


def test_a_link_without_a_cell_gives_the_next_one(open_page, grid):
    page = open_page("models/train.py", **{"class": "rate-and-size"})
    assert parameter(page, "cell") == "1"
    assert not page.exception
