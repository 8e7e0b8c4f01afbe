"""The page Search: setting one up, and what is shown of one in the storage."""

import json

import pytest

from fmnist_core import runs, search
from fmnist_core.search import PRESETS, Parameter, SearchConfig, database

PAGE = "models/search.py"
RATE = Parameter("learning_rate", "float", 0.001, 0.1, log=True)
SIZE = Parameter("batch_size", "int", 16, 64)
PAIR = SearchConfig("pair", "threads/model-3", (RATE, SIZE), settings={"epochs": 2}, sampler="random", trials=6)


@pytest.fixture
def page(open_page):
    return open_page(PAGE)


def start_button(page):
    return page.button(key="start the search")


def errors(page):
    return [error.value for error in page.error]


def texts(page):
    return [element.value for element in (*page.markdown, *page.caption)]


def parameters(page):
    """Return the input of what varies."""
    return next(box for box in page.multiselect if box.label == "Vary")


def keep_search(config, trials, status="finished"):
    """Write a search with some trials into the storage, as its driver does: (values, accuracies, state)."""
    import optuna

    study = database.create_study(config)
    for values, accuracies, state in trials:
        study.enqueue_trial(values)
        trial = study.ask()
        for parameter in config.parameters:
            suggest = {"float": trial.suggest_float, "int": trial.suggest_int}[parameter.kind]
            suggest(parameter.name, parameter.low, parameter.high, log=parameter.log)
        for epoch, accuracy in enumerate(accuracies, start=1):
            trial.report(accuracy, epoch)
        trial.set_user_attr("seconds", 2.0)
        if state == "complete":
            study.tell(trial, max(accuracies))
        else:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
    study.set_user_attr("driver", {"status": status, "seconds": 60.0, "workers": 1})


@pytest.fixture
def kept(fmnist_home):
    keep_search(
        PAIR,
        [
            ({"learning_rate": 0.001, "batch_size": 16}, (0.7, 0.8), "complete"),
            ({"learning_rate": 0.01, "batch_size": 32}, (0.75, 0.84), "complete"),
            ({"learning_rate": 0.1, "batch_size": 64}, (0.2,), "pruned"),
            ({"learning_rate": 0.003, "batch_size": 20}, (0.7, 0.82), "complete"),
            ({"learning_rate": 0.002, "batch_size": 50}, (0.7, 0.81), "complete"),
        ],
    )
    return PAIR.name


def test_a_first_visit_finds_a_small_search_ready_to_start(page):
    assert not page.exception
    assert page.selectbox(key="start").value == "lab-first-look"
    assert not start_button(page).disabled
    assert any("**12 trainings** (4 × 3) of about 5 s each" in text for text in texts(page))
    assert any("Nobody has searched here yet" in text for text in texts(page))
    assert not errors(page)


def test_looking_makes_no_storage(page, fmnist_home):
    assert not (fmnist_home / "searches.db").exists()


@pytest.mark.parametrize("key", PRESETS)
def test_every_series_of_the_papers_is_ready_to_start(open_page, key):
    page = open_page(PAGE, start=key)
    assert page.selectbox(key="start").value == key
    assert not start_button(page).disabled
    assert not errors(page)


def test_a_grid_is_counted_as_its_values_are_typed(page):
    page.text_input(key="lab-first-look batch_size values").set_value("16, 32").run()
    assert any("**8 trainings** (4 × 2)" in text for text in texts(page))


def test_epochs_and_items_change_how_long_it_takes(page):
    page.number_input(key="trial_epochs").set_value(20)
    page.number_input(key="trial_items").set_value(None).run()
    assert any("12 trainings" in text and " min " in text.partition("of about")[2] for text in texts(page))


def test_any_recipe_starts_with_ranges_and_its_own_sampler(open_page):
    page = open_page(PAGE, start="recipe")
    assert page.selectbox(key="start_recipe").value == "threads/model-3"
    assert page.query_params.get("start") == "recipe"
    assert page.number_input(key="recipe threads/model-3 learning_rate low").value == 0.0001
    assert page.number_input(key="trials").value == 12
    assert not start_button(page).disabled


@pytest.mark.parametrize(
    ("low", "high", "log", "sentence"),
    [
        (0.1, 0.01, True, "The range of `learning_rate` must begin below its end. Received: 0.1 to 0.01."),
        (0.0, 0.01, True, "A logarithmic range must begin above 0. Received: learning_rate from 0.0 to 0.01."),
        (
            0.01,
            20.0,
            True,
            "No training can have learning_rate 20.0, batch_size 16. `learning_rate` must be above 0 and ",
        ),
    ],
)
def test_a_range_that_cannot_be_is_refused(open_page, low, high, log, sentence):
    page = open_page(PAGE, start="recipe")
    key = "recipe threads/model-3 learning_rate"
    page.number_input(key=f"{key} low").set_value(low)
    page.number_input(key=f"{key} high").set_value(high)
    page.checkbox(key=f"{key} log").set_value(log).run()
    assert errors(page)[0].startswith(sentence)
    assert start_button(page).disabled


def test_a_choice_of_nothing_is_refused(open_page):
    page = open_page(PAGE, start="mcnn-optimizer")
    next(box for box in page.multiselect if box.label == "Recipe").set_value([]).run()
    assert errors(page) == ["`recipe` must have 1 to 100 choices. Received: 0."]
    assert start_button(page).disabled


def test_a_search_that_varies_nothing_is_refused(page):
    parameters(page).set_value([]).run()
    assert errors(page) == ["A search must vary at least one setting. Received: none."]
    assert start_button(page).disabled


