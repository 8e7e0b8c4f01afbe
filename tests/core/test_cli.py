import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fmnist_core import recipes, run_data, runs, scoring
from fmnist_core.answering import Answerer
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.config import TrainingConfig
from fmnist_core.interpretation.methods import METHODS

ROOT = Path(__file__).parents[2]
COMMANDS = ("data", "project", "recipes", "train", "search", "papers", "runs", "evaluate", "classify", "explain")
COMMANDS += ("export", "trust", "bench")
CONFIG = TrainingConfig("threads/ann", epochs=1, subset=100)


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "fmnist_core", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Not what a shell may have told the one who runs the tests to ignore.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


# What the user gets wrong


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["bake"], "invalid choice: 'bake'"),
        (["train"], "the following arguments are required: RECIPE"),
        (["train", "vgg"], "`recipe` must be one of"),
        (["train", "threads/ann", "--epochs", "0"], "`epochs` must be a whole number from 1 to 1000. Received: 0."),
        (["train", "threads/ann", "--epochs", "two"], "argument --epochs: invalid int value: 'two'"),
        (["train", "threads/ann", "--learning-rate", "-1"], "`learning_rate` must be above 0 and at most 10."),
        (["train", "threads/ann", "--learning-rate", "nan"], "`learning_rate` must be above 0 and at most 10."),
        (["train", "threads/ann", "--set", "epochs"], "`--set` takes KEY=VALUE. Received: epochs."),
        (["train", "threads/ann", "--set", "patience=2"], "`setting` must be one of"),
        (["train", "threads/ann", "--set", "optimizer=lion"], "`optimizer` must be one of"),
        (["train", "threads/ann", "--set", "optimizer=[1]"], "`optimizer` must be one of"),
        (["train", "threads/ann", "--set", "split={}"], "`split` must be one of"),
        (["train", "threads/ann", "--set", "epochs=1e999"], "`epochs` must be a whole number"),
        (["train", "threads/ann", "--set", "a\nb=1"], "`setting` must be one of"),
        (["train", "threads/ann", "--subset", "42001"], "`subset` must be at most the 42,000 training items"),
        (["train", "threads/ann", "--subset", "9", "--batch-size", "10"], "`batch_size` must be at most"),
        (["train", "baselines/hog-svm", "--epochs", "3"], "is fitted once, so `epochs` must be 1. Received: 3."),
        (["train", "baselines/hog-svm", "--set", "flip=true"], "`flip` must be left out: a classical classifier"),
        (["train", "baselines/hog-svm", "--subset", "20"], "at least 3 training items of each class. Received: 2 of"),
        (["evaluate", "nowhere"], "There must be a run of that name. Received: nowhere."),
        (["evaluate", "../nowhere"], "There must be a run of that name. Received: ../nowhere."),
        (["evaluate", ""], "There must be a run of that name."),
        (["classify"], "the following arguments are required: IMAGE"),
        (["classify", "boot.png", "--run", "nowhere"], "There must be a run of that name. Received: nowhere."),
        (["explain", "60000"], "the following arguments are required: --out"),
        (["explain", "70000", "--out", "why.png"], "An item's number must be from 0 to 69,999. Received: 70000."),
        (["explain", "1", "2", "--out", "why.png"], "`--out` must be a folder for 2 items. Received: why.png."),
        (["explain", "nowhere.png", "--out", "why"], "An item must be a number or a file. Received: nowhere.png, No"),
        (["explain", "1", "--out", "why", "--method", "lime"], "`method` must be one of grad-cam, "),
        (
            ["explain", "1", "--out", "why", "--class", "Hat"],
            "`--class` must be an index from 0 to 9 or one of T-shirt",
        ),
        (["explain", "1", "--out", "why", "--run", "nowhere"], "There must be a run of that name. Received: nowhere."),
        (["runs", "--all"], "unrecognized arguments: --all"),
    ],
)
def test_what_the_user_gets_wrong_is_one_line_and_exit_code_2(fmnist_home, call, arguments, complaint):
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert complaint in err
    assert err.endswith("\n")
    assert len(err.splitlines()) == 1
    assert not runs.runs_folder().exists()


