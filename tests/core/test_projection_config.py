import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.errors import InvalidSettingError
from fmnist_core.projection_config import METHODS, METRICS, SPACES, ProjectionConfig

# For each setting another value than the default, and an example of the projections that it matters to.
OTHERS = {
    "method": ("pca", {}),
    "dimensions": (3, {}),
    "space": ("pixels", {}),
    "n_components": (20, {"space": "components"}),
    "run_id": ("another", {"space": "layer", "run_id": "one"}),
    "network": ("0a1b2c3d", {"space": "layer", "run_id": "one"}),
    "standardised": (True, {}),
    "part": ("test", {}),
    "per_class": (10, {}),
    "items_seed": (1, {"per_class": 10}),
    "chosen": ("0" * 16, {}),
    "n_neighbors": (5, {"method": "umap"}),
    "min_dist": (0.5, {"method": "umap"}),
    "metric": ("cosine", {"method": "tsne"}),
    "perplexity": (5.0, {"method": "tsne"}),
    "from_class": (0, {"method": "axis"}),
    "to_class": (1, {"method": "axis"}),
    "seed": (7, {"method": "tsne"}),
}
IRRELEVANT = [
    ("n_components", 20, {"space": "pixels"}),
    ("run_id", "another", {"space": "pixels"}),
    ("network", "0a1b2c3d", {"space": "components"}),
    ("items_seed", 1, {"per_class": 0}),
    ("part", "test", {"chosen": "0" * 16}),
    ("n_neighbors", 5, {"method": "tsne"}),
    ("min_dist", 0.5, {"method": "pca"}),
    ("metric", "cosine", {"method": "axis"}),
    ("perplexity", 5.0, {"method": "umap"}),
    ("from_class", 0, {"method": "umap"}),
    ("to_class", 1, {"method": "pca"}),
    ("seed", 7, {"method": "pca"}),
    ("seed", 7, {"method": "axis"}),
]


def test_every_setting_is_looked_at_here():
    assert set(OTHERS) == {entry.name for entry in fields(ProjectionConfig)}


@pytest.mark.parametrize("name", OTHERS)
def test_what_matters_changes_the_key(name):
    value, settings = OTHERS[name]
    config = ProjectionConfig(**settings)
    assert replace(config, **{name: value}).key != config.key


@pytest.mark.parametrize(("name", "value", "settings"), IRRELEVANT)
def test_what_does_not_matter_leaves_the_key(name, value, settings):
    config = ProjectionConfig(**settings)
    assert getattr(config, name) != value
    assert replace(config, **{name: value}).key == config.key


def test_whole_numbers_and_real_ones_are_the_same_question():
    assert ProjectionConfig(min_dist=0).key == ProjectionConfig(min_dist=0.0).key
    assert ProjectionConfig(method="tsne", perplexity=30).key == ProjectionConfig(method="tsne").key


def test_a_key_is_a_name_that_stays():
    # Files are kept under it: if this changes, all of them are lost.
    assert ProjectionConfig().key == "21502885162fe8fe"
    assert ProjectionConfig(method="pca").key == "aa88b5966ffd9983"


CONFIGS = st.builds(
    ProjectionConfig,
    method=st.sampled_from(sorted(METHODS)),
    dimensions=st.sampled_from([2, 3]),
    space=st.sampled_from(sorted(SPACES)),
    n_components=st.integers(3, 784),
    run_id=st.text(min_size=1, max_size=5),
    standardised=st.booleans(),
    per_class=st.integers(0, 7_000),
    min_dist=st.floats(0, 0.99),
    perplexity=st.floats(2, 100),
    metric=st.sampled_from(sorted(METRICS)),
    seed=st.integers(0, 2**31 - 1),
)


