"""What Train shows of a classical classifier."""

import pytest

from fmnist_core import recording, runs, storage
from fmnist_core.baselines import BASELINES, write_code
from fmnist_core.config import TrainingConfig

FOREST = "baselines/random-forest"
CONFIG = TrainingConfig(FOREST, epochs=1, subset=600, validation_split=0.05)


def labels(elements):
    return [element.label for element in elements]


@pytest.mark.parametrize("name", BASELINES)
def test_it_is_chosen_like_a_network_and_takes_only_what_it_can_use(open_page, name):
    page = open_page("models/train.py", recipe=name)
    assert not page.exception
    assert (page.selectbox(key="paper").value, page.selectbox(key="recipe").value) == ("baselines", name)
    shown = {number.key for number in page.number_input}
    assert {"subset", "validation_split", "seed"} <= shown
    assert shown.isdisjoint({"epochs", "batch_size", "learning_rate", "early_stopping", "flip"})
    assert page.code[0].value == write_code(name).strip()
    assert not next(button for button in page.button if button.label == "Start training").disabled


def test_from_a_network_to_a_classifier_and_back(open_page):
    page = open_page("models/train.py")
    page.selectbox(key="paper").set_value("baselines").run()
    assert page.selectbox(key="recipe").value == "baselines/logistic-regression"
    assert not page.exception
    assert not page.error
    page.number_input(key="subset").set_value(20).run()
    assert page.error[0].value.startswith("A classical classifier must have at least 3 training items of each class.")
    page.selectbox(key="paper").set_value("fitch").run()
    assert page.number_input(key="epochs").value == 10
    assert page.number_input(key="subset").value is None
    assert not page.error


def test_while_it_is_fitted_it_says_what_it_does_and_can_only_be_stopped(open_page):
    run = runs.create_run(CONFIG, FOREST, status=runs.RUNNING)
    stage = {"doing": "Fitting: 40 of 100 trees", "share": 0.36}
    storage.write_json(run.path / "run.json", {**run.record, "stage": stage, "started": run.created})
    page = open_page("models/train.py", run=run.run_id)
    (progress,) = page.get("progress")
    assert progress.proto.value == 36
    assert progress.proto.text.startswith("Fitting: 40 of 100 trees, for ")
    assert {"Pause", "+1", "Train on", "Use its settings"}.isdisjoint(labels(page.button))
    next(button for button in page.button if button.label == "Stop").click().run()
    assert (run.path / "stop").exists()
    assert "half a fit is none" in page.get("progress")[0].proto.text


def test_one_that_was_interrupted_can_be_fitted_again(open_page):
    run = runs.create_run(CONFIG, FOREST, status=runs.INTERRUPTED)
    page = open_page("models/train.py", run=run.run_id)
    assert page.warning[0].value.endswith("It can be fitted again.")
    assert "Resume" in labels(page.button)


@pytest.fixture
def fitted(fmnist_home):
    run = runs.create_run(CONFIG, FOREST)
    return recording.execute(run.run_id)


def test_a_fitted_one_is_shown_with_its_figures_and_its_mistakes_but_answers_nobody(fitted, open_page):
    page = open_page("models/train.py", run=fitted.run_id)
    assert not page.exception
    state = page.get("progress")[0].proto.text
    assert state.startswith("Fitted in ")
    assert state.endswith(f"; {fitted.parameters:,} questions learned")
    figures = {metric.label: metric.value for metric in page.metric}
    assert set(figures) == {"Test accuracy", "Validation accuracy", "Training accuracy", "Images a second"}
    assert figures["Test accuracy"] == f"{fitted.test_accuracy:.2%}"
    assert not page.get("plotly_chart")
    assert "Train on" not in labels(page.button)
    for tab in ("Time machine", "Your drawing", "Inside"):
        assert not open_page("models/train.py", run=fitted.run_id, watch=tab).exception
    mistakes = open_page("analysis/mistakes.py", run=fitted.run_id)
    assert mistakes.selectbox(key="run").value == fitted.run_id
    assert mistakes.metric[0].value == f"{fitted.test_accuracy:.2%}"
    yours = open_page("classify/yours.py")
    assert fitted.run_id not in yours.selectbox(key="run").options
    assert fitted.title not in yours.selectbox(key="run").options
