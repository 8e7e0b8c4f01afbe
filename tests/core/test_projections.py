from datetime import UTC, datetime

import numpy as np
import pytest

from fmnist_core import projection_files
from fmnist_core.data import Dataset
from fmnist_core.embedding import embed_axis, embed_pca
from fmnist_core.errors import InvalidSettingError, RunNotFoundError
from fmnist_core.principal import compute_components, compute_scores
from fmnist_core.projection_config import METHODS, SPACES, ProjectionConfig
from fmnist_core.projections import estimate_seconds, project
from fmnist_core.spaces import load_features

# Three hundred real items; settings small enough for so few.
FEW = {"per_class": 30, "n_components": 20, "n_neighbors": 8, "perplexity": 10}


class StopError(Exception):
    """What somebody raises who has waited long enough."""


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_works_from_every_space(finished_run, dataset, method, space):
    dimensions = 3 if space == "pixels" else 2
    run_id = finished_run.run_id if space == "layer" else ""
    reported = []
    projection = project(
        ProjectionConfig(method, dimensions, space, run_id=run_id, standardised=space == "pixels", **FEW),
        dataset,
        lambda sentence, share: reported.append((sentence, share)),
    )
    assert (projection.embedding.shape, projection.embedding.dtype) == ((300, dimensions), np.float32)
    assert np.isfinite(projection.embedding).all()
    assert (np.ptp(projection.embedding, axis=0) > 0).all()
    assert np.bincount(dataset.labels[projection.items]).tolist() == [30] * 10
    # Far above the one tenth, or one half, of an arrangement by chance.
    assert projection.quality["neighbor_accuracy"] > 0.3
    assert projection.quality["trustworthiness"] > 0.75
    assert projection.quality["sample"] == 300
    shares = [share for _, share in reported]
    assert shares == sorted(shares)
    assert (shares[0], reported[-1]) == (0, ("Done", 1))
    assert projection.about["seconds"] == pytest.approx(sum(projection.about["stages"].values()), abs=0.02)
    age = datetime.now(UTC) - datetime.fromisoformat(projection.about["date"])
    assert -2 < age.total_seconds() < 600
    assert {"python", "numpy", "scikit-learn"} <= set(projection.about["versions"])
    # Whether the network has changed since can be told from the settings.
    assert bool(projection.config.network) == (space == "layer")


def test_pca_of_pixels_is_that_of_the_principal_components(dataset):
    projection = project(ProjectionConfig("pca", space="pixels", per_class=100), dataset)
    images = dataset.images[projection.items]
    np.testing.assert_allclose(projection.embedding, compute_scores(compute_components(images), images, 2), atol=1e-3)
    from_components = project(ProjectionConfig("pca", per_class=100), dataset)
    np.testing.assert_allclose(from_components.embedding, projection.embedding, atol=1e-3)


def test_the_settings_reach_the_methods(dataset):
    config = ProjectionConfig("axis", 3, "pixels", from_class=7, to_class=9, per_class=20)
    projection = project(config, dataset)
    features = load_features(config, projection.items, dataset)
    expected = embed_axis(features, dataset.labels[projection.items], 7, 9, 3)
    np.testing.assert_array_equal(projection.embedding, expected)
    config = ProjectionConfig("pca", 3, n_components=6, standardised=True, part="test", per_class=20)
    projection = project(config, dataset)
    assert (projection.items >= 60_000).all()
    expected = embed_pca(load_features(config, projection.items, dataset), 3)
    np.testing.assert_array_equal(projection.embedding, expected)


@pytest.mark.parametrize(
    ("method", "changes"),
    [
        ("umap", [{"n_neighbors": 20}, {"min_dist": 0.8}, {"metric": "cosine"}, {"seed": 1}]),
        ("tsne", [{"perplexity": 5.0}, {"metric": "cosine"}, {"metric": "manhattan"}, {"seed": 1}]),
    ],
)
def test_settings_change_the_result_and_the_same_settings_do_not(dataset, method, changes):
    config = ProjectionConfig(method, **FEW)
    first = project(config, dataset).embedding
    np.testing.assert_array_equal(project(config, dataset).embedding, first)
    for change in changes:
        assert (project(config.with_settings(**change), dataset).embedding != first).any()


@pytest.mark.parametrize("method", METHODS)
def test_a_projection_can_be_stopped_anywhere(dataset, method):
    config = ProjectionConfig(method, **FEW)
    shares = []
    project(config, dataset, lambda sentence, share: shares.append(share))
    for last in {0, len(shares) // 2}:
        asked = []

        def report(sentence, share, asked=asked, last=last):
            asked.append(share)
            if len(asked) > last:
                raise StopError

        with pytest.raises(StopError):
            project(config, dataset, report)
        assert len(asked) == last + 1


def test_a_class_that_an_axis_lacks_is_named(fmnist_home, dataset):
    chosen = projection_files.keep_items(np.flatnonzero(dataset.labels < 4)[:300])
    config = ProjectionConfig("axis", chosen=chosen, from_class=0, to_class=8)
    with pytest.raises(InvalidSettingError, match=r"items of both its classes\. Received: none of Bag"):
        project(config, dataset)


def test_too_few_items_are_named(dataset):
    with pytest.raises(InvalidSettingError, match=r"needs at least 16 items; .* Received: 10 items"):
        project(ProjectionConfig(per_class=1, n_components=5), dataset)


def test_a_run_that_is_not_there_is_named(dataset):
    with pytest.raises(RunNotFoundError, match=r"There must be a run of that name\. Received: nobody"):
        project(ProjectionConfig(space="layer", run_id="nobody"), dataset)


@pytest.mark.parametrize("method", METHODS)
def test_items_that_are_all_the_same_are_named(dataset, method):
    alike = Dataset(np.full((70_000, 28, 28), 9, np.uint8), dataset.labels, "", dataset.path)
    with pytest.raises(InvalidSettingError, match="must differ in the space"):
        project(ProjectionConfig(method, **FEW), alike)


@pytest.mark.parametrize("method", METHODS)
def test_items_that_differ_in_one_pixel_are_laid_out(dataset, method):
    images = np.zeros((70_000, 28, 28), np.uint8)
    images[:, 4, 4] = dataset.labels * 20
    projection = project(
        ProjectionConfig(method, space="pixels", **FEW), Dataset(images, dataset.labels, "", dataset.path)
    )
    assert np.isfinite(projection.embedding).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("space", SPACES)
def test_an_estimate_grows_with_the_items(fmnist_home, method, space):
    config = ProjectionConfig(method, space=space, run_id="nobody" if space == "layer" else "")
    seconds = [estimate_seconds(config, n_items) for n_items in (300, 10_000, 70_000)]
    assert 0 < seconds[0] < seconds[1] < seconds[2] < 1_000
    assert estimate_seconds(config.with_settings(dimensions=3), 70_000) >= seconds[2]
