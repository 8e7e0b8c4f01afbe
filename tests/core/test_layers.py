import os
import shutil

import keras
import numpy as np
import pytest

from fmnist_core import runs, storage
from fmnist_core.data import Dataset
from fmnist_core.errors import RunNotFoundError
from fmnist_core.layers import compute_layer, load_layer
from fmnist_core.prediction import Predictor


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """Make the file of a network with random weights: three outputs before the last dense layer."""

    def make(*last):
        keras.utils.set_random_seed(1)
        first = [keras.Input((28, 28, 1), dtype="uint8"), keras.layers.Rescaling(1 / 255), keras.layers.Flatten()]
        path = tmp_path_factory.mktemp("network") / "model.keras"
        keras.Sequential([*first, keras.layers.Dense(3), *last]).save(path)
        return path

    return make


@pytest.fixture
def small_run(fmnist_home, small_config):
    """A run that has been tested, with a network of the test's choice."""

    def make(path):
        run = runs.create_run(small_config, "threads/model-3")
        (run.path / "evaluation.npz").touch()
        shutil.copy(path, run.path / "model.keras")
        return runs.load_run(run.run_id)

    return make


@pytest.fixture
def softmax_run(network, small_run):
    return small_run(network(keras.layers.Dense(10, activation="softmax")))


def kept(home):
    folder = home / "layers"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def check_by_hand(run, dataset, layer):
    """Redo the sums of the network with numpy, for some items."""
    model = keras.saving.load_model(run.path / "model.keras")
    items = np.array([0, 1, 499, 500, 59_999, 60_000, 69_999])
    pixels = dataset.images[items].reshape(len(items), 784) / 255
    weights, bias, last_weights, last_bias = model.get_weights()
    outputs = pixels @ weights + bias
    exponentials = np.exp(outputs @ last_weights + last_bias)
    assert (layer.outputs.shape, layer.outputs.dtype) == ((70_000, 3), np.float16)
    assert (layer.probabilities.shape, layer.probabilities.dtype) == ((70_000, 10), np.float16)
    np.testing.assert_allclose(layer.outputs[items], outputs, rtol=2e-3, atol=2e-3)
    expected = exponentials / exponentials.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(layer.probabilities[items], expected, atol=2e-3)


def test_outputs_are_those_of_the_network_and_are_kept(softmax_run, dataset, fmnist_home):
    assert load_layer(softmax_run) is None
    shares = []
    computed = compute_layer(softmax_run, dataset, lambda sentence, share: shares.append(share))
    check_by_hand(softmax_run, dataset, computed)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1], len(shares)) == (0, 1, 142)
    assert kept(fmnist_home) == [f"{softmax_run.run_id}-{int(softmax_run.tested_at)}"]
    loaded = load_layer(softmax_run)
    assert isinstance(loaded.outputs, np.memmap)
    np.testing.assert_array_equal(loaded.outputs, computed.outputs)


def test_a_softmax_of_its_own_is_looked_through(network, small_run, dataset):
    run = small_run(network(keras.layers.Dense(10), keras.layers.Activation("softmax")))
    check_by_hand(run, dataset, compute_layer(run, dataset))


def test_probabilities_are_those_of_the_predictor(rehearsal, finished_run, dataset):
    layer = load_layer(finished_run) or compute_layer(finished_run, dataset)
    expected = Predictor(finished_run.path / "model.keras")(dataset.test_images[:300])
    np.testing.assert_allclose(layer.probabilities[60_000:60_300], expected, atol=2e-3)


def test_a_run_that_went_on_is_asked_anew(softmax_run, dataset, fmnist_home):
    compute_layer(softmax_run, dataset)
    # Another network, not tested yet.
    later = softmax_run.tested_at + 1_000
    os.utime(softmax_run.path / "model.keras", (later, later))
    assert load_layer(softmax_run) is None
    os.utime(softmax_run.path / "model.keras", (0, 0))
    os.utime(softmax_run.path / "evaluation.npz", (later, later))
    assert load_layer(softmax_run) is None
    (fmnist_home / "layers" / f"{softmax_run.run_id}-2-5").mkdir()  # of a run whose name only begins alike
    compute_layer(softmax_run, dataset)
    assert kept(fmnist_home) == sorted([f"{softmax_run.run_id}-{int(later)}", f"{softmax_run.run_id}-2-5"])


def test_a_computation_cut_short_leaves_nothing(softmax_run, dataset, fmnist_home):
    def stop(sentence, share):
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compute_layer(softmax_run, dataset, stop)
    assert kept(fmnist_home) == []
    assert load_layer(softmax_run) is None


def test_what_a_killed_computation_left_is_removed_later(softmax_run, dataset, fmnist_home):
    recent, old = (fmnist_home / "layers" / f".{softmax_run.run_id}-7-{name}" for name in ("recent", "old"))
    for folder in (recent, old):
        folder.mkdir(parents=True)
        (folder / "outputs.npy").touch()
    os.utime(old, (0, 0))
    assert load_layer(softmax_run) is None
    compute_layer(softmax_run, dataset)
    assert recent.exists()
    assert not old.exists()


@pytest.mark.parametrize("name", ["outputs.npy", "probabilities.npy"])
def test_damaged_files_are_computed_again(softmax_run, dataset, fmnist_home, name):
    compute_layer(softmax_run, dataset)
    path = next((fmnist_home / "layers").iterdir()) / name
    whole = path.read_bytes()
    for content in (b"", whole[:1_000], b"x" * 1_000):
        path.unlink()  # it is mapped into this process
        path.write_bytes(content)
        assert load_layer(softmax_run) is None
    check_by_hand(softmax_run, dataset, compute_layer(softmax_run, dataset))


def test_a_run_without_a_network_is_named(fmnist_home, small_config, dataset):
    run = runs.create_run(small_config, "threads/model-3")
    with pytest.raises(RunNotFoundError, match=f"must have ended with a network. Received: {run.run_id}, queued"):
        compute_layer(run, dataset)
    assert load_layer(run) is None


def test_a_network_that_cannot_be_read_is_named(softmax_run, network, small_run, dataset, fmnist_home):
    (softmax_run.path / "model.keras").write_bytes(b"PK")
    with pytest.raises(RunNotFoundError, match=f"can be loaded and ends in a dense layer. .*{softmax_run.run_id}"):
        compute_layer(softmax_run, dataset)
    assert kept(fmnist_home) == []


def test_numbers_too_large_for_the_file_are_the_largest(network, small_run, fmnist_home, tmp_path):
    path = network(keras.layers.Dense(10, activation="softmax"))
    model = keras.saving.load_model(path)
    model.layers[2].set_weights([np.full((784, 3), 1e6, np.float32), np.zeros(3, np.float32)])
    model.save(path)
    images = np.ones((70_000, 28, 28), np.uint8)
    layer = compute_layer(small_run(path), Dataset(images, np.zeros(70_000, np.uint8), "", storage.home()))
    assert (layer.outputs == 65_504).all()
