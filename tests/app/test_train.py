import pytest

from fmnist_core import runs, storage
from fmnist_core.config import TrainingConfig


@pytest.fixture
def page(open_page):
    return open_page("models/train.py")


def start_button(page):
    return next(button for button in page.button if button.label == "Start training")


def test_the_page_starts_from_the_recipes_settings(page):
    assert page.title[0].value == "Train"
    assert page.selectbox(key="paper").value == "threads"
    assert page.selectbox(key="recipe").value == "threads/model-3"
    assert "recipe" not in page.query_params
    assert page.number_input(key="epochs").value == 10
    assert page.number_input(key="batch_size").value == 32
    assert page.number_input(key="subset").value is None
    assert page.selectbox(key="split").value == "threads"
    assert not start_button(page).disabled
    assert not page.exception


def test_choosing_another_paper_fills_in_its_settings(page):
    page.number_input(key="epochs").set_value(3)
    page.selectbox(key="paper").set_value("mcnn").run()
    assert page.selectbox(key="recipe").value == "mcnn/proposed"
    assert page.query_params["recipe"] == "mcnn/proposed"
    assert page.number_input(key="epochs").value == 100
    assert page.number_input(key="batch_size").value == 128
    assert page.selectbox(key="split").value == "mcnn"
    assert page.number_input(key="early_stopping").value == 5
    assert any("213,354 parameters" in element.value for element in page.markdown)
    assert any("48,000 train" in element.value for element in page.caption)


def test_choosing_another_network_fills_in_its_settings(page):
    page.selectbox(key="recipe").set_value("threads/ann").run()
    assert page.query_params["recipe"] == "threads/ann"
    assert any("59,850 parameters" in element.value for element in page.markdown)
    page.selectbox(key="paper").set_value("fitch").run()
    page.selectbox(key="recipe").set_value("fitch/model-3").run()
    assert page.selectbox(key="paper").value == "fitch"
    assert page.number_input(key="epochs").value == 50
    assert not page.exception


@pytest.mark.parametrize("recipe", ["threads/model-2", "mcnn/learning-rate-0.01", "lab/wide"])
def test_a_link_to_a_recipe_opens_its_paper(open_page, recipe):
    page = open_page("models/train.py", recipe=recipe)
    assert page.selectbox(key="paper").value == recipe.partition("/")[0]
    assert page.selectbox(key="recipe").value == recipe
    assert not page.exception


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("epochs", 0, "`epochs` must be a whole number from 1 to 1000. Received: 0."),
        ("learning_rate", 0.0, "`learning_rate` must be above 0 and at most 10. Received: 0.0."),
        ("batch_size", 0, "`batch_size` must be a whole number from 1 to 8192. Received: 0."),
        ("subset", 42_001, "`subset` must be at most the 42,000 training items of this split. Received: 42,001."),
    ],
)
def test_invalid_settings_say_why_and_cannot_start(page, key, value, rule):
    page.number_input(key=key).set_value(value).run()
    assert [error.value for error in page.error] == [rule]
    assert start_button(page).disabled


def test_a_batch_larger_than_the_subset_cannot_start(page):
    page.number_input(key="subset").set_value(20)
    page.run()
    assert page.error[0].value == "`batch_size` must be at most the number of training items, 20. Received: 32."
    assert start_button(page).disabled


def test_settings_come_from_the_url(open_page):
    page = open_page("models/train.py", recipe="fitch/model-7", epochs="4")
    assert page.selectbox(key="recipe").value == "fitch/model-7"
    assert page.number_input(key="epochs").value == 4


def test_an_interrupted_run_is_shown_as_such_and_can_be_resumed(open_page):
    run = runs.create_run(TrainingConfig(), "threads/model-3", status=runs.INTERRUPTED)
    page = open_page("models/train.py", run=run.run_id)
    assert page.selectbox(key="run").value == run.run_id
    assert "interrupted" in page.warning[0].value
    assert "Resume" in [button.label for button in page.button]