def test_a_run_without_a_network_is_neither_evaluated_nor_asked(fmnist_home, call):
    run = runs.create_run(CONFIG, "threads/ann")
    for arguments in (["evaluate", run.run_id], ["classify", "boot.png", "--run", run.run_id]):
        code, out, err = call(*arguments)
        assert (code, out) == (2, "")
        assert len(err.splitlines()) == 1
        assert "must h" in err


def test_a_home_that_cannot_be_written_to_is_one_line_and_exit_code_2(tmp_path, monkeypatch, call):
    (tmp_path / "file").touch()
    monkeypatch.setenv("FMNIST_HOME", str(tmp_path / "file"))
    for arguments in (["data"], ["train", "threads/ann"]):
        code, out, err = call(*arguments)
        assert (code, out) == (2, "")
        assert len(err.splitlines()) == 1
        assert "must be writable" in err


def test_a_reader_who_has_had_enough_is_no_error():
    with start("recipes") as process:
        process.stdout.close()
        complaints = process.stderr.read()
    assert (process.returncode, complaints) == (0, "")


def test_ctrl_c_ends_a_command_without_a_traceback(fmnist_home):
    record = runs.runs_folder() / "slow" / "run.json"
    record.parent.mkdir(parents=True)
    os.mkfifo(record)
    # Opening waits until the command reads; it then waits for what never comes.
    with start("runs") as process, record.open("w"):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out, err) == (130, "", "")


# What is printed


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps(call, command):
    code, out, err = call(command, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"usage: python -m fmnist_core {command}")
    assert "--json" in out


def test_the_help_lists_every_command(call):
    out = call("--help")[1]
    assert [line.split()[0] for line in out.splitlines() if line.startswith("    ") and line[4] != " "] == [*COMMANDS]


def test_data_says_what_there_is_and_where(fmnist_home, call, call_json, dataset):
    assert call_json("data") == {
        "source": dataset.source,
        "path": str(fmnist_home / "data"),
        "train": 60_000,
        "test": 10_000,
    }
    assert call("data")[1].startswith("60,000 training and 10,000 test items in ")


def test_recipes_lists_networks_with_their_claims(call, call_json):
    rows = call_json("recipes")
    assert [row["name"] for row in rows] == list(recipes.load_recipes())
    assert {
        "name": "fitch/model-7",
        "paper": "CNN Analysis on Fashion MNIST Dataset",
        "parameters": 993_930,
        "claims": {"train": 0.9539, "validation": 0.9168, "test": 0.9173},
    } in rows
    text = call("recipes")[1]
    networks = [line.split()[0] for line in text.splitlines() if line.startswith("  ")]
    assert networks == [row["name"] for row in rows]
    headings = [line for line in text.splitlines() if not line.startswith("  ")]
    assert headings == [paper.title for paper in recipes.load_papers().values()]
    assert "213,354 parameters   claimed: train 94.65%, validation 92.32%, test 93.37%" in text


def test_runs_lists_those_made_here_and_the_shipped_ones(copied_run, call, call_json):
    rows = call_json("runs")
    contract = {"run_id", "recipe", "status", "test_accuracy", "parameters", "path"}
    assert all(set(row) >= contract for row in rows)
    assert {name: rows[0][name] for name in contract} == {
        "run_id": copied_run.run_id,
        "recipe": "threads/model-3",
        "status": "finished",
        "test_accuracy": copied_run.test_accuracy,
        "parameters": 165_866,
        "path": str(copied_run.path),
    }
    assert len(rows) == 1 + sum(run.shipped for run in runs.list_runs().runs) > 1
    assert all(row["run_id"] in line for row, line in zip(rows, call("runs")[1].splitlines(), strict=True))


def test_a_folder_that_is_no_run_is_named_beside_the_list(copied_run, call):
    (runs.runs_folder() / "foreign").mkdir()
    code, out, err = call("runs", "--json")
    assert code == 0
    assert err == "fmnist_core: left out foreign: its run.json cannot be opened.\n"
    assert json.loads(out)[0]["run_id"] == copied_run.run_id