@given(CONFIGS)
def test_settings_survive_json(config):
    again = ProjectionConfig.from_dict(json.loads(json.dumps(config.to_dict())))
    assert again == config
    assert again.key == config.key
    assert len(again.key) == 16


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"method": "mds"}, r"`method` must be one of pca, umap, tsne, axis\. Received: mds\."),
        ({"method": None}, r"`method` must be one of .*\. Received: None\."),
        ({"dimensions": 4}, r"`dimensions` must be a whole number from 2 to 3\. Received: 4\."),
        ({"dimensions": True}, r"`dimensions` must be a whole number from 2 to 3\. Received: True\."),
        ({"space": "words"}, r"`space` must be one of pixels, components, layer\. Received: words\."),
        ({"n_components": 785}, r"`n_components` must be a whole number from 2 to 784\. Received: 785\."),
        ({"space": "layer"}, r"`run_id` must name a run when `space` is layer\. Received: none\."),
        ({"run_id": 3}, r"`run_id` must be a text\. Received: 3\."),
        ({"standardised": 1}, r"`standardised` must be true or false\. Received: 1\."),
        ({"part": "half"}, r"`part` must be one of train, test, all, .*\. Received: half\."),
        ({"per_class": 7001}, r"`per_class` must be a whole number from 0 to 7000\. Received: 7001\."),
        ({"items_seed": -1}, r"`items_seed` must be a whole number from 0 to 2147483647\. Received: -1\."),
        ({"n_neighbors": 1}, r"`n_neighbors` must be a whole number from 2 to 200\. Received: 1\."),
        ({"n_neighbors": 2.5}, r"`n_neighbors` must be a whole number from 2 to 200\. Received: 2\.5\."),
        ({"min_dist": 1}, r"`min_dist` must be a number from 0 to 0\.99\. Received: 1\."),
        ({"min_dist": float("nan")}, r"`min_dist` must be a number from 0 to 0\.99\. Received: nan\."),
        ({"metric": "hamming"}, r"`metric` must be one of euclidean, cosine, manhattan\. Received: hamming\."),
        ({"perplexity": 1}, r"`perplexity` must be a number from 2 to 100\. Received: 1\."),
        ({"perplexity": "30"}, r"`perplexity` must be a number from 2 to 100\. Received: 30\."),
        ({"method": "axis", "from_class": 6}, r"must be two classes\. Received: Shirt twice\."),
        ({"from_class": 10}, r"`from_class` must be a whole number from 0 to 9\. Received: 10\."),
        ({"seed": 2**31}, r"`seed` must be a whole number from 0 to 2147483647\. Received: 2147483648\."),
        (
            {"method": "pca", "dimensions": 3, "n_components": 2},
            r"`n_components` must be at least the number of `dimensions`, 3\. Received: 2\.",
        ),
        ({"colour": "red"}, r"`setting` must be one of method, dimensions, .*\. Received: colour\."),
    ],
)
def test_a_setting_out_of_range_is_named(settings, sentence):
    with pytest.raises(InvalidSettingError, match=sentence):
        ProjectionConfig.from_dict(settings)


@pytest.mark.parametrize(
    ("settings", "enough", "sentence"),
    [
        ({"method": "umap", "n_neighbors": 60}, 61, "`n_neighbors` 60 needs at least 61 items; .* Received: 60 items"),
        ({"method": "tsne", "perplexity": 30}, 91, "`perplexity` 30 needs at least 91 items; .* Received: 90 items"),
        ({"method": "pca", "space": "pixels"}, 3, "needs at least 3 items. Received: 2 items"),
        ({"method": "pca", "space": "pixels", "dimensions": 3}, 4, "needs at least 4 items. Received: 3 items"),
        ({"method": "pca", "n_components": 50}, 50, "at most the number of items, 49. Received: 50"),
    ],
)
def test_too_few_items_are_named(settings, enough, sentence):
    config = ProjectionConfig(**settings)
    config.check_items(enough)
    with pytest.raises(InvalidSettingError, match=sentence):
        config.check_items(enough - 1)


def test_a_projection_has_a_title():
    assert ProjectionConfig().title == "UMAP from 50 principal components"
    assert ProjectionConfig("tsne", space="pixels", standardised=True).title == "t-SNE from the pixels, standardised"
    assert ProjectionConfig("pca", space="layer", run_id="x").title == "PCA from the penultimate layer of x"