def test_a_damaged_run_leaves_the_page_usable(open_page):
    folder = runs.runs_folder() / "broken"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{")
    page = open_page("models/train.py")
    assert not page.exception
    assert not start_button(page).disabled
    assert "broken" not in page.selectbox(key="run").options


def buttons(page):
    return {button.label: button for button in page.button}


@pytest.fixture
def running(open_page):
    """The page of a run that trains, as far as its folder tells."""
    run = runs.create_run(TrainingConfig(), "threads/model-3", status=runs.RUNNING)
    return run, open_page("models/train.py", run=run.run_id)


def test_a_run_that_trains_can_be_paused_and_go_on(running):
    run, page = running
    buttons(page)["Pause"].click().run()
    assert (run.path / "pause").exists()
    assert "Pause" not in buttons(page)
    buttons(page)["Go on"].click().run()
    assert not (run.path / "pause").exists()
    assert not buttons(page)["Pause"].disabled
    assert not page.exception


def test_a_step_asks_for_so_many_batches(running):
    run, page = running
    for n_batches in runs.STEPS:
        buttons(page)[f"+{n_batches}"].click().run()
        assert (run.path / "step").read_text() == f"{n_batches}\n"
    assert runs.load_run(run.run_id).paused


def test_a_click_that_comes_again_after_its_step_is_done_asks_for_no_other(running):
    run, page = running

    def hold(since):
        (run.path / "pause").touch()
        storage.write_json(run.path / "run.json", {**run.record, "paused_at": since})

    hold(since=1.0)
    page.run()
    buttons(page)["+10"].click()
    hold(since=2.0)  # the first of the two has been answered, and the page not drawn since
    page.run()
    assert not (run.path / "step").exists()
    buttons(page)["+10"].click().run()
    assert (run.path / "step").read_text() == "10\n"


def test_a_first_visit_sees_the_reference_run_of_the_recipe(open_page):
    for recipe, watched in (("threads/model-3", "threads-model-3"), ("fitch/model-7", "fitch-model-7")):
        assert open_page("models/train.py", recipe=recipe).selectbox(key="run").value == watched
    # One without gives way to the first that there is.
    assert (
        open_page("models/train.py", recipe="threads/ann").selectbox(key="run").value == runs.list_runs().runs[0].run_id
    )


def test_a_run_of_ones_own_comes_before_the_reference_run(open_page):
    run = runs.create_run(TrainingConfig("threads/ann"), "threads/ann", status=runs.STOPPED)
    assert open_page("models/train.py", recipe="threads/model-3").selectbox(key="run").value == run.run_id


def test_a_run_that_stops_can_be_asked_for_nothing_more(running):
    run, page = running
    buttons(page)["Stop"].click().run()
    assert (run.path / "stop").exists()
    assert all(buttons(page)[label].disabled for label in ("Pause", "Stop", "+1", "+10", "+100"))


def test_why_a_run_stopped_by_itself_is_said(open_page):
    run = runs.create_run(TrainingConfig(), "threads/model-3", status=runs.STOPPED)
    storage.write_json(run.path / "run.json", {**run.record, "note": "It was paused for too long."})
    page = open_page("models/train.py", run=run.run_id)
    assert [info.value for info in page.info] == ["It was paused for too long."]
    assert "Resume" in buttons(page)


def test_a_run_that_came_with_the_lab_cannot_be_trained_on(page):
    (button,) = (button for button in page.button if button.label == "Train on")
    assert button.disabled
    assert "came with the lab" in button.help


def test_the_settings_of_a_run_fill_the_form(open_page):
    config = TrainingConfig("mcnn/proposed", epochs=7, batch_size=50, subset=900, optimizer="sgd", seed=5)
    run = runs.create_run(config, "mcnn/proposed", status=runs.STOPPED)
    page = open_page("models/train.py", run=run.run_id)
    assert page.number_input(key="epochs").value != 7
    buttons(page)["Use its settings"].click().run()
    assert page.selectbox(key="recipe").value == "mcnn/proposed"
    for key in ("epochs", "batch_size", "subset", "seed"):
        assert page.number_input(key=key).value == getattr(config, key)
    assert page.selectbox(key="optimizer").value == "sgd"
    assert page.selectbox(key="split").value == "official"
    assert not page.exception