def test_evaluate_prints_the_score_of_a_run_named_or_pointed_at(finished_run, call, call_json, dataset):
    expected = scoring.score_officially(finished_run, dataset)
    for name in (finished_run.run_id, finished_run.path):
        score = call_json("evaluate", name)
        assert {"run_id", "accuracy", "log_loss", "classification_report", "confusion_matrix"} <= set(score)
        assert score == json.loads(json.dumps(expected))
    code, out, err = call("evaluate", finished_run.run_id)
    assert (code, err) == (0, "")
    assert out.startswith(f"{finished_run.run_id}: accuracy {expected['accuracy']:.2%}, log loss")
    assert all(name in out for name in CLASS_NAMES)
    code, out, err = call("evaluate", finished_run.run_id, "--mirrored")
    averaged = scoring.score_officially(finished_run, dataset, mirrored=True)
    assert out.startswith(
        f"{finished_run.run_id}, averaged with the mirror image: accuracy {averaged['accuracy']:.2%}, log loss"
    )


def test_evaluate_warns_of_test_items_that_were_trained_on(copied_run, call):
    other = runs.create_run(TrainingConfig(split="threads"), "threads/model-3", status=runs.FINISHED)
    shutil.copy(copied_run.path / "model.keras", other.path)
    code, out, err = call("evaluate", other.run_id, "--json")
    assert code == 0
    score = json.loads(out)
    assert score["items_trained_on"] > 5_000
    assert err == (
        f"fmnist_core: {other.run_id} trained on {score['items_trained_on']:,} of the 10,000 official test items, "
        f"as its split says. On the others its accuracy is {score['accuracy_on_unseen']:.2%}.\n"
    )


# Classify


@pytest.fixture
def pictures(dataset, tmp_path):
    """Three test items as PNG files, a text that says it is one, and what is not there."""
    paths = []
    for item in range(3):
        paths.append(tmp_path / f"item-{item}.png")
        Image.fromarray(dataset.test_images[item]).save(paths[-1])
    text = tmp_path / "text.png"
    text.write_text("A shoe, believe me.")
    return [*paths, text, tmp_path / "missing.png"]


def test_classify_answers_for_each_picture_and_goes_on_after_what_is_none(pictures, call_json, dataset, finished_run):
    answers = call_json("classify", *pictures, "--run", finished_run.run_id)
    assert [answer["file"] for answer in answers] == [str(path) for path in pictures]
    expected = Answerer.load(finished_run).ask_many(dataset.test_images[:3])
    for answer, verdict in zip(answers[:3], expected, strict=True):
        assert set(answer) == {"file", "class_index", "class_name", "probabilities", "abstained"}
        np.testing.assert_allclose(answer["probabilities"], verdict.probabilities, atol=1e-5)
        assert answer["class_index"] == verdict.class_index
        assert answer["class_name"] == CLASS_NAMES[answer["class_index"]]
        assert answer["abstained"] is verdict.abstained
    text, missing = answers[3:]
    assert set(text) == set(missing) == {"file", "error"}
    assert text["error"].endswith(" Received: a text; choose the picture itself.")
    assert missing["error"] == "The file cannot be read: No such file or directory."


def test_classify_takes_a_folder_for_its_pictures_by_name(pictures, call_json, finished_run, tmp_path):
    (tmp_path / "notes.txt").write_text("not asked about")
    (tmp_path / "empty").mkdir()
    *answers, empty = call_json("classify", tmp_path, tmp_path / "empty", "--run", finished_run.run_id)
    assert [answer["file"] for answer in answers] == [str(path) for path in pictures[:4]]
    assert ["error" in answer for answer in answers] == [False, False, False, True]
    assert empty["error"] == "The folder holds no pictures; their names must end in .png, .jpg or alike."


def test_classify_abstains_where_nothing_is_found(call, call_json, finished_run, tmp_path):
    Image.new("RGB", (90, 60), (120, 130, 140)).save(tmp_path / "wall.png")
    (answer,) = call_json("classify", tmp_path / "wall.png", "--run", finished_run.run_id)
    assert answer["abstained"] is True
    _, out, _ = call("classify", tmp_path / "wall.png", "--run", finished_run.run_id)
    assert out.endswith("wall.png: not sure; nothing stands out in the picture\n")


def test_classify_asks_the_lab_s_own_network_unless_told_otherwise(pictures, call_json, dataset, fmnist_home):
    (answer,) = call_json("classify", pictures[0])
    expected = Answerer.load(runs.find_answering_run()).ask(dataset.test_images[0])
    assert runs.find_answering_run().shipped
    np.testing.assert_allclose(answer["probabilities"], expected.probabilities, atol=1e-5)


