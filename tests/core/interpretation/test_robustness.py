import numpy as np
import pytest

from fmnist_core import evaluation, prediction, runs, splits, studies
from fmnist_core.interpretation.changes import CHANGES
from fmnist_core.interpretation.robustness import (
    ITEMS,
    SETTINGS,
    compute_curves,
    count_right,
    draw_sample,
    find_weakest,
)


def see_the_middle(images):
    """A network that says class 1 where the middle is bright, else class 0."""
    return np.eye(10, dtype=np.float32)[(images[:, 14, 14] > 100).astype(int)]


@pytest.fixture
def squares():
    images = np.zeros((5, 28, 28), np.uint8)
    images[:3, 12:17, 12:17] = 220
    return images, np.array([1, 1, 1, 0, 1], np.uint8)


def test_what_is_right_is_counted_at_each_strength(squares):
    told = []
    counts = count_right(see_the_middle, *squares, lambda sentence, share: told.append((sentence, share)))
    assert list(counts) == list(CHANGES)
    # Four of five as they are; a square that is shifted by more than half of its side leaves the middle.
    assert dict(zip(CHANGES["across"].strengths, counts["across"], strict=True)) == {
        -8: 1, -6: 1, -4: 1, -2: 4, 0: 4, 2: 4, 4: 1, 6: 1, 8: 1,
    }  # fmt: skip
    assert counts["patch"].tolist() == [4] + [1] * (len(CHANGES["patch"].strengths) - 1)
    assert counts["contrast"][0] == 4  # all grey, and so all called 1
    assert told[0] == ("Scale 0.5 ×", 0.0)
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] < 1


def test_curves_are_shares_with_wilsons_interval():
    counts = {"blur": np.array([100, 90, 50, 20, 10, 1, 0, 0])}
    (curve,) = compute_curves(counts, 100).values()
    labels = np.zeros(100, np.uint8)
    for place, count in enumerate(counts["blur"]):
        answers = np.eye(10, dtype=np.float32)[(np.arange(100) >= count).astype(int)]
        expected = evaluation.compute_accuracy(labels, answers)
        found = (curve.accuracy[place], curve.low[place], curve.high[place])
        assert found == pytest.approx((expected.value, expected.low, expected.high), abs=1e-12)


def test_counts_of_strengths_that_are_no_longer_measured_have_no_curve():
    assert compute_curves({"blur": np.array([1, 2]), "items": np.arange(3)}, 3) == {}


def test_the_strength_that_costs_most_is_found_next_to_the_neutral_one():
    curves = compute_curves({"across": np.array([10, 50, 50, 85, 90, 89, 84, 40, 5])}, 100)
    assert find_weakest(curves, "across", 0.10) == -4
    assert find_weakest(curves, "across", 0.04) == -2
    assert find_weakest(curves, "across", 0.45) == 6
    assert find_weakest(curves, "across", 0.95) is None


@pytest.mark.parametrize("split", ["official", "mcnn"])
def test_the_sample_is_of_the_runs_own_test_part_and_even(fmnist_home, dataset, split):
    run = runs.create_run(runs.load_run("mcnn-proposed").config.with_settings(split=split), "mcnn/proposed")
    items = draw_sample(run, dataset.labels)
    assert len(np.unique(items)) == ITEMS
    assert np.isin(items, splits.make_split(split, dataset.labels).test).all()
    assert np.bincount(dataset.labels[items]).tolist() == [ITEMS // 10] * 10
    assert np.array_equal(items, draw_sample(run, dataset.labels))


def test_at_the_neutral_strength_the_accuracy_is_the_plain_one(copied_run, dataset):
    found = studies.execute(studies.Request(copied_run, "robustness", SETTINGS))
    items = found["items"]
    predictor = prediction.Predictor(copied_run.path / "model.keras")
    plain = evaluation.compute_accuracy(dataset.labels[items], predictor(dataset.images[items]))
    for key, curve in compute_curves(found, len(items)).items():
        neutral = curve.strengths == CHANGES[key].neutral
        assert curve.accuracy[neutral].tolist() == [plain.value]
        assert curve.accuracy[~neutral].min() < plain.value - 0.1  # nobody stands all that
    at = CHANGES["blur"].strengths.index(2)
    blurred = predictor(CHANGES["blur"](dataset.images[items], 2)).argmax(axis=1)
    assert found["blur"][at] == (blurred == dataset.labels[items]).sum()
