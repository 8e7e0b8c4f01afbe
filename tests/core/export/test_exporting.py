"""Networks written in each format, loaded again here without the lab's help, and compared with the runs' answers."""

import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from fmnist_core import export, run_data, runs
from fmnist_core.errors import InvalidSettingError
from fmnist_core.export import ExportError, export_run

RUNS = ("mcnn-proposed", "threads-model-3", "residual")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Export a run in a format, once for all tests that look at the file."""
    made = {}

    def get(run, format):
        if (run.run_id, format) not in made:
            path = tmp_path_factory.mktemp("exported") / export.suggest_name(run, format)
            made[run.run_id, format] = export_run(run, format, path)
        return made[run.run_id, format]

    return get


@pytest.fixture(params=RUNS)
def run(request, fmnist_home):
    return request.getfixturevalue("residual_run") if request.param == "residual" else runs.load_run(request.param)


def recall(run, dataset, count):
    """The first items that the run was tested with, (n, 28, 28, 1), and what it answered then."""
    tested = run_data.load_evaluation(run)
    return dataset.images[tested.items[:count], ..., np.newaxis], tested.probabilities[:count]


@pytest.mark.parametrize("format", ["saved_model", "litert", "onnx"])
def test_a_network_in_floats_says_what_the_run_says(run, format, exported):
    made = exported(run, format)
    check = made.check
    assert check.compared == export.CHECKED_ITEMS
    assert check.largest_difference <= 1e-4
    assert check.accuracy == check.own_accuracy
    assert check.holds
    assert made.bytes == made.path.stat().st_size > 10_000


def test_a_network_in_eight_bits_loses_less_than_a_point(run, exported):
    made = exported(run, "litert-int8")
    assert abs(made.check.points_lost) <= 1
    assert made.check.holds
    # Nothing but whole numbers of 8 and, for what is added up, 32 bits: counted here, not taken from the check.
    interpreter = read_litert(made.path)
    kinds = {tensor["dtype"].__name__ for tensor in interpreter.get_tensor_details()}
    assert kinds <= {"int8", "uint8", "int32"}
    (taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()
    assert (taken["dtype"], taken["quantization"]) == (np.uint8, (1.0, 0))
    assert (given["dtype"], given["quantization"]) == (np.uint8, (1 / 256, 0))


def read_litert(path):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path))
    interpreter.allocate_tensors()
    return interpreter


def test_onnx_takes_any_number_of_raw_images(dataset, exported, fmnist_home):
    import onnxruntime

    run = runs.load_run("mcnn-proposed")
    session = onnxruntime.InferenceSession(exported(run, "onnx").path)
    images, answers = recall(run, dataset, 7)
    assert [(end.name, end.shape, end.type) for end in (*session.get_inputs(), *session.get_outputs())] == [
        ("pixels", ["images", 28, 28, 1], "tensor(uint8)"),
        ("probabilities", ["images", 10], "tensor(float)"),
    ]
    for count in (1, 7):
        (found,) = session.run(["probabilities"], {"pixels": images[:count]})
        np.testing.assert_allclose(found, answers[:count], atol=1e-4)


def test_litert_takes_one_raw_image_as_it_is(dataset, exported, fmnist_home):
    run = runs.load_run("threads-model-3")
    interpreter = read_litert(exported(run, "litert").path)
    image, answer = recall(run, dataset, 1)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image)
    interpreter.invoke()
    found = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    np.testing.assert_allclose(found, answer, atol=1e-4)


def test_keras_alone_loads_what_was_trained_in_bfloat16_with_layers_of_our_own(dataset, tmp_path, residual_run):
    path = tmp_path / "network.keras"
    assert residual_run.record["precision"] == "bfloat16"
    check = export_run(residual_run, "keras", path).check
    assert (check.largest_difference, check.holds) == (0, True)
    images, answers = recall(residual_run, dataset, 20)
    np.save(tmp_path / "images.npy", images)
    program = (
        "import sys, keras, numpy as np\n"
        "network = keras.saving.load_model(sys.argv[1])\n"
        "assert not any(name.split('.')[0] == 'fmnist_core' for name in sys.modules)\n"
        "assert {layer.dtype_policy.name for layer in network.layers} == {'float32'}\n"
        "np.save(sys.argv[3], network.predict(np.load(sys.argv[2]), verbose=0))\n"
    )
    # Isolated: the folder that it runs in, where this project lies, is not looked into.
    command = [sys.executable, "-I", "-c", program, path, tmp_path / "images.npy", tmp_path / "answers.npy"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(np.load(tmp_path / "answers.npy"), answers, atol=1e-4)


def test_layers_of_our_own_in_a_file_become_keras_s(dataset, tmp_path):
    import keras

    from fmnist_core.config import TrainingConfig
    from fmnist_core.export.plain import find_foreign_classes, make_plain
    from fmnist_core.training import compile_model

    network = compile_model(TrainingConfig("lab/quick", mixed_precision="on"))
    network.save(tmp_path / "own.keras")
    assert "FusedBatchNormalization" in find_foreign_classes(tmp_path / "own.keras")
    loaded = keras.saving.load_model(tmp_path / "own.keras", compile=False)
    plain = make_plain(loaded)
    plain.save(tmp_path / "plain.keras")
    assert find_foreign_classes(tmp_path / "plain.keras") == []
    assert {layer.dtype_policy.name for layer in plain.layers} == {"float32"}
    images = dataset.test_images[:20, ..., np.newaxis]
    # What computes in three digits and what computes in seven differ by rounding.
    np.testing.assert_allclose(plain.predict_on_batch(images), loaded.predict_on_batch(images), atol=0.02)


def test_the_report_is_read_again(fmnist_home, tmp_path):
    run = runs.load_run("hog-svm")
    check = export_run(run, "report", tmp_path / "report.html").check
    assert (check.compared, check.largest_difference) == (10_000, 0)
    assert check.accuracy == pytest.approx(run.test_accuracy)
    assert check.holds


def test_a_page_that_was_cut_off_is_noticed(fmnist_home, tmp_path):
    from fmnist_core.export.report_check import read_confusion

    export_run(runs.load_run("hog-svm"), "report", tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    with pytest.raises(ExportError, match="must be whole"):
        read_confusion(page[: len(page) // 2])


@pytest.mark.parametrize(
    ("run_id", "format", "name", "error", "message"),
    [
        ("hog-svm", "onnx", "a.onnx", ExportError, "keeps its answers and no network"),
        ("hog-svm", "waffle", "a.waffle", InvalidSettingError, "`format` must be one of keras, saved_model"),
        ("street", "onnx", "a.tflite", InvalidSettingError, "ends in .onnx"),
        ("street", "onnx", "gone/a.onnx", InvalidSettingError, "folder that is there"),
        ("street", "saved_model", "file", InvalidSettingError, "folder, or into a .zip"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_written(run_id, format, name, error, message, fmnist_home, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(error, match=message):
        export_run(runs.load_run(run_id), format, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("file", "fmnist-home")] == []


def test_a_package_that_is_missing_is_said_with_the_line_that_installs_it(fmnist_home, tmp_path, monkeypatch):
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "onnxruntime" else find(name))
    assert not export.is_installed("onnx")
    assert export.is_installed("keras")
    with pytest.raises(ExportError, match=r"onnxruntime\. To install them: pip install keras tensorflow tf2onnx onnx"):
        export_run(runs.load_run("threads-model-3"), "onnx", tmp_path / "a.onnx")


def test_a_check_goes_through_json():
    check = export.Check("LiteRT 1", 1000, "items", 0.25, 0.90, 0.92, None, "Whole numbers.")
    assert export.Check.from_dict(json.loads(json.dumps(check.to_dict()))) == check
    assert check.points_lost == pytest.approx(2)
    assert not check.holds
    assert check.sentence == (
        "Loaded again in LiteRT 1: largest difference 0.2, accuracy 90.0% (the run itself 92.0%), 2.0 points less, "
        "on 1,000 items. Whole numbers."
    )


def test_the_saved_model_in_a_zip_is_one_folder_of_the_file_s_name(exported, fmnist_home):
    path = exported(runs.load_run("threads-model-3"), "saved_model").path
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    assert "threads-model-3-saved_model/saved_model.pb" in names
    assert {name.split("/")[0] for name in names} == {"threads-model-3-saved_model"}


def test_a_path_that_cannot_be_written_is_a_sentence(fmnist_home, tmp_path):
    with pytest.raises(ExportError, match=r"must be one that can be written.*File name too long"):
        export_run(runs.load_run("hog-svm"), "tensorboard", tmp_path / f"{'long' * 100}.zip")
