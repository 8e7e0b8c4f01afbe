import io
import json
import zipfile

import h5py
import numpy as np
import pytest

from fmnist_core import importing, run_data, runs
from fmnist_core.errors import FmnistError, RefusedFileError
from fmnist_core.importing import import_file
from fmnist_core.model_trial import examine
from fmnist_core.prediction import Predictor
from fmnist_core.run_package import pack_run

SHIPPED = "threads-model-3"


@pytest.fixture
def network(tmp_path):
    """Save a network of Keras's own layers, untrained but for one layer, as somebody elsewhere may have."""
    import keras

    def save(*layers, shape=(28, 28, 1)):
        keras.utils.set_random_seed(0)
        path = tmp_path / "my net (1).keras"
        keras.Sequential([keras.Input(shape), *layers]).save(path)
        return path

    return save


def list_own():
    return [run for run in runs.list_runs().runs if not run.shipped]


def test_a_run_that_was_handed_on_is_the_same(fmnist_home, tmp_path, dataset):
    path = tmp_path / "run.zip"
    shipped = runs.load_run(SHIPPED)
    path.write_bytes(pack_run(shipped))
    steps = []
    imported = import_file(path, "run.zip", dataset, report=lambda sentence, share: steps.append((share, sentence)))
    run = imported.run
    assert run.run_id.startswith(f"{SHIPPED}-")
    assert (run.recipe, run.config, run.status, run.created) == (
        shipped.recipe,
        shipped.config,
        shipped.status,
        shipped.created,
    )
    assert run.record["result"] == shipped.record["result"]
    assert run.record["items"] == shipped.record["items"]
    assert run_data.load_history(run).equals(run_data.load_history(shipped))
    np.testing.assert_array_equal(run_data.load_epoch(run, 3), run_data.load_epoch(shipped, 3))
    np.testing.assert_array_equal(
        run_data.load_evaluation(run).probabilities, run_data.load_evaluation(shipped).probabilities
    )
    assert (run.path / "model.keras").read_bytes() == (shipped.path / "model.keras").read_bytes()
    assert (run.imported, run.trained_elsewhere, run.resumable, run.extendable) == (True, False, False, False)
    assert run.record["imported"]["file"] == "run.zip"
    assert [share for share, _ in steps] == sorted(share for share, _ in steps)
    assert steps[-1][0] == 1.0
    assert [path.name for path in runs.runs_folder().iterdir()] == [run.run_id]


def test_a_run_whose_answers_are_not_its_network_s_is_refused(fmnist_home, tmp_path, dataset):
    path = tmp_path / "run.zip"
    with zipfile.ZipFile(io.BytesIO(pack_run(runs.load_run(SHIPPED)))) as whole, zipfile.ZipFile(path, "w") as changed:
        for name in whole.namelist():
            content = whole.read(name)
            if name == "evaluation.npz":
                arrays = dict(np.load(io.BytesIO(content)))
                stream = io.BytesIO()
                arrays["probabilities"] = np.eye(10, dtype="f4")[arrays["labels"]]
                np.savez(stream, **arrays)
                content = stream.getvalue()
            changed.writestr(name, content)
    with pytest.raises(RefusedFileError, match="answers must be those of its network"):
        import_file(path, "run.zip", dataset)
    assert list_own() == []
    assert list(runs.runs_folder().iterdir()) == []


def test_a_classical_classifier_s_run_has_no_network_and_needs_none(fmnist_home, tmp_path, dataset):
    path = tmp_path / "hog.zip"
    path.write_bytes(pack_run(runs.load_run("hog-svm")))
    run = import_file(path, "hog.zip", dataset).run
    assert run.test_accuracy == runs.load_run("hog-svm").test_accuracy

    # Once it is gone, another import gets the name that it had, and its labels.
    runs.save_labels(run, runs.Labels("Mine", ("a",), "n", True))
    path.write_bytes(pack_run(runs.load_run(run.run_id)))
    runs.delete_run(run)
    again = import_file(path, "run.zip", dataset).run
    assert again.run_id == run.run_id
    assert again.labels == runs.Labels("Mine", ("a",), "n", True)


