import json

import pytest

from fmnist_core import architectures
from fmnist_core.errors import InvalidSettingError
from fmnist_core.recipes import load_recipes
from fmnist_core.search import PRESETS, PRUNERS, SAMPLERS, Parameter, SearchConfig

RATE = Parameter("learning_rate", "float", 0.001, 0.1, log=True)
SIZES = Parameter("batch_size", "int", values=(16, 32))
OPTIMIZERS = Parameter("optimizer", "choice", choices=("adam", "sgd"))
CONFIG = SearchConfig("some", "threads/model-3", (RATE, OPTIMIZERS), {"epochs": 3})


def test_settings_survive_json():
    config = CONFIG.with_settings(sampler="grid", pruner="median", seconds=60.0, budget=30, seed=4)
    assert SearchConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_a_trial_is_the_recipe_with_what_is_fixed_and_what_is_sampled():
    recipe, config = CONFIG.find_training({"learning_rate": 0.02, "optimizer": "sgd"})
    expected = load_recipes()["threads/model-3"].config.with_settings(epochs=3, learning_rate=0.02, optimizer="sgd")
    assert (recipe, config) == ("threads/model-3", expected)


def test_a_trial_may_change_the_network_or_take_another_recipe():
    kernels = CONFIG.with_settings(
        parameters=(Parameter("kernel_size", "int", 2, 5), Parameter("width", "float", 0.5, 2))
    )
    _, config = kernels.find_training({"kernel_size": 2, "width": 2.0})
    convolutions = [layer.arguments for layer in config.stack if layer.class_name == "Conv2D"]
    assert [(layer["filters"], layer["kernel_size"]) for layer in convolutions] == [(64, 2), (128, 2)]
    assert config.epochs == 3
    larger = kernels.with_settings(settings={"enlarge": 2}).find_training({"kernel_size": 2, "width": 1.0})[1]
    assert [layer.class_name for layer in larger.stack].count("UpSampling2D") == 1

    choices = ("fitch/model-1", "threads/ann")
    recipes = CONFIG.with_settings(parameters=(Parameter("recipe", "choice", choices=choices),))
    recipe, config = recipes.find_training({"recipe": "threads/ann"})
    assert (recipe, config) == ("threads/ann", load_recipes()["threads/ann"].config.with_settings(epochs=3))


def test_a_grid_has_all_cells_in_order():
    config = CONFIG.with_settings(parameters=(OPTIMIZERS, SIZES), sampler="grid", trials=3)
    cells = [("adam", 16), ("adam", 32), ("sgd", 16), ("sgd", 32)]
    assert [(cell["optimizer"], cell["batch_size"]) for cell in config.cells] == cells
    assert (config.grid_size, config.planned) == (4, 3)
    assert config.with_settings(trials=9).planned == 4
    assert config.with_settings(trials=9, sampler="random").planned == 9


