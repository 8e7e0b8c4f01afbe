from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from fmnist_core.errors import InvalidSettingError, RunNotFoundError
from fmnist_core.prediction import BATCH, Predictor, predict_either_way, read_answer, say_share


@pytest.fixture(scope="module")
def untrained(tmp_path_factory):
    """A network of one layer, and the file that it was saved in."""
    import keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1), dtype="uint8"),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    path = tmp_path_factory.mktemp("untrained") / "model.keras"
    model.save(path)
    return model, path


def softmax(values):
    exponentials = np.exp(values - values.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("n", [0, 1, 3, BATCH, BATCH + 1])
def test_answers_are_the_networks(untrained, n):
    model, path = untrained
    images = np.random.default_rng(0).integers(0, 256, (n, 28, 28), dtype=np.uint8)
    weights, bias = model.get_weights()
    by_hand = softmax(images.reshape(n, 784) / 255 @ weights + bias) if n else np.empty((0, 10))
    probabilities = Predictor(path)(images)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities, by_hand, atol=1e-5)


def test_threads_do_not_disturb_each_other(untrained):
    predictor = Predictor(untrained[1])
    images = np.random.default_rng(0).integers(0, 256, (40, 28, 28), dtype=np.uint8)
    together = predictor(images)
    with ThreadPoolExecutor(4) as pool:
        alone = np.concatenate(list(pool.map(lambda image: predictor(image[None]), images)))
    np.testing.assert_allclose(alone, together, atol=1e-5)


@pytest.mark.parametrize(
    "images", [np.zeros((28, 28), np.uint8), np.zeros((1, 28, 28), np.float32), np.zeros((1, 28, 28, 1), np.uint8)]
)
def test_other_arrays_are_refused(untrained, images):
    with pytest.raises(InvalidSettingError, match="`images` must be uint8 of shape"):
        Predictor(untrained[1])(images)


@pytest.mark.parametrize("share", [0, 0.5])
def test_a_damaged_file_is_named(untrained, tmp_path, share):
    content = untrained[1].read_bytes()
    damaged = tmp_path / "model.keras"
    damaged.write_bytes(content[: int(share * len(content))])
    with pytest.raises(RunNotFoundError, match=r"must hold a network that can be loaded\. Received: .*model\.keras"):
        Predictor(damaged)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RunNotFoundError, match="must hold a network"):
        Predictor(tmp_path / "model.keras")


def probabilities(**shares):
    """Ten probabilities by position: p9=0.93 leaves the rest to the others."""
    values = np.full(10, (1 - sum(shares.values())) / (10 - len(shares)), np.float32)
    for place, share in shares.items():
        values[int(place[1:])] = share
    return values


ALIKE = np.full(10, 0.1, np.float32)


@pytest.mark.parametrize(
    ("values", "headline", "comment"),
    [
        (probabilities(p9=0.999), "Ankle boot, over 99%", "The network is very sure."),
        (probabilities(p9=0.93), "Ankle boot, 93%", "The network is quite sure."),
        (
            probabilities(p6=0.6, p0=0.3),
            "Shirt, 60%",
            "The network is fairly sure, but thinks of T-shirt/top as well.",
        ),
        (
            probabilities(p6=0.5, p0=0.4),
            "Shirt, 50%",
            "The network is fairly sure, but thinks of T-shirt/top as well.",
        ),
        (probabilities(p6=0.45, p0=0.4), "Not sure", "It could be Shirt or T-shirt/top: no class reaches 50%."),
        (
            probabilities(p2=0.4, p4=0.3),
            "Not sure",
            "It could be Pullover, Coat or T-shirt/top: no class reaches 50%.",
        ),
        (ALIKE, "Not sure", "It could be T-shirt/top, Trouser or Pullover: no class reaches 50%."),
    ],
)
def test_an_answer_in_words(values, headline, comment):
    answer = read_answer(values)
    assert (answer.headline, answer.comment) == (headline, comment)
    assert answer.abstained == (headline == "Not sure")
    assert answer.confidence == pytest.approx(values.max())


@pytest.mark.parametrize(
    ("probability", "said"),
    [(0.0, "0%"), (0.001, "under 1%"), (0.01, "1%"), (0.934, "93%"), (0.994, "99%"), (0.995, "over 99%")],
)
def test_a_share_in_words(probability, said):
    assert say_share(probability) == said


@pytest.mark.parametrize(("left", "right", "turned"), [(0.9, 0.6, False), (0.6, 0.9, True), (0.7, 0.7, False)])
def test_the_surer_of_a_picture_and_its_mirror_image_is_believed(left, right, turned):
    image = np.zeros((28, 28), np.uint8)
    image[:, 3] = 200

    def predictor(images):
        confidence = left if images[0, 0, 3] else right
        return np.array([[confidence, 1 - confidence] + [0] * 8], np.float32)

    probabilities, seen = predict_either_way(predictor, image)
    assert probabilities[0] == np.float32(max(left, right))
    np.testing.assert_array_equal(seen, image[:, ::-1] if turned else image)
