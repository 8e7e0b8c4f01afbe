"""Seeds and folds: what is planned, what belongs together, and what the folds say together."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fmnist_core import run_data, runs
from fmnist_core.config import TrainingConfig
from fmnist_core.cross_validation import (
    find_groups,
    load_out_of_fold,
    measure_outcome,
    name_group,
    plan_runs,
    summarize_outcomes,
)
from fmnist_core.errors import InvalidSettingError, RunNotFoundError
from fmnist_core.repeats import Spread
from fmnist_core.splits import deal_folds

CONFIG = TrainingConfig("threads/ann", epochs=3, subset=500)
FOLDS = CONFIG.with_settings(folds=2)


@pytest.fixture
def make_run(tmp_path):
    made = []

    def make(config=CONFIG, recipe="threads/ann", status=runs.FINISHED, shipped=False, **record):
        made.append(None)
        name = f"run-{len(made):04d}"
        return runs.Run(name, tmp_path / name, recipe, config, status, float(len(made)), 1, shipped, record)

    return make


# Planning


def test_every_fold_comes_with_the_first_seed_and_then_with_the_next():
    planned = plan_runs(CONFIG.with_settings(split="mcnn", seed=4), folds=3, repeats=2)
    assert [(config.seed, config.fold) for config in planned] == [(4, 0), (4, 1), (4, 2), (5, 0), (5, 1), (5, 2)]
    assert {config.with_settings(seed=0, fold=0) for config in planned} == {CONFIG.with_settings(folds=3)}


def test_without_folds_only_the_seed_changes_and_the_fold_that_is_set_stays():
    assert plan_runs(CONFIG) == [CONFIG]
    one_fold = CONFIG.with_settings(folds=5, fold=3)
    assert plan_runs(one_fold, repeats=2) == [one_fold, one_fold.with_settings(seed=1)]


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"folds": 1}, "`folds` must be a whole number from 2 to 20. Received: 1."),
        ({"folds": 21}, "`folds` must be a whole number from 2 to 20. Received: 21."),
        ({"repeats": 0}, "`repeats` must be a whole number from 1 to 10. Received: 0."),
        ({"repeats": 11}, "`repeats` must be a whole number from 1 to 10. Received: 11."),
    ],
)
def test_too_many_and_too_few_are_refused(numbers, message):
    with pytest.raises(InvalidSettingError) as refusal:
        plan_runs(CONFIG, **numbers)
    assert str(refusal.value) == message


# Groups


def test_runs_that_differ_in_seed_and_fold_alone_are_a_group(make_run):
    first, other_fold, other_seed = (
        make_run(FOLDS.with_settings(seed=seed, fold=fold)) for seed, fold in ((1, 0), (1, 1), (0, 1))
    )
    strangers = [
        make_run(CONFIG),
        make_run(FOLDS, recipe="threads/model-3"),
        make_run(FOLDS, shipped=True),
        make_run(FOLDS.with_settings(folds=3)),
    ]
    groups = find_groups([first, *strangers, other_fold, other_seed])
    assert [group.runs for group in groups] == [(strangers[3],), (strangers[1],), (other_seed, first, other_fold)]
    group = groups[-1]
    assert (group.seeds, group.folds, group.whole_seeds, group.active) == ((0, 1), 2, (1,), False)
    assert group.key == name_group("threads/ann", FOLDS.with_settings(seed=9, fold=1))


def test_a_single_run_without_folds_is_no_group(make_run):
    assert find_groups([make_run(), make_run(CONFIG.with_settings(epochs=4))]) == ()


def test_of_several_runs_with_one_seed_the_finished_one_counts_else_the_newest(make_run):
    old, finished, active, newest = (
        make_run(status=status) for status in (runs.FINISHED, runs.FINISHED, runs.RUNNING, runs.STOPPED)
    )
    other = make_run(CONFIG.with_settings(seed=1))
    (group,) = find_groups([old, finished, active, newest, other])
    assert group.runs == (finished, other)
    (group,) = find_groups([active, newest, other])
    assert (group.runs, group.finished, group.active) == ((newest, other), (other,), False)
    (group,) = find_groups([active, other])
    assert group.active


# Figures


def history(accuracies):
    return pd.DataFrame({"epoch": range(1, len(accuracies) + 1), "val_accuracy": accuracies})


def test_the_validation_accuracy_is_that_of_the_epoch_that_was_kept(make_run):
    run = make_run(FOLDS.with_settings(seed=3, fold=1), result={"test_accuracy": 0.8})
    outcome = measure_outcome(run, history([0.5, 0.9, 0.7]))
    assert (outcome.seed, outcome.fold, outcome.validation, outcome.test) == (3, 1, 0.7, 0.8)
    waits = replace(run, config=run.config.with_settings(early_stopping=2))
    assert measure_outcome(waits, history([0.5, 0.9, 0.7])).validation == 0.9
    assert measure_outcome(run, history([])).validation is None
    assert measure_outcome(make_run(), history([np.nan])) == replace(
        outcome, run_id="run-0002", seed=0, fold=None, validation=None, test=None
    )


def test_mean_and_deviation_are_those_of_a_sample(make_run):
    results = [(0.5, 0.8), (0.6, 0.9), (0.7, 0.7)]
    outcomes = [
        measure_outcome(make_run(FOLDS, result={"test_accuracy": test}), history([validation]))
        for validation, test in results
    ]
    summary = summarize_outcomes(outcomes)
    for spread, figures in zip((summary.validation, summary.test), zip(*results, strict=True), strict=True):
        assert spread.mean == pytest.approx(np.mean(figures))
        assert spread.deviation == pytest.approx(pd.Series(figures).std())
        assert spread.seeds == 3
    assert summarize_outcomes(outcomes[:1]).test == Spread(0.8, 0.0, 1)
    assert summarize_outcomes([]).validation is None


# Out of fold


@pytest.fixture
def answered(make_run, dataset):
    """Two folds that answer right on even items, and say so in the last of their epochs."""
    made = []
    dealt = deal_folds(dataset.labels[:60_000], 2)
    for fold in (1, 0):
        run = make_run(FOLDS.with_settings(fold=fold, epochs=1))
        items = np.flatnonzero(dealt == fold)
        answers = np.where(items % 2, (dataset.labels[items] + 1) % 10, dataset.labels[items])
        (run.path / "epochs").mkdir(parents=True)
        np.savez(run.path / "epochs" / "items.npz", items=items)
        np.savez(run.path / "epochs" / "0001.npz", probabilities=np.eye(10, dtype=np.float16)[answers])
        row = dict.fromkeys(run_data.HISTORY_COLUMNS, 1)
        pd.DataFrame([row])[list(run_data.HISTORY_COLUMNS)].to_csv(run.path / "history.csv", index=False)
        made.append(run)
    return made


def test_each_training_item_gets_the_answer_of_the_fold_that_had_not_seen_it(answered, dataset):
    predictions = load_out_of_fold(answered, dataset.labels)
    np.testing.assert_array_equal(predictions.items, np.arange(60_000))
    np.testing.assert_array_equal(predictions.labels, dataset.labels[:60_000])
    right = predictions.probabilities.argmax(axis=1) == predictions.labels
    np.testing.assert_array_equal(right, predictions.items % 2 == 0)


def test_a_missing_fold_is_said(answered, dataset):
    with pytest.raises(RunNotFoundError, match=r"All folds must be there, each once. Received: \[1\] of 2."):
        load_out_of_fold(answered[:1], dataset.labels)
    with pytest.raises(RunNotFoundError, match="All folds must be there"):
        load_out_of_fold([], dataset.labels)


def test_answers_about_other_items_and_answers_that_are_gone_are_said(answered, dataset):
    np.savez(answered[0].path / "epochs" / "items.npz", items=np.arange(30_000))
    with pytest.raises(RunNotFoundError, match="every training item once"):
        load_out_of_fold(answered, dataset.labels)
    (answered[0].path / "epochs" / "0001.npz").unlink()
    with pytest.raises(RunNotFoundError, match=r"has kept no readable 0001\.npz"):
        load_out_of_fold(answered, dataset.labels)