def test_a_grid_that_is_too_large_is_refused(page):
    many = ", ".join(str(number) for number in range(16, 66))
    page.text_input(key="lab-first-look batch_size values").set_value(many)
    rates = ", ".join(f"0.{number:04}" for number in range(1, 31))
    page.text_input(key="lab-first-look learning_rate values").set_value(rates).run()
    assert errors(page) == ["A grid must have at most 1,000 cells. Received: 1,500."]
    assert start_button(page).disabled


def test_words_in_place_of_values_are_refused(page):
    page.text_input(key="lab-first-look batch_size values").set_value("16, many").run()
    assert errors(page) == ["The values of `batch_size` must be numbers with commas between. Received: 16, many."]


def test_more_items_than_there_are_are_refused(page):
    page.number_input(key="trial_items").set_value(60_000).run()
    assert "`subset` must be at most the 42,000 training items of this split." in errors(page)[0]
    assert start_button(page).disabled


def test_a_search_is_shown_with_its_best_and_stands_in_the_url(open_page, kept):
    page = open_page(PAGE)
    assert not page.exception
    assert page.query_params["search"] == kept
    assert [(metric.label, metric.value) for metric in page.metric] == [("Best", "84.00%")]
    assert "**Learning rate 0.01, Batch size 32**" in texts(page)
    assert any("the highest of 4, so partly luck" in text for text in texts(page))


@pytest.mark.parametrize("view", ["Two settings", "Slices", "Importance", "Parallel", "Curves", "Table"])
def test_every_view_of_a_search_can_be_opened_by_a_link(open_page, kept, view):
    page = open_page(PAGE, search=kept, findings=view)
    assert not page.exception
    assert not errors(page)
    charts = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    assert len(charts) == {"Slices": 3, "Table": 1}.get(view, 2)
    if view == "Table":
        table = page.dataframe[0].value
        assert table["number"].tolist() == [2, 4, 5, 1, 3]
        assert table["state"].tolist()[-1] == "pruned"


def test_a_search_of_one_setting_has_no_pair(open_page, fmnist_home):
    keep_search(SearchConfig("one", "threads/model-3", (RATE,)), [({"learning_rate": 0.01}, (0.8,), "complete")])
    page = open_page(PAGE)
    assert [info.value for info in page.info] == ["This search varies one setting only: Slices shows it."]
    page = open_page(PAGE, findings="Importance")
    assert [info.value for info in page.info] == [
        "Importance must be worked out from at least 4 complete trials that differ. Received: 1."
    ]


def test_a_search_that_varies_the_epochs_has_them_once_in_its_table(open_page, fmnist_home):
    config = SearchConfig("long", "threads/model-3", (Parameter("epochs", "int", 1, 4),), trials=1)
    keep_search(config, [({"epochs": 2}, (0.7, 0.8), "complete")])
    page = open_page(PAGE, findings="Table")
    assert not page.exception
    assert page.dataframe[0].value["epochs"].tolist() == [2]


def test_an_interrupted_search_can_go_on_and_says_so(open_page, fmnist_home):
    keep_search(PAIR, [({"learning_rate": 0.01, "batch_size": 32}, (0.8,), "complete")], status="interrupted")
    page = open_page(PAGE)
    assert "interrupted" in page.warning[0].value
    assert not page.button(key="go on").disabled
    assert any("1 of 6 trials" in bar.proto.text for bar in page.get("progress"))


def test_a_search_is_deleted_and_its_runs_stay(open_page, kept, fmnist_home):
    page = open_page(PAGE)
    before = len(runs.list_runs().runs)
    page.button(key="really delete").click().run()
    assert not page.exception
    assert search.list_searches().searches == ()
    assert len(runs.list_runs().runs) == before
    assert any("Nobody has searched here yet" in text for text in texts(page))


def test_what_the_storage_holds_beside_searches_is_told(open_page, kept):
    import optuna

    optuna.create_study(study_name="foreign", storage=search.find_url())
    page = open_page(PAGE)
    assert any("foreign: it is damaged, or not a search of the lab." in text for text in texts(page))
    assert page.selectbox(key="search").options == [
        option for option in page.selectbox(key="search").options if "pair" in option
    ]


def test_the_best_settings_lead_to_the_form_of_train_with_the_recipes_epochs(open_page, kept):
    page = open_page(PAGE)
    links = {link.proto.label: link.proto.query_string for link in page.get("page_link")}
    assert links["Train this in full"] == "recipe=threads%2Fmodel-3&learning_rate=0.01"
    train = open_page("models/train.py", recipe="threads/model-3", learning_rate="0.01")
    assert train.number_input(key="learning_rate").value == 0.01
    assert train.number_input(key="epochs").value == 10


def test_how_to_open_it_elsewhere_names_the_storage(open_page, kept, monkeypatch):
    codes = [code.value for code in open_page(PAGE).code]
    assert any(code.startswith("pip install optuna-dashboard") and search.find_url() in code for code in codes)
    assert any('load_search("pair")' in code for code in codes)
    # Another database's address may hold a password.
    monkeypatch.setenv("FMNIST_STORAGE", search.find_url())
    assert not any(search.find_url() in code.value for code in open_page(PAGE).code)


def test_the_class_and_the_repeats_are_tabs_of_the_page(open_page):
    for mode in ("Class", "Repeats"):
        page = open_page(PAGE, mode=mode)
        assert not page.exception
        assert not [button for button in page.button if button.key == "start the search"]
