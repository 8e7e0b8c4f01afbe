import json
from dataclasses import replace

import numpy as np
import pytest

from fmnist_core import cli, projection_files, runs, studies, trust
from fmnist_core.answering import Answerer, Observations
from fmnist_core.evaluation import calibration
from fmnist_core.trust import FILE, STUDY, Trust, calibrate, load_trust
from fmnist_core.trust_fitting import build_trust, draw_garments, fit_temperature, learn_strangeness


def make_features(n, seed=0, d=12):
    return np.random.default_rng(seed).normal(0, 3, (n, d)).astype(np.float32)


@pytest.fixture
def known():
    """Two hundred training items, 50 test items of the same kind, in twelve dimensions."""
    return build_trust("abc", make_features(250), np.arange(200), np.arange(200, 250))


def measure_by_hand(known, features):
    """Return the distances of pictures to all training items, as the codes keep these."""
    places = known.codes.astype(float) * known.steps @ known.axes.T + known.center
    return np.linalg.norm(features[:, np.newaxis] - places, axis=2)


# --- Distances ---


def test_codes_keep_the_places_of_the_training_items(known):
    places = known.codes.astype(float) * known.steps @ known.axes.T + known.center
    # Twelve dimensions fit into the components: only rounding is lost.
    np.testing.assert_allclose(places, make_features(250)[:200], atol=1.0)
    assert np.abs(places - make_features(250)[:200]).mean() < 0.05


def test_the_nearest_are_found(known):
    query = make_features(1, seed=5)
    items, distances = known.find_nearest(query[0], 7)
    by_hand = measure_by_hand(known, query)[0]
    np.testing.assert_array_equal(items, np.argsort(by_hand)[:7])
    np.testing.assert_allclose(distances, np.sort(by_hand)[:7], rtol=1e-3)


@pytest.mark.parametrize("n", [1, 300])
def test_the_distance_is_the_mean_to_the_five_nearest(known, n):
    queries = make_features(n, seed=6)
    expected = np.sort(measure_by_hand(known, queries), axis=1)[:, :5].mean(axis=1)
    np.testing.assert_allclose(known.measure(queries), expected, rtol=1e-3)


def test_a_rank_is_the_share_of_test_items_that_lie_nearer(known):
    distances = np.sort(known.measure(make_features(250)[200:]))
    assert known.rank(0.0) == 0
    assert known.rank(distances[-1] + 1) == 1
    middle = (distances[24] + distances[25]) / 2
    assert known.rank(middle) == pytest.approx(0.5, abs=0.02)
    assert known.rank(known.largest_distance) == pytest.approx(0.995, abs=0.01)


# --- Calibration ---


def test_a_temperature_without_growth_is_that_of_temperature_scaling(known):
    probabilities = np.random.default_rng(0).dirichlet(np.ones(10), 50).astype(np.float32)
    fitted = replace(known, temperature=1.7)
    expected = calibration.apply_temperature(probabilities, 1.7)
    np.testing.assert_allclose(fitted.calibrate(probabilities, np.full(50, 9.0)), expected, atol=1e-6)


def test_what_is_further_away_is_less_sure():
    probabilities = np.tile([0.91] + [0.01] * 9, (4, 1)).astype(np.float32)
    confidences = calibrate(probabilities, np.array([0.5, 1.0, 2.0, 1e9]), temperature=1.0, growth=1.0).max(axis=1)
    assert confidences[1] == pytest.approx(0.91)
    assert (np.diff(confidences) < 0).all()
    # The temperature has an end, so that something is left of every answer.
    assert 0.1 < confidences[3] < 0.15