def test_classify_in_words(pictures, call, finished_run):
    code, out, err = call("classify", *pictures, "--run", finished_run.run_id)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) == len(pictures)
    for line, path in zip(lines, pictures, strict=True):
        assert line.startswith(f"{path}: ")
    assert any(name in lines[0] for name in CLASS_NAMES)
    assert lines[4].endswith("The file cannot be read: No such file or directory.")


def test_classify_writes_the_steps_of_each_picture(pictures, call_json, dataset, finished_run, tmp_path):
    large = Image.fromarray(255 - dataset.test_images[0]).resize((280, 280), Image.Resampling.NEAREST)
    (tmp_path / "other").mkdir()
    large.save(tmp_path / "other" / "item-0.png")
    out = tmp_path / "steps"
    call_json("classify", pictures[0], tmp_path / "other", "--steps", out, "--run", finished_run.run_id)
    written = {str(path.relative_to(out)) for path in out.rglob("*.*")}
    first, second = ["01-picture.png", "02-item.png"], ["01-picture.png", "02-negated.png", "03-item.png"]
    assert written == {f"item-0/{name}" for name in first} | {f"item-0-2/{name}" for name in second}
    for path in (out / "item-0" / first[-1], out / "item-0-2" / second[-1]):
        np.testing.assert_array_equal(np.asarray(Image.open(path)), dataset.test_images[0])


def test_classify_says_where_steps_cannot_be_written(pictures, call, finished_run):
    code, _, err = call("classify", pictures[0], "--steps", pictures[1], "--run", finished_run.run_id)
    assert code == 2
    assert err.startswith("fmnist_core: `--steps` must be where files can be written. Received: ")


# Train


def test_train_trains_in_its_own_process_and_prints_the_contract(fmnist_home):
    with start("train", "threads/model-3", "--epochs", "1", "--subset", "2000", "--set", "seed=3", "--json") as process:
        out, err = process.communicate()
    assert process.returncode == 0, err
    result = json.loads(out)
    assert set(result) == {"run_id", "test_accuracy", "seconds", "images_per_second"}
    # Progress, and no news of the backend.
    (line,) = err.splitlines()
    assert line.startswith("epoch 1/1  accuracy ")
    run = runs.load_run(result["run_id"])
    assert run.status == runs.FINISHED
    assert run.config == recipes.find_recipe("threads/model-3").config.with_settings(epochs=1, subset=2_000, seed=3)
    # Five seeds gave 0.68 to 0.73.
    assert result["test_accuracy"] == run.test_accuracy > 0.6
    assert result["images_per_second"] == pytest.approx(2_000 / result["seconds"])
    assert (run.has_model, run.has_evaluation) == (True, True)
    assert run_data.load_history(run)["epoch"].tolist() == [1]


@pytest.fixture
def interrupt():
    """Press Ctrl-C, as it were, as soon as something has happened; the test process's own answer to it comes back."""
    own = signal.getsignal(signal.SIGINT)
    waiting = []

    def press_when(happened):
        def wait():
            while not happened():
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGINT)

        waiting.append(threading.Thread(target=wait, daemon=True))
        waiting[-1].start()

    yield press_when
    for thread in waiting:
        thread.join(60)
    signal.signal(signal.SIGINT, own)


def test_ctrl_c_stops_a_training_and_keeps_what_it_learned(fmnist_home, call, interrupt):
    interrupt(lambda: any(runs.runs_folder().glob("*/checkpoint.keras")))
    code, out, err = call("train", "threads/ann", "--epochs", "1000", "--subset", "1000", "--json")
    assert code == 0
    assert err.startswith("epoch 1/1000  accuracy ")
    assert "Stopping after the current batches; once more to break off." in err
    run = runs.load_run(json.loads(out)["run_id"])
    assert run.status == runs.STOPPED
    assert 1 <= len(run_data.load_history(run)) < 1_000
    assert (run.has_model, run.has_evaluation) == (True, True)


# Classical classifiers


