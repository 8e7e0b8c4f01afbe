import shutil
from dataclasses import replace

import pytest

from fmnist_core import recipes, runs, storage
from fmnist_core.errors import InvalidSettingError
from fmnist_core.papers import running
from fmnist_core.papers.documents import load_documents
from fmnist_core.papers.results import Result, load_results
from fmnist_core.papers.running import Job, estimate_seconds, find_cut_short, find_missing, find_run, plan_jobs

RECIPE = recipes.find_recipe("threads/ann")
RESULT = Result(
    recipe="threads/ann",
    seed=0,
    split="threads",
    test_accuracy=0.88,
    test_loss=0.3,
    f1=0.88,
    train_accuracy=0.9,
    val_accuracy=0.89,
    epochs=10,
    epochs_planned=10,
    seconds=10.0,
    parameters=59_850,
    device="CPU",
    precision="float32",
    versions="",
    date="2026-11-20",
    run_hash="0" * 12,
)


def make_job(seed=0, **settings):
    return Job(RECIPE, RECIPE.config.with_settings(seed=seed, **settings))


def make_run(rewrite, status, created=0.0, config=RECIPE.config, recipe="threads/ann", **entries):
    run = runs.create_run(config, recipe)
    return rewrite(run, status=status, created=created, **entries)


def made_runs():
    return runs.list_runs()


# What is wanted


def test_all_recipes_are_wanted_once_and_headlines_three_times():
    jobs = plan_jobs()
    headlines = {document.headline for document in load_documents().values()}
    assert len(headlines) == 5
    wanted = {(job.recipe.name, job.config.seed) for job in jobs}
    expected = {(name, seed) for name in recipes.load_recipes() for seed in range(3 if name in headlines else 1)}
    assert wanted == expected
    assert len(jobs) == len(expected)
    assert all(job.config == job.recipe.config.with_settings(seed=job.config.seed) for job in jobs)


def test_what_computes_least_comes_first():
    names = [job.recipe.name for job in plan_jobs(["mcnn/vgg16", "threads", "baselines/hog-svm"], n_seeds=1)]
    assert names[:2] == ["baselines/hog-svm", "threads/ann"]
    assert names[-2:] == ["threads/model-3", "mcnn/vgg16"]


def test_names_stand_for_recipes_and_for_papers():
    assert [recipe.name for recipe in running.find_recipes(["lab/quick", "threads", "threads/ann"])] == [
        "threads/ann",
        "threads/model-1",
        "threads/model-2",
        "threads/model-3",
        "lab/quick",
    ]
    for name in ("thread", "threads/model-9", ""):
        with pytest.raises(InvalidSettingError, match="`NAME` must be one of threads, "):
            running.find_recipes([name])


def test_seeds_are_as_many_as_asked_for():
    assert [job.config.seed for job in plan_jobs(["threads/ann"], n_seeds=4)] == [0, 1, 2, 3]
    with pytest.raises(InvalidSettingError, match="`n_seeds`"):
        plan_jobs(n_seeds=0)


def test_a_short_job_is_a_tenth_and_at_least_an_epoch():
    epochs = {job.recipe.name: job.config.epochs for job in plan_jobs(["fitch", "mcnn/proposed"], 1, quick=True)}
    assert (epochs["fitch/model-3"], epochs["fitch/model-7"], epochs["mcnn/proposed"]) == (5, 1, 10)
    assert all(job.short for job in plan_jobs(["fitch"], quick=True))
    # One epoch is all that a classical classifier has.
    assert not any(job.short for job in plan_jobs(["baselines"], quick=True))


def test_what_is_recorded_in_full_is_not_missing():
    jobs = (make_job(), make_job(seed=1))
    assert find_missing(jobs, []) == jobs
    assert find_missing(jobs, [RESULT]) == jobs[1:]
    assert find_missing(jobs, [replace(RESULT, epochs=9, note="Stopped.")]) == jobs
    assert find_missing(jobs, [replace(RESULT, recipe="threads/model-1")]) == jobs


def test_a_short_job_is_recorded_by_as_many_epochs():
    short = make_job(epochs=2)
    assert find_missing([short], [replace(RESULT, epochs=2, note="Only 2.")]) == ()
    assert find_missing([short], [replace(RESULT, epochs=1, note="Only 1.")]) == (short,)


# What is there


