import shutil

import numpy as np
import pytest

from fmnist_core import run_data, runs
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import RunNotFoundError
from fmnist_core.prediction import Predictor
from fmnist_core.scoring import score_officially
from fmnist_core.splits import make_split


def test_an_official_run_is_scored_by_the_answers_that_it_left(finished_run, dataset):
    score = score_officially(finished_run, dataset)
    answers = run_data.load_evaluation(finished_run)
    right = answers.probabilities.argmax(axis=1) == dataset.test_labels
    assert score["run_id"] == finished_run.run_id
    assert score["accuracy"] == score["accuracy_on_unseen"] == pytest.approx(right.mean())
    assert score["accuracy"] == pytest.approx(finished_run.test_accuracy)
    assert score["items_trained_on"] == 0
    of_label = answers.probabilities[np.arange(10_000), dataset.test_labels]
    assert score["log_loss"] == pytest.approx(-np.log(np.maximum(of_label, 1e-7)).mean(), rel=1e-5)
    matrix = np.array(score["confusion_matrix"])
    assert matrix.sum(axis=1).tolist() == [1_000] * 10
    assert matrix.trace() == right.sum()
    # With equally many items of every class the mean recall is the accuracy.
    assert score["classification_report"]["macro avg"]["recall"] == pytest.approx(right.mean())


def test_stored_answers_need_no_network(copied_run, dataset):
    before = score_officially(copied_run, dataset)
    (copied_run.path / "model.keras").unlink()
    assert score_officially(copied_run, dataset) == before


def test_without_stored_answers_the_network_is_asked(copied_run, dataset):
    before = score_officially(copied_run, dataset)
    (copied_run.path / "evaluation.npz").unlink()
    after = score_officially(copied_run, dataset)
    assert after["accuracy"] == pytest.approx(before["accuracy"], abs=0.0003)
    assert after["log_loss"] == pytest.approx(before["log_loss"], abs=1e-4)


def test_answers_can_be_averaged_with_those_for_the_mirror_image(finished_run, dataset):
    network = Predictor(finished_run.path / "model.keras")
    both = [network(images) for images in (dataset.test_images, np.flip(dataset.test_images, axis=2))]
    score = score_officially(finished_run, dataset, mirrored=True)
    assert score["accuracy"] == pytest.approx((np.mean(both, axis=0).argmax(axis=1) == dataset.test_labels).mean())
    assert score["accuracy"] != score_officially(finished_run, dataset)["accuracy"]


def test_without_answers_and_network_there_is_no_score(copied_run, dataset):
    (copied_run.path / "evaluation.npz").unlink()
    (copied_run.path / "model.keras").unlink()
    with pytest.raises(RunNotFoundError, match="A run must hold a network that can be loaded"):
        score_officially(copied_run, dataset)


@pytest.mark.parametrize("subset", [None, 5_000])
def test_a_run_of_a_split_of_its_own_is_asked_and_tells_what_it_had_seen(copied_run, dataset, subset):
    other = runs.create_run(TrainingConfig(split="threads", subset=subset), "threads/model-3", status=runs.FINISHED)
    shutil.copy(copied_run.path / "model.keras", other.path)
    # The answers for its own test part are not to be taken for those of the official one.
    answers = run_data.load_evaluation(copied_run)
    test = make_split("threads", dataset.labels).test
    np.savez(
        other.path / "evaluation.npz",
        items=test[:10_000],
        labels=dataset.labels[test[:10_000]],
        probabilities=np.roll(answers.probabilities, 1, axis=1),
    )
    score = score_officially(runs.load_run(other.run_id), dataset)
    probabilities = Predictor(copied_run.path / "model.keras")(dataset.test_images)
    right = probabilities.argmax(axis=1) == dataset.test_labels
    assert score["accuracy"] == pytest.approx(right.mean())
    assert np.sum(score["confusion_matrix"]) == 10_000
    if subset is None:
        train = make_split("threads", dataset.labels).train
        seen = np.isin(np.arange(60_000, 70_000), train)
        assert score["items_trained_on"] == seen.sum() > 5_000
        assert score["accuracy_on_unseen"] == pytest.approx(right[~seen].mean())
    else:
        # About a seventh of them are official test items.
        assert score["items_trained_on"] == pytest.approx(5_000 / 7, rel=0.15)


def test_a_run_of_a_part_of_the_training_items_has_seen_no_test_item(copied_run, dataset):
    other = runs.create_run(TrainingConfig(split="mcnn"), "threads/model-3", status=runs.FINISHED)
    shutil.copy(copied_run.path / "model.keras", other.path)
    score = score_officially(other, dataset)
    assert score["items_trained_on"] == 0
    assert score["accuracy"] == score["accuracy_on_unseen"]