@pytest.fixture
def bright_network(network, dataset):
    """A network that knows the mean of each class, of pixels from 0 to 1: the nearest mean wins."""
    import keras

    images, labels = dataset.images[:2_000], dataset.labels[:2_000]
    means = np.stack([images[labels == label].mean(axis=0).ravel() for label in range(10)]) / 255
    path = network(keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax"))
    model = keras.saving.load_model(path)
    model.layers[-1].set_weights([means.T, -(means**2).sum(axis=1) / 2])
    model.save(path)
    return path


def test_a_network_for_pixels_from_0_to_1_gets_a_layer_in_front(fmnist_home, bright_network, tmp_path, dataset):
    np.save(tmp_path / "items.npy", np.arange(60_000, 60_010))
    verdict = examine(bright_network, tmp_path, scale=False)
    assert verdict.wants_scaling
    assert (verdict.parameters, 0.6 < verdict.scaled < 0.75, verdict.raw < 0.55) == (7_850, True, True)

    # A browser hands it over under any name.
    handed_in = bright_network.rename(tmp_path / "upload")
    found = import_file(handed_in, bright_network.name, dataset, scale=True)
    run = found.run
    assert (run.recipe, run.title, run.labels.tags) == ("imported/my-net-1", "my-net-1", ("imported",))
    assert (run.imported, run.trained_elsewhere, run.status, run.parameters) == (True, True, "finished", 7_850)
    answers = run_data.load_evaluation(run)
    assert answers.items.tolist() == list(range(60_000, 70_000))
    assert run.test_accuracy == (answers.probabilities.argmax(axis=1) == answers.labels).mean()
    assert abs(run.test_accuracy - verdict.scaled) < 0.03
    # What the lab asks it from now on, with pixels as they are.
    said = Predictor(run.path / "model.keras")(dataset.images[60_000:60_100])
    np.testing.assert_allclose(said, answers.probabilities[:100], atol=1e-4)


@pytest.mark.parametrize(
    ("layers", "shape", "complaint"),
    [
        ([("Flatten", {}), ("Dense", {"units": 10})], (28, 28, 1), "add `keras.layers.Softmax()` at its end"),
        ([("Flatten", {}), ("Dense", {"units": 1})], (28, 28, 1), "must give ten probabilities. Received: (1,)"),
        ([("Flatten", {})], (28, 28), "keras.layers.Reshape((28, 28)), *model.layers])"),
        ([("Flatten", {})], (32, 32, 3), "must take pictures of (28, 28, 1). Received: (32, 32, 3)"),
    ],
)
def test_a_network_of_another_shape_is_refused_with_what_to_do(network, tmp_path, layers, shape, complaint):
    import keras

    path = network(*(getattr(keras.layers, name)(**arguments) for name, arguments in layers), shape=shape)
    with pytest.raises(RefusedFileError) as refused:
        examine(path, tmp_path, scale=False)
    assert complaint in str(refused.value)


def test_weights_that_point_elsewhere_are_refused_in_the_process_that_would_load_them(fmnist_home, tmp_path, dataset):
    stream, path = io.BytesIO(), tmp_path / "net.keras"
    with h5py.File(stream, "w") as file:
        file["layers"] = h5py.ExternalLink("/etc/passwd", "/")
    with (
        zipfile.ZipFile(runs.load_run(SHIPPED).path / "model.keras") as whole,
        zipfile.ZipFile(path, "w") as changed,
    ):
        for name in ("metadata.json", "config.json"):
            changed.writestr(name, whole.read(name))
        changed.writestr("model.weights.h5", stream.getvalue())
    with pytest.raises(RefusedFileError, match="must lie in the file itself"):
        import_file(path, "net.keras", dataset)


def test_a_module_that_the_network_names_is_not_imported(fmnist_home, tmp_path, dataset, monkeypatch):
    marker, path = tmp_path / "it ran", tmp_path / "net.keras"
    (tmp_path / "evil.py").write_text(f"open({str(marker)!r}, 'w').close()\nclass Net: pass\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    with zipfile.ZipFile(runs.load_run(SHIPPED).path / "model.keras") as whole, zipfile.ZipFile(path, "w") as changed:
        config = json.loads(whole.read("config.json"))
        config["config"]["layers"][1] |= {"module": "evil", "class_name": "Net", "registered_name": "evil>Net"}
        changed.writestr("config.json", json.dumps(config))
        changed.writestr("model.weights.h5", whole.read("model.weights.h5"))
    with pytest.raises(RefusedFileError, match="could run code"):
        import_file(path, "net.keras", dataset)
    assert not marker.exists()
    assert list_own() == []


@pytest.mark.parametrize("content", [b"", b"x" * 100, b"PK\x05\x06" + bytes(18)])
def test_what_is_neither_a_run_nor_a_network_is_refused(fmnist_home, tmp_path, dataset, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(FmnistError):
        import_file(path, "file", dataset)
    assert list(runs.runs_folder().iterdir()) == []


@pytest.mark.parametrize("name", ["", "../x", "a b", "x" * 200, "-a"])
def test_a_name_that_is_none_is_replaced(fmnist_home, name):
    assert importing._find_free(name).startswith("imported-")
