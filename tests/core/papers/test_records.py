import hashlib
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, log_loss

from fmnist_core.config import TrainingConfig
from fmnist_core.errors import RunNotFoundError
from fmnist_core.papers.records import Record, compute_run_hash, keep_records, measure_run
from fmnist_core.papers.results import HISTORY_COLUMNS, Result, load_histories, load_predicted, load_results
from fmnist_core.recipes import find_recipe
from fmnist_core.run_data import load_evaluation, load_history
from fmnist_core.runs import load_run

RESULT = Result(
    recipe="fitch/model-7",
    seed=0,
    split="official",
    test_accuracy=0.9173,
    test_loss=0.25,
    f1=0.917,
    train_accuracy=0.95,
    val_accuracy=None,
    epochs=10,
    epochs_planned=10,
    seconds=200.0,
    parameters=993_930,
    device="CPU AMD EPYC, 2 cores",
    precision="float32",
    versions="python 3.11.7, keras 3.15.1, tensorflow 2.21.0",
    date="2026-11-20",
    run_hash="0123456789ab",
)


def make_record(**changes):
    result = replace(RESULT, **changes)
    history = pd.DataFrame({name: np.arange(result.epochs, dtype=float) for name in HISTORY_COLUMNS})
    history["epoch"] = np.arange(1, result.epochs + 1)
    history["val_loss"] = history["val_accuracy"] = np.nan
    history["run_hash"] = result.run_hash
    return Record(result, history, np.full(7, result.seed, np.uint8))


