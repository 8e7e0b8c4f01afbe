import keras
import numpy as np
import pytest

from fmnist_core import studies
from fmnist_core.errors import InvalidSettingError
from fmnist_core.interpretation import excitation, making
from fmnist_core.interpretation.excitation import Ranking, compute_excitation, find_peaks, find_typical_classes
from fmnist_core.interpretation.fields import Fields, compute_fields, cut
from fmnist_core.interpretation.probing import Probe

SEED = np.random.default_rng(0)


def build(*layers):
    """A network of the lab with these layers in its middle."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1), dtype="uint8"),
            keras.layers.Rescaling(1 / 255),
            *layers,
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


@pytest.fixture(scope="module")
def probe():
    """Its first layer answers to light, and to darkness beside light; its second to the left and right half."""
    convolution = keras.layers.Conv2D(2, 3, padding="same", activation="relu", name="eyes")
    halves = keras.layers.AveragePooling2D((28, 14), name="halves")
    model = build(convolution, halves)
    kernel = np.zeros((3, 3, 1, 2), np.float32)
    kernel[1, 1, 0, 0] = 1
    kernel[1, 0, 0, 1], kernel[1, 1, 0, 1] = 1, -1
    convolution.set_weights([kernel, np.zeros(2, np.float32)])
    return Probe(model)


def dots(*places):
    images = np.zeros((len(places), 28, 28), np.uint8)
    for image, (row, column, value) in zip(images, places, strict=True):
        image[row, column] = value
    return images


def test_the_winners_and_their_places_are_found(probe):
    images = dots((3, 5, 100), (20, 10, 255), (7, 27, 51), (9, 9, 0))
    labels = np.array([2, 2, 7, 9], np.uint8)
    found = compute_excitation(probe, images, np.arange(60_000, 60_004), labels, ["eyes", "halves"])
    light = found["eyes"]
    assert light.items[0].tolist() == [60_001, 60_000, 60_002, 60_003]
    assert light.values[0] == pytest.approx([1, 100 / 255, 0.2, 0])
    assert light.positions[0, :3].tolist() == [20 * 28 + 10, 3 * 28 + 5, 7 * 28 + 27]
    # Darkness lies to the right of light, which at the rim is outside the picture.
    assert light.items[1, :2].tolist() == [60_001, 60_000]
    assert light.positions[1, :2].tolist() == [20 * 28 + 11, 3 * 28 + 6]
    assert light.values[1, 2] == 0
    assert light.means[0, [2, 7, 9, 0]] == pytest.approx([(1 + 100 / 255) / 2, 0.2, 0, 0])
    assert found["halves"].positions[0, :3].tolist() == [0, 0, 1]


def test_ranking_in_batches_is_ranking_at_once():
    outputs = SEED.standard_normal((100, 4, 5, 7)).astype(np.float32)
    labels = SEED.integers(0, 10, 100).astype(np.uint8)
    ranking = Ranking()
    for start in range(0, 100, 30):
        part = slice(start, start + 30)
        ranking.add(np.arange(100)[part], labels[part], outputs[part])
    found = ranking.finish()
    peaks, places = find_peaks(outputs)
    order = np.argsort(-peaks, axis=0)[: excitation.TOP].T
    assert np.array_equal(found.items, order)
    assert np.array_equal(found.values, np.take_along_axis(peaks.T, order, 1))
    assert np.array_equal(found.positions, np.take_along_axis(places.T, order, 1))
    assert np.allclose(found.means[:, 3], peaks[labels == 3].mean(axis=0), atol=1e-6)


def test_units_are_channels_and_the_last_layer_counts_by_its_logits(probe):
    images = SEED.integers(0, 256, (12, 28, 28), np.uint8)
    last = probe.layers[-1].name
    found = compute_excitation(probe, images, np.arange(12), np.zeros(12, np.uint8), [last])[last]
    logits = probe.ask(probe.scale(images))
    assert found.values[:, 0] == pytest.approx(logits.max(axis=0), abs=1e-6)
    assert found.items[:, 0].tolist() == logits.argmax(axis=0).tolist()
    assert not found.positions.any()


def test_typical_classes_are_counted():
    found = excitation.Excitation(np.array([[0, 1, 2, 3]]), np.ones((1, 4)), np.zeros((1, 4)), np.zeros((1, 10)))
    assert find_typical_classes(found, 0, np.array([5, 9, 9, 9], np.uint8)) == [(9, 3), (5, 1)]


def test_receptive_fields_are_those_of_the_windows():
    model = build(
        keras.layers.Conv2D(3, 3, padding="valid", activation="relu", name="a"),
        keras.layers.MaxPooling2D(2, name="b"),
        keras.layers.Conv2D(3, (1, 5), strides=(2, 1), padding="same", name="c"),
    )
    probe = Probe(model)
    # A place of `a` sees 3 pixels from its own number on; one of `b` two of these; `c` 5 of these across.
    assert compute_fields(probe, "a").rows.tolist() == [[row, row + 3] for row in range(26)]
    assert compute_fields(probe, "b").rows.tolist() == [[2 * row, 2 * row + 4] for row in range(13)]
    deepest = compute_fields(probe, "c")
    assert deepest.rows.tolist() == [[4 * row, 4 * row + 4] for row in range(7)]
    assert deepest.columns.tolist() == [[max(0, 2 * i - 4), min(28, 2 * i + 8)] for i in range(13)]
    assert deepest.find(13 + 6) == (4, 8, 8, 20)
    assert compute_fields(probe, probe.layers[-1].name).find(0) == (0, 0, 28, 28)


def test_a_layer_that_never_fires_may_see_everything():
    silent = keras.layers.Conv2D(1, 3, activation="relu", name="silent")
    probe = Probe(build(silent))
    silent.set_weights([np.zeros((3, 3, 1, 1)), np.array([-1.0])])
    assert compute_fields(probe, "silent").find(700 // 2) == (0, 0, 28, 28)


def test_fields_find_a_place_by_its_number():
    fields = Fields(np.array([[0, 2], [1, 3]]), np.array([[0, 4], [2, 6], [4, 8]]))
    assert fields.find(4) == (1, 2, 3, 6)


@pytest.fixture(scope="module")
def linear():
    """A unit that adds what some pixels have and takes off what the others have, and one that never fires."""
    signs = SEED.choice([-1.0, 1.0], 784)
    dense = keras.layers.Dense(2, activation="relu", name="unit")
    probe = Probe(build(keras.layers.Flatten(), dense))
    dense.set_weights([np.column_stack([signs, np.where(signs > 0, 0.5, 0.0)]), np.array([0.0, -1e6])])
    return probe, signs


def test_a_picture_made_for_a_linear_unit_has_the_signs_of_its_weights(linear):
    probe, signs = linear
    made = making.make_images(probe, "unit", [0, 1], making.Making(jitter=0, blur=0))
    assert np.array_equal(made.images[0].ravel() == 255, signs > 0)
    assert np.array_equal(made.images[0].ravel() == 0, signs < 0)
    assert made.values[0] == pytest.approx((signs > 0).sum(), rel=1e-5)
    # A unit that is silent has a way up nevertheless, though it may not reach its threshold.
    assert (made.images[1].ravel()[signs > 0] == 255).all()
    assert made.values[1] == 0


def test_making_excites_more_than_noise_and_is_the_same_each_time(probe):
    told = []
    made = making.make_images(probe, "eyes", [0, 1], making.Making(steps=20), lambda *said: told.append(said))
    noise = SEED.integers(0, 128, (20, 28, 28), np.uint8)
    outputs = probe.compute_outputs(noise, ["eyes"])["eyes"]
    assert (made.values > find_peaks(outputs)[0].max(axis=0)).all()
    assert (made.images.shape, made.images.dtype, made.values.shape) == ((2, 28, 28), np.uint8, (2,))
    assert [share for _, share in told] == [step / 20 for step in range(20)]
    again = making.make_images(probe, "eyes", [0, 1], making.Making(steps=20))
    assert np.array_equal(made.images, again.images)
    # Of each alone it would be another picture only by its start, which no other channel decides.
    alone = making.make_images(probe, "eyes", [1], making.Making(steps=20))
    assert np.abs(alone.images[0].astype(int) - made.images[1]).max() <= 1


def test_for_the_last_layer_pictures_are_made_for_the_logits(probe):
    made = making.make_images(probe, probe.layers[-1].name, range(10), making.Making(steps=10))
    assert made.values == pytest.approx(np.diag(probe.ask(probe.scale(made.images))), abs=1e-4)


def test_what_cannot_be_made_is_refused(probe):
    with pytest.raises(InvalidSettingError, match="`steps` must be"):
        making.Making(steps=0)
    with pytest.raises(InvalidSettingError, match="layer must be one of"):
        cut(probe, "ears")


def test_a_cut_leaves_the_network_as_it_is(probe):
    images = SEED.integers(0, 256, (2, 28, 28), np.uint8)
    before = probe.ask(probe.scale(images))
    expected = probe.compute_outputs(images, ["eyes"])["eyes"]
    whole, lifted = (
        keras.ops.convert_to_numpy(cut(probe, "eyes", linear)(probe.scale(images))) for linear in (False, True)
    )
    assert np.allclose(whole, expected, atol=1e-6)
    assert lifted.min() < 0
    assert np.allclose(lifted.clip(0), expected, atol=1e-6)
    assert np.array_equal(probe.ask(probe.scale(images)), before)


def test_the_studies_of_a_run(copied_run, dataset):
    probe = Probe.load(copied_run.path / "model.keras")
    name = next(layer.name for layer in probe.layers if layer.kind == "Conv2D")
    arrays = studies.execute(studies.Request(copied_run, "excitation", {}))
    found, fields = excitation.unpack(arrays, name), excitation.unpack_fields(arrays, name)
    best = dataset.images[found.items[:, 0]]
    peaks, places = find_peaks(probe.compute_outputs(best, [name])[name])
    assert np.diag(peaks) == pytest.approx(found.values[:, 0], rel=1e-4)
    assert np.diag(places).tolist() == found.positions[:, 0].tolist()
    assert (np.diff(found.values, axis=1) <= 0).all()
    assert fields.find(0)[:2] == (0, 0)

    made = studies.execute(studies.Request(copied_run, "making", {"layer": name, "first": 0}))
    assert len(made["images"]) == min(excitation.PAGE, len(found.items))
    with pytest.raises(InvalidSettingError, match="`first` must be"):
        studies.execute(studies.Request(copied_run, "making", {"layer": name, "first": 10_000}))
