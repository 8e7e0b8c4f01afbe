import shutil

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from fmnist_core.data import Dataset
from fmnist_core.errors import InvalidSettingError, RunNotFoundError
from fmnist_core.layers import LayerOutputs, load_layer
from fmnist_core.projection_config import ProjectionConfig
from fmnist_core.spaces import load_features, standardise

ITEMS = np.sort(np.random.default_rng(0).choice(70_000, 900, replace=False))


def pixels_of(dataset):
    return dataset.images[ITEMS].reshape(len(ITEMS), 784) / 255


def test_pixels_are_from_0_to_1(dataset):
    features = load_features(ProjectionConfig(space="pixels"), ITEMS, dataset)
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, pixels_of(dataset), atol=1e-7)
    assert (features.min(), features.max()) == (0, 1)


def test_standardised_pixels_are_those_of_scikit_learn(dataset):
    features = load_features(ProjectionConfig(space="pixels", standardised=True), ITEMS, dataset)
    np.testing.assert_allclose(features, StandardScaler().fit_transform(pixels_of(dataset)), atol=1e-4)


@pytest.mark.parametrize("standardised", [False, True])
@pytest.mark.parametrize("n_items", [900, 60])
def test_components_are_those_of_scikit_learn_up_to_their_sign(dataset, standardised, n_items):
    config = ProjectionConfig(n_components=12, standardised=standardised)
    features = load_features(config, ITEMS[:n_items], dataset)
    pixels = pixels_of(dataset)[:n_items]
    scaled = StandardScaler().fit_transform(pixels) if standardised else pixels
    expected = PCA(12, svd_solver="full").fit_transform(scaled)
    assert features.shape == (n_items, 12)
    signs = np.sign((features * expected).sum(axis=0))
    np.testing.assert_allclose(features * signs, expected, atol=2e-3 * np.abs(expected).max())


def test_all_components_keep_all_distances(dataset):
    items = ITEMS[:40]
    features = load_features(ProjectionConfig(n_components=40), items, dataset)
    pixels = pixels_of(dataset)[:40]
    np.testing.assert_allclose(
        np.linalg.norm(features - features[0], axis=1), np.linalg.norm(pixels - pixels[0], axis=1), atol=1e-4
    )


def test_layer_outputs_are_those_of_the_run(finished_run, dataset):
    config = ProjectionConfig(space="layer", run_id=finished_run.run_id)
    sentences = []
    features = load_features(config, ITEMS, dataset, lambda sentence, share: sentences.append((sentence, share)))
    layer = load_layer(finished_run)
    assert isinstance(layer, LayerOutputs)
    np.testing.assert_array_equal(features, layer.outputs[ITEMS].astype(np.float32))
    assert (sentences[0][1], sentences[-1][1]) == (0, 1)
    standardised = load_features(config.with_settings(standardised=True), ITEMS, dataset)
    varies = np.ptp(features, axis=0) > 0
    np.testing.assert_allclose(standardised.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(standardised.std(axis=0)[varies], 1, atol=1e-4)


def test_a_run_that_has_gone_is_named(copied_run, dataset):
    shutil.rmtree(copied_run.path)
    config = ProjectionConfig(space="layer", run_id=copied_run.run_id)
    with pytest.raises(RunNotFoundError, match=f"There must be a run of that name. Received: {copied_run.run_id}"):
        load_features(config, ITEMS, dataset)


@pytest.mark.parametrize("space", ["pixels", "components"])
@pytest.mark.parametrize("standardised", [False, True])
@pytest.mark.parametrize("value", [0, 100])
def test_equal_items_are_named(space, standardised, value):
    images = np.full((300, 28, 28), value, np.uint8)
    config = ProjectionConfig(space=space, n_components=5, standardised=standardised)
    with pytest.raises(InvalidSettingError, match=r"must differ in the space .* Received: 300 equal ones"):
        load_features(config, np.arange(300), Dataset(images, np.zeros(300, np.uint8), "", None))


def test_a_column_that_never_changes_becomes_zero():
    features = np.array([[0.1, 1], [0.1, 3], [0.1, 5]], np.float32)
    expected = np.array([[0, -1], [0, 0], [0, 1]]) * np.sqrt(1.5)
    np.testing.assert_allclose(standardise(features), expected, atol=1e-6)
