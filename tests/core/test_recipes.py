from itertools import pairwise

import pytest

from fmnist_core.architectures import ARCHITECTURES
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import InvalidSettingError
from fmnist_core.recipes import find_recipe, load_recipes


def test_every_network_has_a_recipe_of_its_name():
    assert {name: recipe.config.architecture for name, recipe in load_recipes().items()} == {
        name: name for name in ARCHITECTURES
    }


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
            "mcnn/proposed",
            TrainingConfig(
                "mcnn/proposed", epochs=100, batch_size=128, split="mcnn", early_stopping=5, reduce_on_plateau=3
            ),
            {"train": 0.9465, "validation": 0.9232, "test": 0.9337},
        ),
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
    assert recipe.paper
    assert recipe.title
    assert recipe.description.endswith(".")
    assert all(note.endswith(".") for note in recipe.notes)
    assert set(recipe.claims) <= {"train", "validation", "test", "f1"}
    assert all(0.5 < value < 1 for value in recipe.claims.values())


def test_recipes_of_a_paper_stand_together():
    papers = [recipe.paper for recipe in load_recipes().values()]
    changes = sum(before != after for before, after in pairwise(papers))
    assert changes == len(set(papers)) - 1


def test_a_contradiction_of_a_paper_stands_beside_its_claim():
    assert any("0.885" in note and "0.9173" in note for note in find_recipe("fitch/model-7").notes)
    assert any("val_acc" in note for note in find_recipe("mcnn/proposed").notes)
    assert any("same function" in note for note in find_recipe("threads/model-2").notes)


def test_an_unknown_recipe_is_refused_with_those_that_there_are():
    with pytest.raises(InvalidSettingError, match=r"`recipe` must be one of .*threads/model-3.* Received: resnet\."):
        find_recipe("resnet")
