import numpy as np
import pytest
from scipy.stats import norm

from fmnist_core.search.surfaces import compute_cells, compute_surface


def test_cells_are_means_of_what_was_tried_with_a_pair():
    cells = compute_cells(
        ["adam", "sgd", "adam", "adam", "gone"],
        [16, 16, 64, 64, 16],
        [0.8, 0.7, 0.9, 0.6, 1],
        ("adam", "sgd"),
        (16, 64),
    )
    np.testing.assert_allclose(cells.means, [[0.8, 0.7], [0.75, np.nan]])
    np.testing.assert_array_equal(cells.counts, [[1, 1], [2, 0]])


def test_what_has_no_value_is_in_no_cell():
    cells = compute_cells(["a"], ["b"], [np.nan], ("a",), ("b",))
    assert np.isnan(cells.means[0, 0])
    assert cells.counts[0, 0] == 0


def test_a_surface_is_the_mean_weighted_by_gaussians():
    across, upward, values = np.array([0.0, 1.0, 2.0]), np.array([0.0, 3.0, 1.0]), np.array([0.5, 0.9, 0.7])
    surface = compute_surface(across, upward, values)
    assert surface.values.shape == (len(surface.upward), len(surface.across))
    row, column = 12, 20
    widths = [0.12 * np.ptp(axis) for axis in (surface.across, surface.upward)]
    weights = norm.pdf(surface.across[column], across, widths[0]) * norm.pdf(surface.upward[row], upward, widths[1])
    expected = (weights * values).sum() / weights.sum()
    near = weights.sum() / (norm.pdf(0, 0, widths[0]) * norm.pdf(0, 0, widths[1])) >= 0.1
    if near:
        assert surface.values[row, column] == pytest.approx(expected, abs=1e-12)
    else:
        assert np.isnan(surface.values[row, column])


def test_a_surface_passes_near_its_trials_and_is_empty_far_from_them():
    surface = compute_surface(np.array([0.0, 0.0, 10.0]), np.array([0.0, 1.0, 10.0]), np.array([0.5, 0.5, 0.9]))
    row, column = (np.abs(axis - 10).argmin() for axis in (surface.upward, surface.across))
    assert surface.values[row, column] == pytest.approx(0.9, abs=1e-6)
    assert np.isnan(surface.values[np.abs(surface.upward - 10).argmin(), np.abs(surface.across).argmin()])


def test_trials_that_differ_in_one_setting_only_and_no_trials_have_a_surface_too():
    flat = compute_surface(np.array([1.0, 1.0]), np.array([0.0, 1.0]), np.array([0.5, 0.7]))
    assert np.nanmax(flat.values) <= 0.7
    assert compute_surface(np.zeros(0), np.zeros(0), np.zeros(0)).values.shape == (0, 0)
