import keras
import numpy as np
import pytest
from keras import ops

from fmnist_core.augmentation import augment, mix, shift_and_flip, transform
from fmnist_core.config import TrainingConfig

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (200, 28, 28), dtype=np.uint8)
PLAIN = TrainingConfig()


def change(images=IMAGES, seed=1, **settings):
    changed = augment(images[..., None], keras.random.SeedGenerator(seed), PLAIN.with_settings(**settings))
    return ops.convert_to_numpy(changed)[..., 0]


def cut_and_mix(images, targets, seed=1, cutmix=1.0):
    config = PLAIN.with_settings(cutmix=cutmix)
    mixed, shares = mix(images[..., None], targets, keras.random.SeedGenerator(seed), config)
    return ops.convert_to_numpy(mixed)[..., 0], ops.convert_to_numpy(shares)


def moved(image, down, right):
    """The image moved, with zeros where nothing comes in."""
    rolled = np.roll(image, (down, right), axis=(0, 1))
    rolled[: max(down, 0)] = rolled[28 + min(down, 0) :] = 0
    rolled[:, : max(right, 0)] = rolled[:, 28 + min(right, 0) :] = 0
    return rolled


def test_without_settings_images_stay_as_they_are():
    np.testing.assert_array_equal(change(), IMAGES)
    targets = np.eye(10, dtype="float32")[np.arange(200) % 10]
    images, shares = cut_and_mix(IMAGES, targets, cutmix=0.0)
    np.testing.assert_array_equal(images, IMAGES)
    np.testing.assert_array_equal(shares, targets)


@pytest.mark.parametrize(
    "settings",
    [{"flip": True}, {"shift": 3}, {"rotate": 20}, {"zoom": 0.3}, {"contrast": 0.5}, {"shear": 0.3}, {"erase": 0.5}],
)
@pytest.mark.parametrize("kind", ["uint8", "float32"])
def test_every_setting_changes_images_and_keeps_their_kind(settings, kind):
    changed = change(IMAGES.astype(kind), **settings)
    assert (changed.shape, changed.dtype) == (IMAGES.shape, kind)
    assert 0 <= changed.min() <= changed.max() <= 255
    differ = (changed != IMAGES).any(axis=(1, 2))
    assert differ.mean() > 0.3
    # Each one differently, from seed to seed too; the same seed changes the same way.
    np.testing.assert_array_equal(changed, change(IMAGES.astype(kind), **settings))
    assert (changed != change(IMAGES.astype(kind), seed=2, **settings)).any()


def test_a_flip_mirrors_half_of_the_images_left_to_right():
    changed = change(flip=True)
    flipped = (changed == IMAGES[:, :, ::-1]).all(axis=(1, 2))
    np.testing.assert_array_equal(changed[~flipped], IMAGES[~flipped])
    assert 70 < flipped.sum() < 130


def test_shifts_are_all_whole_pixels_within_the_bound_with_zeros_coming_in():
    images = np.maximum(IMAGES, 1)
    found = set()
    for image, changed in zip(images, change(images, shift=2), strict=True):
        steps = [
            (down, right)
            for down in range(-2, 3)
            for right in range(-2, 3)
            if np.array_equal(changed, moved(image, down, right))
        ]
        assert len(steps) == 1
        found.add(steps[0])
    assert len(found) == 25


@pytest.mark.parametrize(("down", "right"), [(0, 0), (3, 0), (-8, 5), (8, -8)])
@pytest.mark.parametrize("flipped", [False, True])
def test_a_known_shift_is_what_numpy_makes_of_it(down, right, flipped):
    values = IMAGES[:3].astype("float32")
    found = shift_and_flip(
        values, np.full(3, down, "float32"), np.full(3, right, "float32"), ops.convert_to_tensor([flipped] * 3)
    )
    expected = [moved(image[:, ::-1] if flipped else image, down, right) for image in values]
    np.testing.assert_array_equal(ops.convert_to_numpy(found), expected)


