from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest

from fmnist_core import architectures, runs, studies
from fmnist_core.errors import InvalidSettingError
from fmnist_core.evaluation import compute_scores
from fmnist_core.interpretation.probing import Probe
from fmnist_core.interpretation.surgery import (
    Sample,
    Surgery,
    compute_ablation,
    compute_recalls,
    describe_operable,
    draw_sample,
    find_operable,
    suggest_operable,
)
from fmnist_core.stacks import Layer

IMAGES = np.stack([np.full((28, 28), value, np.uint8) for value in (0, 51, 255)])
SAMPLE = Sample(np.arange(3), np.array([2, 2, 1], np.uint8), IMAGES)


def soften(logits):
    powers = np.exp(np.array(logits, float))
    return powers / powers.sum(axis=-1, keepdims=True)


@pytest.fixture(scope="module")
def simple():
    """A network of two channels, 2 x and relu(5 x - 1.5), whose means are the logits of the classes 0 and 1."""
    convolution = keras.layers.Conv2D(2, 1, activation="relu", name="convolution")
    answer = keras.layers.Dense(10, activation="softmax", name="answer")
    pixels = keras.Input((28, 28, 1), dtype="uint8")
    x = convolution(keras.layers.Rescaling(1 / 255)(pixels))
    model = keras.Model(pixels, answer(keras.layers.GlobalAveragePooling2D()(x)))
    convolution.set_weights([np.array([2.0, 5.0]).reshape(1, 1, 1, 2), np.array([0.0, -1.5])])
    answer.set_weights([np.eye(2, 10), np.eye(10)[2]])
    return Probe(model)


def expect(x, heard):
    first, second = 2 * x * heard[0], max(5 * x - 1.5, 0) * heard[1]
    return soften([first, second, 1, *[0] * 7])


@pytest.mark.parametrize("silenced", [[], [0], [1], [0, 1]])
def test_a_silenced_channel_is_zero_everywhere(simple, silenced):
    surgery = Surgery(simple, "convolution", SAMPLE)
    heard = [channel not in silenced for channel in range(2)]
    expected = [expect(x, heard) for x in (0, 0.2, 1)]
    assert surgery.channels == 2
    assert np.allclose(surgery.ask_sample(silenced), expected, atol=1e-6)
    assert np.allclose(surgery.ask(IMAGES[2:], silenced), expected[2:], atol=1e-6)
    # What was silenced is heard again.
    assert np.allclose(surgery.ask_sample(), [expect(x, [1, 1]) for x in (0, 0.2, 1)], atol=1e-6)


def test_without_any_channel_the_answer_is_that_of_the_bias(simple):
    answers = Surgery(simple, "convolution", SAMPLE).ask_sample([0, 1])
    assert np.allclose(answers, soften(np.eye(10)[2]), atol=1e-6)
    assert set(answers.argmax(axis=1)) == {2}


def test_each_channel_is_silenced_in_turn(simple):
    told = []
    found = compute_ablation(
        Surgery(simple, "convolution", SAMPLE), lambda sentence, share: told.append((sentence, share))
    )
    # Whole: 2, 2, 1 (logits 2 and 3.5). Without channel 1 (of two): 2, 2, 1. Without channel 2: 2, 2, 0.
    assert found["accuracy"] == 1
    assert found["accuracies"] == pytest.approx([1, 2 / 3])
    assert found["recall"][[1, 2]].tolist() == [1, 1]
    assert found["recalls"][:, 1].tolist() == [1, 0]
    assert found["recalls"][:, 2].tolist() == [1, 1]
    assert np.isnan(found["recall"][0])
    assert [share for _, share in told] == pytest.approx([1 / 3, 2 / 3, 1])


def test_recall_is_counted_by_class():
    found = compute_recalls(np.array([0, 0, 0, 0, 9], np.uint8), np.array([True, False, True, True, False]))
    assert found[[0, 9]].tolist() == [0.75, 0]
    assert np.isnan(found[1:9]).all()


def test_channels_and_layers_that_are_none_are_refused(simple):
    surgery = Surgery(simple, "convolution", SAMPLE)
    for channel in (2, -1):
        with pytest.raises(InvalidSettingError, match="`channel` must be"):
            surgery.ask_sample([channel])
    with pytest.raises(InvalidSettingError, match=r"makes channels: convolution\. Received: answer"):
        Surgery(simple, "answer", SAMPLE)
    with pytest.raises(InvalidSettingError, match="Received: nothing"):
        Surgery(simple, "nothing", SAMPLE)


@pytest.fixture(scope="module")
def residual():
    keras.utils.set_random_seed(0)
    stack = (
        Layer("Conv2D", {"filters": 4, "kernel_size": 3, "strides": 2, "activation": "relu"}),
        Layer("Residual", {"filters": 4}),
        Layer("Residual", {"filters": 6, "strides": 2}),
        Layer("GlobalAveragePooling2D", {}),
        Layer("Dense", {"units": 5, "activation": "relu"}),
    )
    model = architectures.build_model(stack)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            beta, *others = layer.get_weights()[1:]
            layer.set_weights([layer.get_weights()[0], beta + 0.3, *others])
    return Probe(model)


