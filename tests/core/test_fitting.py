import warnings

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from fmnist_core import recording, run_data, runs, scoring
from fmnist_core.baselines import BASELINES, flatten, predict_probabilities
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import RunNotFoundError
from fmnist_core.evaluation import compute_log_loss
from fmnist_core.fitting import fit, fit_baseline
from fmnist_core.observing import NoObserver
from fmnist_core.splits import take_stratified

FOREST = "baselines/random-forest"
# Chance is 0.10; with 600 items of training five seeds gave 0.69 (nearest neighbours) to 0.77.
BETTER_THAN = 0.6


def settings(name, **others):
    return TrainingConfig(name, epochs=1, subset=600, validation_split=1 / 60, **others)


class Spectator(NoObserver):
    """Remembers what it hears, and stops the fit at a stage that begins with certain words."""

    def __init__(self, stops_at=None):
        self.stages, self.records, self.probabilities = [], [], []
        self._stops_at = stops_at

    def on_stage(self, doing, share):
        self.stages.append((doing, share))

    def on_epoch(self, record, model, probabilities):
        assert model is None
        self.records.append(record)
        self.probabilities.append(probabilities)

    def wants_stop(self):
        return bool(self._stops_at and self.stages and self.stages[-1][0].startswith(self._stops_at))


@pytest.mark.parametrize("name", BASELINES)
def test_who_watches_changes_nothing(name, dataset):
    items = take_stratified(np.arange(60_000), dataset.labels, 600, seed=0)
    images, labels = dataset.images[items], dataset.labels[items]
    told = []
    watched = fit_baseline(name, images, labels, 3, lambda doing, share: told.append((doing, share)))
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = BASELINES[name].build(3).fit(flatten(images), labels)
    answers = [predict_probabilities(classifier, dataset.test_images[:500]) for classifier in (watched, plain)]
    np.testing.assert_array_equal(*answers)
    assert answers[0].dtype == np.float32
    np.testing.assert_allclose(answers[0].sum(axis=1), 1, atol=1e-5)
    assert (answers[0].argmax(axis=1) == dataset.test_labels[:500]).mean() > BETTER_THAN
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] <= 1


@pytest.mark.parametrize(
    ("name", "doing"),
    [
        (FOREST, "Fitting: 95 of 100 trees"),
        ("baselines/linear-svm", "Fitting: machine 3 of 3"),
        ("baselines/logistic-regression", "Fitting: 10 of at most 100 iterations"),
        ("baselines/k-nearest-neighbors", "Asking it about the 10,000 test items"),
    ],
)
def test_it_is_told_what_is_done(name, doing, dataset):
    spectator = Spectator()
    fit(settings(name), dataset, spectator)
    shares = [share for _, share in spectator.stages]
    assert shares == sorted(shares)
    assert doing in [said for said, _ in spectator.stages]
    assert shares[-1] < 1


@pytest.fixture(scope="module")
def fitted(dataset):
    """A forest of 600 items, with what was heard of it."""
    spectator = Spectator()
    return fit(settings(FOREST), dataset, spectator), spectator


def test_its_figures_are_those_of_its_answers(fitted, dataset):
    made, spectator = fitted
    (record,), (probabilities,) = spectator.records, spectator.probabilities
    validation = np.arange(59_000, 60_000)
    np.testing.assert_array_equal(made.split.validation, validation)
    labels = dataset.labels[validation]
    assert record.val_accuracy == (probabilities.argmax(axis=1) == labels).mean()
    assert record.val_loss == pytest.approx(compute_log_loss(labels, probabilities))
    trained = predict_probabilities(made.classifier, dataset.images[made.split.train])
    assert record.accuracy == (trained.argmax(axis=1) == dataset.labels[made.split.train]).mean() > 0.99
    assert (record.epoch, record.learning_rate) == (1, None)
    tested = predict_probabilities(made.classifier, dataset.test_images)
    np.testing.assert_allclose(made.probabilities, tested, atol=1e-6)
    assert made.images_per_second == pytest.approx(600 / made.seconds)
    assert record.images_per_second > made.images_per_second


def test_the_same_seed_gives_the_same_answers_and_another_one_others(fitted, dataset):
    again, other = (fit(settings(FOREST, seed=seed), dataset) for seed in (0, 1))
    np.testing.assert_array_equal(again.probabilities, fitted[0].probabilities)
    assert (other.probabilities != fitted[0].probabilities).any()


