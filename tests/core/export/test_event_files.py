"""A run's logs, read with TensorBoard's own reader."""

import shutil
import zipfile

import pytest

from fmnist_core import run_data, runs, storage
from fmnist_core.export import ExportError, export_run
from fmnist_core.export.event_files import read_logs


def test_every_figure_of_the_history_is_there_at_its_step(fmnist_home, tmp_path):
    run = runs.load_run("threads-model-3")
    made = export_run(run, "tensorboard", tmp_path / "logs.zip")
    found, history = read_logs(made.path), run_data.load_history(run)
    for row in history.to_dict("records"):
        step = int(row["epoch"]) - 1
        assert found["train", "epoch_accuracy", step] == pytest.approx(row["accuracy"])
        assert found["validation", "epoch_loss", step] == pytest.approx(row["val_loss"])
        assert found["train", "epoch_learning_rate", step] == pytest.approx(row["learning_rate"])
    layers = run_data.load_layers(run)
    assert found["train", "weight_norm/1_Conv2D", 0] == pytest.approx(layers["weight_norm"][0])
    batches = run_data.load_batches(run)
    assert len([1 for _, tag, _ in found if tag == "batch_loss"]) == len(batches)
    # 42,000 items in batches of 32: the first point stands at 32 of the 1,313 batches.
    first = round(batches["epoch"][0] * run.config.count_steps(42_000))
    assert found["train", "batch_loss", first] == pytest.approx(batches["loss"][0])
    assert made.check.compared == len(found)
    assert made.check.holds


def test_the_settings_are_there_as_text_and_the_moments_are_those_of_the_run(fmnist_home, tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run = runs.load_run("threads-model-3")
    export_run(run, "tensorboard", tmp_path / "logs.zip")
    with zipfile.ZipFile(tmp_path / "logs.zip") as archive:
        archive.extractall(tmp_path)
    reader = EventAccumulator(str(tmp_path / "logs" / "train"))
    reader.Reload()
    (text,) = reader.Tensors("settings")
    assert b"| learning_rate | `0.001` |" in text.tensor_proto.string_val[0]
    history = run_data.load_history(run)
    moments = [event.wall_time for event in reader.Scalars("epoch_loss")]
    assert moments[0] - run.record["started"] == pytest.approx(history["seconds"][0])
    assert moments[-1] - run.record["started"] == pytest.approx(history["seconds"].sum())


def test_a_fit_without_epochs_or_batches_has_logs_too(fmnist_home, tmp_path):
    made = export_run(runs.load_run("hog-svm"), "tensorboard", tmp_path / "logs.zip")
    assert ("train", "epoch_accuracy", 0) in read_logs(made.path)


def test_a_run_without_a_readable_epoch_has_none(fmnist_home, tmp_path):
    folder = runs.runs_folder() / "damaged"
    folder.mkdir(parents=True)
    shutil.copy(storage.ASSETS / "runs" / "threads-model-3" / "run.json", folder)
    (folder / "history.csv").write_text("nothing\n")
    with pytest.raises(ExportError, match="must have kept an epoch"):
        export_run(runs.load_run("damaged"), "tensorboard", tmp_path / "logs.zip")
