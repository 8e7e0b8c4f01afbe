import numpy as np
import pytest

from fmnist_core.hog import compute_cells, compute_hog


def ramp(angle):
    """An image that grows brighter in one direction, in radians from the right, downwards."""
    down, right = np.mgrid[:28, :28] / 60
    return (down * np.sin(angle) + right * np.cos(angle)).astype(np.float32).reshape(1, -1)


@pytest.mark.parametrize("orientation", range(9))
def test_a_ramp_votes_for_its_own_orientation_only(orientation):
    angle = np.pi * (orientation + 0.5) / 9
    # A gradient of 1 / 60 in each of the 16 pixels of a cell.
    expected = np.eye(9)[orientation] * 16 / 60
    np.testing.assert_allclose(compute_cells(ramp(angle)), np.broadcast_to(expected, (1, 7, 7, 9)), atol=1e-4)
    blocks = compute_hog(ramp(angle)).reshape(36, 4, 9)
    # Four equal cells of one orientation each, normalised: a half each.
    np.testing.assert_allclose(blocks[:, :, orientation], 0.5, atol=1e-3)
    assert np.delete(blocks, orientation, axis=2).max() < 1e-3


def test_opposite_ramps_and_ramps_between_two_orientations():
    np.testing.assert_allclose(compute_hog(ramp(0.3)), compute_hog(-ramp(0.3)), atol=1e-5)
    between = compute_hog(ramp(np.pi / 9)).reshape(36, 4, 9)
    np.testing.assert_allclose(between[..., 0], between[..., 1], atol=1e-3)
    assert between[..., 2:].max() < 1e-3


def test_a_blank_image_has_no_gradients():
    assert not compute_hog(np.zeros((2, 784), np.float32)).any()


def test_many_images_are_described_as_each_by_itself(dataset):
    pixels = dataset.images[:2_003].reshape(-1, 784).astype(np.float32) / 255
    described = compute_hog(pixels)
    assert described.shape == (2_003, 1_296)
    np.testing.assert_allclose(described[[0, 1_999, 2_000, 2_002]], compute_hog(pixels[[0, 1_999, 2_000, 2_002]]))
