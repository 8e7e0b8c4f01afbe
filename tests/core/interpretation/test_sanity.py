import numpy as np
import pytest
from scipy.stats import spearmanr

from fmnist_core import runs
from fmnist_core.interpretation import attribution, sanity
from fmnist_core.interpretation.methods import METHODS
from tests.core.interpretation.networks import QUADRANTS, build_linear, build_quadrants

GENERATOR = np.random.default_rng(0)
ROW, COLUMN = 10, 14


@pytest.fixture(scope="module")
def one_pixel():
    """A network that only looks at one pixel: the brighter it is, the surer of class 4."""
    weights = np.zeros((28, 28, 10))
    weights[ROW, COLUMN, 4] = 5
    return build_linear(weights)


def say(brightness):
    """Return what that network says of class 4."""
    return np.exp(5 * brightness) / (np.exp(5 * brightness) + 9)


def test_weights_become_random_from_the_last_layer_on_and_the_network_stays_as_it_is():
    probe = build_quadrants()
    before = [weights.copy() for weights in probe.network.get_weights()]
    names = []
    for name, copy in sanity.randomize_from_the_top(probe):
        names.append(name)
        same = [np.array_equal(*both) for both in zip(before, copy.network.get_weights(), strict=True)]
        # Kernels change; biases begin at zero, which they were.
        assert same == ([True, True, False, True] if len(names) == 1 else [False, True, False, True])
    assert names == [probe.layers[-1].name, "maps"]
    assert all(np.array_equal(*both) for both in zip(before, probe.network.get_weights(), strict=True))


def test_random_weights_follow_from_the_seed():
    def last(seed):
        *_, (_, copy) = sanity.randomize_from_the_top(build_quadrants(), seed)
        return copy.network.get_weights()

    assert all(np.array_equal(*both) for both in zip(last(1), last(1), strict=True))
    assert not np.array_equal(last(1)[0], last(2)[0])


def test_the_cascade_begins_with_the_trained_network_and_ends_with_one_of_chance():
    probe = build_quadrants()
    stages = sanity.compute_cascade(probe, "grad-cam", QUADRANTS, 3)
    assert (stages[0].layer, stages[0].rank_correlation, stages[0].similarity) == ("", 1, 1)
    assert [stage.layer for stage in stages[1:]][-1] == "maps"
    assert len(stages) == 3
    again = attribution.explain(probe, "grad-cam", QUADRANTS[None], 3)
    assert np.array_equal(stages[0].attribution.values, again.values)
    changed = stages[-1].attribution
    assert not np.allclose(changed.values, again.values, atol=0.01)
    expected = sanity.compute_ssim(again.heatmaps[0], changed.heatmaps[0])
    assert stages[-1].similarity == pytest.approx(expected)


def test_of_many_layers_some_stages_are_shown_the_last_among_them():
    probe = build_quadrants()
    stages = sanity.compute_cascade(probe, "saliency", QUADRANTS, 3, most=1)
    assert len(stages) == 2
    run = runs.load_run("mcnn-proposed")
    probe = type(probe).load(run.path / "model.keras")
    stages = sanity.compute_cascade(probe, "saliency", QUADRANTS, 3, most=4)
    # Seven layers have kernels, the last and the first among them; what normalises goes with the next below.
    assert [stage.layer for stage in stages[1:]] == ["dense_1", "conv2d_4", "conv2d_2", "conv2d"]


def test_ranks_are_compared_as_scipy_does():
    first, second = GENERATOR.integers(0, 9, (2, 28, 28))
    expected = spearmanr(first.ravel(), second.ravel()).statistic
    assert sanity.compute_rank_correlation(first, second) == pytest.approx(expected)
    assert sanity.compute_rank_correlation(first, -first) == pytest.approx(-1)
    assert np.isnan(sanity.compute_rank_correlation(first, np.zeros((28, 28))))


def test_pictures_are_compared_as_worked_out_by_hand():
    picture = GENERATOR.random((28, 28))
    assert sanity.compute_ssim(picture, picture) == pytest.approx(1)
    # Of even pictures only the first factor is left.
    even = sanity.compute_ssim(np.full((28, 28), 0.2), np.full((28, 28), 0.6))
    assert even == pytest.approx((2 * 0.12 + 1e-4) / (0.04 + 0.36 + 1e-4))
    # Turned around about their mean, as unlike as can be.
    turned = sanity.compute_ssim(picture, 1 - picture)
    assert -1 <= turned < -0.5


def test_without_the_one_pixel_that_counts_the_network_knows_nothing(one_pixel):
    image = np.full((28, 28), 51, np.uint8)
    values = attribution.compute_saliency(one_pixel, image[None], 4)[0]
    curves = sanity.compute_curves(one_pixel, image, 4, values, orders=2, points=785)
    assert curves.shares.tolist() == [count / 784 for count in range(785)]
    np.testing.assert_allclose(curves.deletion, [say(0.2)] + [0.1] * 784, atol=1e-6)
    np.testing.assert_allclose(curves.insertion, [0.1] + [say(0.2)] * 784, atol=1e-6)
    # The coldest pixel first: it is missed last.
    worst = sanity.compute_curves(one_pixel, image, 4, -values, orders=0, points=785)
    np.testing.assert_allclose(worst.deletion, [say(0.2)] * 784 + [0.1], atol=1e-6)
    # In a random order it falls once, somewhere in between.
    for order in curves.random_deletion:
        assert set(order.round(5)) == {np.float32(0.1), np.float32(say(0.2)).round(5)}
        assert 0.15 < sanity.compute_area(order, curves.shares) < say(0.2)


def test_pixels_of_one_value_come_in_random_order(one_pixel):
    image = np.full((28, 28), 51, np.uint8)
    lasting = {
        int((sanity.compute_curves(one_pixel, image, 4, np.zeros((28, 28)), 0, 785, seed).deletion > 0.15).sum())
        for seed in range(4)
    }
    assert len(lasting) == 4
    assert lasting != {ROW * 28 + COLUMN + 1}


def test_areas_are_those_of_trapezoids():
    curves, shares = np.array([[1.0, 0.5, 0.0], [1.0, 1.0, 1.0]]), np.array([0, 0.5, 1])
    assert sanity.compute_area(curves, shares).tolist() == [0.5, 1.0]


def test_the_study_compares_the_methods_that_apply():
    told = []
    run = runs.load_run("mcnn-proposed")
    found = sanity.compare_methods(run, {"items": 2}, lambda *said: told.append(said))
    assert found["methods"].tolist() == [*METHODS, "random"]
    assert found["deletion"].shape == found["insertion"].shape == (7, 2)
    assert (found["deletion"] >= 0).all()
    assert (found["insertion"] <= 1).all()
    assert told == [("Item 1 of 2", 0.0), ("Item 2 of 2", 0.5)]