def test_without_validation_it_has_no_figures_of_it(dataset):
    spectator = Spectator()
    fit(TrainingConfig("baselines/k-nearest-neighbors", epochs=1, subset=60, validation_split=0), dataset, spectator)
    (record,) = spectator.records
    assert (record.val_loss, record.val_accuracy, spectator.probabilities) == (None, None, [None])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (FOREST, "Fitting: 50"),
        ("baselines/linear-svm", "Fitting: machine 2"),
        ("baselines/logistic-regression", "Fitting: 3 of"),
        ("baselines/k-nearest-neighbors", "Asking it about the 600 training"),
    ],
)
def test_whoever_stops_it_gets_nothing(name, words, dataset):
    spectator = Spectator(stops_at=words)
    assert fit(settings(name), dataset, spectator) is None
    assert spectator.stages[-1][0].startswith(words)
    assert spectator.records == []


# In a run's folder


@pytest.fixture(scope="module")
def finished(make_home, tmp_path_factory):
    """The folder of a forest's run, and the moment's home."""
    home = make_home(tmp_path_factory.mktemp("forest") / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_HOME", str(home))
        yield recording.execute(runs.create_run(settings(FOREST), FOREST).run_id)


def test_its_run_has_what_other_runs_have_but_no_network(finished):
    assert finished.status == runs.FINISHED
    assert sorted(path.name for path in finished.path.iterdir()) == [
        "epochs",
        "evaluation.npz",
        "history.csv",
        "run.json",
    ]
    assert sorted(path.name for path in (finished.path / "epochs").iterdir()) == ["0001.npz", "items.npz"]
    assert (finished.has_model, finished.has_evaluation, finished.extendable) == (False, True, False)
    assert not runs.Listing((finished,), {}).with_model()
    assert runs.Listing((finished,), {}).with_evaluation() == (finished,)


def test_its_record_tells_how_it_was_fitted(finished):
    record = finished.record
    assert record["items"] == {"train": 600, "validation": 1_000, "test": 10_000}
    assert record["device"].startswith("CPU ")
    assert set(record["versions"]) == {"python", "scikit-learn", "numpy", "scipy"}
    assert record["stage"] is None
    assert set(record["result"]) == {"test_accuracy", "seconds", "images_per_second", "epochs"}
    assert record["result"]["epochs"] == 1
    assert finished.parameters > 900
    history = run_data.load_history(finished)
    assert history["epoch"].tolist() == [1]
    assert history["learning_rate"].isna().all()
    assert history[["loss", "accuracy", "val_loss", "val_accuracy"]].notna().all(axis=None)


def test_its_answers_give_its_accuracies(finished, dataset):
    items = run_data.load_epoch_items(finished)
    right = run_data.load_epoch(finished, 1).argmax(axis=1) == dataset.labels[items]
    # In half precision two classes may tie.
    assert right.mean() == pytest.approx(run_data.load_history(finished)["val_accuracy"][0], abs=0.005)
    score = scoring.score_officially(finished, dataset)
    assert score["accuracy"] == finished.test_accuracy > BETTER_THAN
    with pytest.raises(RunNotFoundError, match="cannot be asked about mirror images"):
        scoring.score_officially(finished, dataset, mirrored=True)


def test_a_run_that_was_stopped_or_broke_begins_again_and_leaves_no_double_row(fmnist_home):
    run = runs.create_run(settings(FOREST), FOREST)

    class Impatient(NoObserver):
        def on_stage(self, doing, share):
            if doing == "Fitting: 20 of 100 trees":
                assert runs.load_run(run.run_id).record["stage"]["share"] < 0.2
                runs.request_stop(runs.load_run(run.run_id))

    stopped = recording.execute(run.run_id, Impatient())
    assert (stopped.status, stopped.has_evaluation, stopped.test_accuracy) == (runs.STOPPED, False, None)
    assert run_data.load_history(stopped).empty

    class Clumsy(NoObserver):
        def on_epoch(self, record, model, probabilities):
            raise RuntimeError("out of paper")

    runs.requeue_run(stopped)
    with pytest.raises(RuntimeError):
        recording.execute(run.run_id, Clumsy())
    failed = runs.load_run(run.run_id)
    assert failed.status == runs.FAILED
    assert len(run_data.load_history(failed)) == 1
    runs.requeue_run(failed)
    finished = recording.execute(run.run_id)
    assert finished.status == runs.FINISHED
    assert run_data.load_history(finished)["epoch"].tolist() == [1]


def test_one_that_tests_on_other_items_cannot_be_scored_on_the_official_ones(fmnist_home, dataset):
    config = TrainingConfig("baselines/k-nearest-neighbors", epochs=1, subset=60, split="mcnn")
    run = recording.execute(runs.create_run(config, "baselines/k-nearest-neighbors").run_id)
    with pytest.raises(RunNotFoundError, match="keeps its answers and not itself"):
        scoring.score_officially(run, dataset)
