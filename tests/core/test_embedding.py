import subprocess
import sys

import numpy as np
import pytest
from sklearn.decomposition import PCA

from fmnist_core.embedding import embed_axis, embed_pca, embed_tsne, embed_umap
from fmnist_core.errors import InvalidSettingError
from fmnist_core.neighbors import compute_trustworthiness, find_neighbors

GENERATOR = np.random.default_rng(0)
# Three groups far apart in ten dimensions.
GROUPS = np.repeat(np.arange(3), 40)
CENTRES = np.eye(3, 10) * 8
BLOBS = (CENTRES[GROUPS] + GENERATOR.normal(size=(120, 10))).astype(np.float32)


class StopError(Exception):
    """What somebody raises who has waited long enough."""


def lay_out_umap(features, **settings):
    return embed_umap(features, find_neighbors(features, 9), **settings)


def lay_out_tsne(features, **settings):
    return embed_tsne(features, find_neighbors(features, 24), perplexity=8, **settings)


LAYOUTS = [lay_out_umap, lay_out_tsne]


@pytest.mark.parametrize("n_items", [120, 8])
def test_principal_components_are_those_of_scikit_learn(n_items):
    expected = PCA(3, svd_solver="full").fit(BLOBS[:n_items].astype(float))
    vectors = expected.components_
    vectors = vectors * np.sign(vectors[np.arange(3), np.abs(vectors).argmax(axis=1)])[:, np.newaxis]
    scores = embed_pca(BLOBS[:n_items], 3)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, (BLOBS[:n_items] - expected.mean_) @ vectors.T, atol=1e-4)


def test_dimensions_that_are_not_there_are_zero():
    scores = embed_pca(np.array([[0], [2], [4]], np.float32), 3)
    assert scores.tolist() == [[-2, 0, 0], [0, 0, 0], [2, 0, 0]]


def test_an_axis_leads_from_one_mean_to_the_other():
    # Means (0, 0) and (4, 0); across the axis the items lie at 3 and -3.
    features = np.array([[-1, 3], [1, -3], [3, 3], [5, -3]], np.float32)
    found = embed_axis(features, np.array([8, 8, 2, 2], np.uint8), 8, 2)
    np.testing.assert_allclose(found, [[-0.25, 0.75], [0.25, -0.75], [0.75, 0.75], [1.25, -0.75]], atol=1e-6)
    back = embed_axis(features, np.array([8, 8, 2, 2], np.uint8), 2, 8)
    np.testing.assert_allclose(back[:, 0], [1.25, 0.75, 0.25, -0.25], atol=1e-6)


def test_items_of_neither_class_lie_on_the_axis_too():
    labels = GROUPS.astype(np.uint8)
    found = embed_axis(BLOBS, labels, 0, 1, dimensions=3)
    assert found.shape == (120, 3)
    means = np.stack([BLOBS[labels == index].mean(axis=0) for index in range(3)])
    np.testing.assert_allclose([found[labels == index, 0].mean() for index in (0, 1)], [0, 1], atol=1e-5)
    # The scale is that of the axis in all directions: distances shrink by its length, and none grows.
    length = np.linalg.norm(means[1] - means[0])
    originals = np.linalg.norm(BLOBS - BLOBS[0], axis=1) / length
    assert (np.linalg.norm(found - found[0], axis=1) <= originals + 1e-5).all()


def test_an_axis_needs_items_of_both_classes_and_two_means():
    labels = np.array([8, 8, 2, 2], np.uint8)
    features = np.array([[0, 1], [0, -1], [0, 2], [0, -2]], np.float32)
    with pytest.raises(InvalidSettingError, match=r"needs items of both its classes\. Received: none of Trouser"):
        embed_axis(features, labels, 8, 1)
    with pytest.raises(InvalidSettingError, match=r"must differ in their means\. Received: Bag and Pullover"):
        embed_axis(features, labels, 8, 2)


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("lay_out", LAYOUTS)
def test_groups_stay_together_and_the_same_seed_gives_the_same(lay_out, dimensions):
    found = lay_out(BLOBS, dimensions=dimensions, seed=3)
    assert (found.shape, found.dtype) == ((120, dimensions), np.float32)
    nearest, _ = find_neighbors(found, 10)
    assert (GROUPS[nearest] == GROUPS[:, np.newaxis]).mean() > 0.99
    # Three round groups hold no more structure than chance keeps; a shuffled layout gives one half.
    assert compute_trustworthiness(BLOBS, found) > 0.8
    np.testing.assert_array_equal(found, lay_out(BLOBS, dimensions=dimensions, seed=3))
    assert (found != lay_out(BLOBS, dimensions=dimensions, seed=4)).any()


@pytest.mark.parametrize("lay_out", LAYOUTS)
def test_progress_rises_to_one(lay_out):
    shares = []
    lay_out(BLOBS, report=lambda sentence, share: shares.append(share))
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)


@pytest.mark.parametrize("lay_out", LAYOUTS)
def test_what_the_report_raises_ends_the_computation(lay_out):
    asked = []

    def report(sentence, share):
        asked.append(share)
        if len(asked) == 2:
            raise StopError

    with pytest.raises(StopError):
        lay_out(BLOBS, report=report)
    assert len(asked) == 2
    assert asked[-1] < 1


@pytest.mark.parametrize("lay_out", LAYOUTS)
def test_many_equal_items_are_laid_out_too(lay_out):
    features = np.repeat(BLOBS[:2], 40, axis=0)
    assert np.isfinite(lay_out(features)).all()


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_handful_of_items_is_laid_out_too(dimensions):
    few = BLOBS[:8]
    assert np.isfinite(embed_umap(few, find_neighbors(few, 1), dimensions=dimensions)).all()
    assert np.isfinite(embed_umap(few, find_neighbors(few, 6), dimensions=dimensions)).all()
    assert np.isfinite(embed_tsne(few, find_neighbors(few, 6), perplexity=2, dimensions=dimensions)).all()


def test_umap_comes_without_tensorflow():
    code = (
        "import sys, warnings; warnings.simplefilter('error', UserWarning)\n"
        "from fmnist_core import embedding; import numpy as np\n"
        "module = embedding._import_umap()\n"
        "assert 'tensorflow' not in sys.modules and module.UMAP\n"
        "assert 'umap.parametric_umap' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