@pytest.fixture(scope="module")
def noise():
    images = np.random.default_rng(0).integers(0, 256, (7, 28, 28), np.uint8)
    return Sample(np.arange(7), np.zeros(7, np.uint8), images)


def test_residual_networks_are_operated_on_too(residual, noise):
    own = soften(residual.ask(residual.scale(noise.images)))
    kinds = [layer.kind for layer in find_operable(residual)]
    assert sorted(kinds) == ["Add"] * 2 + ["Conv2D"] * 6 + ["Dense"]
    for layer in find_operable(residual):
        surgery = Surgery(residual, layer.name, noise)
        assert np.allclose(surgery.ask_sample(), own, atol=1e-6), layer.name
        assert np.allclose(surgery.ask(noise.images, [1]), surgery.ask_sample([1]), atol=1e-6), layer.name
    last = Surgery(residual, find_operable(residual)[-2].name, noise).ask_sample(range(6))
    assert np.allclose(last, last[0], atol=1e-7)


def test_silence_is_what_a_filter_of_zeros_would_say(residual, noise):
    for described in find_operable(residual):
        layer = residual.get_keras_layer(described.name)
        if described.kind == "Add":
            continue
        silenced = Surgery(residual, described.name, noise).ask_sample([0, 2])
        weights = layer.get_weights()
        layer.set_weights([_without(weight) for weight in weights])
        emptied = soften(residual.ask(residual.scale(noise.images)))
        layer.set_weights(weights)
        assert np.allclose(silenced, emptied, atol=1e-6), described.name


def _without(weight):
    heard = np.ones(weight.shape[-1])
    heard[[0, 2]] = 0
    return weight * heard


def test_layers_are_named_in_order(residual, simple):
    titles = list(describe_operable(residual).values())
    assert titles[0] == "Convolution 1 · 4 channels of 13 × 13"
    assert titles[-1] == "Dense layer 1 · 5 units"
    assert "Sum 1 · 4 channels of 13 × 13" in titles
    # The last of at least 7 × 7.
    assert residual.find_layer(suggest_operable(residual)).shape == (7, 7, 6)
    assert suggest_operable(simple) == "convolution"


def test_a_network_without_such_a_layer_has_nothing_to_operate_on():
    pixels = keras.Input((28, 28, 1), dtype="uint8")
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(pixels))
    probe = Probe(keras.Model(pixels, keras.layers.Dense(10, activation="softmax")(x)))
    assert find_operable(probe) == []
    assert suggest_operable(probe) is None


def test_threads_do_not_hear_each_others_silence(simple):
    surgery = Surgery(simple, "convolution", SAMPLE)
    cases = [[], [0], [1], [0, 1]] * 10
    expected = {str(case): surgery.ask_sample(case) for case in cases[:4]}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(surgery.ask_sample, cases))
    for case, answer in zip(cases, answers, strict=True):
        assert np.array_equal(answer, expected[str(case)])


def test_the_sample_is_drawn_evenly_from_the_items_that_were_tested(fmnist_home, dataset):
    run = runs.load_run("mcnn-proposed")
    sample = draw_sample(run)
    assert np.bincount(sample.labels).tolist() == [200] * 10
    assert sample.items.min() >= 60_000
    assert np.array_equal(sample.labels, dataset.labels[sample.items])
    assert np.array_equal(sample.images, dataset.images[sample.items])
    assert np.array_equal(sample.items, draw_sample(run).items)
    assert not np.array_equal(sample.items, draw_sample(run, seed=1).items)
    assert len(draw_sample(run, n_items=20_000).items) == 10_000


def test_of_the_shipped_network_silencing_nothing_gives_its_own_figures(fmnist_home):
    run = runs.load_run("mcnn-proposed")
    probe, sample = Probe.load(run.path / "model.keras"), draw_sample(run, 200)
    own = probe.model.predict_on_batch(sample.images[..., np.newaxis])
    for name in describe_operable(probe):
        answers = Surgery(probe, name, sample).ask_sample()
        assert np.allclose(answers, own, atol=1e-5)
        scores, expected = compute_scores(sample.labels, answers), compute_scores(sample.labels, own)
        assert scores.accuracy == expected.accuracy
        assert np.array_equal(scores.confusion_matrix, expected.confusion_matrix)


def test_the_study_is_kept(fmnist_home):
    request = studies.Request(runs.load_run("mcnn-proposed"), "ablation", {"layer": "dense"})
    found = studies.execute(request)
    assert found["accuracies"].shape == (512,)
    assert found["recalls"].shape == (512, 10)
    assert found["accuracy"] == pytest.approx(found["recall"].mean())
    # One of 512 units hardly matters.
    assert np.abs(found["accuracies"] - found["accuracy"]).max() < 0.01
    kept = studies.load_study(request)
    assert np.array_equal(kept["accuracies"], found["accuracies"])