def test_a_temperature_fitted_at_one_distance_is_that_of_temperature_scaling():
    generator = np.random.default_rng(0)
    truth = generator.dirichlet(np.full(10, 0.3), 2_000)
    labels = np.array([generator.choice(10, p=row) for row in truth]).astype(np.uint8)
    # Three times too sure.
    probabilities = calibration.apply_temperature(truth, 1 / 3)
    temperature, _ = fit_temperature(labels, probabilities, np.ones(2_000))
    assert temperature == pytest.approx(calibration.fit_temperature(labels, probabilities), rel=0.01)


def test_the_temperature_grows_where_distance_means_doubt():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 10, 2_000).astype(np.uint8)
    is_far = np.arange(2_000) % 2 == 1
    said = np.where(is_far & (generator.random(2_000) < 0.5), (labels + 1) % 10, labels)
    probabilities = np.full((2_000, 10), 0.01)
    probabilities[np.arange(2_000), said] = 0.91
    scaled = np.where(is_far, 4.0, 1.0)
    temperature, growth = fit_temperature(labels, probabilities, scaled)
    assert growth > 0.2
    found = calibrate(probabilities, scaled, temperature, growth).max(axis=1)
    assert found[is_far].mean() == pytest.approx(0.5, abs=0.06)
    assert found[~is_far].mean() > 0.95


# --- Limits ---


def observe(features, said, confidence):
    probabilities = np.full((len(features), 10), (1 - confidence) / 9, np.float32)
    probabilities[np.arange(len(features)), said] = confidence
    return Observations(features, probabilities, np.zeros(len(features), bool))


def test_strange_pictures_are_told_and_nearly_all_garments_left_alone(known):
    images = np.random.default_rng(0).integers(0, 256, (400, 28, 28), dtype=np.uint8)
    garments = (images[:300], observe(make_features(300, seed=1), np.arange(300) % 10, 0.9))
    others = (images[300:], observe(make_features(100, seed=2) + 40, np.zeros(100, int), 0.9))
    fitted = learn_strangeness(known, garments, others)

    def judge(pictures, said):
        return fitted.compute_strangeness(pictures, said.features, said.probabilities) > fitted.largest_strangeness

    assert judge(*others).all()
    assert judge(*garments).mean() == pytest.approx(0.05, abs=0.04)


def test_a_picture_is_described_by_what_is_seen_of_it_too(known):
    flat = np.zeros((1, 28, 28), np.uint8)
    flat[0, 4:24, 4:24] = 200
    rough = flat.copy()
    rough[0, 4:24:2, 4:24] = 100
    said = observe(make_features(1), [0], 0.9)
    first, second = (known.describe(images, said.features, said.probabilities)[0] for images in (flat, rough))
    assert first[-6] == second[-6] == 401  # pixels covered, and one
    assert first[-4] < second[-4]  # roughness
    assert first[-1] == second[-1] == 0  # both are symmetric


def test_without_validation_items_only_the_distance_limits(known):
    said = observe(make_features(2), [0, 0], 0.9)
    images = np.zeros((2, 28, 28), np.uint8)
    assert (known.compute_strangeness(images, said.features, said.probabilities) < known.largest_strangeness).all()
    assert np.isfinite(known.largest_distance)


def test_garments_are_validation_items_as_they_are_as_photographs_and_as_drawings(dataset):
    images, labels = draw_garments(dataset, np.arange(100, 150))
    assert (images.shape, images.dtype, labels.shape) == ((150, 28, 28), np.uint8, (150,))
    items = {image.tobytes() for image in dataset.images[100:150]}
    assert {image.tobytes() for image in images[:50]} == items
    assert np.mean([image.tobytes() in items for image in images[50:]]) < 0.1
    np.testing.assert_array_equal(labels, np.tile(labels[:50], 3))
    for item, drawing in zip(images[:50], images[100:], strict=True):
        grey = drawing.max()
        assert set(np.unique(drawing)) == {0, grey}
        assert grey >= 120
        # All that is bright is covered, and hardly more than the garment.
        assert (drawing[item > 100] == grey).mean() > 0.9
        assert (item[drawing == 0] > 100).mean() < 0.05


