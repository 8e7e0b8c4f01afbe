from pathlib import Path

import numpy as np
import pytest

from fmnist_core import recipes
from fmnist_core.architectures import ARCHITECTURES
from fmnist_core.baselines import BASELINES
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import InvalidSettingError
from fmnist_core.recipes import find_recipe, load_papers, load_recipes


def test_every_system_of_the_papers_has_a_recipe():
    systems = {key: [name.partition("/")[2] for name in paper.recipes] for key, paper in load_papers().items()}
    rates = [f"learning-rate-{rate}" for rate in ("0.01", "0.02", "0.002")]
    optimizers = [f"optimizer-{name}" for name in ("sgd", "rmsprop", "adadelta", "adagrad", "adamax", "nadam")]
    assert systems == {
        "threads": ["ann", "model-1", "model-2", "model-3"],
        "conquering": ["cnn"],
        "fitch": [f"model-{number}" for number in range(1, 9)],
        "mcnn": [
            "proposed",
            *(f"batch-{size}" for size in (16, 32, 64, 256)),
            *rates,
            "resnet50",
            "vgg16",
            *optimizers,
        ],
        "silwimba": [f"network-{network}-trial-{trial}" for network in (1, 2) for trial in range(1, 8)],
        "lab": ["quick", "ten-minutes", "half-hour", "afternoon", "street", "small", "wide"],
        "baselines": ["logistic-regression", "k-nearest-neighbors", "random-forest", "linear-svm", "hog-svm"],
    }


def test_every_network_has_a_recipe_and_a_recipe_has_its_own_unless_the_paper_shares_it():
    networks = {name: recipe.config.architecture for name, recipe in load_recipes().items()}
    assert set(networks.values()) == set(ARCHITECTURES) | set(BASELINES)
    shared = {name: network for name, network in networks.items() if name != network}
    assert shared.pop("fitch/model-3") == "fitch/model-2"
    assert shared.pop("fitch/model-5") == "fitch/model-4"
    assert set(shared.values()) == {"mcnn/proposed"}
    assert len(shared) == 13


def test_every_table_is_read():
    tables = Path(recipes.__file__).parent.glob("*.toml")
    assert {path.stem for path in tables} == set(load_papers())


PROPOSED = TrainingConfig(
    "mcnn/proposed", epochs=100, batch_size=128, split="mcnn", early_stopping=5, reduce_on_plateau=3
)


@pytest.mark.parametrize(
    ("name", "config", "claims"),
    [
        (
            "threads/model-2",
            TrainingConfig("threads/model-2", epochs=10, batch_size=32, split="threads"),
            {"train": 0.974, "test": 0.906},
        ),
        (
            "threads/model-3",
            TrainingConfig("threads/model-3", epochs=10, batch_size=32, split="threads"),
            {"f1": 0.903},
        ),
        ("threads/ann", TrainingConfig("threads/ann", epochs=10, batch_size=32, split="threads"), {}),
        (
            "fitch/model-7",
            TrainingConfig("fitch/model-7", epochs=10, batch_size=128, validation_split=0.2),
            {"train": 0.9539, "validation": 0.9168, "test": 0.9173},
        ),
        (
            "fitch/model-3",
            TrainingConfig("fitch/model-2", epochs=50, batch_size=64, validation_split=0.2),
            {"train": 0.9862, "validation": 0.9094, "test": 0.9070},
        ),
        (
            "conquering/cnn",
            TrainingConfig(
                "conquering/cnn", epochs=10, steps_per_epoch=100, batch_size=600, rotate=10.0, shift=2, flip=True
            ),
            {"train": 0.9758, "validation": 0.9020},
        ),
        ("mcnn/proposed", PROPOSED, {"train": 0.9465, "validation": 0.9232, "test": 0.9337}),
        (
            "mcnn/batch-64",
            PROPOSED.with_settings(batch_size=64),
            {"train": 0.9429, "validation": 0.9377, "test": 0.9312},
        ),
        (
            "mcnn/learning-rate-0.02",
            PROPOSED.with_settings(learning_rate=0.02),
            {"train": 0.9342, "validation": 0.9317, "test": 0.9305},
        ),
        ("mcnn/optimizer-nadam", PROPOSED.with_settings(optimizer="nadam"), {}),
        (
            "mcnn/vgg16",
            PROPOSED.with_settings(architecture="mcnn/vgg16"),
            {"train": 0.8966, "validation": 0.9110, "test": 0.9054},
        ),
        (
            "silwimba/network-1-trial-6",
            TrainingConfig(
                "silwimba/network-1-trial-6",
                epochs=15,
                batch_size=256,
                learning_rate=0.0001,
                optimizer="sgd",
                split="silwimba",
            ),
            {"validation": 0.868},
        ),
        (
            "silwimba/network-2-trial-2",
            TrainingConfig(
                "silwimba/network-2-trial-2", epochs=30, batch_size=90, learning_rate=0.0001, split="silwimba"
            ),
            {"validation": 0.916, "test": 0.904},
        ),
        ("baselines/hog-svm", TrainingConfig("baselines/hog-svm", epochs=1), {}),
    ],
)
def test_recipes_say_what_the_papers_print(name, config, claims):
    recipe = find_recipe(name)
    assert recipe.config == config
    assert recipe.claims == claims


