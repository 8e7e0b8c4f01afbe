import numpy as np
import pytest

from fmnist_core import answering
from fmnist_core.answering import N_VARIANTS, WARDROBE, Answerer, combine_variants, make_variants
from fmnist_core.errors import InvalidSettingError, RunNotFoundError
from fmnist_core.trust_fitting import build_trust
from fmnist_core.verdict import Verdict


@pytest.fixture(scope="module")
def network():
    """A network of one layer that sees the pixels themselves."""
    import keras

    keras.utils.set_random_seed(0)
    pixels = keras.Input((28, 28, 1), dtype="uint8")
    flat = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(pixels))
    return keras.Model(pixels, [flat, keras.layers.Dense(10, activation="softmax")(flat)])


def softmax(values):
    exponentials = np.exp(values - values.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def ask_by_hand(network, image, photographed):
    """Return the mean answer for each half of the variants, of an item or a drawing for the first of each half."""
    weights, bias = network.get_weights()
    answers = softmax(make_variants(image).reshape(N_VARIANTS, 784) / 255 @ weights + bias)
    counted = N_VARIANTS // 2 if photographed else 1
    return answers[:counted].mean(axis=0), answers[N_VARIANTS // 2 :][:counted].mean(axis=0)


# --- Variants ---


def test_the_variants_begin_with_the_picture_and_their_second_half_is_mirrored(dataset):
    image = dataset.images[0]
    variants = make_variants(image)
    assert (variants.shape, variants.dtype) == ((N_VARIANTS, 28, 28), np.uint8)
    np.testing.assert_array_equal(variants[0], image)
    np.testing.assert_array_equal(variants[N_VARIANTS // 2 :], variants[: N_VARIANTS // 2, :, ::-1])
    # Each is another picture, though not quite another garment.
    assert len({variant.tobytes() for variant in variants}) == N_VARIANTS
    shares = [
        np.minimum(variant > 20, image > 20).sum() / (image > 20).sum() for variant in variants[: N_VARIANTS // 2]
    ]
    assert min(shares) > 0.5


def test_a_blank_picture_stays_blank():
    assert not make_variants(np.zeros((28, 28), np.uint8)).any()


@pytest.mark.parametrize(
    ("upright", "turned", "expected", "is_mirrored"),
    [(0.9, 0.6, 0.9, False), (0.6, 0.9, 0.9, True), (0.7, 0.7, 0.7, False), (0.700, 0.705, 0.700, False)],
)
def test_the_half_that_is_clearly_surer_is_believed(upright, turned, expected, is_mirrored):
    answers = np.zeros((1, N_VARIANTS, 10), np.float32)
    for half, share in ((slice(None, N_VARIANTS // 2), upright), (slice(N_VARIANTS // 2, None), turned)):
        answers[0, half, 3], answers[0, half, 4] = share, 1 - share
    probabilities, mirrored = combine_variants(answers, np.array([True]))
    assert mirrored.tolist() == [is_mirrored]
    assert probabilities[0, 3] == pytest.approx(expected)


# --- The network's answer ---


@pytest.mark.parametrize("photographed", [False, True])
def test_an_answer_is_the_mean_over_the_variants_for_a_photograph(network, dataset, photographed):
    answerer = Answerer(network)
    for image in dataset.test_images[:5]:
        halves = ask_by_hand(network, image, photographed)
        verdict = answerer.ask(image, photographed)
        is_mirrored = np.array_equal(verdict.seen, image[:, ::-1])
        assert is_mirrored or np.array_equal(verdict.seen, image)
        expected = halves[int(is_mirrored)] * (WARDROBE if photographed else 1)
        np.testing.assert_allclose(verdict.probabilities, expected / expected.sum(), atol=1e-5)
        assert halves[int(is_mirrored)].max() >= halves[1 - int(is_mirrored)].max() - 0.021
        assert (verdict.distance, verdict.neighbors) == (None, ())


@pytest.mark.parametrize("n", [0, 1, 3, 70])
def test_many_are_answered_as_one_by_one(network, dataset, n):
    answerer, images = Answerer(network), dataset.test_images[:n]
    together = answerer.ask_many(images)
    assert len(together) == n
    for image, verdict in zip(images, together, strict=True):
        alone = answerer.ask(image)
        np.testing.assert_allclose(verdict.probabilities, alone.probabilities, atol=1e-5)
        np.testing.assert_array_equal(verdict.seen, alone.seen)


@pytest.mark.parametrize(
    "image", [np.zeros((28, 27), np.uint8), np.zeros((28, 28), np.float32), np.zeros(784, np.uint8)]
)
def test_other_arrays_are_refused(network, image):
    with pytest.raises(InvalidSettingError, match=r"Pictures must be uint8 of shape \(28, 28\)"):
        Answerer(network).ask(image)


def test_a_run_without_a_network_is_named(copied_run):
    (copied_run.path / "model.keras").unlink()
    with pytest.raises(RunNotFoundError, match="must have ended with a network"):
        Answerer.load(copied_run)


def test_a_run_of_which_nothing_is_known_answers_all_the_same(finished_run, dataset):
    verdicts = Answerer.load(finished_run).ask_many(dataset.test_images[:300])
    answers = [verdict.class_index for verdict in verdicts]
    assert (answers == dataset.test_labels[:300]).mean() > 0.6
    assert {(verdict.distance, verdict.neighbors) for verdict in verdicts} == {(None, ())}


# --- Neighbours and distance ---


def test_each_picture_is_answered_as_what_it_is(network, dataset):
    answerer = Answerer(network)
    together = answerer.ask_many(dataset.images[:2], [False, True])
    assert [verdict.photographed for verdict in together] == [False, True]
    for image, verdict in zip(dataset.images[:2], together, strict=True):
        alone = answerer.ask(image, verdict.photographed)
        np.testing.assert_allclose(verdict.probabilities, alone.probabilities, atol=1e-5)


def test_with_what_is_known_photographs_are_weighted_too(trusted, dataset):
    for image in dataset.images[400:410]:
        said = trusted.observe(image[np.newaxis], [True])
        expected = trusted.trust.calibrate(said.probabilities, trusted.trust.measure(said.features))[0] * WARDROBE
        verdict = trusted.ask(image, photographed=True)
        np.testing.assert_allclose(verdict.probabilities, expected / expected.sum(), atol=0.02)


@pytest.fixture(scope="module")
def trusted(network, dataset):
    """An answerer that learned from the first 400 items as their pixels are, and was tested with the next 100."""
    outputs = dataset.images[:500].reshape(500, -1) / np.float32(255)
    trust = build_trust("", outputs, np.arange(400), np.arange(400, 500))
    return Answerer(network, trust, dataset.images)


def test_the_neighbors_are_the_nearest_training_items(trusted, dataset):
    image = dataset.images[450]
    verdict = trusted.ask(image)
    # Thirty-two components hold most, not all, of a picture: the nearest by hand are among the nearest found.
    differences = (dataset.images[:400].astype(float) - verdict.seen) ** 2
    nearest = np.argsort(differences.sum(axis=(1, 2)))
    assert len(set(verdict.neighbors)) == 5
    assert set(verdict.neighbors) <= set(nearest[:40].tolist())


def test_a_training_item_is_not_its_own_neighbor(trusted, dataset):
    believed = [
        item for item in range(60) if np.array_equal(trusted.ask(dataset.images[item]).seen, dataset.images[item])
    ]
    assert len(believed) > 10
    for item in believed:
        image = dataset.images[item]
        assert item not in trusted.ask(image).neighbors
        assert item not in trusted.ask(image[:, ::-1].copy()).neighbors
        changed = image.copy()
        changed[14, 14] ^= 1
        assert trusted.ask(changed).neighbors[0] == item


def test_the_distance_is_a_share_of_the_test_items(trusted, dataset):
    shares = [trusted.ask(image).distance for image in dataset.images[400:500]]
    assert 0 <= min(shares) < 0.1
    assert 0.9 < max(shares) <= 1
    verdict = trusted.ask(np.full((28, 28), 255, np.uint8))
    assert verdict.distance == 1
    assert verdict.abstained
    assert verdict.is_strange
    assert verdict.headline == "Not sure"
    assert verdict.comment.endswith(
        "It is further from everything that the network learned from than any of the test items is."
    )


def test_a_blank_picture_is_never_answered(network, trusted):
    blank = np.zeros((28, 28), np.uint8)
    assert Answerer(network).ask(blank).abstained
    assert trusted.ask(blank).abstained


# --- Words ---


def verdict_of(distance=None, abstained=False, is_strange=False, **shares):
    values = np.full(10, (1 - sum(shares.values())) / (10 - len(shares)), np.float32)
    for place, share in shares.items():
        values[int(place[1:])] = share
    return Verdict(values, np.zeros((28, 28), np.uint8), distance, (), abstained, is_strange)


FURTHER = "It is further from everything that the network learned from than"


@pytest.mark.parametrize(
    ("verdict", "headline", "comment"),
    [
        (verdict_of(p9=0.999), "Ankle boot, over 99%", "The network is very sure."),
        (verdict_of(p9=0.93, distance=0.5), "Ankle boot, 93%", "The network is quite sure."),
        (
            verdict_of(p9=0.93, distance=0.97),
            "Ankle boot, 93%",
            f"The network is quite sure. {FURTHER} 97% of the test items are.",
        ),
        (
            verdict_of(p6=0.6, p0=0.3),
            "Shirt, 60%",
            "The network is fairly sure, but thinks of T-shirt/top as well.",
        ),
        (
            verdict_of(p6=0.45, p0=0.4, abstained=True),
            "Not sure",
            "It could be Shirt (45%) or T-shirt/top (40%).",
        ),
        (
            verdict_of(p8=0.9, distance=0.999, abstained=True, is_strange=True),
            "Not sure",
            f"If it is a garment at all, it could be Bag (90%). {FURTHER} 99% of the test items are.",
        ),
        (
            verdict_of(p2=0.4, p4=0.3, p6=0.25, distance=0.1, abstained=True),
            "Not sure",
            f"It could be Pullover (40%), Coat (30%) or Shirt (25%). {FURTHER} 10% of the test items are.",
        ),
    ],
)
def test_a_verdict_in_words(verdict, headline, comment):
    assert (verdict.headline, verdict.comment) == (headline, comment)


def test_a_verdict_names_its_class():
    verdict = verdict_of(p7=0.8)
    assert (verdict.class_index, verdict.class_name) == (7, "Sneaker")
    assert verdict.confidence == pytest.approx(0.8)
    assert verdict.candidates == (7,)


def test_every_variant_is_as_large_as_an_item_and_moves_it_little():
    for height, width, down, right in answering.VARIANTS:
        assert min(height, width) >= 0.8
        assert max(height, width) <= 1.25
        assert max(abs(down), abs(right)) <= 3
    assert tuple(answering.VARIANTS[0]) == (1, 1, 0, 0)