def test_the_longest_trial_is_known():
    assert CONFIG.longest == 3
    assert CONFIG.with_settings(settings={}, parameters=(Parameter("epochs", "int", 2, 7),)).longest == 7


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"name": "Some"}, "`name` must be 1 to 64 small letters, digits and dashes"),
        ({"name": "-a"}, "no dash first"),
        ({"name": "a/../b"}, "`name` must be"),
        ({"recipe": "threads/none"}, "`recipe` must be one of threads/ann"),
        ({"parameters": ()}, "`parameters` must be 1 to 10. Received: 0."),
        ({"parameters": (RATE, RATE)}, "must vary a setting only once. Received: learning_rate twice."),
        ({"parameters": ("rate",)}, "`parameters` must be parameters"),
        ({"settings": {"optimizer": "sgd"}}, "must either vary or be fixed. Received: optimizer as both."),
        ({"settings": {"epoch": 3}}, "`setting` must be one of architecture"),
        ({"settings": {"epochs": 0}}, "`epochs` must be a whole number from 1 to 1000. Received: 0."),
        ({"settings": 3}, "`settings` must be settings by name"),
        ({"settings": {"split": "official", "validation_split": 0.0}}, "the recipe must keep validation items"),
        ({"sampler": "bayes"}, "`sampler` must be one of grid, random, tpe. Received: bayes."),
        ({"pruner": "always"}, "`pruner` must be one of none, median, successive-halving, hyperband."),
        ({"trials": 0}, "`trials` must be a whole number from 1 to 1000. Received: 0."),
        ({"trials": 2.5}, "`trials` must be a whole number"),
        ({"seconds": 0}, "`seconds` must be a number from 1 to 2592000. Received: 0."),
        ({"budget": 2}, "`budget` must suffice for a trial's 3 epochs. Received: 2."),
        ({"seed": -1}, "`seed` must be a whole number"),
        ({"parameters": (Parameter("learning_rate", "float", 0.1, 20),)}, "No training can have learning_rate 20.0."),
        ({"parameters": (Parameter("momentum", "float", 0, 0.9),)}, "unless `optimizer` is one of sgd"),
        ({"parameters": (Parameter("kernel_size", "int", 2, 28),)}, "No training can have kernel_size 28."),
        ({"parameters": (Parameter("recipe", "choice", choices=("threads/none",)),)}, "`recipe` must be one of"),
        ({"recipe": "baselines/random-forest", "settings": {}}, "a classical classifier takes only"),
        (
            {"recipe": "baselines/random-forest", "settings": {}, "parameters": (Parameter("width", "float", 1, 2),)},
            "the recipe must be a network's. Received: baselines/random-forest.",
        ),
        (
            {
                "sampler": "grid",
                "parameters": tuple(Parameter.usual(name) for name in ("erase", "cutmix", "zoom", "shear", "rotate")),
            },
            "A grid must have at most 1,000 cells. Received: 3,125.",
        ),
    ],
)
def test_what_cannot_be_searched_is_refused_with_the_rule(settings, complaint):
    with pytest.raises(InvalidSettingError) as refused:
        CONFIG.with_settings(**settings)
    assert complaint in str(refused.value)


def test_a_setting_may_be_fixed_that_only_all_choices_together_allow():
    choices = Parameter("optimizer", "choice", choices=("sgd", "rmsprop"))
    config = CONFIG.with_settings(parameters=(choices, Parameter("momentum", "float", 0, 0.9)))
    assert config.find_training({"optimizer": "sgd", "momentum": 0.5})[1].momentum == 0.5


def test_there_are_the_samplers_and_pruners_that_were_promised():
    assert list(SAMPLERS) == ["grid", "random", "tpe"]
    assert list(PRUNERS) == ["none", "median", "successive-halving", "hyperband"]


# What the papers' tables print.
SERIES = {
    "mcnn-batch-size": ("batch_size", [16, 32, 64, 128, 256]),
    "mcnn-learning-rate": ("learning_rate", [0.001, 0.002, 0.01, 0.02]),
    "silwimba-kernel-size": ("kernel_size", [2, 3, 4, 5]),
}


@pytest.mark.parametrize("key", SERIES)
def test_the_series_of_the_papers_have_the_values_of_their_tables(key):
    name, values = SERIES[key]
    config = PRESETS[key].make("mine", settings={"epochs": 1})
    assert [cell[name] for cell in config.cells] == values
    assert config.planned == len(values)
    assert config.name == "mine"
    assert config.longest == 1


def test_the_trials_of_the_papers_are_their_recipes():
    for key, beginning, count in (
        ("silwimba-network-1", "silwimba/network-1-trial-", 7),
        ("silwimba-network-2", "silwimba/network-2-trial-", 7),
        ("mcnn-optimizer", "mcnn/", 7),
    ):
        config = PRESETS[key].make(key)
        trainings = [config.find_training(cell) for cell in config.cells]
        assert len(trainings) == count
        for recipe, training in trainings:
            assert recipe.startswith(beginning)
            assert training == load_recipes()[recipe].config
    rates = {training.optimizer for _, training in trainings}
    assert rates == {"adam", "sgd", "rmsprop", "adadelta", "adagrad", "adamax", "nadam"}


def test_kernels_of_all_sizes_fit_the_paper_s_network():
    config = PRESETS["silwimba-kernel-size"].make("kernels")
    parameters = [config.find_training(cell)[1].parameters for cell in config.cells]
    base = architectures.count_parameters(architectures.find_stack("silwimba/network-2-trial-2"))
    # Kernels of 3×3 and 5×5 in the paper: 4 · 9 and 4 · 16 · 25 weights.
    assert parameters == [base + 4 * (size**2 - 9) + 64 * (size**2 - 25) for size in (2, 3, 4, 5)]