# --- On disk ---


def test_what_is_known_survives_a_file(known, tmp_path):
    np.savez_compressed(tmp_path / "trust.npz", **known.to_arrays())
    with np.load(tmp_path / "trust.npz") as arrays:
        found = Trust.from_arrays(arrays)
    query = make_features(3, seed=9)
    np.testing.assert_array_equal(found.measure(query), known.measure(query))
    assert (found.network, found.least_confidence, found.validated) == ("abc", known.least_confidence, 0)


def test_only_what_is_known_of_this_very_network_counts(known, copied_run):
    assert load_trust(copied_run) is None
    own = replace(known, network=projection_files.checksum(copied_run.path / "model.keras"))
    np.savez_compressed(copied_run.path / FILE, **own.to_arrays())
    assert load_trust(copied_run).network == own.network
    np.savez_compressed(copied_run.path / FILE, **known.to_arrays())
    assert load_trust(copied_run) is None


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_a_damaged_file_is_as_good_as_none(copied_run, content):
    (copied_run.path / FILE).write_bytes(content)
    assert load_trust(copied_run) is None


def test_the_command_finds_out_and_keeps_it(copied_run, capsys, dataset):
    assert cli.main(["trust", copied_run.run_id, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    # 1,000 items validate this run, and this many of them are asked about.
    assert (said["run_id"], said["validated"]) == (copied_run.run_id, 700)
    assert 0 < said["least_confidence"] < 1
    found = load_trust(copied_run)
    assert found.least_confidence == said["least_confidence"]
    assert studies.Request(copied_run, STUDY, {}).path.is_file()
    assert len(found.items) == 3_000
    # The study's own file gives way to one that lies in the run's folder.
    assert cli.main(["trust", copied_run.run_id, "--ship"]) == 0
    assert "700 validation items decided" in capsys.readouterr().out
    assert trust.find_file(copied_run) == copied_run.path / FILE


# --- The networks that come with the lab ---

SHIPPED = [run.run_id for run in runs.list_runs().runs if run.shipped and (run.path / FILE).is_file()]


def draw_others():
    """Return pictures that show no garment, drawn otherwise than those that the limits were chosen with."""
    generator = np.random.default_rng(123)
    rows, columns = np.mgrid[:28, :28]
    yield from np.zeros((3, 28, 28))
    yield from generator.integers(0, 256, (10, 28, 28))
    for angle in np.linspace(0, np.pi, 10):
        yield 127 + 120 * np.sin((rows * np.sin(angle) + columns * np.cos(angle)) / 2)
    for radius in np.linspace(4, 13, 10):
        # A face: a disc with eyes and a mouth.
        face = 180.0 * (np.hypot(rows - 14, columns - 14) < radius)
        for row, column, size in ((10, 10, 1.5), (10, 18, 1.5), (19, 14, 2.5)):
            face[np.hypot(rows - row, (columns - column) / 1.5) < size] = 20
        yield face
    for horizon in range(8, 22, 2):
        # A landscape: a pale sky over dark waves.
        yield np.where(rows < horizon + 2 * np.sin(columns / 3), 200 - 4 * rows, 60 + columns)


@pytest.mark.parametrize("run_id", SHIPPED)
def test_what_shows_no_garment_mostly_goes_unanswered(run_id, dataset):
    answerer = Answerer.load(runs.load_run(run_id))
    others = np.array(list(draw_others())).clip(0, 255).astype(np.uint8)
    assert np.mean([verdict.abstained for verdict in answerer.ask_many(others)]) > 0.8
    garments = answerer.ask_many(dataset.test_images[:500])
    is_answered = np.array([not verdict.abstained for verdict in garments])
    is_right = np.array([verdict.class_index for verdict in garments]) == dataset.test_labels[:500]
    assert is_answered.mean() > 0.85
    assert is_right[is_answered].mean() > is_right.mean()
