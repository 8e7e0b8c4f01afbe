from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from fmnist_core import recipes, runs
from fmnist_core.errors import InvalidSettingError
from fmnist_core.papers import leaderboard
from fmnist_core.papers.leaderboard import CLAIMED, LITERATURE, MEASURED, OWN, Entry, collect_entries, find_front
from fmnist_core.papers.literature import load_literature
from fmnist_core.papers.results import Result
from fmnist_core.splits import SPLITS, make_split

NOTHING = runs.Listing((), {})
RESULT = Result(
    recipe="fitch/model-7",
    seed=0,
    split="official",
    test_accuracy=0.91,
    test_loss=0.25,
    f1=0.917,
    train_accuracy=0.95,
    val_accuracy=0.91,
    epochs=10,
    epochs_planned=10,
    seconds=200.0,
    parameters=993_930,
    device="CPU",
    precision="float32",
    versions="",
    date="2026-11-20",
    run_hash="0" * 12,
)


def make_entry(accuracy, size, kind=MEASURED):
    return Entry("", kind, accuracy, None, 1, None, size, None, None, "", "official", "", None)


def of_kind(entries, kind):
    return [entry for entry in entries if entry.kind == kind]


# What is collected


def test_one_seed_has_an_interval_and_no_spread():
    (entry,) = of_kind(collect_entries([RESULT], NOTHING), MEASURED)
    assert (entry.recipe, entry.accuracy, entry.n_seeds, entry.spread) == ("fitch/model-7", 0.91, 1, None)
    expected = binomtest(9_100, 10_000).proportion_ci(0.95, method="wilson")
    assert entry.interval == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert (entry.parameters, entry.operations, entry.seconds, entry.device) == (993_930, 12_588_544, 200, "CPU")
    assert (entry.split, entry.measure, entry.run_id) == ("official", "test", None)


def test_several_seeds_are_one_entry_with_their_mean_and_spread():
    other = replace(RESULT, seed=1, test_accuracy=0.92, seconds=300.0, device="GPU")
    (entry,) = of_kind(collect_entries([other, RESULT], NOTHING), MEASURED)
    assert (entry.n_seeds, entry.interval, entry.seconds, entry.device) == (2, None, 250, "CPU; GPU")
    assert (entry.accuracy, entry.spread) == (pytest.approx(0.915), pytest.approx(0.01 / 2**0.5))


def test_what_was_cut_short_is_left_out():
    assert of_kind(collect_entries([replace(RESULT, epochs=9, note="Stopped.")], NOTHING), MEASURED) == []


def test_a_classical_classifier_counts_no_multiplications():
    result = replace(RESULT, recipe="baselines/random-forest", epochs=1, epochs_planned=1, parameters=412_345)
    (entry,) = of_kind(collect_entries([result], NOTHING), MEASURED)
    assert (entry.parameters, entry.operations) == (412_345, None)


def test_claims_are_the_papers_own_and_say_what_they_measure():
    claims = {entry.recipe: entry for entry in of_kind(collect_entries([], NOTHING), CLAIMED)}
    expected = {name for name, recipe in recipes.load_recipes().items() if {"test", "validation"} & set(recipe.claims)}
    assert set(claims) == expected
    assert (claims["fitch/model-7"].accuracy, claims["fitch/model-7"].measure) == (0.9173, "test")
    assert claims["silwimba/network-1-trial-2"].accuracy == 0.837
    assert claims["silwimba/network-1-trial-2"].measure == "validation"
    assert all(entry.n_seeds == 0 and entry.seconds is None and entry.run_id is None for entry in claims.values())
    # The networks made for photographs are counted too, without building them.
    assert claims["mcnn/resnet50"].parameters > 23_000_000
    assert claims["mcnn/vgg16"].operations > 300_000_000


def test_literature_is_all_there_and_nothing_but_claims():
    found = of_kind(collect_entries([], NOTHING), LITERATURE)
    assert {entry.name for entry in found} == {claim.name for claim in load_literature()}
    assert all(entry.n_seeds == 0 and entry.remark for entry in found)


def test_the_most_accurate_comes_first():
    accuracies = [entry.accuracy for entry in collect_entries([RESULT], NOTHING)]
    assert accuracies == sorted(accuracies, reverse=True)


def test_a_run_made_here_is_an_entry_of_its_own(copied_run):
    (entry,) = of_kind(collect_entries([RESULT], runs.list_runs()), OWN)
    assert (entry.run_id, entry.accuracy, entry.n_seeds) == (copied_run.run_id, copied_run.test_accuracy, 1)
    assert entry.interval[0] < entry.accuracy < entry.interval[1]
    assert (entry.parameters, entry.operations) == (165_866, 3_106_560)


def test_a_recorded_run_is_not_shown_twice(copied_run):
    recorded = replace(RESULT, recipe="threads/model-3", test_accuracy=float(f"{copied_run.test_accuracy:.6g}"))
    assert of_kind(collect_entries([recorded], runs.list_runs()), OWN) == []


def test_a_run_that_has_not_finished_is_no_entry(copied_run, rewrite):
    rewrite(copied_run, status="stopped")
    assert of_kind(collect_entries([], runs.list_runs()), OWN) == []


@pytest.mark.parametrize("split", SPLITS)
def test_the_sizes_of_the_test_parts_are_those_of_the_splits(split, dataset):
    assert leaderboard.count_test_items(split) == len(make_split(split, dataset.labels).test)


def test_an_unknown_split_has_no_size():
    with pytest.raises(InvalidSettingError, match="must be one of official"):
        leaderboard.count_test_items("unheard-of")


# The front


def test_the_front_goes_up_with_the_size():
    small, good, worse, best = (make_entry(a, s) for a, s in ((0.8, 10), (0.9, 20), (0.85, 30), (0.95, 40)))
    assert find_front([best, worse, good, small], "parameters") == (small, good, best)


def test_claims_and_what_has_no_size_are_never_on_the_front():
    claim, cited = make_entry(0.99, 1, CLAIMED), make_entry(0.99, 1, LITERATURE)
    measured, own = make_entry(0.8, 5), make_entry(0.9, 9, OWN)
    assert find_front([claim, cited, measured, own, make_entry(1.0, None)], "parameters") == (measured, own)
    assert find_front([claim, measured], "seconds") == ()


def test_an_unknown_size_is_refused():
    with pytest.raises(InvalidSettingError, match="`by` must be one of parameters, seconds, operations"):
        find_front([], "beauty")


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=12))
def test_the_front_is_what_nothing_beats(points):
    entries = [
        replace(make_entry(accuracy / 10, size), name=str(place)) for place, (accuracy, size) in enumerate(points)
    ]

    def beats(one, other):
        as_good = one.accuracy >= other.accuracy and one.parameters <= other.parameters
        return as_good and (one.accuracy, one.parameters) != (other.accuracy, other.parameters)

    expected = {entry.name for entry in entries if not any(beats(other, entry) for other in entries)}
    front = find_front(entries, "parameters")
    assert {entry.name for entry in front} == expected
    assert [entry.parameters for entry in front] == sorted(entry.parameters for entry in front)
