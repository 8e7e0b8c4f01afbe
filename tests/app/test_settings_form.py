"""The form of a training: networks of one's own, settings kept and filled in."""

import pytest

from fmnist_core import networks, runs
from fmnist_core.config import TrainingConfig
from fmnist_core.networks import Network, from_link, save_network, to_link
from fmnist_core.recipes import find_recipe
from fmnist_core.stacks import FLATTEN, conv, dense, pool
from pages.shared.settings_form import query_of

TINY = Network("Tiny", (conv(4, 3), pool(), FLATTEN, dense(8)), {"epochs": 4, "early_stopping": 2})


@pytest.fixture
def page(open_page):
    return open_page("models/train.py")


def shown(page):
    """The settings in the form, as a training would get them."""
    return TrainingConfig.from_dict(page.session_state["settings shown"])


def button(page, label):
    return next(button for button in page.button if button.label == label)


def link_of(page):
    value = page.query_params["net"]
    return from_link(value[0] if isinstance(value, list) else value)


def test_images_can_be_enlarged(page):
    page.number_input(key="enlarge").set_value(2).run()
    assert shown(page).enlarge == 2
    page.number_input(key="enlarge").set_value(5).run()
    assert page.error[0].value == "`enlarge` must be a whole number from 1 to 4. Received: 5."
    page.number_input(key="enlarge").set_value(1).run()
    assert shown(page) == TrainingConfig("threads/model-3", split="threads")


def test_a_saved_network_is_offered_with_its_settings(open_page):
    save_network(TINY)
    page = open_page("models/train.py")
    page.selectbox(key="paper").set_value("own").run()
    assert page.selectbox(key="recipe").value == "own/tiny"
    assert page.number_input(key="epochs").value == 4
    assert page.number_input(key="early_stopping").value == 2
    assert shown(page) == TINY.config
    assert link_of(page) == TINY
    page.selectbox(key="paper").set_value("threads").run()
    assert "net" not in page.query_params
    assert shown(page).layers is None
    assert not page.exception


def test_without_networks_of_one_s_own_they_are_not_offered(page):
    assert "Your own" not in page.selectbox(key="paper").options


def test_a_link_brings_a_network_that_nobody_has_saved(open_page):
    page = open_page("models/train.py", net=to_link(TINY), batch_size="64", early_stopping="5")
    assert page.selectbox(key="paper").value == "own"
    assert page.selectbox(key="recipe").value == "own/tiny"
    assert shown(page) == TINY.config.with_settings(batch_size=64, early_stopping=5)
    page.run()
    assert link_of(page) == TINY
    assert networks.list_networks().networks == {}
    # It stays at hand for this visit.
    page.selectbox(key="paper").set_value("lab").run()
    page.selectbox(key="paper").set_value("own").run()
    assert shown(page).layers == TINY.layers
    assert not page.exception


def test_a_link_to_another_network_of_a_saved_one_s_name_is_told_apart(open_page):
    save_network(TINY)
    page = open_page("models/train.py", net=to_link(Network("Tiny", (FLATTEN,))))
    assert page.selectbox(key="recipe").value == "own/tiny-link"
    assert page.selectbox(key="recipe").options == ["Tiny", "Tiny (from a link)"]
    assert shown(page).layers == (FLATTEN,)
    page.selectbox(key="recipe").set_value("own/tiny").run()
    assert shown(page) == TINY.config
    assert link_of(page) == TINY


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ("garbage", "A link must hold a whole network. Received: 'garbage'."),
        (to_link(Network("No", ())), "Layer 1, Dense(units=10, activation='softmax'): needs a flat layer before it"),
    ],
)
def test_a_link_that_cannot_be_trained_says_why(open_page, link, sentence):
    page = open_page("models/train.py", net=link)
    assert page.error[0].value.startswith(sentence)
    assert page.selectbox(key="recipe").value == "threads/model-3"
    assert not page.exception


def test_settings_are_saved_as_a_recipe_of_one_s_own(page):
    page.number_input(key="epochs").set_value(3)
    page.number_input(key="rotate").set_value(10.0).run()
    page.text_input(key="name of settings").set_value("Model 3, turned").run()
    button(page, "Save as a recipe of your own").click().run()
    kept = networks.load_network("model-3-turned")
    assert kept.settings == {"epochs": 3, "split": "threads", "rotate": 10.0}
    assert page.selectbox(key="recipe").value == "own/model-3-turned"
    assert shown(page) == kept.config
    assert button(page, "Saved").disabled
    # The same name again, for something else: asked first.
    page.number_input(key="epochs").set_value(5).run()
    button(page, "Save as a recipe of your own").click().run()
    assert networks.load_network("model-3-turned").settings["epochs"] == 3
    button(page, "Replace it").click().run()
    assert networks.load_network("model-3-turned").settings["epochs"] == 5
    assert not page.exception