def test_a_classifier_is_fitted_listed_and_scored_like_a_network(fmnist_home, call, call_json):
    code, out, err = call("train", "baselines/random-forest", "--subset", "600", "--seed", "2", "--json")
    assert code == 0
    # One line, as for a single epoch.
    assert [line.partition(" ")[0] for line in err.splitlines()] == ["epoch"]
    result = json.loads(out)
    assert set(result) == {"run_id", "test_accuracy", "seconds", "images_per_second"}
    row = next(row for row in call_json("runs") if row["run_id"] == result["run_id"])
    assert (row["recipe"], row["status"]) == ("baselines/random-forest", "finished")
    assert row["test_accuracy"] == result["test_accuracy"] > 0.6
    # The questions of its trees.
    assert row["parameters"] > 900
    assert call_json("evaluate", result["run_id"])["accuracy"] == result["test_accuracy"]
    code, _, err = call("classify", "boot.png", "--run", result["run_id"])
    assert code == 2
    assert "must have ended with a network" in err


def test_a_classifier_that_is_stopped_keeps_nothing(fmnist_home, call, interrupt):
    def has_begun():
        return any((run.record.get("stage") or {}).get("share") for run in runs.list_runs().runs if not run.shipped)

    interrupt(has_begun)
    code, out, err = call("train", "baselines/random-forest", "--subset", "6000")
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith("fmnist_core: The fit was stopped before it was done")
    (run,) = (run for run in runs.list_runs().runs if not run.shipped)
    assert (run.status, run.has_evaluation, run.resumable) == (runs.STOPPED, False, True)


def test_without_scikit_learn_no_classifier_is_fitted(fmnist_home, call, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    code, out, err = call("train", "baselines/linear-svm")
    assert (code, out) == (2, "")
    assert err == (
        "fmnist_core: scikit-learn must be installed to fit a classical classifier: pip install scikit-learn.\n"
    )
    assert not runs.runs_folder().exists()


@pytest.mark.parametrize("method", METHODS)
def test_explain_draws_heat_over_the_item(call_json, fmnist_home, tmp_path, dataset, method):
    path = tmp_path / "why.png"
    (about,) = call_json("explain", "60000", "--method", method, "--class", "ankle boot", "--raw", "--out", path)
    assert (about["item"], about["class_index"], about["class_name"]) == (60_000, 9, "Ankle boot")
    assert (about["method"], about["picture"], about["values"]) == (method, str(path), str(path.with_suffix(".npy")))
    assert (about["layer"] is not None) == METHODS[method].needs_maps
    values = np.load(about["values"])
    assert (values.shape, values.dtype) == ((28, 28), np.float32)
    with Image.open(path) as picture:
        assert (picture.size, picture.mode) == ((280, 280), "RGB")
        pixels = np.asarray(picture)[5::10, 5::10].astype(int)
    # Where there is heat there is colour, and where there is none the item as it is.
    colored = pixels.max(axis=2) - pixels.min(axis=2)
    hottest = np.unravel_index(np.abs(values).argmax(), values.shape)
    assert colored[hottest] > 100
    cold = np.abs(values) < 1e-6 * np.abs(values).max()
    assert np.abs(pixels[cold] - dataset.images[60_000][cold, None]).max(initial=0) <= 1


def test_explain_names_a_file_for_each_item_of_a_folder(call, pictures, tmp_path, fmnist_home):
    boot, out = tmp_path / "other" / "item-0.png", tmp_path / "why" / "here"
    boot.parent.mkdir()
    shutil.copy(pictures[0], boot)
    code, said, err = call("explain", "60001", pictures[0], boot, "--out", out)
    assert (code, err) == (0, "")
    assert said.splitlines() == [
        f"60001: Grad-CAM of Pullover in {out / 'item-60001.png'}",
        f"{pictures[0]}: Grad-CAM of Ankle boot in {out / 'item-0.png'}",
        f"{boot}: Grad-CAM of Ankle boot in {out / 'item-0-2.png'}",
    ]
    assert sorted(path.name for path in out.iterdir()) == ["item-0-2.png", "item-0.png", "item-60001.png"]
    assert (out / "item-0.png").read_bytes() == (out / "item-0-2.png").read_bytes()


def test_explain_says_what_cannot_be_asked_or_written(call, fmnist_home, pictures, tmp_path):
    code, out, err = call("explain", "60000", "--out", tmp_path, "--layer", "conv9")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "conv9" in err
    code, out, err = call("explain", pictures[3], "--out", tmp_path)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    (tmp_path / "file").touch()
    code, out, err = call("explain", "60000", "--out", tmp_path / "file" / "why.png")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "`--out` must be where files can be written." in err