@pytest.mark.parametrize("name", load_recipes())
def test_every_recipe_is_told_in_words_and_claims_are_shares(name):
    recipe = find_recipe(name)
    assert recipe.name == name
    assert recipe.paper == load_papers()[recipe.paper_key].title
    assert recipe.description.endswith(".")
    assert all(note.endswith(".") for note in recipe.notes)
    assert set(recipe.claims) <= {"train", "validation", "test", "f1"}
    assert all(0.5 < value < 1 for value in recipe.claims.values())


def test_titles_tell_the_recipes_of_a_paper_apart():
    for paper in load_papers().values():
        titles = [recipe.title for recipe in paper.recipes.values()]
        assert all(titles)
        assert len(set(titles)) == len(titles)
    assert len({paper.label for paper in load_papers().values()}) == len(load_papers())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("threads/model-1", "number of epochs"),
        ("threads/model-2", "same function"),
        ("threads/model-2", "two convolutions"),
        ("threads/model-3", "kernel's size"),
        ("conquering/cnn", "names no network"),
        ("conquering/cnn", "94.42%"),
        ("fitch/model-7", "0.885"),
        ("fitch/model-7", "0.2 in its code"),
        ("fitch/model-8", "0.904"),
        ("fitch/model-5", "How far"),
        ("fitch/model-6", "Neither the schedule"),
        ("mcnn/proposed", "val_acc"),
        ("mcnn/batch-16", "official test items are never used"),
        ("mcnn/resnet50", "padded to 32×32"),
        ("mcnn/vgg16", "training from scratch"),
        ("mcnn/optimizer-sgd", "without numbers"),
        ("silwimba/network-1-trial-1", "stride of 1"),
        ("silwimba/network-1-trial-4", "56"),
        ("silwimba/network-2-trial-2", "90.8%"),
        ("baselines/linear-svm", "89.7%"),
        ("baselines/random-forest", "No paper describes this fit"),
    ],
)
def test_a_contradiction_of_a_paper_stands_beside_its_claim(name, words):
    assert any(words in note for note in find_recipe(name).notes)


def test_an_unknown_recipe_is_refused_with_those_that_there_are():
    with pytest.raises(InvalidSettingError, match=r"`recipe` must be one of .*threads/model-3.* Received: resnet\."):
        find_recipe("resnet")


@pytest.mark.parametrize("name", sorted(set(load_recipes()) - set(BASELINES)))
def test_every_network_trains_a_step(name):
    # They bring Keras, which the tests above do without.
    from fmnist_core.learner import EpochOrder, Learner
    from fmnist_core.training import compile_model

    items, settings = 8, {"batch_size": 8, "steps_per_epoch": 1, "epochs": 10}
    config = find_recipe(name).config.with_settings(**settings)
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (items, 28, 28), dtype=np.uint8)
    network = compile_model(config)
    learner = Learner(network, config, images, generator.integers(0, 10, items).astype(np.uint8))
    # One step is over before a graph of it were made.
    learner.run_eagerly = True
    before = [weights.numpy().copy() for weights in network.trainable_weights]
    history = learner.fit(np.arange(items), batch_size=items, shuffle=False, verbose=0, callbacks=[EpochOrder()])
    assert np.isfinite(history.history["loss"]).all()
    after = [weights.numpy() for weights in network.trainable_weights]
    assert all(np.isfinite(array).all() for array in after)
    # A bias before a batch normalisation may have no say, a kernel always has.
    kernels = [(new, old) for new, old in zip(after, before, strict=True) if new.ndim > 1]
    assert all((new != old).any() for new, old in kernels)