def test_a_finished_run_comes_before_others_and_the_oldest_first(fmnist_home, rewrite, copied_run):
    assert find_run(make_job(), made_runs()) is None
    stopped = make_run(rewrite, runs.STOPPED, 5)
    assert find_run(make_job(), made_runs()).run_id == stopped.run_id
    active = make_run(rewrite, runs.QUEUED, 4)
    assert find_run(make_job(), made_runs()).run_id == active.run_id
    make_run(rewrite, runs.FINISHED, 1)  # never tested
    assert find_run(make_job(), made_runs()).run_id == active.run_id
    for created in (3, 2):
        finished = make_run(rewrite, runs.FINISHED, created)
        shutil.copy(copied_run.path / "evaluation.npz", finished.path)
    assert find_run(make_job(), made_runs()).run_id == finished.run_id


@pytest.mark.parametrize(
    ("recipe", "settings"),
    [
        ("threads/ann", {"seed": 1}),
        ("threads/ann", {"epochs": 9}),
        ("threads/ann", {"mixed_precision": "off"}),
        ("own/ann", {}),
    ],
)
def test_a_run_with_other_settings_is_not_the_job_s(fmnist_home, rewrite, recipe, settings):
    make_run(rewrite, runs.STOPPED, config=RECIPE.config.with_settings(**settings), recipe=recipe)
    assert find_run(make_job(), made_runs()) is None


def test_what_was_cut_short_is_found_by_how_far_it_went(fmnist_home, rewrite):
    make_run(rewrite, runs.STOPPED)  # in its first epoch, so never tested
    assert find_cut_short(make_job(), made_runs()) is None
    make_run(rewrite, runs.STOPPED, result={"test_accuracy": 0.8, "epochs": 3})
    fewer = make_run(
        rewrite,
        runs.FINISHED,
        config=RECIPE.config.with_settings(epochs=4),
        result={"test_accuracy": 0.8, "epochs": 4},
    )
    make_run(
        rewrite,
        runs.FINISHED,
        config=RECIPE.config.with_settings(epochs=20),
        result={"test_accuracy": 0.8, "epochs": 20},
    )
    assert find_cut_short(make_job(), made_runs()).run_id == fewer.run_id


def test_a_run_begins_anew_or_where_it_ended(fmnist_home, rewrite):
    new = running.begin_run(make_job(seed=3), None)
    assert (new.recipe, new.config, new.status) == ("threads/ann", make_job(seed=3).config, runs.RUNNING)
    stopped = make_run(rewrite, runs.STOPPED)
    (stopped.path / "stop").touch()
    again = running.begin_run(make_job(), stopped)
    assert (again.run_id, again.status) == (stopped.run_id, runs.QUEUED)
    assert not (again.path / "stop").exists()


def test_what_there_is_is_recorded_without_training(copied_run, small_config, tmp_path):
    recipe = replace(recipes.find_recipe("threads/model-3"), config=small_config)
    jobs = [Job(recipe, small_config), Job(recipe, small_config.with_settings(seed=1))]
    (result,) = running.record_runs(jobs, made_runs(), tmp_path)
    assert (result.recipe, result.seed, result.test_accuracy) == ("threads/model-3", 0, copied_run.test_accuracy)
    assert load_results(tmp_path) == (result,)
    assert find_missing(jobs, [result]) == tuple(jobs[1:])


def test_what_was_cut_short_is_recorded_only_if_asked_for(copied_run, small_config, tmp_path):
    planned = small_config.with_settings(epochs=7)
    job = Job(replace(recipes.find_recipe("threads/model-3"), config=planned), planned)
    assert running.record_runs([job], made_runs(), tmp_path) == ()
    (result,) = running.record_runs([job], made_runs(), tmp_path, cut_short=True)
    assert (result.epochs, result.note) == (2, "Only 2 of 7 epochs were asked for.")


# How long it takes


def test_the_time_left_grows_with_epochs_items_and_multiplications(dataset):
    def estimate(*jobs):
        return estimate_seconds(jobs, [RESULT], dataset.labels)

    once = estimate(make_job())
    assert once == pytest.approx(RESULT.seconds)
    assert estimate(make_job(epochs=5)) == pytest.approx(once / 2)
    assert estimate(make_job(), make_job(seed=1)) == pytest.approx(2 * once)
    assert estimate(make_job(split="official", validation_split=0)) == pytest.approx(once * 60 / 42)
    assert estimate(*plan_jobs(["threads/model-3"], 1)) > 5 * once
    assert estimate(*plan_jobs(["baselines"])) == 0


def test_from_nothing_no_time_can_be_told(dataset):
    assert estimate_seconds([make_job()], [], dataset.labels) is None
    fit = replace(RESULT, recipe="baselines/hog-svm", epochs=1, epochs_planned=1)
    assert estimate_seconds([make_job()], [fit], dataset.labels) is None


def test_the_table_lies_in_the_repository():
    assert storage.ASSETS / "papers" == running.FOLDER