def read_all(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def recipe(small_config):
    """The recipe that the rehearsal's run is a run of."""
    return replace(find_recipe("threads/model-3"), config=small_config)


# Measuring


def test_runs_from_before_there_were_folds_keep_their_hash():
    known = {result.run_hash for result in load_results()}
    for name in ("threads-model-3", "fitch-model-7", "hog-svm"):
        run = load_run(name)
        evaluation = load_evaluation(run)
        assert "folds" not in run.record["config"]
        assert compute_run_hash(run.config, evaluation) in known


def test_a_fold_is_part_of_what_is_hashed():
    evaluation = load_evaluation(load_run("fitch-model-7"))
    configs = [TrainingConfig(), *(TrainingConfig(folds=folds, fold=fold) for folds, fold in ((2, 0), (2, 1), (3, 0)))]
    assert len({compute_run_hash(config, evaluation) for config in configs}) == 4


def test_a_run_is_measured_from_its_folder(finished_run, recipe):
    measured = measure_run(finished_run, recipe)
    evaluation, result = load_evaluation(finished_run), measured.result
    answered = evaluation.probabilities.argmax(axis=1)
    assert (result.recipe, result.seed, result.split) == ("threads/model-3", 0, "official")
    assert (result.epochs, result.epochs_planned, result.parameters, result.note) == (2, 2, 165_866, "")
    assert result.complete
    assert result.test_accuracy == finished_run.test_accuracy
    assert result.test_loss == pytest.approx(log_loss(evaluation.labels, evaluation.probabilities), rel=1e-4)
    assert result.f1 == pytest.approx(f1_score(evaluation.labels, answered, average="macro"), rel=1e-5)
    history = load_history(finished_run)
    assert (result.train_accuracy, result.val_accuracy) == (history["accuracy"].max(), history["val_accuracy"].max())
    assert result.seconds >= history["seconds"].sum() * 0.999
    assert result.precision == "float32"
    assert result.versions.startswith("python 3.")
    assert "backend" not in result.versions
    assert tuple(measured.history.columns) == HISTORY_COLUMNS
    assert measured.history["epoch"].tolist() == [1, 2]
    assert np.array_equal(measured.predicted, answered)


def test_the_hash_is_the_documented_one(finished_run):
    with np.load(finished_run.path / "evaluation.npz") as arrays:
        items, labels, probabilities = (arrays[name] for name in ("items", "labels", "probabilities"))
    config = json.loads((finished_run.path / "run.json").read_text())["config"]
    settings = json.dumps({name: config[name] for name in config if "fold" not in name}, sort_keys=True)
    digest = hashlib.sha256(settings.replace(": ", ":").replace(", ", ",").encode())
    for array, kind in ((items, "<i4"), (labels, "u1"), (probabilities.argmax(axis=1), "u1"), (probabilities, "<f2")):
        digest.update(array.astype(kind).tobytes())
    assert compute_run_hash(finished_run.config, load_evaluation(finished_run)) == digest.hexdigest()[:12]


def test_the_hash_changes_with_the_seed_and_with_an_answer(finished_run):
    config, evaluation = finished_run.config, load_evaluation(finished_run)
    hashes = {compute_run_hash(config, evaluation), compute_run_hash(config.with_settings(seed=1), evaluation)}
    probabilities = evaluation.probabilities.copy()
    probabilities[0] = np.roll(probabilities[0], 1)
    hashes.add(compute_run_hash(config, replace(evaluation, probabilities=probabilities)))
    assert len(hashes) == 3


def test_a_run_of_fewer_epochs_says_so_and_does_not_count_in_full(finished_run, recipe):
    result = measure_run(finished_run, replace(recipe, config=recipe.config.with_settings(epochs=20))).result
    assert (result.epochs, result.epochs_planned) == (2, 20)
    assert result.note == "Only 2 of 20 epochs were asked for."
    assert not result.complete


def test_a_run_that_was_stopped_says_so(copied_run, rewrite, recipe):
    config = copied_run.config.with_settings(epochs=5)
    stopped = rewrite(copied_run, status="stopped", config=config.to_dict())
    result = measure_run(stopped, replace(recipe, config=config)).result
    assert result.note == "Stopped after 2 of 5 epochs."
    assert not result.complete


def test_only_a_tested_run_can_be_measured(copied_run, rewrite, recipe):
    with pytest.raises(RunNotFoundError, match="must have been tested"):
        measure_run(rewrite(copied_run, result=None), recipe)


def test_ending_early_is_in_full_if_the_recipe_does_so():
    assert replace(RESULT, recipe="mcnn/proposed", epochs=38, epochs_planned=100).complete
    assert not replace(RESULT, recipe="mcnn/proposed", epochs=38, epochs_planned=100, note="Stopped.").complete
    assert not replace(RESULT, epochs=9).complete
    assert replace(RESULT, recipe="nobody/knows").complete


# Keeping


def test_what_is_kept_is_what_is_read(tmp_path):
    record = make_record()
    assert keep_records([record], tmp_path) == load_results(tmp_path) == (RESULT,)
    assert np.array_equal(load_predicted(RESULT.run_hash, tmp_path), record.predicted)
    assert load_predicted(RESULT.run_hash, tmp_path).dtype == np.uint8
    pd.testing.assert_frame_equal(load_histories(tmp_path), record.history, check_dtype=False)


def test_rows_stand_in_the_order_of_the_recipes_however_they_came(tmp_path):
    records = [
        make_record(recipe="baselines/hog-svm", run_hash="c" * 12, epochs=1, epochs_planned=1),
        make_record(seed=1, run_hash="b" * 12),
        make_record(recipe="threads/ann", run_hash="a" * 12),
        make_record(),
    ]
    for name, order in (("one", records), ("two", records[::-1])):
        for record in order:
            keep_records([record], tmp_path / name)
    assert read_all(tmp_path / "one") == read_all(tmp_path / "two")
    rows = [(row.recipe, row.seed) for row in load_results(tmp_path / "one")]
    assert rows == [("threads/ann", 0), ("fitch/model-7", 0), ("fitch/model-7", 1), ("baselines/hog-svm", 0)]
    assert load_histories(tmp_path / "one")["run_hash"].unique().tolist() == [
        "a" * 12,
        RESULT.run_hash,
        "b" * 12,
        "c" * 12,
    ]


def test_recording_again_changes_nothing(tmp_path):
    keep_records([make_record(), make_record(seed=1, run_hash="b" * 12)], tmp_path)
    before = read_all(tmp_path)
    keep_records([make_record(test_accuracy=0.5, run_hash="f" * 12)], tmp_path)
    keep_records([], tmp_path)
    assert read_all(tmp_path) == before


def test_a_run_in_full_takes_the_place_of_one_that_was_cut_short_with_all_that_belongs_to_it(tmp_path):
    short = make_record(epochs=3, note="Stopped after 3 of 10 epochs.", run_hash="5" * 12)
    keep_records([make_record(epochs=2, note="Stopped after 2 of 10 epochs.", run_hash="2" * 12)], tmp_path)
    assert keep_records([short], tmp_path) == (short.result,)
    assert keep_records([make_record()], tmp_path) == (RESULT,)
    assert keep_records([short], tmp_path) == (RESULT,)
    assert load_histories(tmp_path)["run_hash"].unique().tolist() == [RESULT.run_hash]
    with pytest.raises(RunNotFoundError):
        load_predicted("5" * 12, tmp_path)


def test_an_empty_table_has_its_headings(tmp_path):
    assert keep_records([], tmp_path) == ()
    assert load_results(tmp_path) == ()
    assert tuple(load_histories(tmp_path).columns) == HISTORY_COLUMNS
