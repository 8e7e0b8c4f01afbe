import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.config import TrainingConfig
from fmnist_core.street import change, imitate_photographs

BAG = CLASS_NAMES.index("Bag")
TROUSER = CLASS_NAMES.index("Trouser")
PULLOVER = CLASS_NAMES.index("Pullover")
SHOES = [CLASS_NAMES.index(name) for name in ("Sandal", "Sneaker", "Ankle boot")]
PLAIN = TrainingConfig()


def imitate(images, labels, seed=0):
    generator = keras.random.SeedGenerator(seed)
    changed = imitate_photographs(
        ops.convert_to_tensor(images.astype(np.float32) / 255),
        ops.convert_to_tensor(labels.astype(np.int32)),
        generator,
    )
    return ops.convert_to_numpy(changed)


def block(height, width, n=1):
    """Plain rectangles in the middle of otherwise empty pictures."""
    images = np.zeros((n, 28, 28), np.uint8)
    top, left = (28 - height) // 2, (28 - width) // 2
    images[:, top : top + height, left : left + width] = 160
    return images


def measure(image):
    here = image > 0.1
    return here.any(axis=1).sum(), here.any(axis=0).sum()


@given(
    label=st.integers(0, 9),
    seed=st.integers(0, 2**20),
    kind=st.sampled_from(["empty", "full", "noise", "dot", "block"]),
)
@settings(max_examples=15, deadline=None)
def test_whatever_comes_in_pictures_come_out(label, seed, kind):
    images = {
        "empty": np.zeros((2, 28, 28), np.uint8),
        "full": np.full((2, 28, 28), 255, np.uint8),
        "noise": np.random.default_rng(seed).integers(0, 256, (2, 28, 28), dtype=np.uint8),
        "dot": block(1, 1, 2),
        "block": block(20, 9, 2),
    }[kind]
    changed = imitate(images, np.full(2, label), seed)
    assert changed.shape == (2, 28, 28)
    assert np.isfinite(changed).all()
    assert changed.min() >= 0
    assert changed.max() <= 1


def test_the_same_seed_gives_the_same_pictures_and_another_one_others(dataset):
    images, labels = dataset.images[:32], dataset.labels[:32]
    first = imitate(images, labels, 1)
    np.testing.assert_array_equal(first, imitate(images, labels, 1))
    other = imitate(images, labels, 2)
    assert all((a != b).any() for a, b in zip(first, other, strict=True))


def test_a_small_garment_comes_to_fill_the_picture():
    sizes = np.array([max(measure(image)) for image in imitate(block(10, 8, 100), np.full(100, BAG))])
    assert np.median(sizes) >= 25
    assert (sizes >= 18).mean() > 0.9


def test_laid_flat_a_pullover_is_wider_than_it_was_and_a_bag_is_not():
    def widen(label):
        sizes = np.array([measure(image) for image in imitate(block(26, 14, 200), np.full(200, label))])
        return np.median(sizes[:, 1] / sizes[:, 0]) / (14 / 26)

    assert widen(PULLOVER) > 1.4
    assert widen(BAG) == pytest.approx(1, abs=0.25)


def test_the_legs_of_some_trousers_are_spread():
    legs = block(26, 12, 200)
    legs[:, 8:, 13:15] = 0
    changed = imitate(legs, np.full(200, TROUSER))

    def gap(image):
        """How wide the gap between what is left and right in the lowest rows is."""
        row = np.flatnonzero((image[-5:] > 0.1).any(axis=0))
        return np.diff(row).max(initial=0)

    gaps = np.array([gap(image) for image in changed])
    assert (gaps >= 8).mean() > 0.1
    assert (gaps <= 5).mean() > 0.3


def test_more_than_half_of_the_shoes_stand_upright_and_other_things_keep_lying():
    def stand(label):
        sizes = np.array([measure(image) for image in imitate(block(6, 26, 200), np.full(200, label))])
        return (sizes[:, 0] > 0.8 * sizes[:, 1]).mean()

    assert min(stand(shoe) for shoe in SHOES) > 0.5
    # Unless some of the background has been left beside it, as may happen to anything.
    assert stand(BAG) < 0.15


def test_the_share_that_is_asked_for_is_changed(dataset):
    images, labels = dataset.images[:400], ops.convert_to_tensor(dataset.labels[:400].astype(np.int32))
    for share in (0.25, 1.0):
        changed = change(images[..., None], labels, keras.random.SeedGenerator(0), PLAIN.with_settings(street=share))
        changed = ops.convert_to_numpy(changed)
        assert (changed.dtype, changed.shape) == (np.uint8, (400, 28, 28, 1))
        different = (changed[..., 0] != images).any(axis=(1, 2))
        assert different.mean() == pytest.approx(share, abs=0.07)


def test_without_it_images_pass_as_they_are():
    images = np.zeros((3, 28, 28, 1), np.uint8)
    assert change(images, np.zeros(3, np.int32), keras.random.SeedGenerator(0), PLAIN) is images


def test_the_sleeves_of_some_pullovers_are_spread():
    # A body with two sleeves that hang down beside it, apart from it below the shoulders.
    pullover = block(26, 22, 200)
    pullover[:, 6:, 9:11] = pullover[:, 6:, 17:19] = 0

    def share_hanging(label):
        """How much of what is left in the lowest fifth reaches the outermost quarters of the picture's width."""
        lowest = imitate(pullover, np.full(200, label))[:, -5:] > 0.1
        return (lowest[:, :, :7].any(axis=(1, 2)) | lowest[:, :, 21:].any(axis=(1, 2))).mean()

    assert share_hanging(PULLOVER) < share_hanging(BAG) - 0.15