def turned(values, angle=0.0, scale=1.0, shear=0.0):
    arguments = (ops.convert_to_tensor(np.full(len(values), value, "float32")) for value in (angle, scale, shear))
    return ops.convert_to_numpy(transform(values, *arguments))


@pytest.mark.parametrize("quarters", [-1, 0, 1, 2])
def test_quarter_turns_are_those_of_numpy(quarters):
    values = IMAGES[:4].astype("float32")
    np.testing.assert_allclose(
        turned(values, angle=quarters * np.pi / 2), np.rot90(values, quarters, axes=(1, 2)), atol=0.05
    )


def test_twice_the_size_shows_the_middle_and_half_of_it_leaves_a_border():
    values = np.full((1, 28, 28), 200, "float32")
    np.testing.assert_allclose(turned(values, scale=2.0), values)
    small = turned(values, scale=0.5)[0]
    assert (small[:6] == 0).all()
    assert (small[:, 22:] == 0).all()
    np.testing.assert_allclose(small[8:20, 8:20], 200)


def test_a_shear_slides_each_row_by_its_distance_from_the_middle():
    values = np.zeros((1, 28, 28), "float32")
    values[0, :, 14] = 100
    slid = turned(values, shear=0.5)[0]
    centre = (slid * np.arange(28)).sum(axis=1) / 100
    np.testing.assert_allclose(centre, 14 + 0.5 * (np.arange(28) - 13.5), atol=1e-3)


def test_between_two_pixels_their_mean_is_taken_by_distance():
    values = np.zeros((1, 28, 28), "float32")
    values[0, 14, 10] = 40
    # This row is half a row below the middle, so it slides by a quarter of a pixel.
    expected = np.zeros(28)
    expected[10:12] = 30, 10
    np.testing.assert_allclose(turned(values, shear=0.5)[0, 14], expected, atol=1e-3)


def test_contrast_multiplies_within_its_bounds():
    images = np.full((500, 28, 28), 100, dtype=np.uint8)
    values = change(images, contrast=0.4)
    assert (values == values[:, :1, :1]).all()
    assert 60 <= values.min() < 65
    assert 135 < values.max() <= 140


def test_erasing_paints_one_rectangle_of_one_shade_over_its_share_of_images():
    images = np.zeros((2_000, 28, 28), dtype=np.float32)
    changed = change(images, erase=0.3)
    erased = changed.any(axis=(1, 2))
    assert erased.mean() == pytest.approx(0.3, abs=0.04)
    areas = []
    for image in changed[erased]:
        rows, columns = np.nonzero(image.any(axis=1))[0], np.nonzero(image.any(axis=0))[0]
        box = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        assert (box == box[0, 0]).all()
        areas.append(box.size / 784)
    assert min(areas) > 0.005
    assert max(areas) < 0.4
    shades = changed[erased].max(axis=(1, 2))
    assert shades.min() < 15 < 240 < shades.max() <= 255


@pytest.mark.parametrize("seed", range(5))
def test_cutmix_mixes_targets_by_the_pixels_that_come_from_the_other(seed):
    # Each image is one shade, so a pixel tells where it comes from.
    shades = np.arange(50, dtype=np.uint8)
    images = np.repeat(shades, 784).reshape(50, 28, 28)
    mixed, targets = cut_and_mix(images, np.eye(50, dtype="float32"), seed)
    for place, image in enumerate(mixed):
        counts = np.bincount(image.ravel(), minlength=50) / 784
        np.testing.assert_allclose(targets[place], counts, atol=1e-6)
        assert counts[[place, place - 1]].sum() == pytest.approx(1)


def test_cutmix_happens_to_its_share_of_batches():
    generator = keras.random.SeedGenerator(3)
    config = PLAIN.with_settings(cutmix=0.25)
    images, targets = np.arange(2, dtype=np.uint8).repeat(784).reshape(2, 28, 28, 1), np.eye(2, dtype="float32")
    mixed = [(ops.convert_to_numpy(mix(images, targets, generator, config)[1]) != targets).any() for _ in range(400)]
    assert np.mean(mixed) == pytest.approx(0.25, abs=0.07)