def test_settings_that_are_wrong_cannot_be_saved(page):
    page.number_input(key="epochs").set_value(0).run()
    assert "Save as a recipe of your own" not in [button.label for button in page.button]


def test_a_form_filled_from_a_run_takes_whole_numbers_for_real_ones(open_page):
    config = TrainingConfig(
        "threads/model-3", validation_split=0, warmup_epochs=2, label_smoothing=0, rotate=5, learning_rate=1, ema=0
    )
    run = runs.create_run(config, "threads/model-3", status=runs.STOPPED)
    page = open_page("models/train.py", run=run.run_id)
    button(page, "Use its settings").click().run()
    assert not page.exception
    assert shown(page) == config
    assert page.number_input(key="warmup_epochs").value == 2.0


def test_a_recipe_with_whole_numbers_for_real_ones_can_be_opened(open_page):
    whole = Network("Whole", TINY.layers, {"learning_rate": 1, "validation_split": 0, "rotate": 5})
    page = open_page("models/train.py", net=to_link(whole))
    assert not page.exception
    assert shown(page) == whole.config


def test_the_settings_of_a_run_of_a_network_of_one_s_own_bring_its_network(open_page):
    config = TINY.config.with_settings(batch_size=50)
    run = runs.create_run(config, "own/gone", status=runs.STOPPED)
    page = open_page("models/train.py", run=run.run_id)
    button(page, "Use its settings").click().run()
    assert shown(page) == config
    assert page.selectbox(key="paper").value == "own"
    assert link_of(page).layers == TINY.layers
    save_network(TINY)
    page.selectbox(key="paper").set_value("lab").run()
    button(page, "Use its settings").click().run()
    assert shown(page) == config
    assert not page.exception


def test_a_link_to_settings_holds_what_is_empty_too(open_page):
    config = TrainingConfig("mcnn/proposed", epochs=7, split="mcnn", reduce_on_plateau=3)
    run = runs.create_run(config, "mcnn/proposed", status=runs.STOPPED)
    page = open_page("models/train.py", run=run.run_id, recipe="mcnn/proposed")
    recipe = find_recipe("mcnn/proposed")
    # The address says it all as long as nothing is empty that is not in the recipe.
    assert shown(page).early_stopping == 5
    assert query_of(recipe, page.session_state["settings shown"]) is None
    button(page, "Use its settings").click().run()
    assert shown(page) == config
    other = open_page("models/train.py", **query_of(recipe, page.session_state["settings shown"]))
    assert shown(other) == config.with_settings(architecture="threads/model-3", layers=recipe.config.stack)


def test_what_a_recipe_fills_in_can_be_emptied(open_page):
    page = open_page("models/train.py", recipe="mcnn/proposed")
    assert shown(page).early_stopping == 5
    page.number_input(key="early_stopping").set_value(None).run()
    assert shown(page).early_stopping is None
    page.number_input(key="epochs").set_value(3).run()
    assert shown(page).early_stopping is None
    page.selectbox(key="recipe").set_value("mcnn/batch-16").run()
    assert shown(page).early_stopping == 5
    assert not page.exception


# Folds


def test_folds_fix_what_validates(page):
    assert page.number_input(key="folds").value is None
    assert "fold" not in [entry.key for entry in page.number_input]
    page.selectbox(key="split").set_value("official").run()
    assert not page.number_input(key="validation_split").disabled
    page.number_input(key="folds").set_value(5).run()
    assert page.number_input(key="validation_split").disabled
    page.number_input(key="fold").set_value(4).run()
    assert (shown(page).folds, shown(page).fold) == (5, 4)
    assert any("48,000 train · 12,000 validation" in caption.value for caption in page.caption)
    page.number_input(key="fold").set_value(5).run()
    assert page.error[0].value == "`fold` must be a whole number from 0 to 4. Received: 5."
    page.number_input(key="folds").set_value(None).run()
    assert shown(page) == TrainingConfig("threads/model-3")
    assert not page.exception


def test_folds_are_refused_where_a_paper_cuts_the_items(page):
    page.number_input(key="folds").set_value(5).run()
    assert "so `split` must be official. Received: threads." in page.error[0].value


def test_folds_come_from_the_url_and_a_classical_classifier_takes_them(open_page):
    page = open_page("models/train.py", recipe="baselines/random-forest", split="official", folds="3", fold="2")
    assert (page.number_input(key="folds").value, page.number_input(key="fold").value) == (3, 2)
    assert page.number_input(key="validation_split").disabled
    assert any("40,000 train · 20,000 validation" in caption.value for caption in page.caption)
    assert not page.exception
